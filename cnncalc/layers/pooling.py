"""Pools: a window's maximum or mean, over a sliding, a whole or an adaptive window."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod
from typing import ClassVar

from cnncalc import findings
from cnncalc.arithmetic import Window, adaptive_bins, decimal
from cnncalc.findings import LayerError
from cnncalc.layers.base import (
    STEADY,
    Extents,
    FieldStep,
    Kept,
    Layer,
    Line,
    attribute,
    by,
    per_axis,
    require_axes,
    times,
    value_attribute,
)
from cnncalc.layers.kinds import COUNT, EXTENTS, FLAG
from cnncalc.layers.window import DILATION_ALSO, Pairs, SlidingLayer, padded, padded_sides
from cnncalc.volume import AXES, Volume


def _discarded(volume: Volume, output: Volume) -> Iterator[Line]:
    gone = volume.elements - output.elements
    share = decimal(100 * gone, volume.elements)
    if gone >= 0:
        yield "activations", f"{volume.elements:,} in, {output.elements:,} out: discards {share} % of the activations"
    else:
        yield "activations", f"{volume.elements:,} in, {output.elements:,} out"
    yield "parameters", "none: a pool learns nothing and keeps the number of channels"


def _switches(output: Volume, window: int) -> Iterator[Line]:
    """Which input was the maximum (CS231n: "the index of the max activation, also the switches")."""
    bits = (window - 1).bit_length()
    yield (
        "backward",
        f"the gradient goes to each window's maximum alone: {output.elements:,} switches, "
        f"one of {window} cells each ({bits} bit{'' if bits == 1 else 's'})",
    )


def _spread(window: str) -> Iterator[Line]:
    yield "backward", f"each input cell gets 1/({window}) of the gradient of every window that it lies in; no switches"


class _Pool(SlidingLayer):
    """A pool with a sliding window. The stride is the kernel where none is given."""

    kernel: Extents = attribute(EXTENTS, main=True, also=("kernel_size", "pool_size", "size", "window"))
    stride: Extents | None = attribute(EXTENTS, default=None, also=("strides",), default_says="the kernel")

    def slide(self, volume: Volume) -> tuple[Window, ...]:
        windows = super().slide(volume)
        for window in windows:
            side = max(window.before, window.after)
            # As torch.nn.functional.max_pool2d refuses it, dilated or not.
            if side > window.kernel // 2 and self.padding != "same":
                raise LayerError(findings.pool_padding_too_large(side, window.kernel))
        return windows

    def output(self, volume: Volume) -> Volume:
        return Volume(volume.channels, self.positions(volume))

    def pads_evenly(self, volume: Volume) -> bool:
        """Whether PyTorch's pool can have the padding: the same on both sides, at most half the kernel."""
        return all(w.before == w.after and w.before <= w.kernel // 2 for w in self.windows(volume))

    def pads_for_all(self, volume: Volume) -> bool:
        """Whether behind explicit padding it has other windows when rounded up, so that it is padded for all of them."""
        if self.rounding != "ceil":
            return False
        moved = [w._replace(size=w.size + w.before + w.after, before=0, after=0) for w in self.windows(volume)]
        return [window.positions("ceil") for window in moved] != [*self.positions(volume)]

    def explicit_sides(self, volume: Volume) -> Pairs:
        """The padding on both sides of each axis, where it stands before PyTorch's pool."""
        if self.pads_for_all(volume):
            return padded_sides(self, volume)
        return tuple([(window.before, window.after) for window in self.windows(volume)])

    def kept_in(self, volume: Volume, itself: bool) -> Kept:
        """What it reads: that itself, where PyTorch's pool pads, or else what it is padded to."""
        sides = self.explicit_sides(volume)
        if itself or not any(map(any, sides)):
            return Kept(input=True)
        return Kept(numbers=padded(volume, sides).elements)

    def says(self, rank: int) -> str:
        return self.sliding_says(rank)

    def working(self, volume: Volume) -> Iterator[Line]:
        output = self.output(volume)
        yield from self.sliding_working(volume)
        yield "output volume", str(output)
        yield from _discarded(volume, output)


class _MeanPool(_Pool):
    """A pool that PyTorch works out as a mean. On three axes its AvgPool3d wants the kernel within what it is given."""

    pads_itself: ClassVar[bool]
    """Whether PyTorch's pool has padding, equal on both sides; otherwise cells are added before it."""

    def positions(self, volume: Volume) -> tuple[int, ...]:
        positions, windows = super().positions(volume), self.windows(volume)
        if len(windows) < 3:
            return positions
        equal = all(window.before == window.after for window in windows)
        inside = self.pads_itself and equal and self.padding != "same"
        for axis, window in zip(AXES[3], windows, strict=True):
            if window.kernel > window.size + (0 if inside else window.before + window.after):
                fits = window.numerator >= 0
                raise LayerError(findings.mean_needs_its_kernel(self.type, axis, window, fits))
        return positions


class MaxPool(
    _Pool,
    type="max_pool",
    also=("maxpool", "maxpool1d", "maxpool2d", "maxpool3d", "max_pool1d", "max_pool2d", "max_pool3d",
          "maxpooling", "max_pooling", "maxpooling1d", "maxpooling2d", "maxpooling3d", "pool", "pooling"),
    example="- max_pool: {kernel: 3, stride: 2}",
):  # fmt: skip
    """The maximum of each window, channel by channel."""

    order = STEADY
    dilation: Extents = attribute(EXTENTS, default=1, also=DILATION_ALSO)

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # dx = dy where the maximum was
        return self.kept_in(volume, self.pads_evenly(volume))._replace(indices=self.output(volume).elements)

    def working(self, volume: Volume) -> Iterator[Line]:
        yield from super().working(volume)
        yield from _switches(self.output(volume), prod(per_axis(self.kernel, volume, "kernel")))


class AvgPool(
    _MeanPool,
    type="avg_pool",
    also=("avgpool", "avgpool1d", "avgpool2d", "avgpool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "average_pool",
          "averagepool", "average_pooling", "averagepooling1d", "averagepooling2d", "averagepooling3d", "mean_pool"),
    example="- avg_pool: 2",
):  # fmt: skip
    """The mean of each window, channel by channel."""

    pads_itself = True
    order = STEADY
    count_padding: bool = value_attribute(FLAG, default=True, also=("count_include_pad",))

    def pads_evenly(self, volume: Volume) -> bool:
        # On three axes PyTorch's wants the kernel within what it is given, so that `same` is added before it.
        inside = len(volume.spatial) < 3 or all(window.kernel <= window.size for window in self.windows(volume))
        return inside and super().pads_evenly(volume)

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # PyTorch keeps x for its size alone. What does not count uneven padding divides by the cells that are there.
        itself = self.pads_evenly(volume)
        return self.kept_in(volume, itself) if itself or self.count_padding else None

    def working(self, volume: Volume) -> Iterator[Line]:
        yield from super().working(volume)
        yield from _spread(times(*per_axis(self.kernel, volume, "kernel")))


class LpPool(
    _MeanPool, type="lp_pool", also=("lppool", "lppool1d", "lppool2d", "lppool3d", "l2_pool"), example="- lp_pool: 2"
):
    """The p-norm of each window, (sum of x^p)^(1/p), channel by channel."""

    pads_itself = False
    norm: int = attribute(COUNT, default=2, also=("norm_type", "p"))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # (sign(m)·relu(|m|)·cells)^(1/p) of the mean m of x^p: x^p, m, and what it is the product and the power of.
        kept, output = self.kept_in(volume, itself=False), self.output(volume)
        powers = volume.elements if kept.input else kept.numbers
        return kept._replace(numbers=kept.numbers + powers + 4 * output.elements)

    def says(self, rank: int) -> str:
        return f"{self.sliding_says(rank)}, p {self.norm}"

    def working(self, volume: Volume) -> Iterator[Line]:
        yield from super().working(volume)
        yield "backward", "each input cell gets its share of the gradient of every window that it lies in; no switches"


class _WholePool(Layer):
    """A pool whose one window is the whole volume; the axes stay, each of size 1."""

    maximum: ClassVar[bool]
    order = STEADY

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        return Volume(volume.channels, (1,) * len(volume.spatial))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # dx = dy/cells everywhere; dx = dy where the maximum was.
        return Kept(input=True, indices=volume.channels) if self.maximum else Kept()

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return tuple(FieldStep(size, 1, size) for size in volume.spatial)

    def working(self, volume: Volume) -> Iterator[Line]:
        output = self.output(volume)
        yield "output volume", f"one window of {by(volume.spatial, 0)} for each of {volume.channels} channels: {output}"
        yield from _discarded(volume, output)
        if self.maximum:
            yield from _switches(output, prod(volume.spatial))
        else:
            yield from _spread(times(*volume.spatial))


class GlobalAvgPool(
    _WholePool,
    type="global_avg_pool",
    also=("gap", "global_average_pool", "globalavgpool", "global_average_pooling", "globalaveragepooling1d",
          "globalaveragepooling2d", "globalaveragepooling3d", "global_pool", "global_pooling", "globalavgpool2d"),
):  # fmt: skip
    """The mean of each channel. The axes stay: C x 1 x 1."""

    maximum = False


class GlobalMaxPool(
    _WholePool,
    type="global_max_pool",
    also=(
        "globalmaxpool",
        "global_max_pooling",
        "globalmaxpooling1d",
        "globalmaxpooling2d",
        "globalmaxpooling3d",
        "globalmaxpool2d",
    ),
):
    """The maximum of each channel. The axes stay: C x 1 x 1."""

    maximum = True


class _AdaptivePool(Layer):
    """A pool with a given output size n: bin i reads floor(i·W/n) to ceil((i + 1)·W/n)."""

    size: Extents = attribute(EXTENTS, main=True, also=("output_size", "output", "bins"))
    maximum: ClassVar[bool]
    order = STEADY

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        output = self.output(volume)
        if self.maximum:
            return Kept(input=True, indices=output.elements)
        return Kept(input=prod(output.spatial) > 1)  # the mean of all keeps nothing, that of bins x for its size

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        return Volume(volume.channels, per_axis(self.size, volume, "size"))

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        steps = []
        for size, bins in zip(volume.spatial, per_axis(self.size, volume, "size"), strict=True):
            stride, up = size // gcd(size, bins), bins // gcd(size, bins)
            steps.append(FieldStep(stride + up - 1, 1, stride, up - 1, up))
        return tuple(steps)

    def says(self, rank: int) -> str:
        return f"to {by(self.size, rank)}"

    def working(self, volume: Volume) -> Iterator[Line]:
        output = self.output(volume)
        for axis, size, bins in zip(AXES[len(volume.spatial)], volume.spatial, output.spatial, strict=True):
            least, most = adaptive_bins(size, bins)
            windows = f"{least}" if least == most else f"{least} to {most}"
            yield f"output {axis}", f"{bins} bins over {size} cells: windows of {windows}"
        yield "output volume", str(output)
        yield from _discarded(volume, output)
        widest = [adaptive_bins(s, n)[1] for s, n in zip(volume.spatial, output.spatial, strict=True)]
        if self.maximum:
            yield from _switches(output, prod(widest))
        else:
            yield from _spread("cells of the bin")


class AdaptiveAvgPool(
    _AdaptivePool,
    type="adaptive_avg_pool",
    also=(
        "adaptiveavgpool",
        "adaptiveavgpool1d",
        "adaptiveavgpool2d",
        "adaptiveavgpool3d",
        "adaptive_avg_pool2d",
        "adaptive_average_pool",
        "adaptive_average_pooling",
    ),
    example="- adaptive_avg_pool: 6",
):
    """The mean of each of n bins along every axis."""

    maximum = False


class AdaptiveMaxPool(
    _AdaptivePool,
    type="adaptive_max_pool",
    also=(
        "adaptivemaxpool",
        "adaptivemaxpool1d",
        "adaptivemaxpool2d",
        "adaptivemaxpool3d",
        "adaptive_max_pool2d",
        "adaptive_max_pooling",
    ),
    example="- adaptive_max_pool: 6",
):
    """The maximum of each of n bins along every axis."""

    maximum = True
