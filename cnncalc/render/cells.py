"""The cells of a table as text, for the terminal and for markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnncalc.figures.analysis import Summary
from cnncalc.findings import plural
from cnncalc.layers.figures import DTYPE, SUMMED
from cnncalc.render.columns import COLUMNS, Cell
from cnncalc.render.folding import Row, counted
from cnncalc.render.plain import printable, size

_LONGEST: Final = 2_000
_TOTALS: Final = {"peak_bytes": "peak memory (bytes)"}
"""Headings of the totals that no column has."""


def heading_text(name: str, counting: str) -> str:
    """The heading of a column, or of a total, on one line; mult-adds are those of a convention."""
    heading = COLUMNS[name].heading if name in COLUMNS else _TOTALS.get(name, name)
    return f"{heading} ({counting})" if name == "mult_adds" else heading


def cell_text(name: str, row: Row, layout: str) -> tuple[str, str]:
    """A row's cell in a column, and the misfit that is said at its end."""
    if not row.layers and name not in ("path", "what"):
        return "", ""
    if name in SUMMED and not any(counted(layer, name) for layer in row.layers):
        figures = [COLUMNS[name].cell(layer, layout) for layer in row.layers]
        return "(?)" if None in figures else f"({sum(n for n in figures if isinstance(n, int)):,})", ""
    value = value_text(row.cell(name, layout), blank=name in ("what", "fit"))
    if len(value) > _LONGEST:  # the inputs of a join of thousands: rich would be at it for seconds
        value = f"{value[: _LONGEST - 1]}…"
    misfit = (row.fraction or ("a stride does not fit" if row.warns else "")) if name == "what" else ""
    return f"{value}, " if value and misfit else value, misfit


def value_text(value: Cell, blank: bool = False) -> str:
    """The value for people; of one that is unknown a question mark, or nothing."""
    if value is None:
        return "" if blank else "?"
    return f"{value:,}" if isinstance(value, int) else printable(value)


def totals_rows(summary: Summary) -> list[tuple[str, str, str]]:
    """What a network comes to: the name of each total, its figure, and a remark; nothing where they are unknown."""
    totals = summary.totals
    batch = f", batch of {summary.batch}" if summary.batch > 1 else ""
    if totals.params is None or totals.mult_adds is None or totals.macs is None or totals.activations is None:
        return []
    assert totals.params_bytes is not None
    assert totals.activations_bytes is not None
    assert totals.input_bytes is not None
    rows = [("parameters", f"{totals.params:,}", size(totals.params_bytes))]
    if totals.buffers:
        rows.append(("buffers", f"{totals.buffers:,}", "kept, not learned"))
    rows.append(("mult-adds", f"{totals.mult_adds:,}", f"{summary.counting} counting{batch}"))
    rows.append(("macs", f"{totals.macs:,}", f"conv and fc, weights only{batch}"))
    held = f"{size(totals.activations_bytes)}{batch}; input {size(totals.input_bytes)}"
    rows.append(("activations", f"{totals.activations:,}", held))
    if totals.peak_bytes is not None:
        at = f" at {printable(totals.peak_at)}" if totals.peak_at else ""
        numbers = totals.peak_bytes // summary.number_bytes
        rows.append(("peak memory", f"{numbers:,}", f"{size(totals.peak_bytes)}{at}{batch}"))
    each = f"sizes at {plural(summary.number_bytes, 'byte')} a number"
    return [*rows, ("", "", each if summary.dtype == DTYPE else f"{each}, {summary.dtype}")]


def sums(summary: Summary, chosen: Sequence[str]) -> list[str]:
    """The row of totals, where the table has a column with one."""
    totals = summary.totals
    cells = [value_text(totals[name]) if name in SUMMED else "" for name in chosen]
    if any(cells):
        cells[0] = cells[0] or "total"
    return cells
