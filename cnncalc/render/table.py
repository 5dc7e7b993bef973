"""The table of a summary for people, in the terminal and as markdown. The only importer of rich."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final

from cnncalc.analysis import Summary
from cnncalc.render.columns import COLUMNS, SUMMED, TABLE_DEFAULT, Cell
from cnncalc.render.folding import Row, counted, rows
from cnncalc.render.plain import printable, size

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_WIDEST: Final = 100_000
_SHARED: Final = ("params", "mult_adds", "macs", "activations")


def table(
    summary: Summary, columns: Sequence[str] | None, layout: str, depth: int | None, width: int | None, color: bool
) -> str:
    """The layers as a table, blocks folded to `depth`, then the totals.

    As wide as its content where `width` is None.
    """
    chosen = columns or TABLE_DEFAULT
    listed = rows(summary, depth)
    stream, console = _console(color)
    for bar, gap in ((8, 1), (4, 1), (0, 1), (0, 0)):
        drawn = _draw(summary, listed, chosen, layout, bar, gap, folds=width is not None)
        least, natural = _widths(drawn, console)
        if width is None or natural <= width:
            break
    # Never narrower than the figures are: a terminal may wrap a line, but nothing may be cropped.
    console.width = min(natural, max(width or natural, least))
    if summary.name:
        console.print(printable(summary.name), style="bold", markup=False, soft_wrap=True)
    console.print(drawn)
    lines = stream.getvalue().split("\n")
    return "\n".join(lines if color else map(str.rstrip, lines)) + _totals(summary)


def _widths(drawn: Table, console: Console) -> tuple[int, int]:
    """The least width without cropping a word, and the width without wrapping."""
    measured = drawn.__rich_measure__(console, console.options.update(max_width=_WIDEST))
    return measured.minimum, measured.maximum


def _draw(
    summary: Summary, listed: list[Row], chosen: Sequence[str], layout: str, bar: int, gap: int, folds: bool
) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, gap, 0, 0))
    for name in chosen:
        column = COLUMNS[name]
        heading = f"{column.heading}\n{summary.counting}" if name == "mult_adds" else column.heading
        fold = folds and name in ("what", "path", "inputs")
        drawn.add_column(heading, justify="right" if column.number else "left", no_wrap=not fold, overflow="fold")
        if bar and name in _SHARED:
            drawn.add_column("", width=bar, no_wrap=True)
    totals = summary.totals._asdict()
    if "output" in chosen:
        first: list[str] = [
            "input" if n == "path" else (_text(summary.input and summary.input.text(layout)) if n == "output" else "")
            for n in chosen
        ]
        drawn.add_row(*_with_bars(first, chosen, bar))
    for row in listed:
        cells: list[Text | str] = []
        for name in chosen:
            cells.append(_cell(name, row, layout))
            if bar and name in _SHARED:
                known = all(counted(layer, name) for layer in row.layers)
                cells.append(Text(_bar(row.cell(name, layout) if known else None, totals[name], bar), "cyan"))
        drawn.add_row(*cells)
    if any(name in SUMMED for name in chosen):
        drawn.add_section()
        sums = [_text(totals[name]) if name in SUMMED else "" for name in chosen]
        sums[0] = sums[0] or "total"
        drawn.add_row(*_with_bars(sums, chosen, bar), style="bold")
    return drawn


def _with_bars(cells: Sequence[str], chosen: Sequence[str], bar: int) -> list[str]:
    return [
        part
        for name, cell in zip(chosen, cells, strict=True)
        for part in ((cell, "") if bar and name in _SHARED else (cell,))
    ]


def _cell(name: str, row: Row, layout: str) -> Text | str:
    from rich.text import Text

    if not row.layers and name not in ("path", "what"):
        return ""
    value = _text(row.cell(name, layout), blank=name in ("what", "fit"))
    if name in SUMMED and not all(counted(layer, name) for layer in row.layers):
        return f"({_text(COLUMNS[name].cell(row.layers[0], layout))})" if row.single else ""
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
        drawn.add_column(heading, justify="right" if number else "left", no_wrap=heading != "source" or width is None)
    for name, one in networks:
        cells = (name, str(one.input), _text(one.totals.params), _text(one.totals.macs), one.source or "")
        drawn.add_row(*map(printable, cells))
    least, natural = _widths(drawn, console)
    console.width = min(natural, max(width or natural, least))
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
    for row in rows(summary, depth):
        cells = [str(_cell(name, row, layout)).replace("  ", "&nbsp;&nbsp;") for name in chosen]
        lines.append(cells)
    if any(name in SUMMED for name in chosen):
        totals = summary.totals._asdict()
        sums = [f"**{_text(totals[name])}**" if name in SUMMED else "" for name in chosen]
        sums[0] = sums[0] or "**total**"
        lines.append(sums)
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
