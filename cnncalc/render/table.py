"""The table of a summary for people, in the terminal and as markdown. The only importer of rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final

from cnncalc.figures.analysis import Summary, Totals
from cnncalc.layers.figures import SUMMED
from cnncalc.render.columns import COLUMNS, TABLE_DEFAULT, Cell
from cnncalc.render.folding import Row, counted, rows
from cnncalc.render.plain import printable, size

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_WIDEST: Final = 100_000
_LONGEST: Final = 2_000
_FOLDING: Final = ("path", "what", "inputs")
_SOURCE, _SOURCES = 20, 80
"""To which the sources of the bundled specifications may be folded, and of how much of them, in a terminal."""
_NARROWEST: Final = 10
"""To which a column of words may be folded."""
_SHARED: Final = ("params", "mult_adds", "macs", "activations")


def table(
    summary: Summary, columns: Sequence[str] | None, layout: str, depth: int | None, width: int | None, color: bool
) -> str:
    """The layers as a table, blocks folded to `depth`, then the totals.

    As wide as its content where `width` is None.
    """
    chosen = columns or TABLE_DEFAULT
    listed = rows(summary, depth, len(chosen))
    headings = [_heading(summary, name) for name in chosen]
    cells = [[_cell(name, row, layout) for name in chosen] for row in listed]
    start, sums = _start(summary, chosen, layout), _sums(summary, chosen)
    widths = [max(map(_cells, column)) for column in zip(headings, start, sums, *cells, strict=True)]
    shared = sum(name in _SHARED for name in chosen)
    for bar, gap in ((8, 1), (4, 1), (0, 1), (0, 0)):
        bars = shared if bar else 0
        natural = sum(widths) + bars * bar + (len(chosen) + bars - 1) * (1 + gap)
        if width is None or natural <= width:
            break

    from rich import box
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, gap, 0, 0))
    for name, heading, wide in zip(chosen, headings, widths, strict=True):
        # Measuring every cell is most of rich's work on a long table, so the widths are given where none folds.
        fold = natural > (width or natural) and name in _FOLDING
        drawn.add_column(
            heading,
            justify="right" if COLUMNS[name].number else "left",
            no_wrap=not fold,
            overflow="fold",
            width=None if fold else wide,
        )
        if bar and name in _SHARED:
            drawn.add_column("", width=bar, no_wrap=True)
    if any(start):
        drawn.add_row(*_with_bars(start, chosen, bar))
    for row, line in zip(listed, cells, strict=True):
        drawn.add_row(*_with_bars(line, chosen, bar, summary.totals, row))
    if any(sums):
        drawn.add_section()
        drawn.add_row(*_with_bars(sums, chosen, bar), style="bold")

    stream, console = _console(color)
    # Never narrower than the figures are: a terminal may wrap a line, but nothing may be cropped.
    spare = sum(max(0, w - _NARROWEST) for name, w in zip(chosen, widths, strict=True) if name in _FOLDING)
    console.width = min(natural, max(width or natural, natural - spare))
    if summary.name:
        console.print(printable(summary.name), style="bold", markup=False, soft_wrap=True)
    console.print(drawn)
    lines = stream.getvalue().split("\n")
    return "\n".join(lines if color else map(str.rstrip, lines)) + _totals(summary)


def _heading(summary: Summary, name: str) -> str:
    heading = COLUMNS[name].heading
    return f"{heading}\n{summary.counting}" if name == "mult_adds" else heading


def _start(summary: Summary, chosen: Sequence[str], layout: str) -> list[str]:
    """The row of the network's input, where the table has a column for it."""
    if "output" not in chosen:
        return [""] * len(chosen)
    volume = _text(summary.input and summary.input.text(layout))
    return [{"path": "input", "output": volume}.get(name, "") for name in chosen]


def _sums(summary: Summary, chosen: Sequence[str]) -> list[str]:
    """The row of totals, where the table has a column with one."""
    totals = summary.totals
    sums = [_text(totals[name]) if name in SUMMED else "" for name in chosen]
    if any(sums):
        sums[0] = sums[0] or "total"
    return sums


def _cells(text: Text | str) -> int:
    """Terminal cells of the longest line."""
    from rich.cells import cell_len

    return max(map(cell_len, str(text).split("\n")))


def _with_bars(
    cells: Sequence[Text | str], chosen: Sequence[str], bar: int, totals: Totals | None = None, row: Row | None = None
) -> Iterator[Text | str]:
    """The cells of a line, with a row's share of the totals after each figure that has a bar of that width."""
    from rich.text import Text

    for name, cell in zip(chosen, cells, strict=True):
        yield cell
        if bar and name in _SHARED:
            share = ""
            if totals and row and any(counted(layer, name) for layer in row.layers):
                share = _bar(row.cell(name, "hwc"), getattr(totals, name), bar)
            yield Text(share, "cyan")


def _cell(name: str, row: Row, layout: str) -> Text | str:
    from rich.text import Text

    if not row.layers and name not in ("path", "what"):
        return ""
    value = _text(row.cell(name, layout), blank=name in ("what", "fit"))
    if len(value) > _LONGEST:  # the inputs of a join of thousands: rich would be at it for seconds
        value = f"{value[: _LONGEST - 1]}…"
    if name in SUMMED and not any(counted(layer, name) for layer in row.layers):
        figures = [COLUMNS[name].cell(layer, layout) for layer in row.layers]
        return "(?)" if None in figures else f"({sum(n for n in figures if isinstance(n, int)):,})"
    if name == "what" and row.fraction:
        return Text.assemble(value, ", " if value else "", (row.fraction, "yellow" if row.warns else ""))
    if name == "what" and row.warns:
        return Text.assemble(value, ", ", ("a stride does not fit", "yellow"))
    return Text(value)


def _text(value: Cell, blank: bool = False) -> str:
    if value is None:
        return "" if blank else "?"
    return f"{value:,}" if isinstance(value, int) else printable(value)


def _bar(value: Cell, total: int | None, width: int) -> str:
    """The share as a bar; the least that is not nothing still shows."""
    if not isinstance(value, int) or not total:
        return ""
    eighths = -(-value * width * 8 // total)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _totals(summary: Summary) -> str:
    totals = summary.totals
    batch = f", batch of {summary.batch}" if summary.batch > 1 else ""
    if totals.params is None or totals.mult_adds is None or totals.macs is None or totals.activations is None:
        return "The totals are unknown until the errors are mended.\n"
    assert totals.params_bytes is not None
    assert totals.activations_bytes is not None
    assert totals.input_bytes is not None
    rows = [
        ("parameters", f"{totals.params:,}", size(totals.params_bytes)),
        ("mult-adds", f"{totals.mult_adds:,}", f"{summary.counting} counting{batch}"),
        ("macs", f"{totals.macs:,}", f"conv and fc, weights only{batch}"),
        (
            "activations",
            f"{totals.activations:,}",
            f"{size(totals.activations_bytes)}{batch}; input {size(totals.input_bytes)}",
        ),
    ]
    if totals.buffers:
        rows.insert(1, ("buffers", f"{totals.buffers:,}", "running statistics, not learned"))
    wide = max(len(figure) for _, figure, _ in rows)
    lines = [f"{name:<12} {figure:>{wide}}  {remark}".rstrip() for name, figure, remark in rows]
    return "\n" + "\n".join(lines) + "\n" + f"{'':12} {'':>{wide}}  sizes at 4 bytes a number\n"


def zoo_table(networks: Sequence[tuple[str, Summary]], width: int | None, color: bool) -> str:
    """The bundled specifications: name, input, parameters, macs and source."""
    from rich import box
    from rich.table import Table

    stream, console = _console(color)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for heading in ("name", "input", "parameters", "macs", "source"):
        number = heading in ("parameters", "macs")
        folds = heading == "source" and width is not None
        drawn.add_column(heading, justify="right" if number else "left", no_wrap=not folds, overflow="fold")
    for name, one in networks:
        source = one.source or ""
        if width is not None and len(source) > _SOURCES:  # the whole of it is in the specification
            source = f"{source[: _SOURCES - 1]}…"
        cells = (name, str(one.input), _text(one.totals.params), _text(one.totals.macs), source)
        drawn.add_row(*map(printable, cells))
    natural = drawn.__rich_measure__(console, console.options).maximum
    sources = max(len(one.source or "") for _, one in networks)
    console.width = min(natural, max(width or natural, natural - min(sources, _SOURCES) + _SOURCE))
    console.print(drawn)
    lines = stream.getvalue().split("\n")
    return "\n".join(lines if color else map(str.rstrip, lines))


def _console(color: bool) -> tuple[StringIO, Console]:
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


def markdown(summary: Summary, columns: Sequence[str] | None, layout: str, depth: int | None) -> str:
    """The layers as a markdown table, blocks folded to `depth`, with a row of totals."""
    chosen = columns or TABLE_DEFAULT
    headings = [
        f"{COLUMNS[n].heading} ({summary.counting})" if n == "mult_adds" else COLUMNS[n].heading for n in chosen
    ]
    lines = [headings, ["---:" if COLUMNS[name].number else "---" for name in chosen]]
    for row in rows(summary, depth, len(chosen)):
        cells = [str(_cell(name, row, layout)).replace("  ", "&nbsp;&nbsp;") for name in chosen]
        lines.append(cells)
    sums = _sums(summary, chosen)
    if any(sums):
        lines.append([f"**{cell}**" if cell else "" for cell in sums])
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
