"""A network as a chain of volumes, for a row of boxes: what branches is folded to what comes out of it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import ERROR, plural
from cnncalc.layers import TYPES, Branching
from cnncalc.network import FORK, REPEAT, Edge, Group, Network
from cnncalc.network import INPUT as FROM_INPUT
from cnncalc.pictures.drawing import BLOCK, INPUT, UNKNOWN, kind
from cnncalc.volume import Volume

_KEEPING = ("activation", "normalization", "reshaping")
"""The kinds of layers that are no link of their own where they keep the volume."""


class Link(NamedTuple):
    """One volume of the chain, and what makes it."""

    name: str
    path: str
    volume: Volume | None
    """None where an error leaves it unknown."""
    colour: str
    """A key of `COLOURS`."""
    says: Sequence[str] = ()
    """What makes it, in a few words each."""
    reads: Edge | None = None
    """What is read to make it, where that is one volume."""
    layers: Sequence[LayerSummary] = ()
    """What it stands for, with those behind that keep the volume; none for the input."""
    gives: int = FROM_INPUT
    """The index of the node that gives the volume."""
    fault: str = ""
    """The error that leaves it unknown."""

    @property
    def maker(self) -> LayerSummary | None:
        """The one layer that makes the volume."""
        return self.layers[0] if self.layers and self.colour not in (BLOCK, INPUT) else None


class Chain(NamedTuple):
    """The links in order, and what of the network is not among them."""

    links: Sequence[Link]
    heads: int
    """How many leave the chain."""
    behind: int
    """Layers behind an error, of which nothing is known."""


def chain(summary: Summary, depth: int | None = None) -> Chain:
    """The chain of a summary's volumes.

    `depth` is how many levels of blocks are unfolded; None unfolds one, but no block that is repeated.
    A fork with several ways is always one link, and a layer that keeps its volume none of its own.
    """
    links, heads, end = [Link("input", "input", summary.input, INPUT)], 0, 0
    pieces = list(_Pieces(summary.network, depth).of(summary.network.root, 0))
    for piece in pieces:
        end = piece.end
        if piece.turns and _is_head(piece.turns[0]):
            heads += 1
        elif _keeps(summary.network, piece, links[-1], piece is pieces[-1]):
            kept = summary.layers[piece.first]
            links[-1] = links[-1]._replace(layers=[*links[-1].layers, kept], gives=piece.first)
        else:
            links.append(_folded(summary, piece) if piece.turns else _single(summary, piece))
            if links[-1].volume is None:
                break
    return Chain(links, heads, len(summary.layers) - end)


class _Piece(NamedTuple):
    """One layer, or the turns of a folded block or fork."""

    first: int
    end: int
    turns: Sequence[Group] = ()
    name: str | None = None
    """Of the block that is hardly more than the layer; None for the layer's own."""


class _Pieces:
    """The pieces of groups, with so many levels of blocks unfolded."""

    def __init__(self, network: Network, depth: int | None) -> None:
        self.nodes, self.depth = network.nodes, depth

    def of(self, group: Group, level: int) -> Iterator[_Piece]:
        position = group.first
        for inner in group.groups:
            turns = inner.groups if inner.kind == REPEAT else (inner,)
            yield from _layers(position, inner.first)
            position = inner.end
            if not turns:
                yield from _layers(inner.first, inner.end)
            elif all(map(self.is_unit, turns)):
                yield from (piece for turn in turns for piece in _layers(turn.first, turn.end, turn.path))
            else:
                yield from self.grouped(inner, turns, level)
        yield from _layers(position, group.end)

    def makers(self, group: Group) -> int:
        """How many layers in it make another volume, or would by their kind."""
        return sum(kind(node.type) not in _KEEPING for node in self.nodes[group.first : group.end])

    def is_unit(self, group: Group) -> bool:
        """Whether it is hardly more than a layer: with activations and norms, or a join of what is there already."""
        return self.makers(group) <= 1 and not _is_head(group)

    def grouped(self, inner: Group, turns: Sequence[Group], level: int) -> Iterator[_Piece]:
        """A group, folded or in its pieces. A fork with one way, and shortcuts beside it, is no level of its own."""
        folded = _Piece(inner.first, inner.end, turns)
        if inner.kind == FORK:
            ways = [branch for branch in inner.groups if self.makers(branch)]
            if len(ways) == 1 and not _is_head(inner):
                yield from self.of(ways[0], level)
                yield from _layers(inner.end - 1, inner.end)
            else:
                yield folded
        elif self.unfolds(turns, level):
            pieces = [piece for turn in turns for piece in self.of(turn, level + 1)]
            alone = len(pieces) == 1 and pieces[0].turns  # the block's name says more than the fork's
            yield from [folded] if alone else pieces
        else:
            yield folded

    def unfolds(self, turns: Sequence[Group], level: int) -> bool:
        """Whether the blocks are unfolded; if nobody says so, those in which no layer reads from further back."""
        if self.depth is not None:
            return level < self.depth
        within = turns[0].walk()
        return level < 1 and len(turns) == 1 and not turns[0].chosen and not any(map(_refers, within))


def _refers(group: Group) -> bool:
    return group.chosen or (group.kind == FORK and not group.groups)


def _layers(first: int, end: int, name: str | None = None) -> Iterator[_Piece]:
    return (_Piece(index, index + 1, (), name) for index in range(first, end))


def _is_head(group: Group) -> bool:
    layer = TYPES.get(group.word) if group.kind == FORK else None
    return layer is not None and issubclass(layer, Branching) and layer.leaves_chain


def _keeps(network: Network, piece: _Piece, before: Link, last: bool) -> bool:
    """Whether it is a layer that gives the volume before it once more; as a vector, where more comes."""
    node = network.nodes[piece.first]
    if piece.turns or node.layer is None or node.output is None or kind(node.type) not in _KEEPING:
        return False
    if node.edges[0].source != before.gives or node.edges[0].volume != before.volume:
        return False
    return node.output == before.volume or (node.layer.in_place and not node.output.spatial and not last)


def _single(summary: Summary, piece: _Piece) -> Link:
    layer = summary.layers[piece.first]
    reads = layer.node.edges[0] if len(layer.node.edges) == 1 else None
    colour = kind(layer.type) if layer.output else UNKNOWN
    name = piece.name or layer.path
    link = Link(name, layer.path, layer.output, colour, _says(layer, name), reads, [layer], piece.first)
    return link._replace(fault="" if layer.output else _fault(summary, [layer]))


def _folded(summary: Summary, piece: _Piece) -> Link:
    first, last = piece.turns[0], piece.turns[-1]
    layers, output = summary.layers[piece.first : piece.end], last.output
    name = first.path
    if len(piece.turns) > 1:
        outer, _, own = name.rpartition(".")
        own = own.rpartition("_")[0] if first.named else first.word
        name = f"{outer}{'.' if outer else ''}{own} ×{len(piece.turns)}"
    reads = first.inputs[0] if len(first.inputs) == 1 else None
    says = [plural(len(layers), "layer")]
    fault = "" if output.volume else _fault(summary, layers)
    return Link(name, first.path, output.volume, BLOCK, says, reads, layers, output.source, fault)


def _says(layer: LayerSummary, name: str) -> Sequence[str]:
    said = layer.layer.says(len(layer.input.spatial) if layer.input else 2) if layer.layer else ""
    named = name.rpartition(".")[2].startswith(layer.type)
    return [*([] if named else [layer.type.replace("_", " ")]), *filter(None, said.split(", "))]


def _fault(summary: Summary, layers: Sequence[LayerSummary]) -> str:
    """The first error in these layers."""
    paths = {layer.path for layer in layers}
    wrong = (found.message for found in summary.findings if found.path in paths and found.severity == ERROR)
    return next(wrong, "an error leaves its volume unknown")
