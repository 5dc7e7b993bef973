"""The tables for people, in the terminal. The only importer of rich."""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final, NamedTuple

from cnncalc.figures.analysis import Summary, Totals
from cnncalc.findings import WARNING
from cnncalc.render.cells import cell_text, sums, totals_rows, value_text
from cnncalc.render.columns import COLUMNS, TABLE_DEFAULT, Cell
from cnncalc.render.folding import Row, counted, rows
from cnncalc.render.formats import View
from cnncalc.render.plain import COLORS, printable, wrapped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_WIDEST: Final = 100_000
_FOLDING: Final = ("what", "inputs")
_SPARED: Final = ("what", "output")
"""What a terminal that is too narrow does without, one after another, where no columns are asked for."""
_NARROWEST: Final = 10
"""To which a column of words may be folded."""
_SHARED: Final = ("params", "mult_adds", "macs", "activations")


class _Measures(NamedTuple):
    """How the columns go into a width: the cells of a bar and of the gaps between columns."""

    bar: int
    gap: int
    natural: int
    """Cells that all of it takes."""
    widths: list[int]
    folding: Sequence[str]
    """The columns that may be folded: names only where nothing else is left."""

    def narrowest(self, chosen: Sequence[str]) -> int:
        """Cells to which it can be folded: never fewer than the figures have."""
        return self.natural - _foldable(chosen, self.widths, self.folding)


def table(summary: Summary, view: View) -> list[str]:
    """The layers as a table, blocks folded, then the totals.

    As wide as its content where there is no width to keep to.
    """
    chosen = view.columns or TABLE_DEFAULT
    listed = rows(summary, view.depth, len(chosen), view.by)
    headings = [_heading(summary, name) for name in chosen]
    cells = [[_cell(name, row, view.layout) for name in chosen] for row in listed]
    start, last = _start(summary, chosen, view.layout), sums(summary, chosen)
    left = _spare(chosen, [headings, start, last, *cells], view.width) if view.columns is None else []
    kept = [index for index, name in enumerate(chosen) if name not in left]
    chosen, headings, start, last = ([each[i] for i in kept] for each in (chosen, headings, start, last))
    cells = [[line[i] for i in kept] for line in cells]
    measures = _fitted(chosen, [headings, start, last, *cells], view.width)
    folds = measures.natural > (view.width or measures.natural)
    drawn = _folding(chosen, headings, measures) if folds else _whole_lines(chosen, headings, measures)

    def add(line: "Sequence[Text | str]", style: str = "", row: Row | None = None) -> None:
        parts = _with_bars(line, chosen, measures.bar, summary.totals, row)
        drawn.add_row(*(parts if folds else [_beside(parts, chosen, measures)]), style=style)

    if any(start):
        add(start)
    for row, line in zip(listed, cells, strict=True):
        add(line, row=row)
    if any(last):
        drawn.add_section()
        add(last, "bold")

    stream, console = _console(view.color)
    # A terminal may wrap a line, but nothing may be cropped.
    console.width = min(measures.natural, max(view.width or measures.natural, measures.narrowest(chosen)))
    if summary.name:
        console.print(printable(summary.name), style="bold", markup=False, soft_wrap=True)
    console.print(drawn)
    return [_printed(stream, view.color), _totals(summary, view.width), _left_out(left, view.width)]


def _left_out(left: Sequence[str], width: int | None) -> str:
    """What is said of the columns that a terminal has no room for."""
    names = " and ".join(COLUMNS[name].heading for name in left)
    text = f"{names}: in a wider terminal, or with --columns path,{','.join(left)}" if left else ""
    return "".join(f"\n{line}" for line in wrapped(text, 0, width)) + "\n" if left else ""


def _spare(chosen: Sequence[str], lines: "Sequence[Sequence[Text | str]]", width: int | None) -> list[str]:
    """The columns to leave out, one after another, until the rest keeps to the width with no name broken."""
    left = list[str]()
    widths = [max(map(_cells, column)) for column in zip(*lines, strict=True)]
    for name in _SPARED:
        rest = [(each, wide) for each, wide in zip(chosen, widths, strict=True) if each not in left]
        least = sum(min(wide, _NARROWEST) if each in _FOLDING else wide for each, wide in rest) + len(rest) - 1
        if width is not None and least > width:
            left.append(name)
    return left


def _foldable(chosen: Sequence[str], widths: Sequence[int], folding: Sequence[str]) -> int:
    """Cells that the columns which fold can do without."""
    words = zip(chosen, widths, strict=True)
    return sum(max(0, wide - _NARROWEST) for name, wide in words if name in folding)


def _fitted(chosen: Sequence[str], lines: "Sequence[Sequence[Text | str]]", width: int | None) -> _Measures:
    """The widest bars with which the lines keep to the width; if none do, neither bars nor gaps."""
    widths = [max(map(_cells, column)) for column in zip(*lines, strict=True)]
    shared = sum(name in _SHARED for name in chosen)
    for bar, gap in ((8, 1), (4, 1), (0, 1), (0, 0)):
        bars = shared if bar else 0
        natural = sum(widths) + bars * bar + (len(chosen) + bars - 1) * (1 + gap)
        if width is None or natural <= width:
            break
    whole = width is None or natural - _foldable(chosen, widths, _FOLDING) <= width
    return _Measures(bar, gap, natural, widths, _FOLDING if whole else (*_FOLDING, "path"))


def _folding(chosen: Sequence[str], headings: Sequence[str], measures: _Measures) -> "Table":
    """The table with its columns, where those of words fold, and no rows yet."""
    drawn = _empty(measures.gap)
    for name, heading, wide in zip(chosen, headings, measures.widths, strict=True):
        fold = name in measures.folding
        drawn.add_column(
            heading,
            justify="right" if COLUMNS[name].number else "left",
            no_wrap=not fold,
            overflow="fold",
            width=None if fold else wide,
        )
    return drawn


def _whole_lines(chosen: Sequence[str], headings: Sequence[str], measures: _Measures) -> "Table":
    """The table where nothing folds, and no rows yet: rich takes five times as long for cells as for whole lines."""
    from rich.text import Text

    high = max(heading.count("\n") for heading in headings)
    columns = [("\n" * (high - heading.count("\n")) + heading).split("\n") for heading in headings]
    lines = [_beside(_with_bars(line, chosen, measures.bar), chosen, measures) for line in zip(*columns, strict=True)]
    drawn = _empty(measures.gap)
    drawn.add_column(Text("\n").join(lines), width=measures.natural, no_wrap=True)
    return drawn


def _beside(parts: "Iterable[Text | str]", chosen: Sequence[str], measures: _Measures) -> "Text":
    """The cells of one line and their bars, each as wide as its column."""
    from rich.text import Text

    places = list[tuple[int, bool]]()
    for name, wide in zip(chosen, measures.widths, strict=True):
        places.append((wide, COLUMNS[name].number))
        if measures.bar and name in _SHARED:
            places.append((measures.bar, False))
    line, gap = Text(), " " * (1 + measures.gap)
    for index, (part, (wide, right)) in enumerate(zip(parts, places, strict=True)):
        blank = " " * (wide - _cells(part))
        line.append(gap if index else "").append(blank if right else "").append(part).append("" if right else blank)
    return line


def _empty(gap: int) -> "Table":
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, gap, 0, 0))


def _heading(summary: Summary, name: str) -> str:
    heading = COLUMNS[name].heading
    return f"{heading}\n{summary.counting}" if name == "mult_adds" else heading


def _start(summary: Summary, chosen: Sequence[str], layout: str) -> list[str]:
    """The row of the network's input, where the table has a column for it."""
    if "output" not in chosen:
        return [""] * len(chosen)
    volume = value_text(summary.input and summary.input.text(layout))
    return [{"path": "input", "output": volume}.get(name, "") for name in chosen]


def _cells(text: "Text | str") -> int:
    """Terminal cells of the longest line."""
    from rich.cells import cell_len

    return max(map(cell_len, str(text).split("\n")))


def _with_bars(
    cells: "Sequence[Text | str]", chosen: Sequence[str], bar: int, totals: Totals | None = None, row: Row | None = None
) -> "Iterator[Text | str]":
    """The cells of a line, with a row's share of the totals after each figure that has a bar of that width."""
    from rich.text import Text

    for name, cell in zip(chosen, cells, strict=True):
        yield cell
        if bar and name in _SHARED:
            share = ""
            if totals and row and any(counted(layer, name) for layer in row.layers):
                share = _bar(row.cell(name, "hwc"), getattr(totals, name), bar)
            yield Text(share, "cyan")


def _cell(name: str, row: Row, layout: str) -> "Text":
    from rich.text import Text

    value, misfit = cell_text(name, row, layout)
    return Text.assemble(value, (misfit, COLORS[WARNING] if row.warns else "")) if misfit else Text(value)


def _bar(value: Cell, total: int | None, width: int) -> str:
    """The share as a bar; the least that is not nothing still shows."""
    if not isinstance(value, int) or not total:
        return ""
    eighths = -(-value * width * 8 // total)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _totals(summary: Summary, width: int | None) -> str:
    """The totals, a line each; a remark that the terminal has no room for stands below."""
    rows = totals_rows(summary)
    if not rows:
        return "The totals are unknown until the errors are mended.\n"
    wide = max(len(figure) for _, figure, _ in rows)
    lines = list[str]()
    for name, figure, remark in rows:
        line = f"{name:<12} {figure:>{wide}}"
        if width is None or len(line) + 2 + len(remark) <= width:
            lines.append(f"{line}  {remark}".rstrip())
        else:
            lines += [line.rstrip(), *(f"    {text}" for text in wrapped(remark, 4, width))]
    return "\n" + "".join(f"{line}\n" for line in lines)


def zoo_table(networks: Sequence[tuple[str, Summary]], width: int | None, color: bool) -> str:
    """The bundled specifications by task, a line each: name, input, parameters and macs.

    Where the terminal has no room for the inputs it goes without them, and says so.
    """
    columns = [*zip(("name", "input", "parameters", "macs"), *_by_task(networks), strict=True)]
    left = width is not None and _side_by_side(columns) > width
    if left:
        del columns[1]
    stream, console = _console(color)
    console.width = _side_by_side(columns)
    drawn = _empty(1)
    for heading, *cells in columns:
        number = heading in ("parameters", "macs")
        wide = max(map(len, (heading, *cells)))
        drawn.add_column(heading, justify="right" if number else "left", width=wide, no_wrap=True)
    for line in zip(*(cells for _, *cells in columns), strict=True):
        drawn.add_row(*map(printable, line))
    console.print(drawn)
    return _printed(stream, color) + ("\ninput: in a wider terminal, or with --json\n" if left else "")


def _side_by_side(columns: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) for column in columns) + 2 * (len(columns) - 1)


def _by_task(networks: Sequence[tuple[str, Summary]]) -> Iterator[tuple[str, str, str, str]]:
    for task in sorted({one.task or "" for _, one in networks}):
        yield task, "", "", ""
        for name, one in networks:
            if (one.task or "") == task:
                yield f"  {name}", str(one.input), value_text(one.totals.params), value_text(one.totals.macs)


def _console(color: bool) -> "tuple[StringIO, Console]":
    """A console that writes into a string, with or without colours whatever the terminal is."""
    from rich.console import Console

    stream = StringIO()
    return stream, Console(
        file=stream,
        width=_WIDEST,
        height=25,  # without it rich takes 80 columns for a terminal it thinks dumb, whatever the width
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        legacy_windows=False,
    )


def _printed(stream: StringIO, color: bool) -> str:
    """What the console has written, without blanks at the ends of lines; colours may need them."""
    lines = stream.getvalue().split("\n")
    return "\n".join(lines if color else map(str.rstrip, lines))
