"""A row for each layer or folded block, with a bar for each figure and one for its receptive field."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from cnncalc.figures.analysis import Summary
from cnncalc.pictures import Look
from cnncalc.pictures.drawing import (
    BLOCK,
    END,
    MIDDLE,
    START,
    Drawing,
    Group,
    Label,
    Line,
    Mark,
    Rectangle,
    elided,
    kind,
    text_width,
)
from cnncalc.pictures.scene import title_of
from cnncalc.pictures.svg import svg
from cnncalc.render.columns import COLUMNS, what
from cnncalc.render.folding import Row, rows
from cnncalc.volume import AXES

_FIGURES: Final = ("params", "macs", "live")
"""The columns that have bars; a folded block has what its row in the table has."""
_MARGIN, _GAP, _LINE = 16, 18, 17
_BAR: Final = 110
"""Pixels of the longest bar."""
_HIGH: Final = 10
"""Pixels from the top of a bar to its bottom."""
_NAME: Final = 240
"""Pixels of a name at most."""
_INDENT: Final = 12
_CELLS: Final = 20
"""Of a row, as the table counts them to leave out the middle of what is too long."""


class Bars(NamedTuple):
    """A column of numbers with their bars."""

    heading: str
    numbers: Sequence[int | None]
    """Of each row; None where it has none."""
    texts: Sequence[str]
    total: str
    around: int | None
    """What each bar is centred against, the input's extent; None for bars that begin on the left."""
    written: int
    """Pixels of its numbers."""
    largest: int
    """What the longest bar stands for."""

    @classmethod
    def of(
        cls,
        heading: str,
        numbers: Sequence[int | None],
        texts: Sequence[str],
        total: str = "",
        around: int | None = None,
    ) -> "Bars":
        """The column with room for all its numbers."""
        written = max(text_width(text, 10) for text in (*texts, total, ""))
        largest = max([1, around or 1, *(number for number in numbers if number)])
        return cls(heading, numbers, texts, total, around, written, largest)

    @property
    def width(self) -> int:
        """Pixels of all of it."""
        return max(self.written + 8 + _BAR, text_width(self.heading, 10, True))


def picture(summary: Summary, look: Look) -> str:
    """The bars as SVG."""
    return svg(bars(summary, look))


def bars(summary: Summary, look: Look = Look()) -> Drawing:
    """The figures of a network, layer by layer, with blocks folded as in its table."""
    shown = rows(summary, look.depth, _CELLS)
    columns = list(_columns(summary, shown))
    named = max([0, *(text_width(row.name, 10) + _INDENT * row.indent for row in shown)])
    volumes = [_volume(row) for row in shown]
    second = _MARGIN + min(_NAME, named) + _GAP
    lefts = [second + max([0, *(text_width(volume, 10) for volume in volumes)]) + _GAP]
    for column in columns:
        lefts.append(lefts[-1] + column.width + _GAP)
    first = _MARGIN + _LINE + 8
    bottom = first + _LINE * len(shown)
    marks = [mark for left, column in zip(lefts, columns, strict=False) for mark in _frame(column, left, first, bottom)]
    marks.append(Label(_MARGIN, bottom + _HIGH + 4, "total", bold=True))
    for index, row in enumerate(shown):
        y, indent = first + _LINE * index + _HIGH, _INDENT * row.indent
        own: list[Mark] = [Label(_MARGIN + indent, y, elided(row.name, second - _MARGIN - _GAP - indent, 10))]
        own += [Label(second, y, volumes[index], faint=True)] if volumes[index] else []
        for left, column in zip(lefts, columns, strict=False):
            own += _bar(column, index, row, left, y)
        marks.append(Group(own, _told(row), row.path if row.layers else ""))
    name = summary.name or summary.file
    says = f"{', '.join(column.heading for column in columns)} of {name}, layer by layer"
    width = max(lefts[-1] - _GAP, second) + _MARGIN
    return Drawing(f"{name}: layer by layer", says, width, bottom + _LINE + _MARGIN, marks)


def _volume(row: Row) -> str:
    """What comes out."""
    return str(row.cell("output", "hwc") or "?").replace("x", "×") if row.layers else ""


def _columns(summary: Summary, shown: Sequence[Row]) -> Iterator[Bars]:
    for key in _FIGURES:
        cells = [row.cell(key, "hwc") for row in shown]
        numbers = [cell if isinstance(cell, int) else None for cell in cells]
        texts = [_number(cell, row) for cell, row in zip(numbers, shown, strict=True)]
        total = summary.totals.get(key)
        yield Bars.of(COLUMNS[key].heading, numbers, texts, "" if total is None else f"{total:,}")
    axes = AXES[len(summary.input.spatial)] if summary.input else ()
    if axes and summary.input:
        fields = [_field(row) for row in shown]
        texts = [f"{field:,}" if field else "" for field in fields]
        yield Bars.of(f"receptive field: {axes[-1]}", fields, texts, around=summary.input.spatial[-1])


def _number(number: int | None, row: Row) -> str:
    return "" if not row.layers else "?" if number is None else f"{number:,}"


def _field(row: Row) -> int | None:
    """Cells of the input that one cell of what comes out depends on, along the last axis."""
    last = row.layers[0] if row.single else row.last
    return last.receptive_field[-1] if last is not None and last.receptive_field else None


def _frame(column: Bars, left: int, top: int, bottom: int) -> Iterator[Mark]:
    """What a column has beside its rows: the heading, the total, and of the input its two ends."""
    fits = text_width(column.heading, 10, True) <= column.written
    yield Label(left + column.written if fits else left, top - 10, column.heading, 10, True, END if fits else START)
    if column.total:
        yield Label(left + column.written, bottom + _HIGH + 4, column.total, bold=True, anchor=END)
    if column.around is not None:
        middle, half = left + column.written + 8 + _BAR // 2, Fraction(column.around * _BAR, 2 * column.largest)
        for x in (middle - half, middle + half):
            yield Line([(x, top - 2), (x, bottom)], faint=True, dashed=True)
        yield Label(middle, bottom + _HIGH + 4, f"input {column.around:,}", faint=True, anchor=MIDDLE)


def _bar(column: Bars, index: int, row: Row, left: int, y: int) -> Iterator[Mark]:
    number, written = column.numbers[index], left + column.written
    if column.texts[index]:
        yield Label(written, y, column.texts[index], anchor=END)
    if number:
        length = max(Fraction(number * _BAR, column.largest), Fraction(1))
        start = written + 8 + (0 if column.around is None else (_BAR - length) / 2)
        colour = kind(row.layers[0].type) if row.single else BLOCK
        yield Rectangle(start, y - _HIGH + 1, length, _HIGH, colour, hatched=row.warns, weight=0)


def _told(row: Row) -> str:
    if not row.layers:
        return row.heading
    last = row.layers[0] if row.single else row.last
    says = (what(row.layers[0]) or row.layers[0].type) if row.single else row.heading
    return title_of([str(row.plain("path", "hwc")), says], row.layers, last)
