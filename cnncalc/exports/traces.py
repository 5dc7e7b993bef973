"""A document and its network side by side: what each item of each list of layers was written out to, each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from cnncalc.language.document import CallSpec, Document, ForkSpec, Item, LayerSpec
from cnncalc.network import REPEAT, Edge, Group, Network


class Turn:
    """One item, once."""

    __slots__ = ("end", "first", "inner", "node", "number", "output", "path", "reads", "training")

    def __init__(self, number: int | None, first: int, training: bool) -> None:
        self.training = training
        """Whether only training runs it."""
        self.number = number
        """Which turn it is of what is repeated; None where nothing is."""
        self.first = self.end = first
        """The range of its nodes."""
        self.node: int | None = None
        """The layer, or the join of a branching one."""
        self.path = ""
        self.reads: tuple[Edge, ...] = ()
        self.output: Edge
        self.inner: list[Trace] = []
        """The list of a block, or of each branch."""


class Trace:
    """One list of layers, once."""

    __slots__ = ("inputs", "items", "names", "output", "prefix", "training", "turns")

    def __init__(
        self, items: Sequence[Item], prefix: str, names: Mapping[str, object], inputs: tuple[Edge, ...]
    ) -> None:
        self.items, self.prefix, self.names = items, prefix, names
        """`names` are the values of the parameters that its expressions can name."""
        self.inputs = inputs
        """What comes in; more than one for a block of several inputs."""
        self.training = False
        """Whether only training runs all of it."""
        self.turns: list[list[Turn]] = []
        """Of each item."""
        self.output: Edge


class Tracer:
    """Goes through the lists of a document as the builder did."""

    def __init__(self, document: Document, network: Network) -> None:
        self.document, self.network = document, network
        self.next = 0
        """The node that comes next."""
        self.training = False
        """Whether what comes next is in a head that only training runs."""
        self.calls: dict[str, list[Trace]] = {}
        """The lists of each block, once for each call."""

    def root(self) -> Trace:
        """The file's own list of layers."""
        whole = self.network.root
        start = (Edge(-1, self.network.input),)
        return self.list(Trace(self.document.items, "", whole.parameters, start), whole.groups, None)

    def list(self, trace: Trace, groups: Sequence[Group], turn: int | None) -> Trace:
        pending = iter(groups)
        group = next(pending, None)
        edge = trace.inputs[0]
        for item in trace.items:
            turns: list[Turn] = []
            if self.repeats(item, group):
                assert group is not None
                within = iter(group.groups)
                inner = next(within, None)
                for number in range(group.turns):
                    turns.append(self.turn(item, inner, trace, edge, number))
                    if not isinstance(item.spec, LayerSpec):
                        inner = next(within, None)
                    if not item.spec.leaves_chain:
                        edge = turns[-1].output
                group = next(pending, None)
            else:
                turns.append(self.turn(item, group, trace, edge, 0 if "repeat" in item.spec.written else turn))
                if not isinstance(item.spec, LayerSpec):
                    group = next(pending, None)
                if not item.spec.leaves_chain:
                    edge = turns[-1].output
            trace.turns.append(turns)
        trace.output = edge
        return trace

    def repeats(self, item: Item, group: Group | None) -> bool:
        """Whether the group is of an item that is repeated, or left out."""
        return (
            group is not None and group.kind == REPEAT and group.first == self.next and group.place == item.places.layer
        )

    def turn(self, item: Item, group: Group | None, trace: Trace, edge: Edge, number: int | None) -> Turn:
        spec, turn = item.spec, Turn(number, self.next, self.training)
        if isinstance(spec, LayerSpec):
            self.node(turn)
        elif isinstance(spec, CallSpec):
            assert group is not None
            self.call(turn, spec, group, trace)
        else:
            assert isinstance(spec, ForkSpec)
            assert group is not None
            self.fork(turn, spec, group, trace)
        turn.end = self.next
        return turn

    def node(self, turn: Turn) -> None:
        node = self.network.nodes[self.next]
        turn.node, turn.path, turn.output = self.next, node.path, Edge(self.next, node.output)
        turn.reads = turn.reads or node.edges
        self.next += 1

    def call(self, turn: Turn, spec: CallSpec, group: Group, trace: Trace) -> None:
        block = self.document.blocks[spec.word]
        turn.path, turn.reads, turn.output = group.path, group.inputs, group.output
        inputs = {f"{name}.channels": _channels(edge) for name, edge in zip(block.inputs, group.inputs, strict=False)}
        inputs["block.channels"] = _channels(group.inputs[0])
        names = {**self.network.root.parameters, **group.parameters, **inputs}
        inner = Trace(block.items, f"{group.path}.", names, group.inputs)
        inner.training = self.training
        self.calls.setdefault(spec.word, []).append(inner)
        turn.inner = [self.list(inner, group.groups, None)]

    def fork(self, turn: Turn, spec: ForkSpec, group: Group, trace: Trace) -> None:
        turn.path = group.path
        if not spec.branches:
            self.node(turn)
            return
        turn.reads = group.inputs
        outer, self.training = self.training, self.training or spec.training
        for (_, items, _), branch in zip(spec.branches, group.groups, strict=True):
            inner = Trace(items, f"{branch.path}.", trace.names, branch.inputs)
            inner.training = trace.training
            turn.inner.append(self.list(inner, branch.groups, turn.number))
        self.training = outer
        if spec.leaves_chain:
            turn.output = group.output
        else:
            self.node(turn)


def _channels(edge: Edge) -> int:
    assert edge.volume is not None
    return edge.volume.channels


def items_of(document: Document) -> Iterator[Item]:
    """All items of all lists of a document."""
    pending = [*document.items, *chain.from_iterable(block.items for block in document.blocks.values())]
    while pending:
        item = pending.pop()
        yield item
        if isinstance(item.spec, ForkSpec):
            pending += [inner for _, items, _ in item.spec.branches for inner in items]
