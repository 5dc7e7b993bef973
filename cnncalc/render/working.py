"""The working of layers, and of one stride, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from cnncalc.arithmetic import Window
from cnncalc.explain import Difference, Working
from cnncalc.findings import ERROR, WARNING, either, outcome, plural, repair_lines
from cnncalc.network import Network
from cnncalc.paddings import Beside, agreeing_inputs, framework
from cnncalc.render.plain import COLORS, painted, printable, wrapped
from cnncalc.repairs import repairs

_ROUNDED = 5
_USUAL = 3
"""Windows shown of those that do not fit."""
_NARROWEST = 32
"""Cells that a text needs beside its label; in a narrower terminal it stands under it."""


def workings(explained: Iterable[Working], width: int | None, color: bool) -> Iterator[str]:
    """Each layer's heading, then its lines with the labels in one column; a piece for each layer."""
    before = ""
    for working in explained:
        yield before + "".join(_one(working, width, color))
        before = "\n"


def _one(working: Working, width: int | None, color: bool) -> Iterator[str]:
    place = working.place
    where = f"{place.file}:{place.line}" if working.elsewhere else f"line {place.line}"
    heading = printable(f"{working.path} ({where}), {working.says}")
    yield painted(heading, "bold", color) + "\n"
    labels = max(len(label) for label, _ in working.lines)
    if width is not None and width < labels + 4 + _NARROWEST:
        for label, text in working.lines:
            yield f"  {label}\n"
            yield from (f"    {part}\n" for part in wrapped(text, 4, width))
        return
    for label, text in working.lines:
        for part in wrapped(text, labels + 4, width):
            yield f"  {label:<{labels}}  {part}\n"
            label = ""


def counting_text(differences: Sequence[Difference], width: int | None) -> str:
    """Every convention's total, what it counts, and where it differs from the macs."""
    wide = max(len(f"{difference.total:+,}") for difference in differences)
    parts = []
    for name, says, total, by_type in differences:
        first, *more_lines = wrapped(says, wide + 13, width)
        parts.append(f"{name:<10} {total:>{wide},}  {first}\n")
        parts += [f"{'':<{wide + 13}}{line}\n" for line in more_lines]
        parts += [f"{'':<10} {f'{more:+,}':>{wide}}  {layer}\n" for layer, more in by_type.items()]
    return "".join(parts)


def padding_text(network: Network, found: Mapping[Beside, Sequence[str]], width: int | None) -> Iterator[str]:
    """The windows with padding that are others in the other framework, and on which inputs none is."""
    if not found:
        known = all(node.output for node in network.nodes)
        yield f"no layer{'' if known else ' whose volumes are known'} has padding\n"
        return
    others = {each: paths for each, paths in found.items() if not each.agree}
    for each, paths in others.items():
        more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
        window = f"{each.here.span} on {each.here.size}, stride {each.here.stride}"
        heading = f"{printable(paths[0])}{more}: {window}, padding {each.here.before} and {each.here.after}"
        yield from (f"{line}\n" for line in wrapped(heading, 0, width))
        yield from (f"  {line}\n" for line in wrapped(f"{framework(each)}: {each.says()}", 2, width))
    total, unlike = ({path for paths in each.values() for path in paths} for each in (found, others))
    count = f"{len(total) - len(unlike):,} of {plural(len(total), 'layer')}" if unlike else plural(len(total), "layer")
    yield "\n" if others else ""
    says = f"on {network.input} the windows of {count} with padding are the same in TensorFlow and PyTorch"
    yield from (f"{line}\n" for line in wrapped(says, 0, width))
    if others and (inputs := agreeing_inputs(network)):
        yield f"on {either(inputs, 'and')} all are\n"


# One stride


def fit_text(window: Window, width: int, color: bool) -> Iterator[str]:
    """Whether the stride fits, the windows over the cells, and what would fit."""
    count = 0 if window.numerator < 0 else window.positions()
    says = (
        "fits"
        if window.fits
        else "does not fit"
        if count
        else "does not fit: the window is larger than the padded input"
    )
    style = "green" if window.fits else COLORS[WARNING if count else ERROR]
    yield f"{painted(says, f'bold {style}', color)}: {window.working()}\n"
    if window.dilation > 1:
        yield f"  F_eff = {window.dilation}·({window.kernel} - 1) + 1 = {window.span}\n"
    if count and not window.fits:
        yield f"  {outcome([('length', window)], ' at the end')}\n"
    yield "\n" + "\n".join(_drawing(window, count, width)) + "\n"
    if not window.fits:
        yield "\nwhat fits:\n" + "".join(f"  {remedy}\n" for remedy in repair_lines(window))


def _drawing(window: Window, count: int, width: int) -> Iterator[str]:
    """The input as a row of cells, a line for each window, and the cells that no window reads."""
    labels = max(10, len(f"window {count}") + 1)
    cell = len(str(window.size)) + 1
    columns = few(window.before + window.size + window.after, max(4, (width - labels - 2) // cell))

    def line(label: str, marks: Iterable[str]) -> str:
        return f"{label:<{labels}}" + "".join(f"{mark:>{cell}}" for mark in marks).rstrip()

    yield line("cell", (_number(window, column) for column in columns))
    for before, index in pairwise([-1, *_drawn(window, count, columns)]):
        if index is None or (before is not None and index != before + 1):
            yield "⋮"  # too many windows, or windows over the cells that are left out
        if index is not None:
            yield line(f"window {index + 1}", (_mark(column, _taps(window, index)) for column in columns))
    lost = [count > 0 and column is not None and _is_lost(window, count, column) for column in columns]
    if any(lost):
        yield line("not read", ("×" if gone else "" for gone in lost))
    if window.before or window.after:
        yield "p is padding"


def _drawn(window: Window, count: int, columns: Sequence[int | None]) -> list[int | None]:
    """The windows that get a line, of those over the columns; None where some are left out."""
    seen = [column for column in columns if column is not None]
    visible = [
        index
        for index in few(count, 2 * len(columns))
        if index is None or any(0 <= column - index * window.stride < window.span for column in seen)
    ]
    return [None if index is None else visible[index] for index in few(len(visible), 12)]


def _number(window: Window, column: int | None) -> str:
    if column is None:
        return "…"
    return str(column - window.before + 1) if _is_real(window, column) else "p"


def _is_real(window: Window, column: int) -> bool:
    """Whether the column is a cell of the input, and not padding."""
    return window.before <= column < window.before + window.size


def _is_lost(window: Window, count: int, column: int) -> bool:
    """Whether a cell of the input has none of the windows' taps over it."""
    if not _is_real(window, column):
        return False
    # Windows past the cell's reach need no look.
    first = max(0, (column - window.span + window.stride) // window.stride)
    last = min(count - 1, column // window.stride)
    return not any(column in _taps(window, index) for index in range(first, last + 1))


def _taps(window: Window, index: int) -> range:
    """The columns that a window's taps lie over."""
    return range(index * window.stride, index * window.stride + window.span, window.dilation)


def _mark(column: int | None, taps: range) -> str:
    if column is None or not taps.start <= column < taps.stop:
        return ""
    return "■" if column in taps else "·"


def few(count: int, most: int) -> list[int | None]:
    """0 to count - 1, with None for the middle where there are more than `most`."""
    if count <= most:
        return list(range(count))
    front = (most - 1 + 1) // 2
    return [*range(front), None, *range(count - (most - 1 - front), count)]


def fit_dict(window: Window) -> dict[str, object]:
    """One stride for other programs."""
    found = repairs(window)
    return {
        "schema": "cnncalc.fit/1",
        "size": window.size,
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": [window.before, window.after],
        "dilation": window.dilation,
        "effective_kernel": window.span,
        "numerator": window.numerator,
        "remainder": window.remainder,
        "unread": window.unread if window.numerator >= 0 else window.size,
        "fits": window.fits,
        "output": window.positions() if window.numerator >= 0 else None,
        "working": window.working(),
        "repairs": {
            "sizes": list(found.sizes),
            "strides": list(found.strides),
            "kernels": list(found.kernels),
            "padding": [found.symmetric] * 2 if found.symmetric is not None else list(found.sides or ()),
        }
        if not window.fits
        else None,
    }


def unsolved_text(size: int, output: int, rounded: Sequence[Window]) -> str:
    """That nothing fits, and what comes to the output when it is rounded down."""
    text = f"no stride that fits gives exactly {plural(output, 'position')} on {plural(size, 'cell')}\n"
    if rounded:
        most = "" if len(rounded) <= _ROUNDED else f", {_ROUNDED} of {len(rounded):,} ways"
        text += f"rounded down{most}:\n{solved_text(rounded[:_ROUNDED])}"
    return text


def also_rounded_text(rounded: Sequence[Window]) -> str:
    """The usual windows that come to the output when they are rounded down, behind those that fit."""
    usual = [window for window in rounded if window.before == (window.span - 1) // 2 and window.kernel > 1]
    return f"\nrounded down, as frameworks do:\n{solved_text(usual[:_USUAL])}" if usual else ""


def solved_text(found: Sequence[Window]) -> str:
    """The windows that give an output, a line each."""
    rows = (
        [("kernel", "stride", "padding", "dilation", "")]
        if any(w.dilation > 1 for w in found)
        else [("kernel", "stride", "padding", "", "")]
    )
    lines = []
    for window in found:
        padding = str(window.before) if window.before == window.after else f"{window.before},{window.after}"
        dilation = str(window.dilation) if window.dilation > 1 else ""
        rows.append((str(window.kernel), str(window.stride), padding, dilation, window.working()))
    for kernel, stride, padding, dilation, working in rows:
        middle = f"{dilation:>8}  " if len(rows[0][3]) else ""
        lines.append(f"{kernel:>6}  {stride:>6}  {padding:>7}  {middle}{working}".rstrip() + "\n")
    return "".join(lines)


def solved_dict(size: int, output: int, found: Sequence[Window]) -> dict[str, object]:
    """The windows that give an output, for other programs."""
    return {
        "schema": "cnncalc.fit-solutions/1",
        "size": size,
        "output": output,
        "solutions": [
            {"kernel": w.kernel, "stride": w.stride, "padding": [w.before, w.after], "dilation": w.dilation}
            for w in found
        ],
    }
