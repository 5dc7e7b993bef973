"""A window over a matrix: its map and its working as text, the map as CSV and for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cnncalc.arithmetic import Window
from cnncalc.convolving import MAX, Convolved, Term
from cnncalc.exact import Number, plain, written
from cnncalc.findings import outcome
from cnncalc.render.plain import wrapped
from cnncalc.render.working import few
from cnncalc.volume import AXES

_SHOWN: Final = 20
"""Rows and columns of the map; of more of them the first and the last."""
_SUMS: Final = 36
_TERMS: Final = 36
"""Of one sum."""


def convolved_text(one: Convolved, width: int | None) -> Iterator[str]:
    """How large the map is, the map, and how each of its numbers comes about."""
    rows, columns = one.shape
    yield from _sizes(one)
    yield "\n"
    most = min(columns, _SHOWN)
    lines = [*_map(one, few(rows, _SHOWN), few(columns, most))]
    while width is not None and most > 3 and max(map(len, lines)) > width + 1:
        most -= 1
        lines = [*_map(one, few(rows, _SHOWN), few(columns, most))]
    yield from lines
    yield "\n"
    yield from _sums(one, few(rows * columns, _SUMS), width)
    if rows > _SHOWN or columns > most:
        yield f"\n{rows:,} x {columns:,} numbers; `--format csv` has them all\n"


def _sizes(one: Convolved) -> Iterator[str]:
    lines = [*one.layer.sliding_working(one.volume)]
    labels = max(len(label) for label, _ in lines)
    yield from (f"{label:<{labels}}  {text}\n" for label, text in lines)
    alike: dict[Window, list[tuple[str, Window]]] = {}
    for axis, window in zip(AXES[2], one.windows, strict=True):
        if window.remainder:
            alike.setdefault(window, []).append((axis, window))
    yield from (f"{'':<{labels}}  {outcome(group)}\n" for group in alike.values())


def _map(one: Convolved, rows: Sequence[int | None], columns: Sequence[int | None]) -> Iterator[str]:
    """The numbers in columns, those left out as dots."""
    cells = [
        ["⋮" if row is None else "…" if column is None else written(one.value(row, column)) for column in columns]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) + "\n"


def _sums(one: Convolved, positions: Sequence[int | None], width: int | None) -> Iterator[str]:
    """A line for each window, in which its number is worked out."""
    _, columns = one.shape
    places = [None if position is None else divmod(position, columns) for position in positions]
    labels = ["⋮" if place is None else f"row {place[0] + 1}, column {place[1] + 1}" for place in places]
    wide = max(map(len, labels))
    for label, place in zip(labels, places, strict=True):
        text = "" if place is None else f"{_sum(one, one.terms(*place))} = {written(one.value(*place))}"
        for part in wrapped(text, wide + 2, width):
            yield f"{label:<{wide}}  {part}".rstrip() + "\n"
            label = ""


def _sum(one: Convolved, terms: Sequence[Term]) -> str:
    """`1·1 + 0·(-1)`, `max(1, 0)` or `(1 + 0)/2`, with dots for the middle where it is long."""
    if one.pool == MAX:
        terms = [term for term in terms if not term.padding]
    kept = [None if index is None else terms[index] for index in few(len(terms), _TERMS)]
    if one.pool == MAX:
        return f"max({', '.join('…' if term is None else written(term.value) for term in kept)})"
    if one.pool:
        return f"({' + '.join('…' if term is None else _factor(term.value) for term in kept)})/{one.taps}"
    products = ("…" if term is None else f"{_factor(term.value)}·{_factor(term.weight)}" for term in kept)
    return " + ".join(products)


def _factor(number: Number) -> str:
    """The number as it stands in a sum or a product."""
    text = written(number)
    return f"({text})" if "/" in text or text.startswith("-") else text


def convolved_csv(one: Convolved) -> Iterator[str]:
    """The map, a line for each row; `convolve` reads it again."""
    yield from (f"{','.join(map(written, row))}\n" for row in one.output)


def convolved_dict(one: Convolved) -> dict[str, object]:
    """The map and what made it, for other programs; fractions that do not end as decimals are texts."""
    windows = one.windows
    return {
        "schema": "cnncalc.convolve/1",
        "operation": f"{one.pool}_pool" if one.pool else "conv",
        "input_shape": list(one.matrix.shape),
        "kernel": [window.kernel for window in windows],
        "stride": [window.stride for window in windows],
        "padding": [[window.before, window.after] for window in windows],
        "dilation": [window.dilation for window in windows],
        "fits": [window.fits for window in windows],
        "output_shape": list(one.shape),
        "output": [list(map(plain, row)) for row in one.output],
    }
