"""Two networks side by side: their totals, and the layers that differ, aligned by path and order."""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import NamedTuple

from cnncalc.figures.analysis import LayerSummary, Summary


class Change(NamedTuple):
    """A layer that only one network has, or that both have and that is not the same."""

    before: LayerSummary | None
    after: LayerSummary | None
    alike: int
    """How many layers before it, since the last change, are the same in both."""


def comparable(before: Summary, after: Summary) -> bool:
    """Whether the layers of both are known: of a file that could not be read there is none."""
    return all(summary.layers or summary.ok for summary in (before, after))


def changes(before: Summary, after: Summary) -> list[Change]:
    """What became of the first network's layers in the second, in order."""
    found, alike = [], 0
    shared = {layer.path for layer in before.layers} & {layer.path for layer in after.layers} | {"input"}
    for one, other in _aligned(before.layers, after.layers):
        if one is not None and other is not None and _same(one, other, shared):
            alike += 1
        else:
            found.append(Change(one, other, alike))
            alike = 0
    return found


def _same(one: LayerSummary, other: LayerSummary, shared: Collection[str]) -> bool:
    """Whether two layers are, and read, the same; a neighbour that only one network has makes no difference."""
    facts = [(each.type, each.layer, each.volumes, each.output, each.shares) for each in (one, other)]
    if facts[0] != facts[1]:
        return False
    pairs = zip(one.inputs, other.inputs, strict=True)
    return all(a == b or a not in shared or b not in shared for a, b in pairs)


def _aligned(
    before: list[LayerSummary], after: list[LayerSummary]
) -> Iterator[tuple[LayerSummary | None, LayerSummary | None]]:
    """Pairs by path, as many as keep the order of both; what has no partner stands alone."""
    places = {layer.path: index for index, layer in enumerate(after)}
    shared = [(index, places[layer.path]) for index, layer in enumerate(before) if layer.path in places]
    position = following = 0
    for index, place in [*_rising(shared), (len(before), len(after))]:
        yield from ((layer, None) for layer in before[position:index])
        yield from ((None, layer) for layer in after[following:place])
        if index < len(before):
            yield before[index], after[place]
        position, following = index + 1, place + 1


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A longest run of pairs, not necessarily neighbours, whose second parts rise (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []
    back: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        back.append(ends[pile - 1] if pile else None)
        tops[pile : pile + 1] = [place]
        ends[pile : pile + 1] = [number]
    found, at = [], ends[-1] if ends else None
    while at is not None:
        found.append(pairs[at])
        at = back[at]
    return found[::-1]
