"""What would make the volumes of a join go together: changes of one layer of a branch, each tried before it is proposed."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from cnncalc import findings
from cnncalc.findings import Fault, LayerError
from cnncalc.layers import Branching, Conv, Upsample
from cnncalc.layers.window import SlidingLayer
from cnncalc.network import BRANCH, FORK, INPUT, Edge, Network, Node
from cnncalc.remedies.layer import changed
from cnncalc.volume import SIDES, Sided, Volume

_STRIDES: Final = (1, 2, 3, 4)
_TRIED: Final[tuple[tuple[str, tuple[Any, ...]], ...]] = (
    ("rounding", ("ceil",)),
    ("stride", _STRIDES),
    ("factor", _STRIDES),
    ("output_padding", (0, 1, 2, 3)),
    ("padding", ("half", 0, 1, 2, 3, "same")),
)
"""The changes of a layer, those first that are most often the cause."""
_NEAR: Final = 8
"""Layers of a branch, from its end, that are tried."""
_FAR: Final = 1_000
"""Layers of a branch that are looked at to tell what it shares with the others."""
_SHOWN: Final = 3


def of_join(fault: Fault, network: Network, node: Node) -> Fault:
    """The fault of a join, with changes of one layer on one of its branches, each of which is enough to mend it."""
    assert isinstance(node.layer, Branching)
    found = [
        findings.on_a_layer(name, value, changed.path, changed.places.layer.line)
        for changed, name, value in islice(_changes(node.layer, node.edges, network.nodes), _SHOWN)
    ]
    names = _branch_names(network, node)
    found += islice(_projections(node.layer, node.volumes, names), 1)
    if not found:  # more than one layer is the cause
        found += islice(_resized(node.layer, node.edges, network.nodes), 1)
        found += islice(_padded(node.layer, node.edges, network.nodes), 1)
    found += islice(_cropped(node.layer, node.volumes, names), 1)
    return fault._replace(help=tuple(found)) if found else fault


def _changes(join: Branching, edges: Sequence[Edge], nodes: Sequence[Node]) -> Iterator[tuple[Node, str, Any]]:
    """The changes of one layer after which the volumes go together."""
    volumes = [edge.volume for edge in edges if edge.volume]
    branches = _branches(edges, nodes)
    for name, values in (*_TRIED, ("filters", tuple(dict.fromkeys(volume.channels for volume in volumes)))):
        for place, branch in enumerate(branches):
            for index, node in enumerate(branch):
                for value in values if _takes(node, name) else ():
                    end = _end(branch[index:], name, value)
                    if end and _goes(join, [*volumes[:place], end, *volumes[place + 1 :]]):
                        yield node, name, value
                        break


def _resized(join: Branching, edges: Sequence[Edge], nodes: Sequence[Node]) -> Iterator[str]:
    """A size in the place of the factor of an upsampling: that of what it is joined with, which was rounded."""
    volumes = [edge.volume for edge in edges if edge.volume]
    for place, edge in enumerate(edges):
        node = nodes[edge.source] if edge.source != INPUT else None
        sizes = {volume.spatial for index, volume in enumerate(volumes) if index != place}
        if node is None or not isinstance(node.layer, Upsample) or len(sizes) > 1 or len(volumes) < len(edges):
            continue
        (size,) = sizes
        if _goes(join, [*volumes[:place], volumes[place]._replace(spatial=size), *volumes[place + 1 :]]):
            mode = "" if node.layer.mode == "nearest" else f", mode: {node.layer.mode}"
            text = f"upsample: {{size: {'x'.join(map(str, dict.fromkeys(size) if len({*size}) == 1 else size))}{mode}}}"
            yield findings.instead_of_a_layer(text, node.path, node.places.layer.line)


def _padded(join: Branching, edges: Sequence[Edge], nodes: Sequence[Node]) -> Iterator[str]:
    """One padding for all windows of the branches, as where each has another kernel."""
    branches = _branches(edges, nodes)
    for padding in ("half", "same"):
        ends = [edge.volume for edge in edges]
        for place, branch in enumerate(branches):
            if branch:
                ends[place] = _end(branch, "padding", padding, all_of_it=True)
        if all(ends) and _goes(join, [end for end in ends if end]):
            yield findings.with_all_padded(padding)


def _cropped(join: Branching, given: Sequence[Volume | None], names: Sequence[str | None]) -> Iterator[str]:
    """The cells that a branch has more than the others, taken away around it."""
    volumes = [volume for volume in given if volume]
    for place, (volume, name) in enumerate(zip(volumes, names, strict=False)):
        least = tuple(map(min, *[other.spatial for other in volumes])) if len(volumes) == len(given) else ()
        gaps = [own - small for own, small in zip(volume.spatial, least, strict=False)]
        if name is None or not any(gaps) or any(4 * gap > own for own, gap in zip(volume.spatial, gaps, strict=True)):
            continue  # as many cells as these are a stride's
        pairs = [(gap // 2, gap - gap // 2) for gap in gaps]
        if _goes(join, [*volumes[:place], volume._replace(spatial=least), *volumes[place + 1 :]]):
            sides = zip(SIDES[len(pairs)], pairs, strict=True)
            each = {side: n for names_of, pair in sides for side, n in zip(names_of, pair, strict=True) if n}
            alike = {n for pair in pairs for n in pair}
            yield findings.with_crop(name, alike.pop() if len(alike) == 1 else Sided.of(each))


def _takes(node: Node, name: str) -> bool:
    return (
        isinstance(node.layer, SlidingLayer)
        if name == "rounding"
        else node.layer is not None and name in node.layer.attributes
    )


def _branches(edges: Sequence[Edge], nodes: Sequence[Node]) -> list[list[Node]]:
    """The layers that lead to each edge alone, the last few in order."""
    chains = [_chain(edge.source, nodes) for edge in edges]
    shared = set(chains[0]).intersection(*chains[1:])
    return [[nodes[index] for index in reversed([i for i in chain if i not in shared][:_NEAR])] for chain in chains]


def _chain(index: int, nodes: Sequence[Node]) -> list[int]:
    """A layer and those before it, the last first, as long as each reads one volume."""
    found: list[int] = []
    while index != INPUT and len(nodes[index].edges) == 1 and len(found) < _FAR:
        found.append(index)
        index = nodes[index].edges[0].source
    return found


def _end(branch: Sequence[Node], name: str, value: Any, all_of_it: bool = False) -> Volume | None:
    """What comes out of the branch with the first of its layers changed, or all that can be; None where it does not go."""
    volume = branch[0].edges[0].volume
    for index, node in enumerate(branch):
        if node.layer is None or volume is None:
            return None
        change = isinstance(node.layer, SlidingLayer) and _takes(node, name) if all_of_it else not index
        layer = changed(node.layer, name, value) if change else node.layer
        try:
            volume = layer.output(volume)
        except LayerError:
            return None
    return volume


def _goes(join: Branching, volumes: Sequence[Volume]) -> bool:
    try:
        join.join(volumes, [""] * len(volumes))
    except LayerError:
        return False
    return True


def _branch_names(network: Network, node: Node) -> list[str | None]:
    """What the branches are called that a layer can be added to; None is the volume that `residual` adds."""
    assert isinstance(node.layer, Branching)
    if node.layer.adds_identity:
        return [None]
    fork = next(group for group in network.groups() if group.kind == FORK and group.path == node.path)
    return [group.word for group in fork.groups if group.kind == BRANCH]


def _projections(join: Branching, given: Sequence[Volume | None], names: Sequence[str | None]) -> Iterator[str]:
    """The convolutions of kernel 1 that would end a branch, as those of a residual network's shortcut."""
    volumes = [volume for volume in given if volume]
    most = max(volume.channels for volume in volumes)
    for place, name in enumerate(names):
        for stride in _STRIDES if volumes[place].spatial else ():
            end = Conv(filters=most, kernel=1, stride=stride).output(volumes[place])
            if _goes(join, [*volumes[:place], end, *volumes[place + 1 :]]):
                yield findings.with_projection(name, most, stride)
