"""What PyTorch's autograd keeps of a forward pass for the backward pass, in the code that is exported for PyTorch.

A layer's class says what it keeps (`Layer.kept`); here it is followed through the network which volumes are one and the
same memory, which have a gradient, and whether their numbers certainly lie in order, one channel behind another:
PyTorch copies some of those that do not. Whatever is kept counts once, however often it is named; parameters and
buffers do not count. What is not proven leaves the whole unknown.
"""

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

from cnncalc.layers import Branching, Concat, Layer
from cnncalc.layers.base import FLAT, LIKE, ORDERED, PART, PERMUTED, Kept
from cnncalc.network import INPUT, Edge, Network, Node
from cnncalc.volume import Volume

IN_ORDER, SOME_CHANNELS, UNSURE = range(3)
"""How the numbers of a volume lie: one channel behind another, as some channels of such a volume, or who knows."""
FLOAT_BYTES: Final = 4
INDEX_BYTES: Final = 8
OF_ONE_BYTE: Final = "nothing is trained with numbers of one byte"


class Saved(NamedTuple):
    """What is kept of one network."""

    numbers: int = 0
    indices: int = 0
    statistics: int = 0
    """Means and deviations, which like the two before are for each example."""
    of_batch: int = 0
    """Those of the whole batch."""
    single: str = ""
    """A layer of which PyTorch refuses a batch of one example."""
    unknown: str = ""
    """Why it is not known."""

    def why_unknown(self, batch: int, number_bytes: int) -> str:
        """Why it is not known for so many examples, of numbers of this size; nothing where it is."""
        if number_bytes == 1:
            return OF_ONE_BYTE
        if self.unknown:
            return self.unknown
        if self.single and batch == 1:
            return f"{self.single}: PyTorch trains no batch norm of one number a channel; take a batch of 2"
        if number_bytes < FLOAT_BYTES and (self.statistics or self.of_batch):
            return "devices differ in what they keep of the norms of such short numbers"
        return ""

    def size(self, batch: int, number_bytes: int) -> int | None:
        """Bytes of so many examples; None where it is not known."""
        if self.why_unknown(batch, number_bytes):
            return None
        each = number_bytes * (self.numbers + self.statistics) + INDEX_BYTES * self.indices
        return batch * each + number_bytes * self.of_batch


class _Held(NamedTuple):
    """A volume in a forward pass."""

    memory: int
    """The node, or INPUT, for whose output the memory was taken."""
    learns: bool
    """Whether it has a gradient."""
    order: int
    """IN_ORDER, SOME_CHANNELS or UNSURE."""


class _UnprovenError(Exception):
    """Something of which it is not known what is kept."""


def saved(network: Network) -> Saved:
    """What autograd keeps of a network whose volumes are all known."""
    try:
        return _Pass(network).saved()
    except _UnprovenError as unproven:
        return Saved(unknown=str(unproven))


class _Pass:
    """A forward pass in training."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.sizes: dict[int, int] = {}
        """The numbers of each node's output, and of the input."""
        self.held: dict[int, _Held] = {INPUT: _Held(INPUT, False, IN_ORDER)}
        self.kept: set[int] = set()
        """The memory that is kept."""
        self.beside: list[Kept] = []
        """What each layer keeps, for what it keeps beside whole volumes."""
        # Of resnet152's 514 nodes 58 are unlike.
        self.known: dict[tuple[Layer, Volume, bool], Kept] = {}
        self.single = ""

    def saved(self) -> Saved:
        network = self.network
        assert network.input is not None
        self.sizes[INPUT] = network.input.elements
        wanted = network.leading_to(network.ends())
        for index, node in enumerate(network.nodes):
            if index in wanted:  # of what leads to no output nothing is left once the pass is over
                self.add(index, node)
        numbers = sum(self.sizes[memory] for memory in self.kept) + sum(each.numbers for each in self.beside)
        indices, statistics = sum(each.indices for each in self.beside), sum(each.statistics for each in self.beside)
        return Saved(numbers, indices, statistics, sum(each.of_batch for each in self.beside), self.single)

    def add(self, index: int, node: Node) -> None:
        """What is kept of one node, and how its output is held."""
        layer, output = node.layer, node.output
        assert layer is not None
        assert output is not None
        self.sizes[index] = output.elements
        read = [self.read(edge) for edge in node.edges]
        volumes = [edge.volume for edge in node.edges if edge.volume is not None]
        if isinstance(layer, Branching):
            self.join(layer, volumes, read)
            self.held[index] = _Held(index, any(each.learns for each in read), _joined(layer, volumes, output, read))
            return
        (one,), (volume,) = read, volumes
        kept = self.known.get((layer, volume, one.learns)) or layer.kept(volume, one.learns)
        if kept is None:
            raise _UnprovenError(f"{node.path}: what PyTorch keeps of such a {node.type} is not known")
        self.known[layer, volume, one.learns] = kept
        order = _order(layer, volume, output, one.order, kept)
        if order is None:
            raise _UnprovenError(f"{node.path}: in what order the numbers that it reads lie in memory is not known")
        learns = one.learns or layer.weights(volume) + layer.biases(volume) > 0
        held = self.held[index] = _Held(one.memory if kept.same else index, learns, order)
        if kept.of_batch and volume.elements == volume.channels:
            self.single = self.single or node.path
        if not learns:
            return
        self.kept |= {one.memory} if kept.input else set()
        self.kept |= {held.memory} if kept.output else set()
        self.beside.append(kept)

    def read(self, edge: Edge) -> _Held:
        """How what an edge carries is held."""
        held, whole = self.held[edge.source], self.network.input
        if edge.source != INPUT:
            whole = self.network.nodes[edge.source].output
        part = edge.volume is not None and whole is not None and edge.volume.channels < whole.channels
        return held._replace(order=max(held.order, SOME_CHANNELS)) if part else held

    def join(self, layer: Branching, volumes: Sequence[Volume], read: Sequence[_Held]) -> None:
        kept, numbers = layer.kept_of_join(volumes, [each.learns for each in read])
        self.kept |= {each.memory for each, whether in zip(read, kept, strict=True) if whether}
        self.beside.append(Kept(numbers=numbers))


def _order(layer: Layer, volume: Volume, output: Volume, order: int, kept: Kept) -> int | None:
    """How the output of a layer lies; None where it is not known what the layer copies."""
    how = layer.order
    if (how == ORDERED and order != IN_ORDER) or (how == FLAT and order == UNSURE and prod(volume.spatial) > 1):
        return None
    if how == PERMUTED and volume.spatial:
        return UNSURE
    if how == PART:
        return max(order, SOME_CHANNELS)
    if kept.same:
        return order
    if kept.cut or (how == LIKE and order != IN_ORDER):
        return _unless_one(order, output)
    return UNSURE if order == UNSURE and how != FLAT else IN_ORDER


def _joined(layer: Branching, volumes: Sequence[Volume], output: Volume, read: Sequence[_Held]) -> int:
    """How what is joined lies."""
    order = max(each.order for each in read)
    alike = order == IN_ORDER and all(volume == output for volume in volumes)
    if alike or (isinstance(layer, Concat) and order != UNSURE):
        return IN_ORDER
    return _unless_one(order, output)


def _unless_one(order: int, output: Volume) -> int:
    """How what is made of volumes that are not all in order and whole lies: along an axis of one cell there is no order."""
    return IN_ORDER if order != UNSURE and min(output.shape) > 1 else UNSURE
