"""A network's fully connected layers as the convolutions that they are, so that it slides over a larger input.

Each `fc` becomes a convolution whose kernel is the volume that it meets on the file's own input (Long, Shelhamer and
Darrell 2015; CS231n, "Converting FC layers to CONV layers"); a `flatten` that leads to one goes away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from cnncalc import findings
from cnncalc.findings import ERROR, Fault, Finding, LayerError
from cnncalc.layers import Branching, Fc, FcAsConv, Flatten, Layer, Reshape
from cnncalc.layers.base import by
from cnncalc.limits import Limits
from cnncalc.network import INPUT, Edge, Graph, Group, Network, Node, TooManyError
from cnncalc.volume import Volume

Instead: TypeAlias = Mapping[str, FcAsConv | None]
"""What stands in the place of layers, by their paths; None where that is nothing."""


def as_convolutions(own: Network, network: Network, limits: Limits) -> Network:
    """The network, whose fully connected layers are convolutions with the kernels that they have on the file's own input.

    `own` is the network on that input, `network` the same one on any other. What cannot be a
    convolution is an error. What the file expects to be equal is not held to; bounds are.
    """
    if _has_errors(own) or _has_errors(network):
        unknown = [] if _has_errors(network) else [Finding(findings.own_input_has_errors(), own.nodes[0].places.layer)]
        return network._replace(findings=[*network.findings, *unknown])
    conversion = _Conversion(own)
    faults = [*conversion.faults()] or [*conversion.missing(network)]
    if faults:
        return network._replace(findings=[*network.findings, *faults])
    return _Slid(network, conversion.instead, limits).network()


def _has_errors(network: Network) -> bool:
    return any(each.severity == ERROR and not each.fault.of_claim for each in network.findings)


class _Conversion:
    """What becomes of each layer on the file's own input, and which of them cannot."""

    def __init__(self, own: Network) -> None:
        self.own = own
        self.instead: dict[str, FcAsConv | None] = {}
        self.given: dict[int, Volume] = {}
        """What each node gives once those before it are convolutions, and INPUT."""
        if own.input:
            self.given[INPUT] = own.input

    def faults(self) -> Iterator[Finding]:
        """Work it out; the faults of the first layers that cannot be on the volumes before them."""
        lead = _leading_to_fc(self.own)
        broken = set[int]()
        for index, node in enumerate(self.own.nodes):
            if not broken.isdisjoint(edge.source for edge in node.edges):
                broken.add(index)  # its fault is the one before
                continue
            try:
                self.given[index] = self._converted(node, lead[index])
            except LayerError as error:
                broken.add(index)
                yield Finding(error.fault, node.places.layer, node.path)

    def _converted(self, node: Node, leads_to_fc: bool) -> Volume:
        """What the node gives instead. Raises LayerError where nothing can stand in its place."""
        assert node.layer is not None
        assert node.output is not None
        volumes = [self._carried(edge) for edge in node.edges]
        volume, layer = volumes[0], node.layer
        if isinstance(layer, Flatten) and leads_to_fc and volume.spatial:
            self.instead[node.path] = None
            return volume
        if isinstance(layer, Fc):
            if not volume.spatial:
                raise LayerError(findings.fc_of_vector(self._flattener(node), str(volume)))
            conv = self.instead[node.path] = FcAsConv.of_fc(layer, volume)
            return conv.output(volume)
        if all(now == before for now, before in zip(volumes, node.volumes, strict=True)):
            return node.output
        return _same_layer(layer, volumes, node)

    def _carried(self, edge: Edge) -> Volume:
        """What an edge carries now. Raises LayerError where a part of a flattened volume is none of its channels."""
        source = self.given[edge.source]
        before = self.own.nodes[edge.source].output if edge.source != INPUT else self.own.input
        if edge.volume is None or before is None or edge.volume == before:
            return source
        if source.channels != before.channels:
            raise LayerError(findings.other_behind_fc("split", f"{edge.volume} of {before}", str(source)))
        return source._replace(channels=edge.volume.channels)

    def _flattener(self, node: Node) -> str | None:
        """The `reshape` that a `flatten` would stand in the place of, where that is why a node reads a vector."""
        source = node.edges[0].source
        giver = self.own.nodes[source] if source != INPUT else None
        return giver.path if giver and isinstance(giver.layer, Reshape) else None

    def missing(self, network: Network) -> Iterator[Finding]:
        """The fully connected layers that the network does not have on the file's own input."""
        for node in network.nodes:
            if isinstance(node.layer, Fc) and node.path not in self.instead:
                yield Finding(findings.fc_not_on_own_input(), node.places.layer, node.path)


def _same_layer(layer: Layer, volumes: Sequence[Volume], node: Node) -> Volume:
    """What a layer gives on other volumes of as many numbers. Raises LayerError where it is then another layer."""
    try:
        output = layer.join(volumes, [""] * len(volumes)) if isinstance(layer, Branching) else layer.output(volumes[0])
    except LayerError:
        output = None
    if (
        output is None
        or node.output is None
        or _numbers(layer, volumes, output) != _numbers(layer, node.volumes, node.output)
    ):
        before, after = (findings.either(each, "and") for each in (node.volumes, volumes))
        raise LayerError(findings.other_behind_fc(node.type, before, after))
    return output


def _numbers(layer: Layer, volumes: Sequence[Volume | None], output: Volume) -> tuple[int, ...]:
    """How many numbers a layer gives, and how many it keeps: what two that do the same have in common."""
    volume = volumes[0]
    if volume is None or isinstance(layer, Branching):
        return (output.elements,)
    return output.elements, layer.weights(volume), layer.biases(volume), layer.buffers(volume)


def _leading_to_fc(network: Network) -> list[bool]:
    """Of each node whether what it gives reaches a fully connected layer, and is a vector all the way."""
    found = [False] * len(network.nodes)
    for index in reversed(range(len(network.nodes))):
        node = network.nodes[index]
        if isinstance(node.layer, Fc) or (found[index] and node.output and not node.output.spatial):
            for edge in node.edges:
                if edge.source != INPUT:
                    found[edge.source] = True
    return found


class _Slid:
    """The network written out anew, with other layers in the place of some, or none."""

    def __init__(self, before: Network, instead: Instead, limits: Limits) -> None:
        self.before, self.instead = before, instead
        self.graph = Graph(before.input, before.file, limits)
        self.edges: list[Edge] = []
        """What each node of the network before gives now."""
        self.starts = [0]
        """How many nodes there are now in the place of those before each one, and of all of them."""

    def network(self) -> Network:
        """The new network, with the findings of both."""
        before = self.before
        try:
            for node in before.nodes:
                self.edges.append(self.added(node))
                self.starts.append(len(self.graph.nodes))
        except TooManyError:
            return self.graph.nothing()
        return before._replace(
            nodes=self.graph.nodes,
            root=self.group(before.root),
            heads={path: self.edge(edge) for path, edge in before.heads.items()},
            outputs={name: self.edge(edge) for name, edge in before.outputs.items()},
            findings=[*before.findings, *self.graph.ledger.findings()],
            expectations=[each for each in before.expectations if each.relation != "="],
            changed=any(node.path in self.instead for node in before.nodes),
        )

    def added(self, node: Node) -> Edge:
        """What stands in the place of a node gives."""
        edges = [self.edge(edge) for edge in node.edges]
        layer = node.layer
        if isinstance(layer, Fc | Flatten):
            layer = self.instead.get(node.path, layer)
        if layer is None:
            return edges[0]
        self.graph.training, self.graph.caller = node.training, node.caller
        if isinstance(layer, FcAsConv) and (fault := _too_small(layer, edges[0].volume)):
            self.graph.report(fault, node.path, node.places.layer)
            return self.graph.add_unknown(node.path, layer.type, edges, node.places)
        end = self.graph.add(node.path, layer, edges, node.places)
        if node.shares is not None:
            fault = self.graph.share([end.source], [self.edges[node.shares].source])
            if fault:
                self.graph.report(fault, node.path, node.places.of("shares"))
        return end

    def edge(self, edge: Edge) -> Edge:
        """What is read now where that edge was."""
        if edge.source == INPUT or edge.volume is None:
            return edge
        now, before = self.edges[edge.source], self.before.nodes[edge.source].output
        if now.volume is None or edge.volume == before:
            return now
        return now.part(edge.first, edge.volume.channels)

    def group(self, group: Group) -> Group:
        """The group around what stands there now."""
        return group._replace(
            first=self.starts[group.first],
            end=self.starts[group.end],
            output=self.edge(group.output),
            inputs=tuple(map(self.edge, group.inputs)),
            groups=tuple(map(self.group, group.groups)),
        )


def _too_small(layer: FcAsConv, volume: Volume | None) -> Fault | None:
    """The fault of a volume that is smaller than the kernel; None where it is not, or nothing is known."""
    try:
        if volume is None or all(window.numerator >= 0 for window in layer.windows(volume)):
            return None
    except LayerError:  # a volume of other axes, as the graph says of it
        return None
    return findings.too_small_for_fc(by(layer.kernel, 0), str(volume))
