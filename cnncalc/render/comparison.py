"""A comparison of networks as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.arithmetic import decimal
from cnncalc.compare import Change, changes
from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import plural
from cnncalc.layers.figures import STATED
from cnncalc.render.cells import heading_text
from cnncalc.render.columns import COLUMNS, what
from cnncalc.render.plain import painted, printable


def comparison(networks: Sequence[Summary], color: bool) -> Iterator[str]:
    """The totals beside those of the first network, then for each other one the layers that differ."""
    yield "".join(f"{line}\n" for line in _aligned(list(_rows(networks))))
    first, *others = networks
    for other in others:
        yield from _layers(first, other, color)


def _rows(networks: Sequence[Summary]) -> Iterator[list[str]]:
    first, *others = networks
    yield ["", *(_title(network) for network in networks)]
    for figure in STATED:
        base = getattr(first.totals, figure)
        heading = heading_text(figure, first.counting) if figure in COLUMNS else figure
        yield [heading, _number(base), *(_beside(getattr(other.totals, figure), base) for other in others)]
    yield ["input", *(str(network.input or "?") for network in networks)]
    yield ["output", *(str(network.output or "?") for network in networks)]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as lines: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for label, *cells in rows:
        line = [label.ljust(widths[0]), *(cell.rjust(wide) for cell, wide in zip(cells, widths[1:], strict=True))]
        yield "  ".join(line).rstrip()


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


def _layers(first: Summary, other: Summary, color: bool) -> Iterator[str]:
    found = changes(first, other)
    yield f"\n{_title(first)} and {_title(other)}: "
    if not found:
        yield "the same layers\n"
        return
    yield f"{plural(len(found), 'layer')} {'differs' if len(found) == 1 else 'differ'}\n"
    shown = 0
    for before, after, alike in found:
        shown += alike + (before is not None)
        if alike:
            yield f"  … {alike} alike\n"
        for sign, style, layer in (("-", "red", before), ("+", "green", after)):
            if layer is not None:
                yield painted(f"{sign} {_line(layer)}", style, color) + "\n"
    rest = len(first.layers) - shown
    if rest:
        yield f"  … {rest} alike\n"


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
        "networks": [
            {
                "file": network.file,
                **({"name": network.name} if network.name is not None else {}),
                "input_shape": network.input.shape if network.input else None,
                "output_shape": network.output.shape if network.output else None,
                "totals": dict(network.totals),
            }
            for network in networks
        ],
        "changes": [{"file": other.file, **_change(change)} for other in others for change in changes(first, other)],
    }


def _change(change: Change) -> dict[str, object]:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    return {
        "change": kind,
        "before": change.before and change.before.to_dict(),
        "after": change.after and change.after.to_dict(),
    }
