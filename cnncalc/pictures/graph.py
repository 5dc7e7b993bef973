"""The graph of a network as a drawing: boxes in rows, edges that turn in the gutters between them, references in lanes.

A row holds what stands side by side, so that a gutter is free of boxes over the whole width and an
edge that turns in it meets none. Along is the way from the input to the output, across is the other
one; which of them is down and which to the right is decided where the marks are made.

A gutter has, one behind the other: the labels of what comes out of the row before it, the turns of
references from that row, the ends of frames, the beginnings of frames and the turns into branches
and joins, and the turns of references to the next row.
"""

from bisect import bisect, insort
from collections.abc import Iterator, Sequence
from itertools import accumulate
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
from cnncalc.render.plain import printable

_WIDEST: Final = 230
"""Of the text in a box."""
_BREAK: Final = 110
"""From which on what a layer is takes two lines, where boxes stand one beside the other."""
_NAME: Final = 140
"""Of the name of a frame at most."""
_TALL: Final = {1: 22, 2: 34, 3: 47}
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
        self.lines = {box.number: _lines(box, _WIDEST if down else _BREAK) for box in shown.boxes}
        self.entries = {link.target: link for link in shown.links if link.straight}
        self.partial: dict[int, str] = {}
        """By box, the longest volume that a reference brings to it and that is not all of what it comes from."""
        for link in shown.links:
            text = self.part_of(link)
            if text and not link.straight:
                self.partial[link.target] = max(self.partial.get(link.target, ""), text, key=len)

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

    def behind(self, box: Box) -> int:
        """How far the cards of a stack reach into the gutter behind it; to the right they lie before what comes out."""
        return 0 if self.down else _cards(box)

    def volume(self, box: Box) -> int:
        """What the label of what comes out of a box takes in the gutter behind it."""
        return self.behind(box) + self.along(self.volumes.get(box.number, ""))

    def part_of(self, link: Link) -> str:
        """The volume of an edge where it is not all of what it comes from."""
        return link.text if link.text != self.volumes[link.source] else ""

    def entry(self, chain: Chain) -> str:
        """The volume that comes into a branch, where it is not all of what it comes from."""
        first = next(_beginnings(chain), None)
        link = self.entries.get(first.number) if first else None
        return self.part_of(link) if link else ""

    # What parts take

    def chain(self, chain: Chain) -> Room:
        """One part behind the other; heads stand to the right of all of them."""
        rooms, aside = [self.part(part) for part in chain], [isinstance(part, Head) for part in chain]
        main = [room for room, head in zip(rooms, aside, strict=True) if not head]
        left, right = max((room.left for room in main), default=8), max((room.right for room in main), default=8)
        steps = [0 if head else room.rows for room, head in zip(rooms, aside, strict=True)]
        *starts, end = accumulate(steps, initial=0)
        heads = [(row, room) for row, room, head in zip(starts, rooms, aside, strict=True) if head]
        axes, right = _columns(heads, right)
        parts = [(next(axes) if head else 0, room) for room, head in zip(rooms, aside, strict=True)]
        return Room(left, right, max([end, *[row + room.rows for row, room in heads]]), parts)

    def part(self, part: Part) -> Room:
        if isinstance(part, Box):
            return self.alone(part)
        if isinstance(part, Head):
            return self.branch("", part.chain)
        if isinstance(part, Fork):
            return self.fork(part)
        inner = self.chain(part.chain)
        # The name stands on the left of the edge that comes in, or above it.
        heading = 12 + text_width(elided(part.name, _NAME, _WORD), _WORD)
        left = max(inner.left + _PAD, heading) if self.down else inner.left + _PAD + _LINE
        return Room(left, inner.right + _PAD, max(1, inner.rows), [(0, inner)])

    def alone(self, box: Box) -> Room:
        half = self.box(box)[1] // 2
        before, behind = self.beside(self.volumes.get(box.number, ""))
        up, aside = (0, _cards(box)) if self.down else (_cards(box), 0)
        if text := self.partial.get(box.number):
            aside = max(aside, sum(self.beside(text)))
        return Room(max(half + up, before), max(half + aside, behind), 1)

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


def _columns(heads: Sequence[tuple[int, Room]], edge: int) -> tuple[Iterator[int], int]:
    """How far across the axis of each head is, by their rows in as few columns behind the edge as can be; the new edge."""
    free, columns, chosen = list[int](), list[list[Room]](), list[int]()
    for row, room in heads:
        column = next((index for index, end in enumerate(free) if end <= row), len(free))
        if column == len(free):
            free.append(0)
            columns.append([])
        free[column] = row + room.rows
        columns[column].append(room)
        chosen.append(column)
    axes = list[int]()
    for rooms in columns:
        axes.append(edge + _GAP + max(room.left for room in rooms))
        edge = axes[-1] + max(room.right for room in rooms)
    return iter([axes[column] for column in chosen]), edge


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
        """Of branches and heads the name, the volume that comes in, and where an edge turns into it."""

    def open(self, row: int, room: int) -> None:
        self.opened[row] = max(self.opened.get(row, 0), room)

    def chain(self, chain: Chain, room: Room, axis: int, row: int, way: tuple[Turn, ...], within: int) -> None:
        """Place the parts of a chain; an edge comes to the first by that way, with so much around it."""
        for part, (shift, inner) in zip(chain, room.parts, strict=True):
            if isinstance(part, Head):
                turn, entry = Turn(row, within, axis + shift), self.sizes.entry(part.chain)
                inside = within + _STEP + self.sizes.along(entry)
                self.names.append(("", entry, turn))
                self.open(row, inside)
                self.chain(part.chain, inner, axis + shift, row, (*way, turn), inside)
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
        texts = [(name, self.sizes.entry(chain)) for name, chain in part.branches]
        label = max if self.sizes.down else sum  # beside each other on both sides of the edge, or one behind the other
        inside = within + _STEP + max(label(map(self.sizes.along, (shown_name(name), entry))) for name, entry in texts)
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


def _titled(label: Label, name: str) -> Mark:
    """The label, with the whole name where it was too long for it."""
    return label if label.text == printable(name) else Group([label], name)


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


def _cards(box: Box) -> int:
    """How far the cards of a stack reach to the right and up."""
    return _CARD * min(2, box.turns - 1)


def _lines(box: Box, wide: int) -> list[str]:
    """The lines in a box: what it is, on two where it is wider than that, and its name."""
    lines = [*_broken(box.says, wide), box.name] if box.says else [box.name]
    return [elided(line, _WIDEST, _WORD) for line in lines]


def _broken(text: str, wide: int) -> list[str]:
    """A text of several facts, broken behind one so that it is as narrow as it can be."""
    facts = text.split(", ")
    if text_width(text, _WORD) <= wide or len(facts) == 1:
        return [text]
    ways = [[", ".join(facts[:count]) + ",", ", ".join(facts[count:])] for count in range(1, len(facts))]
    return min(ways, key=lambda lines: max(text_width(line, _WORD) for line in lines))


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
        """By row and link, how far into the tracks of the gutter before it its edge turns."""
        self.room: dict[int, int] = {}
        """By row, what those tracks take."""
        self.ports: dict[int, list[int]] = {}
        """By target, the sources of its references."""
        ends: dict[int, int] = {}
        for link in self.links:
            source, target = spots[link.source], spots[link.target]
            room = self.room.get(target.row, 0) + places.sizes.along(places.sizes.part_of(link)) + _STEP
            self.room[target.row] = room
            self.into.setdefault(target.row, {})[link.source, link.target] = room - _STEP // 2
            self.ports.setdefault(link.target, []).append(link.source)
            if target.row > source.row + 1:
                ends[link.source] = max(ends.get(link.source, 0), target.row)
                out = self.out.setdefault(source.row, {})
                out.setdefault(link.source, len(out))
        self.edge = edge + _GAP
        self.give_lanes(ends)

    def give_lanes(self, ends: dict[int, int]) -> None:
        """The first lane that is free over its rows, the shortest ones first; each is as wide as its widest label."""
        spots, sizes = self.places.spots, self.places.sizes
        taken, wide, chosen = list[list[tuple[int, int]]](), list[int](), dict[int, int]()
        for source, last in sorted(ends.items(), key=lambda end: end[1] - spots[end[0]].row):
            row = spots[source].row
            lane = next((index for index, rows in enumerate(taken) if _free(rows, row, last)), len(taken))
            if lane == len(taken):
                taken.append([])
                wide.append(0)
            insort(taken[lane], (row, last))
            wide[lane] = max(wide[lane], sum(sizes.beside(sizes.volumes[source])) + _STEP)
            chosen[source] = lane
        starts = list(accumulate(wide, initial=self.edge))
        shift = 0 if sizes.down else _LINE  # the label lies before the lane, not behind it
        self.lanes = {source: starts[lane] + shift for source, lane in chosen.items()}
        self.edge = starts[-1]


def _free(taken: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    """Whether none of the spans of rows, in order, meets this one."""
    index = bisect(taken, (first, 0))
    return not (index and taken[index - 1][1] >= first) and not (index < len(taken) and taken[index][0] <= last)


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
            labels[row] = max(labels[row], self.sizes.volume(box))
        for source in self.references.lanes:  # the volume on its lane stands beside the next row, where no edge turns
            row = self.places.spots[source].row + 1
            thick[row] = max(thick[row], self.sizes.along(self.sizes.volumes[source]))
        self.starts, self.stops, self.opens, self.tracks, position = [], [], [], [], 0
        self.labels = labels
        for row in range(count):
            behind = labels[row - 1] + _STEP * len(self.references.out.get(row - 1, ())) if row else 0
            self.opens.append(position + behind + _PAD * self.places.closed.get(row - 1, 0))
            self.tracks.append(self.opens[-1] + self.places.opened.get(row, 0))
            position = self.tracks[-1] + self.references.room.get(row, 0) + (_ARROW if row else 0)
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
        room = _NAME if self.down else min(_NAME, stop - start - 10)
        yield _titled(
            Label(x + 5, y + 11, elided(border.frame.name, room, _WORD), _WORD, faint=True), border.frame.name
        )

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
        along = self.tracks[target.row] + self.references.into[target.row][link.source, link.target]
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
        if text := self.sizes.part_of(link):
            x, y = self.point(along, port)
            x, y, anchor = (x + 5, y - 4, START) if self.down else (x - 5, y + _VOLUME + 2, END)
            yield Label(x, y, text, _VOLUME, bold=True, anchor=anchor)

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
            x, y, end = (x - 5, y + _LINE - 4, END) if self.down else (x + 4, y - 4, START)
            yield _titled(Label(x, y, shown_name(name), _WORD, anchor=end), name)
        if entry:
            beside = 0 if self.down else self.sizes.along(shown_name(name), _WORD)
            yield self.volume(entry, along + beside, turn.axis)

    def box(self, box: Box) -> Iterator[Mark]:
        spot, (start, stop) = self.places.spots[box.number], self.box_ends(box.number)
        half, lines = self.sizes.box(box)[1] // 2, self.sizes.lines[box.number]
        face = {"fill": box.kind, "shade": TINT, "radius": 7 if box.path else 11}
        shape = self.rectangle(start, stop, spot.axis - half, spot.axis + half, **face)
        marks: list[Mark] = [_card(shape, apart) for apart in range(_CARD, _cards(box) + 1, _CARD)]
        marks.append(shape._replace(hatched=box.wrong, weight=2 if box.wrong else 1))
        x, y = self.point((start + stop) // 2, spot.axis)
        top = y - (len(lines) - 1) * 13 // 2 + 4
        for index, line in enumerate(lines):
            bold = index == len(lines) - 1
            marks.append(Label(x, top + 13 * index, line, _WORD, bold=bold, anchor=MIDDLE))
        yield Group(marks, box.title, box.path)
        if box.number in self.sizes.volumes:
            along = self.stops[spot.row] + self.sizes.behind(box)
            yield self.volume(self.sizes.volumes[box.number], along, spot.axis)
