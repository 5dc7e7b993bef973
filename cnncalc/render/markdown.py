"""The table of a summary in markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cnncalc.figures.analysis import Summary
from cnncalc.render.cells import cell_text, heading_text, sums
from cnncalc.render.columns import COLUMNS, TABLE_DEFAULT
from cnncalc.render.folding import rows
from cnncalc.render.formats import View

_SIGNS: Final = r"[\\`*<>&~|\[\]]|(?<![^\W_])_|_(?![^\W_])"
"""What makes markdown, or HTML in it, of a text; a `_` within a word makes nothing."""


def markdown(summary: Summary, view: View) -> Iterator[str]:
    """The layers as a markdown table, blocks folded, with a row of totals."""
    chosen = view.columns or TABLE_DEFAULT
    yield line(safe(heading_text(name, summary.counting)) for name in chosen)
    yield line("---:" if COLUMNS[name].number else "---" for name in chosen)
    for row in rows(summary, view.depth, len(chosen), view.by):
        cells = (safe("".join(cell_text(name, row, view.layout))) for name in chosen)
        yield line(text.replace("  ", "&nbsp;&nbsp;") for text in cells)
    totals = sums(summary, chosen)
    if any(totals):
        yield line(f"**{safe(text)}**" if text else "" for text in totals)


def line(cells: Iterable[str]) -> str:
    """A row of a table, of cells in markdown."""
    return f"| {' | '.join(cells)} |\n"


def safe(text: str) -> str:
    """The text such that markdown shows it as it is: `<stdin>` would otherwise be a tag, and vanish."""
    return re.sub(_SIGNS, r"\\\g<0>", text)
