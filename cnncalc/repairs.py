"""What fits: repairs for a stride that does not, and the windows that give a wanted output size.

Pure arithmetic over `Window`; the wording and the drawing are elsewhere.
"""

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.arithmetic import Window

_REACH = 16  # how far from what was written a stride or a kernel is still a repair


class Repairs(NamedTuple):
    """Changes to one window, each enough on its own to make the stride fit."""

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    kernels: tuple[int, ...]
    symmetric: int | None
    """Padding on both sides, or None: 2P never changes the parity of the numerator."""
    sides: tuple[int, int] | None
    """Padding (before, after) that changes the far side alone, given where `symmetric` is None."""


def repairs(window: Window) -> Repairs:
    """The nearest inputs, strides, kernels and paddings that make a misfit fit."""
    rest, stride, numerator = window.remainder, window.stride, window.numerator
    sizes = (window.size - rest, window.size + stride - rest)
    if numerator < 0:
        sizes = (window.size, window.size - numerator)
    strides: tuple[int, ...] = ()
    if numerator >= 0:
        strides = _nearest(stride, [s for s in around(stride) if numerator % s == 0 and s <= max(1, numerator)], 3)
        if len(strides) < 3:
            strides = tuple(sorted({1, *strides} - {stride}))
    farthest = numerator + window.dilation * window.kernel  # how far a kernel of no cells would travel
    travels = [(k, farthest - window.dilation * k) for k in around(window.kernel)]
    kernels = _nearest(window.kernel, [k for k, travel in travels if travel >= 0 and travel % stride == 0], 2)
    symmetric = _symmetric_padding(window)
    return Repairs(
        tuple(size for size in sizes if size >= 1 and window._replace(size=size).fits and size != window.size),
        strides,
        kernels,
        symmetric,
        far_padding(window) if symmetric is None else None,
    )


def around(wanted: int, least: int = 1) -> range:
    """The numbers that are near enough to be a repair."""
    return range(max(least, wanted - _REACH), wanted + _REACH + 1)


def _nearest(wanted: int, candidates: list[int], most: int) -> tuple[int, ...]:
    by_distance = sorted([c for c in candidates if c != wanted], key=lambda c: (abs(c - wanted), c))
    return tuple(sorted(by_distance[:most]))


def _symmetric_padding(window: Window) -> int | None:
    """The smallest P on both sides, below the window's own span, with which the stride fits."""
    if window.before != window.after:
        return None
    missing = window.span - window.size  # 2P must be this, modulo S, and no less
    padding = missing if missing > 0 else missing % window.stride
    if padding % 2:
        padding += window.stride
    return padding // 2 if padding % 2 == 0 and padding // 2 < window.span else None


def far_padding(window: Window) -> tuple[int, int]:
    """Padding (before, after) with which the stride fits, changed on the far side alone."""
    if window.numerator < 0:
        return window.before, window.after - window.numerator
    if window.remainder <= window.after:
        return window.before, window.after - window.remainder
    return window.before, window.after + window.stride - window.remainder


KERNELS = (3, 1, 5, 7, 2, 11, 9, 4, 6, 8, 10, 13, 15)
"""Kernels worth proposing, the common ones first."""
STRIDES = range(1, 9)


def solve(
    size: int,
    output: int,
    *,
    kernel: int | None = None,
    stride: int | None = None,
    padding: tuple[int, int] | None = None,
    dilation: int = 1,
    rounded: bool = False,
) -> list[Window]:
    """Windows over `size` cells with exactly `output` positions, the common ones first.

    What is given is kept. What is not is sought among `KERNELS`, strides up to 8 and symmetric
    paddings up to half the window. Every result fits without a remainder; or, where `rounded`, none
    does, and it is rounding down that gives the positions.
    """
    found = set()
    for candidate in _candidates(size, kernel, stride, padding, dilation):
        if candidate.fits is not rounded and candidate.numerator >= 0 and candidate.positions() == output:
            found.add(candidate)
    return sorted(found, key=_rarity)


def _candidates(
    size: int, kernel: int | None, stride: int | None, padding: tuple[int, int] | None, dilation: int
) -> Iterator[Window]:
    for f in KERNELS if kernel is None else (kernel,):
        for s in STRIDES if stride is None else (stride,):
            reach = Window(size, f, s, dilation=dilation).span
            for before, after in ((p, p) for p in range(reach // 2 + 1)) if padding is None else (padding,):
                yield Window(size, f, s, before, after, dilation)


def _rarity(window: Window) -> tuple[bool, bool, int, int, int]:
    """Windows that leave gaps come last, then those padded by neither 0 nor (F_eff - 1)/2."""
    usual = window.before in (0, (window.span - 1) // 2)
    known = KERNELS.index(window.kernel) if window.kernel in KERNELS else window.kernel
    return window.stride > window.span, not usual, known, window.stride, window.before
