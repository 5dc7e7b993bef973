"""The graph of a network as a drawing: boxes in rows, edges that turn in the gutters between them, references in lanes.

A row holds what stands side by side, so that a gutter is free of boxes over the whole width and an
edge that turns in it meets none. Along is the way from the input to the output, across is the other
one; which of them is down and which to the right is decided where the marks are made.

A gutter has, one behind the other: the labels of what comes out of the row before it, the turns of
references from that row, the ends of frames, the beginnings of frames and the turns into branches
and joins, and the turns of references to the next row.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from cnncalc.figures.analysis import Summary
from cnncalc.pictures import Look
from cnncalc.pictures.drawing import (
    END,
    MIDDLE,
    START,
    TINT,
    Drawing,
    Group,
    Label,
    Line,
    Mark,
    Point,
    Rectangle,
    elided,
    text_width,
)
from cnncalc.pictures.scene import Box, Chain, Fork, Frame, Head, Link, Part, Scene, scene, volume_text
from cnncalc.pictures.svg import svg

_WIDEST: Final = 230
"""Of the text in a box."""
_TALL: Final = {1: 22, 2: 34}
"""A box, by its lines."""
_CARD: Final = 4
"""How far the cards of a stack lie apart."""
_GAP: Final = 22
"""Between what stands side by side."""
_STEP: Final = 8
"""Between edges that run side by side."""
_ARROW: Final = 12
_PAD: Final = 10
"""Between a frame and what is in it."""
_LINE: Final = 15
"""A line of text."""
_MARGIN: Final = 12
_VOLUME, _WORD = 11, 10
"""Sizes of letters."""


class Turn(NamedTuple):
    """Where an edge goes across: in the gutter before a row, so far into what opens there, to an axis."""

    row: int
    within: int
    axis: int


class Room(NamedTuple):
    """What a part takes: to both sides of its axis, and in rows; and the distance of the axis of each part in it."""

    left: int
    right: int
    rows: int
    parts: "Sequence[tuple[int, Room]]" = ()


class Spot(NamedTuple):
    """Where a box is, and the turns of an edge that comes to it along the chain."""

    axis: int
    row: int
    way: tuple[Turn, ...] = ()


class Border(NamedTuple):
    """Where a frame is, across and by its rows."""

    frame: Frame
    left: int
    right: int
    first: int
    last: int
    within: int
    """What opens around it in the gutter before its first row."""
    closed: int
    """How many frames in it close in the gutter behind its last row."""


def picture(summary: Summary, look: Look) -> str:
    """The graph as SVG. Raises TooLargeError."""
    return svg(graph(summary, look))


def graph(summary: Summary, look: Look = Look()) -> Drawing:
    """The graph laid out. Raises TooLargeError."""
    return _Layout(summary, scene(summary, look.depth), look.down).drawing()


class _Sizes:
    """How large things are, by the direction."""

    def __init__(self, shown: Scene, down: bool) -> None:
        self.down = down
        read = {link.source for link in shown.links}
        self.volumes = {box.number: volume_text(box.output) for box in shown.boxes if box.number in read}
        self.lines = {box.number: _lines(box) for box in shown.boxes}
        self.entries = {link.target: link for link in shown.links if link.straight}

    def box(self, box: Box) -> tuple[int, int]:
        """Along and across."""
        lines = self.lines[box.number]
        wide = 16 + max(text_width(line, _WORD, bold=True) for line in lines)
        wide, tall = max(48, wide + wide % 2), _TALL[len(lines)]
        return (tall, wide) if self.down else (wide, tall)

    def beside(self, text: str, size: int = _VOLUME) -> tuple[int, int]:
        """What a label at an edge takes across, to the left and to the right of it."""
        if not text:
            return 0, 0
        return (0, 6 + text_width(text, size, bold=True)) if self.down else (_LINE + 2, 0)

    def along(self, text: str, size: int = _VOLUME) -> int:
        """What a label at an edge takes along it."""
        return 0 if not text else _LINE if self.down else 10 + text_width(text, size, bold=True)

    def entry(self, chain: Chain) -> str:
        """The volume that comes into a branch, where it is not all of what it comes from."""
        first = next(_beginnings(chain), None)
        link = self.entries.get(first.number) if first else None
        return link.text if link and link.text != self.volumes[link.source] else ""

    # What parts take

    def chain(self, chain: Chain) -> Room:
        """One part behind the other; heads stand to the right of all of them."""
        rooms = [self.part(part) for part in chain]
        main = [room for part, room in zip(chain, rooms, strict=True) if not isinstance(part, Head)]
        left, right = max((room.left for room in main), default=8), max((room.right for room in main), default=8)
        parts, row, rows = list[tuple[int, Room]](), 0, 0
        for part, room in zip(chain, rooms, strict=True):
            if isinstance(part, Head):
                parts.append((right + _GAP + room.left, room))
                right += _GAP + room.left + room.right
                rows = max(rows, row + room.rows)
            else:
                parts.append((0, room))
                row += room.rows
        return Room(left, right, max(rows, row), parts)

    def part(self, part: Part) -> Room:
        if isinstance(part, Box):
            return self.alone(part)
        if isinstance(part, Head):
            return self.chain(part.chain)
        if isinstance(part, Fork):
            return self.fork(part)
        inner = self.chain(part.chain)
        heading = 12 + text_width(elided(part.name, _WIDEST, _WORD), _WORD)
        left = inner.left + _PAD + (0 if self.down else _LINE)
        wide = max(left + inner.right + _PAD, heading if self.down else 0)
        return Room(left, wide - left, max(1, inner.rows), [(0, inner)])

    def alone(self, box: Box) -> Room:
        half = self.box(box)[1] // 2
        before, behind = self.beside(self.volumes.get(box.number, ""))
        return Room(max(half, before), max(half + _CARD * min(2, box.turns - 1), behind), 1)

    def branch(self, name: str, chain: Chain) -> Room:
        room = self.chain(chain)
        before, behind = self.beside(self.entry(chain))
        named = 8 + text_width(name, _WORD) if name and self.down else 0
        return room._replace(left=max(room.left, before, named), right=max(room.right, behind))

    def fork(self, fork: Fork) -> Room:
        """The branches side by side, the axis in the middle between the outer ones, and the join under them."""
        rooms = [self.branch(shown_name(name), chain) for name, chain in fork.branches]
        axes, position = list[int](), 0
        for room in rooms:
            axes.append(position + room.left)
            position += room.left + room.right + _GAP
        axis = (axes[0] + axes[-1]) // 2
        left, right, rows = axis, position - _GAP - axis, max(1, *[room.rows for room in rooms])
        if fork.join is not None:
            join = self.alone(fork.join)
            left, right, rows = max(left, join.left), max(right, join.right), rows + 1
        return Room(left, right, rows, [(each - axis, room) for each, room in zip(axes, rooms, strict=True)])


class _Places:
    """Where the parts are: axes and rows, and what opens and closes in the gutters."""

    def __init__(self, sizes: _Sizes) -> None:
        self.sizes = sizes
        self.spots: dict[int, Spot] = {}
        self.borders: list[Border] = []
        self.opened: dict[int, int] = {}
        """By row, the room that what begins with it takes in the gutter before it."""
        self.closed: dict[int, int] = {}
        """By row, how many frames end with it, one within the other."""
        self.through: dict[int, tuple[int, list[tuple[Turn, ...]]]] = {}
        """By join, where its fork begins, and the turns along each empty branch."""
        self.names: list[tuple[str, str, Turn]] = []
        """Of branches the name, the volume that comes in, and where an edge turns into it."""

    def open(self, row: int, room: int) -> None:
        self.opened[row] = max(self.opened.get(row, 0), room)

    def chain(self, chain: Chain, room: Room, axis: int, row: int, way: tuple[Turn, ...], within: int) -> None:
        """Place the parts of a chain; an edge comes to the first by that way, with so much around it."""
        for part, (shift, inner) in zip(chain, room.parts, strict=True):
            if isinstance(part, Head):
                turn = Turn(row, within, axis + shift)
                self.open(row, within + _STEP)
                self.chain(part.chain, inner, axis + shift, row, (*way, turn), within + _STEP)
                continue
            if isinstance(part, Box):
                self.spots[part.number] = Spot(axis, row, way)
                self.open(row, within)
            elif isinstance(part, Frame):
                self.frame(part, inner, axis, row, way, within)
            else:
                self.fork(part, inner, axis, row, way, within)
            row, within = row + inner.rows, 0
            way = way if _passed(part) else ()

    def frame(self, part: Frame, room: Room, axis: int, row: int, way: tuple[Turn, ...], within: int) -> None:
        number, last = len(self.borders), row + room.rows - 1
        self.borders.append(Border(part, axis - room.left, axis + room.right, row, last, within, 0))
        inside = within + _LINE + 4
        self.open(row, inside)
        self.chain(part.chain, room.parts[0][1], axis, row, way, inside)
        closed = max((each.closed + 1 for each in self.borders[number + 1 :] if each.last == last), default=0)
        self.borders[number] = self.borders[number]._replace(closed=closed)
        self.closed[last] = max(self.closed.get(last, 0), closed + 1)

    def fork(self, part: Fork, room: Room, axis: int, row: int, way: tuple[Turn, ...], within: int) -> None:
        texts = [(shown_name(name), self.sizes.entry(chain)) for name, chain in part.branches]
        label = max if self.sizes.down else sum  # beside each other on both sides of the edge, or one behind the other
        inside = within + _STEP + max(label(map(self.sizes.along, pair)) for pair in texts)
        self.open(row, inside)
        empty = list[tuple[Turn, ...]]()
        for texts_of, (_, chain), (shift, inner) in zip(texts, part.branches, room.parts, strict=True):
            turn = Turn(row, within, axis + shift)
            self.names.append((*texts_of, turn))
            if all(map(_passed, chain)):
                empty.append((*way, turn))
            self.chain(chain, inner, axis + shift, row, (*way, turn), inside)
        if part.join is not None:
            behind = row + room.rows - 1
            self.spots[part.join.number] = Spot(axis, behind, (Turn(behind, 0, axis),))
            self.open(behind, _STEP)
            self.through[part.join.number] = row, empty


def shown_name(name: str) -> str:
    """What is written at a branch."""
    return elided(name, 80, _WORD) if name else ""


def _passed(part: Part) -> bool:
    """Whether what comes to a part goes on behind it as it is."""
    return isinstance(part, Head) or (isinstance(part, Frame) and all(map(_passed, part.chain)))


def _beginnings(chain: Chain) -> Iterator[Box]:
    """The boxes that what comes into a chain comes to first."""
    for part in chain:
        if isinstance(part, Box):
            yield part
        elif isinstance(part, Fork):
            for _, branch in part.branches:
                yield from _beginnings(branch)
        else:
            yield from _beginnings(part.chain)
        if not _passed(part):
            return


def _card(front: Rectangle, apart: int) -> Line:
    """What is seen of a card behind the front one."""
    left, top = front.left + apart, front.top - apart
    right, bottom = left + front.width, top + front.height
    step = _CARD
    points = [(left, top + step), (left, top), (right, top), (right, bottom), (right - step, bottom)]
    return Line(points, radius=3)


def _lines(box: Box) -> list[str]:
    """The lines in a box: what it is, and its name."""
    return [elided(line, _WIDEST, _WORD) for line in ([box.says, box.name] if box.says else [box.name])]


class _References:
    """The edges that come from elsewhere: their lanes beside everything, and their tracks in the gutters."""

    def __init__(self, places: _Places, links: Sequence[Link], edge: int) -> None:
        self.places, spots = places, places.spots
        self.links = sorted((link for link in links if not link.straight), key=lambda link: spots[link.source].row)
        self.lanes: dict[int, int] = {}
        """By source, how far across its lane is."""
        self.out: dict[int, dict[int, int]] = {}
        """By row and source, the track in the gutter behind it."""
        self.into: dict[int, dict[tuple[int, int], int]] = {}
        """By row and link, the track in the gutter before it."""
        self.ports: dict[int, list[int]] = {}
        """By target, the sources of its references."""
        ends: dict[int, int] = {}
        for link in self.links:
            source, target = spots[link.source], spots[link.target]
            tracks = self.into.setdefault(target.row, {})
            tracks[link.source, link.target] = len(tracks)
            self.ports.setdefault(link.target, []).append(link.source)
            if target.row > source.row + 1:
                ends[link.source] = max(ends.get(link.source, 0), target.row)
                out = self.out.setdefault(source.row, {})
                out.setdefault(link.source, len(out))
        self.edge = edge + _GAP
        self.give_lanes(ends)

    def give_lanes(self, ends: dict[int, int]) -> None:
        """The first lane that is free over its rows; each is as wide as its widest label."""
        free: list[int] = []  # by lane, the row behind which it is free
        wide: list[int] = []
        chosen: dict[int, int] = {}
        for source, last in ends.items():
            row = self.places.spots[source].row
            lane = next((index for index, end in enumerate(free) if end < row), len(free))
            if lane == len(free):
                free.append(0)
                wide.append(0)
            before, behind = self.places.sizes.beside(self.places.sizes.volumes[source])
            free[lane], wide[lane] = last, max(wide[lane], before + behind + _STEP)
            chosen[source] = lane
        starts = [self.edge + sum(wide[:lane]) for lane in range(len(wide))]
        shift = 0 if self.places.sizes.down else _LINE  # the label lies before the lane, not behind it
        self.lanes = {source: starts[lane] + shift for source, lane in chosen.items()}
        self.edge += sum(wide)


class _Layout:
    """From rows and tracks to pixels, and to marks."""

    def __init__(self, summary: Summary, shown: Scene, down: bool) -> None:
        self.summary, self.scene, self.down = summary, shown, down
        self.sizes = _Sizes(shown, down)
        self.places = _Places(self.sizes)
        room = self.sizes.chain(shown.chain)
        self.places.chain(shown.chain, room, room.left, 0, (), 0)
        self.references = _References(self.places, shown.links, room.left + room.right)
        self.across = self.references.edge if self.references.lanes else room.left + room.right
        self.rows(room.rows)

    def rows(self, count: int) -> None:
        """How far along each row begins and ends, and where in the gutter before it things open."""
        thick, labels = [0] * count, [0] * count
        for box in self.scene.boxes:
            row = self.places.spots[box.number].row
            thick[row] = max(thick[row], self.sizes.box(box)[0])
            labels[row] = max(labels[row], self.sizes.along(self.sizes.volumes.get(box.number, "")))
        self.starts, self.stops, self.opens, self.tracks, position = [], [], [], [], 0
        self.labels = labels
        for row in range(count):
            behind = labels[row - 1] + _STEP * len(self.references.out.get(row - 1, ())) if row else 0
            self.opens.append(position + behind + _PAD * self.places.closed.get(row - 1, 0))
            self.tracks.append(self.opens[-1] + self.places.opened.get(row, 0))
            position = self.tracks[-1] + _STEP * len(self.references.into.get(row, ())) + (_ARROW if row else 0)
            self.starts.append(position)
            position += thick[row]
            self.stops.append(position)
        self.length = position + _PAD * self.places.closed.get(count - 1, 0)

    # In pixels

    def point(self, along: int, across: int) -> Point:
        return (across + _MARGIN, along + _MARGIN) if self.down else (along + _MARGIN, across + _MARGIN)

    def box_ends(self, number: int) -> tuple[int, int]:
        """How far along a box begins and ends: in the middle of its row."""
        row, size = self.places.spots[number].row, self.sizes.box(self.scene.boxes[number])[0]
        start = self.starts[row] + (self.stops[row] - self.starts[row] - size) // 2
        return start, start + size

    def rectangle(self, start: int, stop: int, left: int, right: int, **look: object) -> Rectangle:
        (x, y), (to_x, to_y) = self.point(start, left), self.point(stop, right)
        return Rectangle(x, y, to_x - x, to_y - y, **look)  # type: ignore[arg-type]  # its own fields

    def drawing(self) -> Drawing:
        name = self.summary.name or self.summary.file
        shown = [box for box in self.scene.boxes if box.path]
        says = (
            f"{name}: {len(shown)} boxes from {volume_text(self.summary.input)} to {volume_text(self.summary.output)}"
        )
        marks: list[Mark] = [mark for border in self.places.borders for mark in self.frame(border)]
        for link in self.scene.links:
            marks += self.straight(link) if link.straight else self.reference(link)
        marks += [mark for box in self.scene.boxes for mark in self.box(box)]
        marks += [mark for texts in self.places.names for mark in self.branch(*texts)]
        for source, lane in self.references.lanes.items():
            along = self.starts[self.places.spots[source].row + 1]
            marks.append(self.volume(self.sizes.volumes[source], along, lane))
        wide, tall = (self.across, self.length) if self.down else (self.length, self.across)
        return Drawing(name, says, wide + 2 * _MARGIN, tall + 2 * _MARGIN, marks)

    def frame(self, border: Border) -> Iterator[Mark]:
        start = self.opens[border.first] + border.within + 2
        stop = self.stops[border.last] + self.labels[border.last]
        stop += _STEP * len(self.references.out.get(border.last, ())) + _PAD * (border.closed + 1) - 2
        yield self.rectangle(start, stop, border.left, border.right, fill=None, weight=1, radius=6)
        x, y = self.point(start, border.left)
        yield Label(x + 5, y + 11, elided(border.frame.name, _WIDEST, _WORD), _WORD, faint=True)

    def turned(self, points: list[Point], way: Sequence[Turn], across: int) -> int:
        """Add the turns of a way; where it goes on, across."""
        for turn in way:
            if turn.axis != across:
                along = self.opens[turn.row] + turn.within + _STEP // 2
                points += [self.point(along, across), self.point(along, turn.axis)]
                across = turn.axis
        return across

    def straight(self, link: Link) -> Iterator[Mark]:
        source, target = self.places.spots[link.source], self.places.spots[link.target]
        begins, empty = self.places.through.get(link.target, (0, []))
        ways = [[*way, *target.way] for way in empty] if empty and source.row < begins else [[*target.way]]
        for way in ways:
            points = [self.point(self.box_ends(link.source)[1], source.axis)]
            across = self.turned(points, [*way, Turn(target.row, 0, target.axis)], source.axis)
            points.append(self.point(self.box_ends(link.target)[0], across))
            yield Line(points, radius=5, arrow=True)

    def reference(self, link: Link) -> Iterator[Mark]:
        source, target = self.places.spots[link.source], self.places.spots[link.target]
        port = self.port(link)
        along = (
            self.tracks[target.row] + _STEP * self.references.into[target.row][link.source, link.target] + _STEP // 2
        )
        points = [self.point(self.box_ends(link.source)[1], source.axis)]
        if target.row > source.row + 1:
            lane = self.references.lanes[link.source]
            track = self.references.out[source.row][link.source]
            out = self.stops[source.row] + self.labels[source.row] + _STEP * track + _STEP // 2
            points += [self.point(out, source.axis), self.point(out, lane), self.point(along, lane)]
        else:
            points.append(self.point(along, source.axis))
        points += [self.point(along, port), self.point(self.box_ends(link.target)[0], port)]
        yield Line(points, radius=5, arrow=True)

    def port(self, link: Link) -> int:
        """Where across a reference comes into its box: in the middle, where nothing comes along the chain."""
        ports, axis = self.references.ports[link.target], self.places.spots[link.target].axis
        if link.target not in self.sizes.entries and len(ports) == 1:
            return axis
        half = self.sizes.box(self.scene.boxes[link.target])[1] // 2
        return axis + (ports.index(link.source) + 1) * half // (len(ports) + 1)

    def volume(self, text: str, along: int, across: int, size: int = _VOLUME) -> Label:
        """A label at an edge that runs along."""
        x, y = self.point(along, across)
        return (
            Label(x + 5, y + _LINE - 4, text, size, bold=True)
            if self.down
            else Label(x + 4, y - 4, text, size, bold=True)
        )

    def branch(self, name: str, entry: str, turn: Turn) -> Iterator[Mark]:
        along = self.opens[turn.row] + turn.within + _STEP
        x, y = self.point(along, turn.axis)
        if name:
            end = END if self.down else START
            yield Label(x - 5 if self.down else x + 4, y + _LINE - 4 if self.down else y - 4, name, _WORD, anchor=end)
        if entry:
            beside = 0 if self.down else self.sizes.along(name, _WORD)
            yield self.volume(entry, along + beside, turn.axis)

    def box(self, box: Box) -> Iterator[Mark]:
        spot, (start, stop) = self.places.spots[box.number], self.box_ends(box.number)
        half, lines = self.sizes.box(box)[1] // 2, self.sizes.lines[box.number]
        face = {"fill": box.kind, "shade": TINT, "radius": 7 if box.path else 11}
        shape = self.rectangle(start, stop, spot.axis - half, spot.axis + half, **face)
        marks: list[Mark] = [_card(shape, _CARD * card) for card in range(1, min(3, box.turns))]
        marks.append(shape._replace(hatched=box.wrong, weight=2 if box.wrong else 1))
        x, y = self.point((start + stop) // 2, spot.axis)
        top = y - (len(lines) - 1) * 13 // 2 + 4
        for index, line in enumerate(lines):
            bold = index == len(lines) - 1
            marks.append(Label(x, top + 13 * index, line, _WORD, bold=bold, anchor=MIDDLE))
        yield Group(marks, box.title, box.path)
        if box.number in self.sizes.volumes:
            yield self.volume(self.sizes.volumes[box.number], self.stops[spot.row], spot.axis)
