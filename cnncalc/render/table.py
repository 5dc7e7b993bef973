"""The table of a summary for people, in the terminal and as markdown. The only importer of rich."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final

from cnncalc.analysis import LayerSummary, Summary
from cnncalc.render.columns import COLUMNS, SUMMED, TABLE_DEFAULT, Cell, misfit
from cnncalc.render.plain import printable, size

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_WIDEST: Final = 100_000
_SHARED: Final = ("params", "mult_adds", "macs", "activations")


def table(summary: Summary, columns: Sequence[str] | None, layout: str, width: int | None, color: bool) -> str:
    """The layers as a table, then the totals. As wide as its content where `width` is None."""
    from rich.console import Console

    chosen = columns or TABLE_DEFAULT
    stream = StringIO()
    console = Console(
        file=stream, width=_WIDEST, force_terminal=color, no_color=not color, highlight=False, legacy_windows=False
    )
    for bar, gap in ((8, 1), (4, 1), (0, 1), (0, 0)):
        drawn = _draw(summary, chosen, layout, bar, gap, folds=width is not None)
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


def _draw(summary: Summary, chosen: Sequence[str], layout: str, bar: int, gap: int, folds: bool) -> Table:
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
        row: list[str] = [
            "input" if n == "path" else (_text(summary.input and summary.input.text(layout)) if n == "output" else "")
            for n in chosen
        ]
        drawn.add_row(*_with_bars(row, chosen, bar))
    for layer in summary.layers:
        cells: list[Text | str] = []
        for name in chosen:
            cells.append(_cell(name, layer, layout))
            if bar and name in _SHARED:
                cells.append(Text(_bar(COLUMNS[name].cell(layer, layout), totals[name], bar), "cyan"))
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


def _cell(name: str, layer: LayerSummary, layout: str) -> Text | str:
    from rich.text import Text

    value = _text(COLUMNS[name].cell(layer, layout), blank=name in ("what", "fit"))
    fraction = misfit(layer)
    if name == "what" and fraction:
        quiet = layer.figures is None or layer.figures.misfit is None
        return Text.assemble(value, ", ", (fraction, "" if quiet else "yellow"))
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


def markdown(summary: Summary, columns: Sequence[str] | None, layout: str) -> str:
    """The layers as a markdown table with a row of totals."""
    chosen = columns or TABLE_DEFAULT
    headings = [
        f"{COLUMNS[n].heading} ({summary.counting})" if n == "mult_adds" else COLUMNS[n].heading for n in chosen
    ]
    rows = [headings, ["---:" if COLUMNS[name].number else "---" for name in chosen]]
    for layer in summary.layers:
        cells = []
        for name in chosen:
            cell = _text(COLUMNS[name].cell(layer, layout), blank=name in ("what", "fit"))
            fraction = misfit(layer) if name == "what" else None
            cells.append(f"{cell}, {fraction}" if fraction else cell)
        rows.append(cells)
    if any(name in SUMMED for name in chosen):
        totals = summary.totals._asdict()
        sums = [f"**{_text(totals[name])}**" if name in SUMMED else "" for name in chosen]
        sums[0] = sums[0] or "**total**"
        rows.append(sums)
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)
