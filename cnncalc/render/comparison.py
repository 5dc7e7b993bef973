"""A comparison of networks as text, as markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Final, TypeAlias

from cnncalc.arithmetic import decimal
from cnncalc.compare import Change, changes, comparable
from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import plural
from cnncalc.layers.figures import STATED
from cnncalc.render.cells import heading_text
from cnncalc.render.columns import what
from cnncalc.render.markdown import line, safe
from cnncalc.render.plain import painted, printable, wrapped

Cell: TypeAlias = list[str]
"""Its lines."""
_STYLES: Final = {"- ": "red", "+ ": "green"}


def comparison(networks: Sequence[Summary], width: int | None, color: bool) -> Iterator[str]:
    """The totals beside those of the first network, then for each other one the layers that differ."""
    tables = _fitted(list(_rows(networks)), width)
    yield "\n".join("".join(f"{text}\n" for text in _aligned(table)) for table in tables)
    for sign, text in _layers(networks):
        before, indent = (sign, "    ") if sign else ("\n", "")
        for part in wrapped(text, len(indent), width):
            yield painted(before + part, _STYLES.get(sign, ""), color and sign in _STYLES) + "\n"
            before = indent


def markdown(networks: Sequence[Summary]) -> Iterator[str]:
    """The totals as a table in markdown; for each other network the layers that differ, as a diff."""
    heading, *rows = _rows(networks)
    yield line(map(safe, heading))
    yield line(["---", *["---:"] * len(networks)])
    for row in rows:
        yield line(map(safe, row))
    for signed, part in groupby(_layers(networks), key=lambda each: bool(each[0])):
        lines = "".join(f"{sign}{text}\n" for sign, text in part)
        yield f"\n```diff\n{lines}```\n" if signed else "".join(f"\n{safe(text)}\n" for text in lines.splitlines())


def _rows(networks: Sequence[Summary]) -> Iterator[list[str]]:
    first = networks[0]
    yield ["", *(_title(network) for network in networks)]
    for figure in (*STATED, "peak_bytes"):
        base, *given = [network.totals[figure] if comparable(network, network) else None for network in networks]
        heading = heading_text(figure, first.counting)
        yield [heading, _number(base), *(_beside(value, base) for value in given)]
    yield ["input", *(str(network.input or "?") for network in networks)]
    yield ["output", *(str(network.output or "?") for network in networks)]


def _fitted(rows: Sequence[Sequence[str]], width: int | None) -> Iterator[list[list[Cell]]]:
    """The rows as one table; where that exceeds the width, with differences on lines of their own, or in several tables."""
    whole = [[[cell] for cell in row] for row in rows]
    if width is None or max(map(len, _aligned(whole))) <= width:
        yield whole
        return
    titles, *figures = rows
    cells = [[cell.replace(" (", "\n(").splitlines() for cell in row] for row in figures]
    widths = _widths(cells)
    for columns in _parts(widths, width):
        heading, spare = [], max(0, width - _wide(widths, columns))
        for column in columns:
            room = min(spare, max(0, len(titles[column]) - widths[column]))
            heading.append(_pieces(titles[column], widths[column] + room))
            spare -= room
        yield [heading, *([row[column] for column in columns] for row in cells)]


def _parts(widths: Sequence[int], width: int) -> Iterator[list[int]]:
    """The columns of each table: the labels, the first network, and as many others as the width has room for."""
    columns = [0, 1]
    for column in range(2, len(widths)):
        if len(columns) > 2 and _wide(widths, [*columns, column]) > width:
            yield columns
            columns = [0, 1]
        columns.append(column)
    yield columns


def _wide(widths: Sequence[int], columns: Sequence[int]) -> int:
    return sum(widths[column] + 2 for column in columns) - 2


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [max(len(text) for cell in column for text in cell) for column in zip(*rows, strict=True)]


def _pieces(text: str, width: int) -> Cell:
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


def _aligned(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """The rows as lines: the first column to the left, the others to the right."""
    wide, *widths = _widths(rows)
    for row in rows:
        for label, *cells in zip_longest(*row, fillvalue=""):
            parts = [label.ljust(wide), *(cell.rjust(w) for cell, w in zip(cells, widths, strict=True))]
            yield "  ".join(parts).rstrip()


def _title(network: Summary) -> str:
    return printable(network.file)


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _beside(value: int | None, base: int | None) -> str:
    if value is None or base is None or value == base:
        return _number(value)
    ratio = f", x{_ratio(value, base)}" if base else ""
    return f"{value:,} ({value - base:+,}{ratio})"


def _ratio(value: int, base: int) -> str:
    """A quotient to two decimals, and to as many more as show that it is not 1: 0.9997."""
    text, digits = decimal(value, base), 2
    while text == "1":
        digits += 1
        scaled = (2 * 10**digits * value + base) // (2 * base)
        whole, rest = divmod(scaled, 10**digits)
        text = f"{whole}.{rest:0{digits}}" if rest else "1"
    return text


def _layers(networks: Sequence[Summary]) -> Iterator[tuple[str, str]]:
    """Lines with their signs: for each other network, without a sign, how many differ, and with one the layers."""
    first, *others = networks
    for other in others:
        if not comparable(first, other):
            unread = " and ".join(_title(one) for one in (first, other) if not comparable(one, one))
            yield "", f"{_title(first)} and {_title(other)}: not compared, as {unread} cannot be read"
            continue
        found = changes(first, other)
        verb = "differs" if len(found) == 1 else "differ"
        yield (
            "",
            f"{_title(first)} and {_title(other)}: "
            + (f"{plural(len(found), 'layer')} {verb}" if found else "the same layers"),
        )
        rest = len(first.layers)
        for before, after, alike in found:
            rest -= alike + (before is not None)
            if alike:
                yield "  ", f"… {alike} alike"
            for sign, layer in (("- ", before), ("+ ", after)):
                if layer is not None:
                    yield sign, _line(layer)
        if found and rest:
            yield "  ", f"… {rest} alike"


def _line(layer: LayerSummary) -> str:
    said = what(layer)
    figures = f"{_number(layer.params)} parameters, {_number(layer.mult_adds)} mult-adds"
    return printable(f"{layer.path}{': ' if said else ''}{said}, {layer.output or '?'}, {figures}")


def comparison_dict(networks: Sequence[Summary]) -> dict[str, object]:
    """The comparison for other programs: each network's totals, and each other one's changes to the first."""
    first, *others = networks
    return {
        "schema": "cnncalc.comparison/1",
        "counting": first.counting,
        "dtype": first.dtype,
        "networks": [
            {
                "file": network.file,
                **({"name": network.name} if network.name is not None else {}),
                "input_shape": network.input.shape if network.input else None,
                "output_shape": network.output.shape if network.output else None,
                "totals": network.totals.to_dict(),
            }
            for network in networks
        ],
        "changes": [
            {"file": other.file, **_change(change)}
            for other in others
            if comparable(first, other)
            for change in changes(first, other)
        ],
    }


def _change(change: Change) -> dict[str, object]:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    return {
        "change": kind,
        "before": change.before and change.before.to_dict(),
        "after": change.after and change.after.to_dict(),
    }
