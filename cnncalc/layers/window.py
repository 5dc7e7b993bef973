"""What convolutions and pools share: a window that slides along every axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from cnncalc import findings
from cnncalc.arithmetic import Window, effective_kernel, half_padding, same_padding
from cnncalc.findings import LayerError
from cnncalc.layers.base import (
    Extents,
    FieldStep,
    Layer,
    Line,
    Padding,
    attribute,
    brief,
    by,
    per_axis,
    per_side,
    require_axes,
)
from cnncalc.layers.kinds import EXTENTS, PADDING
from cnncalc.volume import AXES, Volume

_CACHED = " windows"  # no attribute has such a name
DILATION_ALSO = ("dilation_rate", "dilations", "rate")


Pairs: TypeAlias = "tuple[tuple[int, int], ...]"


def padded_sides(layer: Any, volume: Volume) -> Pairs:
    """The padding on both sides of each axis; more behind where a window is rounded up and reaches over it."""
    sides = []
    for window, count in zip(layer.windows(volume), layer.positions(volume), strict=True):
        behind = (count - 1) * window.stride + window.span - window.size - window.before
        sides.append((window.before, max(window.after, behind) if layer.rounding == "ceil" else window.after))
    return tuple(sides)


def padded(volume: Volume, sides: Pairs) -> Volume:
    """A volume with cells beside it."""
    spatial = [before + size + after for size, (before, after) in zip(volume.spatial, sides, strict=True)]
    return Volume(volume.channels, tuple(spatial))


class SlidingLayer(Layer):
    """A layer that reads its input through a window: (W - F + 2P)/S + 1 positions on each axis."""

    kernel: Extents = attribute(EXTENTS, also=("kernel_size", "pool_size", "size", "window", "filter_size"))
    stride: Extents | None = attribute(EXTENTS, default=1, also=("strides",))
    padding: Padding = attribute(PADDING, default=0, also=("pad", "pads"))
    dilation: Extents = 1  # an attribute of the types that take one

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        # Every figure of a layer asks for them: worked out each time, analysing resnet152 takes 1.2 times as long.
        cached: tuple[Volume, tuple[Window, ...]] | None = self.__dict__.get(_CACHED)
        if cached is None or cached[0] != volume:
            cached = self.__dict__[_CACHED] = (volume, self.slide(volume))
        return cached[1]

    def slide(self, volume: Volume) -> tuple[Window, ...]:
        """The windows, worked out. Raises LayerError where they cannot lie on the volume."""
        require_axes(self, volume)
        kernel = per_axis(self.kernel, volume, "kernel")
        stride = kernel if self.stride is None else per_axis(self.stride, volume, "stride")
        dilation = per_axis(self.dilation, volume, "dilation")
        if isinstance(self.padding, str):
            padding: Sequence[tuple[int, int]] = _worded_padding(self.padding, volume, kernel, stride, dilation)
        else:
            padding = per_side(self.padding, volume, "padding")
        return tuple(
            Window(w, f, s, before, after, d)
            for w, f, s, (before, after), d in zip(volume.spatial, kernel, stride, padding, dilation, strict=True)
        )

    def positions(self, volume: Volume) -> tuple[int, ...]:
        """The output size along each axis. Raises LayerError where a window does not go on the volume."""
        windows = self.windows(volume)
        rounding = self.rounding or "floor"
        try:
            return tuple([window.positions(rounding) for window in windows])
        except ValueError:
            raise LayerError(_refusal(windows, AXES[len(windows)])) from None

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return tuple([FieldStep(w.kernel, w.dilation, w.stride, w.before) for w in self.windows(volume)])

    def sliding_says(self, rank: int) -> str:
        """`3x3, stride 2, padding half, dilation 2`, leaving out what is usual."""
        words = [by(self.kernel, rank)]
        if self.stride is not None and self.stride != self.attributes["stride"].default:
            words.append(f"stride {brief(self.stride)}")
        if self.padding not in (0, "valid") and not (self.padding in ("half", "same") and self.kernel == 1):
            words.append(f"padding {brief(self.padding)}")
        if self.rounding == "ceil":
            words.append("rounded up")
        if self.dilation != 1:
            words.append(f"dilation {brief(self.dilation)}")
        return ", ".join(words)

    def sliding_working(self, volume: Volume) -> Iterator[Line]:
        """The output size along each axis; axes that are alike share a line."""
        windows = self.windows(volume)
        lines: dict[str, list[str]] = {}
        for axis, window, count in zip(AXES[len(windows)], windows, self.positions(volume), strict=True):
            text = window.working()
            if window.remainder:
                up = count * window.stride > window.numerator + window.stride
                text += f", rounded {'up' if up else 'down'} to {count}"
                if self.rounding == "ceil" and not up:
                    text += ": one more window would start in the padding after the input"
            if window.dilation > 1:
                text = f"F_eff = {window.dilation}·({window.kernel} - 1) + 1 = {window.span}; {text}"
            if window.before != window.after:
                text += f" (padding {window.before} before, {window.after} after)"
            lines.setdefault(text, []).append(axis)
        for text, axes in lines.items():
            yield f"output {' and '.join(axes)}", text


def _worded_padding(
    word: str, volume: Volume, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> list[tuple[int, int]]:
    if word == "same":
        return [same_padding(*axis) for axis in zip(volume.spatial, kernel, stride, dilation, strict=True)]
    if word == "valid":
        return [(0, 0)] * len(volume.spatial)
    sides = []
    for f, d in zip(kernel, dilation, strict=True):
        try:
            half = half_padding(f, d)
        except ValueError:
            raise LayerError(findings.half_is_a_fraction(effective_kernel(f, d))) from None
        sides.append((half, half))
    return sides


def _refusal(windows: Sequence[Window], axes: Sequence[str]) -> findings.Fault:
    for axis, window in zip(axes, windows, strict=True):
        if window.numerator < 0:
            return findings.kernel_too_large(axis, window)
    fault = findings.stride_does_not_fit(list(zip(axes, windows, strict=True)), "exact")
    assert fault is not None, "only a kernel that is too large or an exact rounding refuses a window"
    return fault
