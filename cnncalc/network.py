"""A network as a graph, and how one is made, by whoever makes it; nothing here knows where it comes from.

    graph = Graph(Volume(3, (32, 32)))
    first = graph.add("conv1", Conv(filters=8, kernel=3), graph.input)
    last = graph.add("fc1", Fc(units=10), first)
    network = graph.network(last)

`cnncalc.figures.analysis.analyse` measures it. A maker that reads files says with each layer where it
stands (`Places`), and with `open` and `close` which layers belong together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cnncalc import findings
from cnncalc.findings import ERROR, SEVERITIES, Fault, Finding, LayerError, Place, Places
from cnncalc.layers import Branching, Layer
from cnncalc.limits import Limits
from cnncalc.volume import Volume

INPUT: Final = -1
"""The index that stands for the network's input where those of nodes stand."""
BLOCK, FORK, BRANCH, REPEAT = "block", "fork", "branch", "repeat"
"""The kinds of groups."""


class Edge(NamedTuple):
    """What a node reads: the channels of one volume, all of them or some that lie together."""

    source: int
    """The index of the node that gives the volume, or INPUT."""
    volume: Volume | None
    """What it carries; None where an error leaves that unknown."""
    first: int = 0
    """The first channel of the source's volume that it carries; how many it are says `volume`. Without that it means nothing."""

    def part(self, first: int, channels: int) -> "Edge":
        """Some of its channels."""
        assert self.volume is not None
        return Edge(self.source, self.volume._replace(channels=channels), self.first + first)


class Node(NamedTuple):
    """One layer in its place."""

    path: str
    type: str
    """The layer's type; of a layer that cannot be, what stands in its place."""
    layer: Layer | None
    """None where an error leaves it unknown."""
    edges: tuple[Edge, ...]
    output: Volume | None
    """None where an error leaves it unknown."""
    places: Places
    training: bool = False
    """Whether it belongs to a head that only training runs."""
    caller: Place | None = None
    """Where the outermost block that it is in was called."""
    shares: int | None = None
    """The index of the node whose weights it has; None where they are its own, or it has none."""

    @property
    def volumes(self) -> tuple[Volume | None, ...]:
        """The volumes that come in, one for each edge."""
        return tuple([edge.volume for edge in self.edges])


class Group(NamedTuple):
    """Nodes that belong together, and the groups within, in order.

    A `block` is what a call was written out to, a `fork` a branching layer with its `branch`es and,
    at its end, the join. A `repeat` holds the turns of one item: groups, or of a plain layer nodes.
    """

    kind: str
    path: str
    word: str
    """The block's name, the layer's type, or the branch's name."""
    place: Place
    first: int = 0
    """The index of its first node."""
    end: int = 0
    """The index behind its last node."""
    output: Edge = Edge(INPUT, None)
    """What comes out; a head that stands in it comes behind that."""
    inputs: tuple[Edge, ...] = ()
    """What a block or a branching layer reads, and what comes into a branch."""
    chosen: bool = False
    """Whether the item says itself what it reads, and not its place."""
    named: bool = False
    """Whether the item gives it a name."""
    training: bool = False
    """Whether it is a head that only training runs."""
    turns: int = 1
    """Of a `repeat`: how many."""
    parameters: Mapping[str, object] = {}
    """Of a `block`: the values of its own parameters; of the whole: those of the file's."""
    groups: tuple["Group", ...] = ()

    def walk(self) -> Iterator["Group"]:
        """The groups within, each before those within it."""
        for group in self.groups:
            yield group
            yield from group.walk()


class Expectation(NamedTuple):
    """A figure of the totals that the network is to have, or its output volume."""

    key: str
    relation: str
    """One of = < <= > >=."""
    stated: int | Volume
    place: Place
    output: str | None = None
    """The output that it speaks of, by its name; None for what comes out in the end."""


class Network(NamedTuple):
    """A network as a graph: its nodes in order, each behind those it reads."""

    input: Volume | None
    nodes: Sequence[Node]
    root: Group
    """The whole, with the groups in it."""
    heads: Mapping[str, Edge]
    """Further outputs, by the path of their head."""
    outputs: Mapping[str, Edge]
    """What it is said to give, by its names; none where that is what comes out in the end, and the heads."""
    findings: Sequence[Finding]
    """What was found wrong while it was made."""
    file: str = "<network>"
    name: str | None = None
    source: str | None = None
    """Where it was published."""
    task: str | None = None
    """What it is for, in a word or two."""
    expectations: Sequence[Expectation] = ()
    training_heads: Sequence[str] = ()
    """Of `heads` those that only training runs."""
    changed: bool = False
    """Whether layers of it are others than those that its file says."""

    @property
    def read_whole(self) -> bool:
        """Whether no error can leave out layers, or how often they stand there; a claim that does not hold leaves none."""
        return not any(finding.severity == ERROR and not finding.fault.of_claim for finding in self.findings)

    @property
    def output(self) -> Edge:
        """What comes out in the end."""
        return self.root.output

    def giver(self, edge: Edge) -> str:
        """The path of the node that gives an edge, or `input`."""
        return "input" if edge.source == INPUT else self.nodes[edge.source].path

    def ends(self) -> tuple[Edge, ...]:
        """All that comes out: in the end and of heads, or what it is said to give and of heads."""
        return *(self.outputs.values() or (self.output,)), *self.heads.values()

    def results(self) -> tuple[Edge, ...]:
        """Of `ends` what a run gives that is no training."""
        heads = [edge for path, edge in self.heads.items() if path not in self.training_heads]
        ends = (*(self.outputs.values() or (self.output,)), *heads)
        return tuple([edge for edge in ends if edge.source == INPUT or not self.nodes[edge.source].training])

    def leading_to(self, ends: Iterable[Edge]) -> set[int]:
        """The indices of the nodes that lead to some edges, INPUT among them where it does."""
        found = {edge.source for edge in ends}
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in found:
                found.update(edge.source for edge in self.nodes[index].edges)
        return found

    def unread_splits(self) -> set[int]:
        """The splits whose branches alone are read: their concatenation needs no numbers."""
        divided = {i for i, node in enumerate(self.nodes) if isinstance(node.layer, Branching) and node.layer.divides}
        if divided:
            divided -= {edge.source for node in self.nodes for edge in node.edges}
            divided -= {edge.source for edge in self.ends()}
        return divided

    def groups(self) -> Iterator[Group]:
        """The blocks and the branching layers, each before those within it."""
        return (group for group in self.root.walk() if group.kind in (BLOCK, FORK))


class TooManyError(Exception):
    """More of something than the limit: the fault has been reported, and there is no going on."""


class Ledger:
    """Findings in the order in which they are met.

    What several layers written by one item share is one finding, with their number. Over the limit
    nothing more is taken down but that there is more.
    """

    def __init__(self, file: str, limits: Limits) -> None:
        self.file, self.most = file, limits.findings
        self.met: dict[tuple[Place, Fault], tuple[str | None, Place | None, int]] = {}
        """The first layer's path and caller, and how many layers have it."""
        self.left_out: list[str] = []
        """The severities of what came over the limit."""

    def add(self, fault: Fault, path: str | None, place: Place | None, caller: Place | None = None) -> None:
        """Take down a fault of the layer of this path; `caller` is where the outermost block around it was called."""
        key = (place or Place(self.file), fault)
        if key in self.met:
            path, caller, times = self.met[key]
            self.met[key] = path, caller, times + 1
        elif len(self.met) < self.most:
            self.met[key] = path, caller, 1
        else:
            self.left_out.append(fault.severity)

    def findings(self) -> list[Finding]:
        """All that was taken down."""
        found, met = [], self.met
        if self.left_out:
            worst = next(severity for severity in SEVERITIES if severity in self.left_out)
            met = {**met, (Place(self.file), findings.too_many_findings(self.most, worst)): (None, None, 1)}
        for (place, fault), (path, caller, times) in met.items():
            if caller is not None and path is not None:
                elsewhere = f"{caller.file}:" if caller.file != place.file else "line "
                within = f"in `{path.rpartition('.')[0] or path}`, from {elsewhere}{caller.line}"
                fault = fault._replace(notes=(*fault.notes, within))
            found.append(Finding(fault, place, path, times))
        return found


class Graph:
    """A network in the making: nodes are added one after another, each behind those that it reads.

    Faults of layers on their volumes become findings, and what lies behind is unknown. Raises
    TooManyError, after a finding says so, where the limits are exceeded.
    """

    def __init__(self, input: Volume | None, file: str = "<network>", limits: Limits = Limits()) -> None:
        self.input = Edge(INPUT, input)
        self.limits = limits
        self.nodes: list[Node] = []
        self.heads: dict[str, Edge] = {}
        """Further outputs, by the path of their head."""
        self.training_heads: list[str] = []
        """Of these those that only training runs."""
        self.ledger = Ledger(file, limits)
        self.training = False
        """Whether what is added next belongs to a head that only training runs."""
        self.caller: Place | None = None
        """Where the outermost block around it was called."""
        self._open: list[tuple[Group, int, list[Group], bool, Place | None]] = []
        """The groups that are not closed: with the index of their first node, the groups in them that are closed,
        and what `training` and `caller` are again behind them."""
        self._open.append((Group("", "", "", Place(file)), 0, [], False, None))
        # Of resnet152's 514 nodes 58 are unlike. Without it building takes 1.3 times as long there, 1.7 times for a chain
        # of 10,000 layers.
        self._outputs: dict[tuple[Layer, tuple[Volume | None, ...]], Volume] = {}

    def add(
        self,
        path: str,
        layer: Layer,
        read: Edge | Sequence[Edge],
        places: Places | None = None,
        names: Sequence[str] | None = None,
    ) -> Edge:
        """Add a layer that reads these edges; what it gives.

        `names` are what findings call the edges of a join, if not the paths of the nodes that they come from.
        """
        edges = (read,) if isinstance(read, Edge) else tuple(read)
        places = places or Places(Place(self.ledger.file))
        volumes = tuple([edge.volume for edge in edges])
        output = self._outputs.get((layer, volumes))
        if output is None and None not in volumes:
            known = [volume for volume in volumes if volume is not None]
            if names is None:
                names = ["input" if edge.source == INPUT else self.nodes[edge.source].path for edge in edges]
            result = self._worked_out(layer, known, names)
            if isinstance(result, Volume):
                output = self._outputs[layer, volumes] = result
            else:
                if result.code == "needs-axes" and edges[0].source == INPUT:
                    result = findings.of_vector_input(result, known[0].channels)
                self.report(result, path, places.of(result.attribute))
        return self._append(Node(path, layer.type, layer, edges, output, places, self.training, self.caller))

    def add_unknown(self, path: str, word: str, read: Sequence[Edge], places: Places) -> Edge:
        """Add what would be a layer but for an error that has been reported."""
        return self._append(Node(path, word, None, tuple(read), None, places, self.training, self.caller))

    def _append(self, node: Node) -> Edge:
        if len(self.nodes) >= self.limits.layers:
            self.refuse(findings.too_many_layers(self.limits.layers), node.places.layer)
        self.nodes.append(node)
        return Edge(len(self.nodes) - 1, node.output)

    def _worked_out(self, layer: Layer, volumes: Sequence[Volume], names: Sequence[str]) -> Volume | Fault:
        try:
            output = layer.join(volumes, names) if isinstance(layer, Branching) else layer.output(volumes[0])
        except LayerError as error:
            return error.fault
        if output.elements > self.limits.largest:
            return findings.volume_too_large(str(output), output.elements, self.limits.largest)
        return output

    # Shared weights

    def share(self, nodes: Sequence[int], owners: Sequence[int]) -> Fault | None:
        """Give each of the nodes the weights of an earlier one; a fault, and nothing given, where one cannot have them.

        Then the first difference is the fault. Nodes without weights or buffers have nothing to share.
        """
        if len(nodes) != len(owners):
            return findings.shares_other_layers(len(nodes), len(owners))
        pairs = [
            (index, self.nodes[index], self.nodes[owner], owner) for index, owner in zip(nodes, owners, strict=True)
        ]
        for _, node, other, _ in pairs:
            if difference := _difference(node, other):
                return findings.shares_unlike(node.path, other.path, *difference)
        for index, node, other, owner in pairs:
            if _has_weights(node):
                self.nodes[index] = node._replace(shares=owner if other.shares is None else other.shares)
        return None

    # What belongs together

    def open(self, group: Group) -> None:
        """Begin a group: what is added until it is closed belongs to it."""
        self._open.append((group, len(self.nodes), [], self.training, self.caller))
        self.training = self.training or group.training
        if group.kind == BLOCK:
            self.caller = self.caller or group.place

    def close(self, output: Edge, parameters: Mapping[str, object] = {}) -> None:
        """End the group that was opened last, from which `output` comes out."""
        opened, first, within, self.training, self.caller = self._open.pop()
        kind, path, word, place, _, _, _, inputs, chosen, named, training, turns, _, _ = opened
        end, groups = len(self.nodes), tuple(within)
        # `_replace` takes four times as long: a tenth of building resnet152.
        closed = Group(
            kind, path, word, place, first, end, output, inputs, chosen, named, training, turns, parameters, groups
        )
        self._open[-1][2].append(closed)

    # Faults

    def report(self, fault: Fault, path: str | None, place: Place | None) -> None:
        """Take down a fault. Raises TooManyError over the limit of findings."""
        self.ledger.add(fault, path, place, self.caller)
        if self.ledger.left_out:
            raise TooManyError

    def refuse(self, fault: Fault, place: Place | None, path: str | None = None) -> None:
        """Take down a fault behind which there is no going on. Raises TooManyError."""
        self.report(fault, path, place)
        raise TooManyError

    # The end

    def network(self, output: Edge, outputs: Mapping[str, Edge] = {}) -> Network:
        """The network, of which `output` comes out in the end, and in all the `outputs`, if there are any."""
        (root, _, within, _, _), *_ = self._open
        whole = root._replace(end=len(self.nodes), output=output, groups=tuple(within))
        file = self.ledger.file
        network = Network(self.input.volume, self.nodes, whole, self.heads, outputs, self.ledger.findings(), file)
        return network._replace(training_heads=self.training_heads)

    def nothing(self) -> Network:
        """The network of which, after TooManyError, nothing is known but what was found."""
        return Graph(None, self.ledger.file).network(Edge(INPUT, None))._replace(findings=self.ledger.findings())


def moved(network: Network, input: Volume, limits: Limits) -> Network | None:
    """The same layers on an input of other sizes, without the tree of groups, which keeps the volumes that it has.

    None where it may be another network or has faults: what is written about it can depend on the
    channels of volumes, and of a layer that shares weights on all of what it reads.
    """
    own = network.input
    if own is None or (own.channels, len(own.spatial)) != (input.channels, len(input.spatial)):
        return None
    if network.findings or input.elements > limits.largest or any(node.shares is not None for node in network.nodes):
        return None
    outputs: dict[tuple[Layer | None, tuple[Volume, ...]], Volume] = {}
    given = [*(node.output for node in network.nodes), own]  # the input is the last one, at INPUT
    nodes = list[Node]()

    def carried(edge: Edge) -> Edge:
        volume, before = given[edge.source], edge.volume
        return (
            edge
            if volume is None or before is None
            else edge._replace(volume=volume._replace(channels=before.channels))
        )

    given[INPUT] = input
    for index, node in enumerate(network.nodes):
        edges = tuple(map(carried, node.edges))
        volumes = tuple([edge.volume for edge in edges if edge.volume is not None])
        output = outputs.get((node.layer, volumes)) or _output(node.layer, volumes)
        if output is None or node.output is None or output.channels != node.output.channels:
            return None
        if output.elements > limits.largest:
            return None
        outputs[node.layer, volumes] = given[index] = output
        nodes.append(node._replace(edges=edges, output=output))
    heads = {path: carried(edge) for path, edge in network.heads.items()}
    ends = {name: carried(edge) for name, edge in network.outputs.items()}
    root = network.root._replace(output=carried(network.output), groups=())
    return network._replace(input=input, nodes=nodes, root=root, heads=heads, outputs=ends)


def _output(layer: Layer | None, volumes: Sequence[Volume]) -> Volume | None:
    """What a layer gives; None where it cannot be on the volumes."""
    try:
        if isinstance(layer, Branching):
            return layer.join(volumes, [""] * len(volumes))
        return layer.output(volumes[0]) if layer is not None else None
    except LayerError:
        return None


_FREE: Final = ("stride", "padding", "dilation", "output_padding")
"""The attributes in which layers that share weights may differ: where the weights are put, and not what they are."""


def _has_weights(node: Node) -> bool:
    volume, layer = node.edges[0].volume, node.layer
    if layer is None or volume is None or isinstance(layer, Branching):
        return False
    return layer.weights(volume) + layer.biases(volume) + layer.buffers(volume) > 0


def _difference(node: Node, owner: Node) -> tuple[str, object, object] | None:
    """In what a node differs from one whose weights it is to have: the word, and what each of them has."""
    if node.layer is None or owner.layer is None:
        return None  # has an error of its own
    if node.type != owner.type:
        return "type", node.type, owner.type
    for name in node.layer.attributes:
        one, other = getattr(node.layer, name), getattr(owner.layer, name)
        if name not in _FREE and one != other:
            return name, one, other
    if not _has_weights(node):
        return None
    if node.training != owner.training:
        runs = ["a head that only training runs" if each.training else "what every run has" for each in (node, owner)]
        return "part of", runs[0], runs[1]
    before, others = node.edges[0].volume, owner.edges[0].volume
    assert before is not None
    if others is not None and before.channels != others.channels:
        return "channels in", before.channels, others.channels
    return ("volume in", before, others) if node.layer.reads_all and others not in (None, before) else None
