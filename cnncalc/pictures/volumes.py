"""The row of boxes that papers draw: each volume to scale, and the windows where they lie."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import plural
from cnncalc.network import Edge
from cnncalc.pictures import SCALES, Look
from cnncalc.pictures.boxes import LEAST, Box, Scales, window_of
from cnncalc.pictures.chain import Chain, Link, chain
from cnncalc.pictures.drawing import (
    BLOCK,
    COLOURS,
    FRONT,
    MIDDLE,
    UNKNOWN,
    WINDOW,
    Drawing,
    Group,
    Label,
    Line,
    Mark,
    Number,
    Polygon,
    Rectangle,
    elided,
    flat,
    short_path,
    text_width,
)
from cnncalc.pictures.scene import title_of, volume_text
from cnncalc.pictures.svg import svg
from cnncalc.render.columns import misfit, what
from cnncalc.volume import Volume

_MARGIN, _GAP, _WIDEST = 16, 26, 1_180
_BESIDE: Final = 10
"""Pixels between the labels of two boxes."""
_LONGEST: Final = 118
"""Pixels of a label."""
_LINE: Final = 13
"""Pixels from one line of text to the next."""
_SAID: Final = 4
"""Attributes under a box."""
_MOST: Final = 240
"""Boxes in one picture; of more those in the middle are left out."""
_NARROWEST: Final = 540
"""Pixels of a picture, so that what is said below has room."""
_FILM: Final = 14
"""Pixels below a box with the bar of its channels."""
_SEEN_THROUGH: Final = 40
"""Percent of its colour, so that what it lies on is seen through it."""
_UNKNOWN: Final = Box(0, -30, 24, 60, 0, (1, 1, 1))
_LEFT_OUT: Final = -2
"""In the place of the node that gives what is left out: nothing reads it."""


class Column(NamedTuple):
    """One box with what is written below it, where the box's front begins at 0."""

    link: Link
    box: Box | None
    """None for what is left out."""
    labels: Sequence[Label]
    channels: Number
    """The length of the bar below it, where its channels have one."""
    left: int
    """Where its labels begin, if not with the box."""
    boxed: int
    """Where its box ends."""
    labelled: int
    """Where its labels end."""


class Placed(NamedTuple):
    """A column where it is drawn."""

    column: Column
    box: Box | None
    x: int
    """Of its box's front."""
    baseline: int
    """Of its first label."""


def picture(summary: Summary, look: Look) -> str:
    """The volumes as SVG."""
    return svg(volumes(summary, look))


def volumes(summary: Summary, look: Look = Look()) -> Drawing:
    """The volumes of a network in a row, wrapped where it is long; `depth` is that of `chain`."""
    found = chain(summary, look.depth)
    links = _shortened(found.links)
    known = [link.volume for link in links if link.volume is not None]
    scales = Scales.of(known, look.scale != SCALES[0])
    befores: list[Link | None] = [None, *links]
    names = {link.gives: link.name for link in links}
    columns = [
        _column(link, _lines(summary, link, before, names), scales)
        for link, before in zip(links, befores, strict=False)
    ]
    placed, right, bottom = _place(_rows(columns))
    right = max(right, _NARROWEST)
    drawn = list(_drawn(placed))
    legend, bottom = _legend(drawn, right, bottom + 24)
    texts, bottom = _written(_caption(found, links, scales), right, bottom)
    name = summary.name or summary.file
    says = f"The volumes of {name} as a row of boxes: {_listed(links)}"
    return Drawing(f"{name}: volumes", says, right, bottom, [*drawn, *legend, *texts])


def _shortened(links: Sequence[Link]) -> list[Link]:
    """The links, those in the middle left out where they are too many."""
    gone = len(links) - _MOST
    if gone <= 0:
        return list(links)
    between = Link(f"{gone:,} volumes", "", None, UNKNOWN, ["are left out"], gives=_LEFT_OUT)
    return [*links[: _MOST // 2], between, *links[-(_MOST // 2) :]]


def _listed(links: Sequence[Link]) -> str:
    shown = [f"{link.name} {link.volume or 'unknown'}" for link in links[:_MOST] if link.gives != _LEFT_OUT]
    return ", ".join(shown)


# Columns


def _column(link: Link, lines: Iterable[Label], scales: Scales) -> Column:
    box = Box.of(link.volume, scales) if link.volume else None if link.gives == _LEFT_OUT else _UNKNOWN
    film = link.volume is not None and len(link.volume.spatial) == 3
    channels = scales.channels.pixels(link.volume.channels) if film and link.volume else 0
    middle = -(-box.thick // 2) if box else 0
    labels = [label._replace(x=middle, y=_LINE * line) for line, label in enumerate(lines)]
    covered = [label.box for label in labels]
    left = min(0, *(label[0] for label in covered))
    boxed = max(box.right if box else 0, channels)
    return Column(link, box, labels, channels, int(left), int(-(-boxed // 1)), int(max(label[2] for label in covered)))


def _lines(summary: Summary, link: Link, before: Link | None, names: Mapping[int, str]) -> Iterator[Label]:
    """What stands below a box, line by line, around 0."""
    volume = volume_text(link.volume) if link.volume else "…" if link.gives == _LEFT_OUT else "unknown"
    yield Label(0, 0, volume, 11, bold=True, anchor=MIDDLE)
    yield Label(0, 0, short_path(link.name, _LONGEST), anchor=MIDDLE)
    said = [*_read_from(summary, link, before, names), *link.says]
    if link.fault:
        from textwrap import wrap  # only faults need it

        said = wrap(link.fault, 17)
    for text in said[:_SAID]:
        yield Label(0, 0, elided(text, _LONGEST, 10), anchor=MIDDLE, faint=True)
    fraction = misfit(link.maker) if link.maker else None
    if fraction:
        yield Label(0, 0, elided(fraction.replace("->", "→"), _LONGEST, 10, True), bold=True, anchor=MIDDLE)


def _sources(link: Link) -> Sequence[int]:
    """The nodes whose volumes are read."""
    if link.reads is not None:
        return [link.reads.source]
    return [edge.source for edge in link.maker.node.edges] if link.maker else []


def _read_from(summary: Summary, link: Link, before: Link | None, names: Mapping[int, str]) -> Iterator[str]:
    """`from c3` where that is not the volume before; `with c3` where it joins both."""
    sources = _sources(link)
    word = "with" if before and before.gives in sources else "from"
    for source in dict.fromkeys(sources):
        if before is None or source != before.gives:
            name = names.get(source) or summary.network.giver(Edge(source, None))
            yield f"{word} {short_path(name, _LONGEST - 30)}"


# Rows


def _advance(before: Column, after: Column) -> int:
    """How far to the right of a column's box the next one is, so that neither boxes nor labels touch."""
    return max(before.boxed + _GAP, before.labelled + _BESIDE - after.left)


def _broken(columns: Sequence[Column], widest: int) -> list[list[Column]]:
    """The columns in rows that are no wider than that, or hold one column."""
    rows: list[list[Column]] = []
    x = 0
    for column in columns:
        if rows:
            advance = _advance(rows[-1][-1], column)
            if x + advance + max(column.boxed, column.labelled) <= widest - _MARGIN:
                x += advance
                rows[-1].append(column)
                continue
        rows.append([column])
        x = _MARGIN - column.left
    return rows


def _rows(columns: Sequence[Column]) -> list[list[Column]]:
    """As few rows as there can be, as alike in width as they can be."""
    rows = _broken(columns, _WIDEST)
    low, high = 0, _WIDEST
    while low + 1 < high:
        middle = (low + high) // 2
        narrower = _broken(columns, middle)
        if len(narrower) > len(rows):
            low = middle
        else:
            high, rows = middle, narrower
    return rows


def _place(rows: Sequence[Sequence[Column]]) -> tuple[list[list[Placed]], int, int]:
    """The columns where they are drawn, and where they end, to the right and below."""
    placed: list[list[Placed]] = []
    right, y = 0, _MARGIN
    for row in rows:
        boxes = [column.box for column in row if column.box]
        middle = y + int(max([0, *[-(box.back // 1) for box in boxes]]))
        lowest = max([0, *[-(-box.bottom // 1) for box in boxes]])
        if any(column.channels for column in row):
            lowest += _FILM
        baseline = middle + int(lowest) + 18
        x = _MARGIN - row[0].left
        placed.append([])
        for before, column in zip([None, *row], row, strict=False):
            x += _advance(before, column) if before else 0
            box = column.box._replace(left=x, top=middle + column.box.top) if column.box else None
            placed[-1].append(Placed(column, box, x, baseline))
            right = max(right, x + max(column.boxed, column.labelled))
        y = baseline + _LINE * max(len(column.labels) for column in row) + 14
    return placed, right + _MARGIN, y - 14


# Marks


def _drawn(rows: Sequence[Sequence[Placed]]) -> Iterator[Mark]:
    for row in rows:
        for placed in row:
            yield _group(placed)
        for before, after in pairwise(row):
            yield from _between(before, after)


def _group(placed: Placed) -> Group:
    link, box = placed.column.link, placed.box
    marks: list[Mark] = []
    if box:
        figures = link.maker.figures if link.maker else None
        wrong = link.volume is None or bool(figures and figures.misfit)
        faces = list(box.faces(box.whole, link.colour, wrong))
        marks += [face._replace(weight=2) if wrong else face for face in faces]
        if placed.column.channels:
            marks.append(Rectangle(box.left, box.bottom + 6, placed.column.channels, _FILM - 8, link.colour))
    marks += [label._replace(x=placed.x + label.x, y=placed.baseline + label.y) for label in placed.column.labels]
    return Group(marks, _told(link), link.path)


def _told(link: Link) -> str:
    """What is read where a box is pointed at."""
    if not link.layers:
        return f"{link.name} {link.volume or ''}".strip()
    if link.maker is None:
        last = next((layer for layer in link.layers if layer.output == link.volume), None)
        return title_of([link.path, *link.says], link.layers, last)
    kept = [layer.path for layer in link.layers[1:]]
    lines = [title_of([link.path, what(link.maker) or link.maker.type], [link.maker], link.maker), link.fault]
    return "\n".join(filter(None, [*lines, f"then {', '.join(kept)}" if kept else ""]))


def _between(before: Placed, after: Placed) -> Iterator[Mark]:
    """The window through which a volume is read, with its rays; where there is none, an arrow."""
    link = after.column.link
    if before.box is None or after.box is None or before.column.link.gives not in _sources(link):
        return
    maker, read = link.maker, before.column.link.volume
    whole = read is not None and link.reads is not None and link.reads.volume == read  # and not some channels of it
    sight = window_of(maker, read) if maker and read and whole and link.volume else None
    if sight is not None and maker is not None:
        box, other = (after.box, before.box) if sight.made else (before.box, after.box)
        rays = [Line([end, other.centre(sight.cell)], faint=True) for end in box.ends(sight.part, sight.made)]
        faces = [face._replace(shade=face.shade * _SEEN_THROUGH // 100) for face in box.faces(sight.part, WINDOW)]
        yield Group([*faces, *rays], f"a window of {link.name}", link.path)
    elif maker and read and link.volume and _sees_all(maker, read):
        ends = zip(before.box.ends(before.box.front, False), after.box.ends(after.box.front, True), strict=True)
        yield Group([Line(pair, faint=True) for pair in ends], f"{link.name} reads all", link.path)
    else:
        middle = after.box.top + after.box.high // 2
        yield Line([(before.x + before.column.boxed + 4, middle), (after.x - 4, middle)], arrow=True)


def _sees_all(layer: LayerSummary, volume: Volume) -> bool:
    """Whether each number that comes out depends on the whole volume, or a whole channel of it."""
    steps = layer.figures.steps if layer.figures else ()
    whole = [step.taps for step in steps] == [*volume.spatial] != []
    return layer.layer is not None and (layer.layer.reads_all or whole)


# What is said below


def _legend(drawn: Sequence[Mark], right: int, y: int) -> tuple[list[Mark], int]:
    """A patch of each colour with what has it, in lines."""
    used = {mark.fill for mark in flat(drawn) if isinstance(mark, Polygon)}
    marks: list[Mark] = []
    x = _MARGIN
    for key, colour in COLOURS.items():
        if key in used:
            width = 16 + text_width(colour.says, 10)
            if x > _MARGIN and x + width > right - _MARGIN:
                x, y = _MARGIN, y + 18
            shade = _SEEN_THROUGH if key == WINDOW else FRONT
            marks += [Rectangle(x, y - 9, 10, 10, key, shade, key == UNKNOWN), Label(x + 16, y, colour.says)]
            x += width + 16
    return marks, y + 18


def _caption(found: Chain, links: Sequence[Link], scales: Scales) -> Iterator[str]:
    """What must be known to read the picture."""
    known = [link.volume for link in links if link.volume is not None]
    if known:
        said = "; ".join(scales.say(known))
        yield f"{'Logarithmic' if scales.cells.log else 'To scale'}: {said}."
        yield f"Nothing is drawn smaller than {LEAST} px."
    if any(len(link.layers) > 1 and link.maker for link in links):
        yield "Layers that keep their volume, as activations, norms and dropout do, have no box of their own."
    if any(link.colour == BLOCK for link in links):
        yield "Of a folded block, and of branches, what comes out of them is shown."
    if found.heads:
        yield f"Left out: {plural(found.heads, 'head')} beside the chain."
    if found.behind:
        yield f"Unknown: {plural(found.behind, 'more layer')} behind the error."
    if len(links) < len(found.links):
        yield f"{len(found.links) - len(links) + 1:,} of {len(found.links):,} volumes are left out."


def _written(texts: Iterator[str], right: int, y: int) -> tuple[list[Mark], int]:
    """Sentences in lines that keep to the width."""
    marks: list[Mark] = []
    for text in texts:
        line = ""
        for word in text.split(" "):
            if line and text_width(f"{line} {word}", 10) > right - 2 * _MARGIN:
                marks.append(Label(_MARGIN, y, line, faint=True))
                line, y = "", y + _LINE
            line = f"{line} {word}" if line else word
        marks.append(Label(_MARGIN, y, line, faint=True))
        y += _LINE
    return marks, y
