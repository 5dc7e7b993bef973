"""What lives in memory while a network runs: each volume from the layer that makes it to the last that reads it.

Layers run in the order of the file, and what only training runs does not. While a layer runs, there are its own output
and all volumes, the network's input too, that it or a later layer reads, or that the network gives. Activation
functions, `batch_norm`, `dropout`, `drop_path` and `scale` write over what they read where nothing else needs it; so
do `add`, `residual` and `multiply` over the first of their volumes that has the size of the sum. `flatten`, `reshape`
and the parts of a `split` are their volume under another name. Parameters and workspaces are not counted.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.network import INPUT, Network, Node

if TYPE_CHECKING:
    from cnncalc.figures.kept import Saved


class Life(NamedTuple):
    """Memory that is taken for a time."""

    size: int
    """In numbers, for one example."""
    first: int
    """The index of the node while which it is first taken; of the network's input 0."""
    last: int
    """The index of the node while which it is last taken; the number of nodes where it is kept to the end."""
    volumes: tuple[int, ...]
    """The nodes, or INPUT, whose outputs are in it, one after another."""


class Peak(NamedTuple):
    """The most that lives while one layer runs."""

    size: int
    """In numbers, for one example."""
    at: int | None
    """The first node with that much; None where none runs."""


class Memory:
    """What lives while the network runs, layer by layer, for one example; worked out when it is first asked for."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Memory)  # it follows from the network: summaries that are equal have equal ones

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def known(self) -> bool:
        """Whether all volumes are, and so what lives."""
        network = self.network
        return network.read_whole and network.input is not None and all(node.output for node in network.nodes)

    @cached_property
    def runs(self) -> list[bool]:
        """Of each node whether it runs: not in a head for training, and no concatenation that nobody reads."""
        unread = self.network.unread_splits()
        return [not node.training and index not in unread for index, node in enumerate(self.network.nodes)]

    @cached_property
    def named(self) -> list[int]:
        """Of each node the one whose volume it gives, its own or one that it gives another name; the input is the last."""
        found = [*range(len(self.network.nodes)), INPUT]
        for index, node in enumerate(self.network.nodes):
            if node.layer is not None and node.layer.renames:
                found[index] = found[node.edges[0].source]
        return found

    @cached_property
    def last_reads(self) -> list[int]:
        """Of each node the last that reads its volume, under whatever name; the number of nodes for what is given."""
        count, named = len(self.network.nodes), self.named
        found = [*range(count), INPUT]
        for index, (node, runs) in enumerate(zip(self.network.nodes, self.runs, strict=True)):
            if runs:
                for edge in node.edges:
                    found[named[edge.source]] = index
        for edge in self.network.results():
            found[named[edge.source]] = count
        return found

    def written_over(self, index: int, node: Node) -> int | None:
        """The node, or INPUT, whose volume the output is written over; None where there is none."""
        if node.layer is None or not node.layer.overwrites:
            return None
        for edge in node.edges:
            volume = self.named[edge.source]
            if edge.volume == node.output and self.last_reads[volume] == index:
                return volume
        return None

    def lives(self, depthwise_in_place: bool = False) -> Iterator[Life]:
        """The memory that is taken, by the order in which it is.

        With depthwise convolutions in place, of one that is no larger than what it reads the output is
        written over it, and takes its own size from the next layer on.
        """
        network, named, last = self.network, self.named, self.last_reads
        homes, kept = [*range(len(network.nodes)), INPUT], dict[int, list[int]]()
        starts = dict[int, int]()
        if network.input is not None and last[INPUT] >= 0:
            kept[INPUT], starts[INPUT] = [INPUT], 0
        for index, (node, runs) in enumerate(zip(network.nodes, self.runs, strict=True)):
            if not runs or named[index] != index:
                continue
            over = self.written_over(index, node)
            if over is not None:
                home = homes[index] = homes[over]
                kept[home].append(index)
                continue
            in_place = depthwise_in_place and self.is_shrunk(index, node)
            if not in_place or last[index] > index:
                kept[index], starts[index] = [index], index + in_place
        for home, volumes in kept.items():
            made = network.input if home == INPUT else network.nodes[home].output
            assert made is not None
            yield Life(made.elements, starts[home], last[volumes[-1]], tuple(volumes))

    def is_shrunk(self, index: int, node: Node) -> bool:
        """Whether it is a depthwise convolution of what nothing else needs, and gives no more than it reads."""
        read, output = node.edges[0], node.output
        if node.layer is None or read.volume is None or output is None or not node.layer.is_depthwise(read.volume):
            return False
        return self.last_reads[self.named[read.source]] == index and output.elements <= read.volume.elements

    def levels(self, depthwise_in_place: bool = False) -> list[int]:
        """Of each node how many numbers live while it runs; 0 for one that does not."""
        count = len(self.network.nodes)
        steps = [0] * (count + 2)
        for size, first, last, _ in self.lives(depthwise_in_place):
            steps[first] += size
            steps[min(last, count) + 1] -= size
        return [level if runs else 0 for level, runs in zip(accumulate(steps), self.runs, strict=False)]

    @cached_property
    def live(self) -> dict[str, int]:
        """How many numbers live while each node runs, by its path; nothing where that is not known."""
        if not self.known:
            return {}
        return {node.path: level for node, level in zip(self.network.nodes, self.levels(), strict=True)}

    @cached_property
    def peak(self) -> Peak:
        """The most that lives."""
        return self._most([*self.live.values()])

    @cached_property
    def peak_in_place(self) -> Peak:
        """The most that lives where depthwise convolutions write over what they read, as TinyEngine's do.

        Lin, Chen, Cai, Gan and Han, "MCUNetV2", arXiv:2110.15352, 2021.
        """
        return self._most(self.levels(depthwise_in_place=True))

    @cached_property
    def saved(self) -> "Saved":
        """What autograd keeps for the backward pass of a step of training."""
        from cnncalc.figures.kept import saved  # tables and checks do not ask for it

        return saved(self.network)

    def _most(self, levels: list[int]) -> Peak:
        if not any(self.runs):
            return Peak(self.network.input.elements if self.network.input else 0, None)
        most = max(levels)
        return Peak(most, levels.index(most))
