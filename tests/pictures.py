"""Measures a drawing: what lies over what, as a reader would see it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from cnncalc.pictures.drawing import Drawing, Group, Label, Line, Mark, Rectangle

Area = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def faults(drawing: Drawing) -> Iterator[str]:
    """Labels over labels, labels over boxes, edges over both, and what is cut."""
    boxes = [area(mark) for group in groups(drawing) for mark in group.marks if isinstance(mark, Rectangle)]
    inside = {id(mark) for group in groups(drawing) for mark in group.marks}
    labels = [mark for mark in drawing.flat() if isinstance(mark, Label)]
    lines = [mark for mark in drawing.flat() if isinstance(mark, Line) and id(mark) not in inside]
    for one, other in crossing([(area(label), label.text) for label in labels]):
        yield f"the label {one!r} lies over {other!r}"
    outer = [(area(label), label.text) for label in labels if id(label) not in inside]
    for one, other in crossing([*outer, *[(box, f"the box at {box}") for box in boxes]]):
        yield f"{one!r} lies over {other!r}"
    things = {box: f"the box at {box}" for box in boxes} | {box: f"the label {text!r}" for box, text in outer}
    near = cells(list(things))
    for line in lines:
        for (x, y), (to_x, to_y) in pairwise(line.points):
            if x != to_x and y != to_y:
                yield f"an edge runs askew: {line.points}"
            segment = int(min(x, to_x)), int(min(y, to_y)), int(max(x, to_x)), int(max(y, to_y))
            found = {box for cell in covered(segment) for box in near.get(cell, ()) if over(segment, box)}
            yield from (f"an edge runs through {things[box]}: {line.points}" for box in found)
    for mark in drawing.flat():
        left, top, right, bottom = area(mark)
        if left < 0 or top < 0 or right > drawing.width or bottom > drawing.height:
            yield f"cut: {mark}"


def groups(drawing: Drawing) -> list[Group]:
    """The boxes with what is in them."""
    found = [mark for mark in drawing.marks if isinstance(mark, Group)]
    return [group for group in found if any(isinstance(mark, Rectangle) for mark in group.marks)]


def area(mark: Mark) -> Area:
    if isinstance(mark, Label):
        return tuple(map(int, mark.box))  # type: ignore[return-value]  # four of them
    if isinstance(mark, Rectangle):
        return int(mark.left), int(mark.top), int(mark.left + mark.width), int(mark.top + mark.height)
    assert not isinstance(mark, Group)
    xs, ys = zip(*mark.points, strict=True)
    return int(min(xs)), int(min(ys)), int(max(xs)), int(max(ys))


def over(one: Area, other: Area) -> bool:
    """Whether two areas share more than a border."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def covered(area: Area) -> Iterator[tuple[int, int]]:
    """The cells of a coarse grid that an area touches."""
    yield from product(range(area[0] // 256, area[2] // 256 + 1), range(area[1] // 256, area[3] // 256 + 1))


def cells(areas: list[Area]) -> dict[tuple[int, int], list[Area]]:
    found: dict[tuple[int, int], list[Area]] = {}
    for each in areas:
        for cell in covered(each):
            found.setdefault(cell, []).append(each)
    return found


def crossing(things: list[tuple[Area, str]]) -> Iterator[tuple[str, str]]:
    """Pairs that lie over each other."""
    near: dict[tuple[int, int], list[int]] = {}
    for index, (area_of, text) in enumerate(things):
        others = {other for cell in covered(area_of) for other in near.get(cell, ())}
        yield from ((text, things[other][1]) for other in others if over(area_of, things[other][0]))
        for cell in covered(area_of):
            near.setdefault(cell, []).append(index)
