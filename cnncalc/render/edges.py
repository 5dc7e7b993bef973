"""The edges of a network's graph, one a line, with the channels that each carries."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.figures.analysis import Summary
from cnncalc.network import INPUT, Edge
from cnncalc.render.formats import View
from cnncalc.render.plain import printable


def edges(summary: Summary, _: View) -> Iterator[str]:
    """A header and a line for each edge, its fields between tabs; then the output and the heads.

    A question mark stands for what an error leaves unknown. A vector has no spatial extents: its last field is empty.
    """
    network = summary.network

    def line(edge: Edge, reader: str) -> str:
        giver = "input" if edge.source == INPUT else network.nodes[edge.source].path
        first, channels, extents = "?", "?", "?"
        # Where the volume is unknown `first` says nothing: of a split that does not come out even, it is that of the
        # whole for every branch.
        if edge.volume is not None:
            first, channels = str(edge.first), str(edge.volume.channels)
            extents = "x".join(map(str, edge.volume.spatial))
        return "\t".join((printable(giver), printable(reader), first, channels, extents)) + "\n"

    yield "\t".join(("source", "reader", "first", "channels", "spatial")) + "\n"
    for node in network.nodes:
        for edge in node.edges:
            yield line(edge, node.path)
    yield line(network.output, "output")
    for path, edge in network.heads.items():
        yield line(edge, f"<{path}>")
