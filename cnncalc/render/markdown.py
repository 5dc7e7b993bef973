"""The table of a summary in markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.figures.analysis import Summary
from cnncalc.render.cells import cell_text, heading_text, sums
from cnncalc.render.columns import COLUMNS, TABLE_DEFAULT
from cnncalc.render.folding import rows
from cnncalc.render.formats import View


def markdown(summary: Summary, view: View) -> Iterator[str]:
    """The layers as a markdown table, blocks folded, with a row of totals."""
    chosen = view.columns or TABLE_DEFAULT
    yield line(heading_text(name, summary.counting) for name in chosen)
    yield line("---:" if COLUMNS[name].number else "---" for name in chosen)
    for row in rows(summary, view.depth, len(chosen), view.by):
        cells = ("".join(cell_text(name, row, view.layout)) for name in chosen)
        yield line(text.replace("  ", "&nbsp;&nbsp;") for text in cells)
    totals = sums(summary, chosen)
    if any(totals):
        yield line(f"**{text}**" if text else "" for text in totals)


def line(cells: Iterable[str]) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
