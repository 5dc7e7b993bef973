"""Convolutions: plain and grouped, depthwise, transposed."""

from collections.abc import Iterator, Sequence
from math import prod

from cnncalc import findings
from cnncalc.arithmetic import (
    convolution_weights,
    decimal,
    effective_kernel,
    im2col_shape,
    transposed_output_size,
)
from cnncalc.findings import LayerError, plural
from cnncalc.layers.base import (
    STEADY,
    Extents,
    FieldStep,
    Kept,
    Line,
    Padding,
    attribute,
    brief,
    by,
    per_axis,
    per_side,
    require_axes,
    times,
)
from cnncalc.layers.kinds import COUNT, CUT, EXTENTS, OFFSETS
from cnncalc.layers.weighted import Weighted
from cnncalc.layers.window import DILATION_ALSO, SlidingLayer, padded, padded_sides
from cnncalc.volume import AXES, Volume

_FILTERS_ALSO = ("out_channels", "num_output", "channels", "features", "num_filters")
_CONV_WORDS = ("conv1d", "conv2d", "conv3d", "convolution", "convolution1d", "convolution2d", "convolution3d")


def _require_division(channels: int, filters: int, groups: int) -> None:
    """Raises LayerError where the groups do not divide both counts."""
    if channels % groups:
        raise LayerError(findings.does_not_divide("input channels", channels, groups, filters))
    if filters % groups:
        raise LayerError(findings.does_not_divide("filters", filters, groups, channels))


class _Convolution(SlidingLayer, Weighted):
    """What plain and depthwise convolutions share: K filters, each over C/g channels."""

    order = STEADY
    dilation: Extents = attribute(EXTENTS, default=1, also=DILATION_ALSO)

    def shape(self, volume: Volume) -> tuple[int, int]:
        """Filters and groups on this volume."""
        raise NotImplementedError

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        filters, groups = self.shape(volume)
        _require_division(volume.channels, filters, groups)
        return Volume(filters, self.positions(volume))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # dW = dy * x, where PyTorch's convolution pads itself, or else what x is padded to.
        sides = padded_sides(self, volume)
        if all(before == after for before, after in sides):
            return Kept(input=True)
        return Kept(numbers=padded(volume, sides).elements)

    def all_weights(self, volume: Volume) -> int:
        filters, groups = self.shape(volume)
        return convolution_weights(volume.channels, filters, per_axis(self.kernel, volume, "kernel"), groups)

    def all_biases(self, volume: Volume) -> int:
        return self.shape(volume)[0] if self.bias else 0

    def macs(self, volume: Volume) -> int:
        return self.all_weights(volume) * prod(self.positions(volume))

    def connections(self, volume: Volume) -> int:
        return (self.all_weights(volume) + self.all_biases(volume)) * prod(self.positions(volume))

    def is_depthwise(self, volume: Volume) -> bool:
        return self.shape(volume)[1] == volume.channels

    def gemm(self, volume: Volume) -> tuple[int, int, int, int]:
        filters, groups = self.shape(volume)
        k, n = im2col_shape(volume.channels, per_axis(self.kernel, volume, "kernel"), self.positions(volume), groups)
        return filters // groups, k, n, groups

    def described(self, volume: Volume) -> dict[str, object]:
        return {"groups": self.shape(volume)[1]}

    def working(self, volume: Volume) -> Iterator[Line]:
        filters, groups = self.shape(volume)
        kernel, positions = per_axis(self.kernel, volume, "kernel"), self.positions(volume)
        output, weights, biases = self.output(volume), self.all_weights(volume), self.all_biases(volume)
        per_filter = weights // filters
        taps = times(*kernel, volume.channels if groups == 1 else f"({volume.channels}/{groups})")
        neurons = output.elements

        yield from self.sliding_working(volume)
        yield "output volume", f"{' x '.join(map(str, positions))} positions, {filters} filters: {output}"
        total = f"{weights + biases:,}"
        yield self.line_of_weights(
            f"({taps} + 1)·{filters} = {total}" if biases else f"{taps}·{filters} = {total}, no bias"
        )
        yield "macs", f"{times(taps, filters, *positions)} = {self.macs(volume):,}"
        bias = " (+ 1 bias)" if biases else ""
        yield (
            "neurons",
            f"{times(*positions, filters)} = {neurons:,}, each connected to {taps} = {per_filter:,} inputs{bias}",
        )
        unshared = per_filter + (1 if biases else 0)
        yield (
            "were no weights shared",
            f"{neurons:,}·{unshared:,} = {neurons * unshared:,} parameters: every neuron would have its own",
        )
        m, k, n, _ = self.gemm(volume)
        each = f" for each of {groups} groups" if groups > 1 else ""
        yield (
            "matrix form",
            f"X_col [{k} x {n}], W_row [{m} x {k}], result [{m} x {n}]{each}, back to {output}",
        )
        reads = prod(window.reads(count) for window, count in zip(self.windows(volume), positions, strict=True))
        copies = decimal(reads, prod(volume.spatial))
        yield "im2col", f"{times(k, n)} numbers{each}; X_col holds an input value {copies} times on average"
        numbers, used = neurons * volume.elements, reads * volume.channels // groups * filters
        different = f"of its {numbers:,} numbers {used:,} are not 0, and of these {weights:,} are different ones"
        yield (
            "as a fully connected layer",
            f"W [{neurons} x {volume.elements}]: {'it is one' if used == weights == numbers else different}",
        )
        yield from _backward(self, volume)


def _backward(layer: _Convolution, volume: Volume) -> Iterator[Line]:
    """The gradient with respect to the data (Dumoulin and Visin, chapter 4: the transposed convolution)."""
    lines: dict[str, list[str]] = {}
    for axis, window, count in zip(
        AXES[len(volume.spatial)], layer.windows(volume), layer.positions(volume), strict=True
    ):
        stretched = (count - 1) * window.stride + 1
        before = window.span - 1 - window.before
        after = window.size + window.span - 1 - stretched - before
        zeros = f" ({stretched} with {plural(window.stride - 1, 'zero')} between cells)" if window.stride > 1 else ""
        sides = f"{before} on both sides" if before == after else f"{before} before and {after} after"
        over = f"a window of {window.span}, stride 1, over the gradient of {count}{zeros}, padding {sides}"
        lines.setdefault(f"again a convolution: {over}: gives back {window.size}", []).append(axis)
    for text, axes in lines.items():
        yield f"backward, {' and '.join(axes)}", text
    macs = layer.macs(volume)
    weights = f", and {macs:,} for the weights" if layer.learned else ""
    yield "backward, macs", f"{macs:,} for the data, the zeros skipped{weights}"


class Conv(_Convolution, type="conv", also=_CONV_WORDS, example="- conv: {filters: 64, kernel: 3, padding: 1}"):
    """A convolution: each filter slides over the volume's axes and reads C/g of its channels."""

    filters: int = attribute(COUNT, also=_FILTERS_ALSO)
    groups: int = attribute(COUNT, default=1, also=("group", "num_group", "cardinality"))

    def shape(self, volume: Volume) -> tuple[int, int]:
        return self.filters, self.groups

    def says(self, rank: int) -> str:
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        return f"{self.filters} of {self.sliding_says(rank)}{groups}{self.fixed_says}"


class DepthwiseConv(
    _Convolution,
    type="depthwise_conv",
    also=("depthwiseconv", "depthwise_conv2d", "depthwiseconv2d", "dw_conv", "dwconv"),
    example="- depthwise_conv: {kernel: 3, padding: 1}",
):
    """A convolution of each channel on its own, by `multiplier` filters: g = C, K = C·multiplier."""

    kernel: Extents = attribute(EXTENTS, main=True, also=("kernel_size", "size", "filter_size"))
    multiplier: int = attribute(COUNT, default=1, also=("depth_multiplier", "channel_multiplier"))

    def shape(self, volume: Volume) -> tuple[int, int]:
        return volume.channels * self.multiplier, volume.channels

    def says(self, rank: int) -> str:
        multiplier = f", {self.multiplier} to a channel" if self.multiplier > 1 else ""
        return f"{self.sliding_says(rank)}{multiplier}{self.fixed_says}"


class TransposedWindow:
    """One axis of a transposed convolution: W, F, S, the padding before and after, what is added behind, and D."""

    __slots__ = ("after", "before", "dilation", "kernel", "output_padding", "size", "stride")

    def __init__(
        self, size: int, kernel: int, stride: int, padding: tuple[int, int], output_padding: int, dilation: int
    ) -> None:
        self.size, self.kernel, self.stride, self.dilation = size, kernel, stride, dilation
        self.before, self.after = padding
        self.output_padding = output_padding

    @property
    def span(self) -> int:
        """F_eff, the cells from the window's first tap to its last."""
        return effective_kernel(self.kernel, self.dilation)

    def working(self) -> str:
        """The output size with the numbers put in, without what it comes to."""
        padding = f"{self.before} - {self.after}"
        return f"({self.size} - 1)·{self.stride} - {padding} + {self.span} + {self.output_padding}"

    def result(self, axis: str) -> int:
        """The output size. Raises LayerError, which names the axis, where there is none."""
        if self.output_padding >= max(self.stride, self.dilation):
            raise LayerError(findings.output_padding_too_large(axis, self.output_padding, self.stride, self.dilation))
        try:
            return transposed_output_size(
                self.size, self.kernel, self.stride, (self.before, self.after), self.output_padding, self.dilation
            )
        except ValueError:
            left = (self.size - 1) * self.stride - self.before - self.after + self.span + self.output_padding
            raise LayerError(findings.nothing_left(axis, self.working(), left, "padding")) from None


def _worded_ends(word: str, kernel: int, stride: int, dilation: int) -> tuple[tuple[int, int], int]:
    """What padding takes away before and after, and what is added behind, under `valid` or `same`.

    As Keras has both: W·S cells under `same`, what is too much taken away on both sides, the odd cell after; W·S and
    F_eff - S more under `valid`. Where a window is smaller than the stride, S - F_eff empty cells follow the last.
    """
    span = effective_kernel(kernel, dilation)
    over = max(span - stride, 0) if word == "same" else 0
    return (over // 2, over - over // 2), max(stride - span, 0)


class TransposedConv(
    Weighted,
    type="transposed_conv",
    also=(
        "conv_transpose", "convtranspose", "conv_transpose2d", "convtranspose2d", "conv2d_transpose", "conv2dtranspose",
        "convtranspose1d", "convtranspose3d", "deconv", "deconvolution", "transpose_conv", "upconv", "up_conv",
    ),
    example="- transposed_conv: {filters: 64, kernel: 2, stride: 2}",
):  # fmt: skip
    """A transposed convolution: each input cell writes a window, the outputs S cells apart add up."""

    order = STEADY
    filters: int = attribute(COUNT, also=_FILTERS_ALSO)
    kernel: Extents = attribute(EXTENTS, also=("kernel_size", "size", "filter_size"))
    stride: Extents = attribute(EXTENTS, default=1, also=("strides",))
    padding: Padding = attribute(CUT, default=0, also=("pad", "pads"))
    output_padding: Extents = attribute(OFFSETS, default=0, also=("out_padding",))
    dilation: Extents = attribute(EXTENTS, default=1, also=DILATION_ALSO)
    groups: int = attribute(COUNT, default=1, also=("group", "num_group"))

    def transposed_windows(self, volume: Volume) -> tuple[TransposedWindow, ...]:
        """What the layer has along each axis. Raises LayerError where an attribute is for other axes."""
        require_axes(self, volume)
        kernel, stride = per_axis(self.kernel, volume, "kernel"), per_axis(self.stride, volume, "stride")
        dilation = per_axis(self.dilation, volume, "dilation")
        behind = per_axis(self.output_padding, volume, "output_padding")
        if isinstance(self.padding, str):
            if any(behind):
                raise LayerError(findings.word_settles_size(self.padding))
            ends = [_worded_ends(self.padding, *axis) for axis in zip(kernel, stride, dilation, strict=True)]
            padding: Sequence[tuple[int, int]] = [sides for sides, _ in ends]
            behind = tuple([more for _, more in ends])
        else:
            padding = per_side(self.padding, volume, "padding")
        axes = zip(volume.spatial, kernel, stride, padding, behind, dilation, strict=True)
        return tuple(TransposedWindow(*axis) for axis in axes)

    def output(self, volume: Volume) -> Volume:
        axes = AXES[len(volume.spatial)]
        sizes = [window.result(axis) for axis, window in zip(axes, self.transposed_windows(volume), strict=True)]
        _require_division(volume.channels, self.filters, self.groups)
        return Volume(self.filters, tuple(sizes))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        cut = any(window.before != window.after for window in self.transposed_windows(volume))
        # PyTorch on a CPU takes more for an output on three axes that is smaller than the input.
        wide = len(volume.spatial) == 3 and self.output(volume).elements < volume.elements
        return None if wide and not cut else Kept(input=True, cut=cut)  # dW = x * dy

    def all_weights(self, volume: Volume) -> int:
        return convolution_weights(volume.channels, self.filters, per_axis(self.kernel, volume, "kernel"), self.groups)

    def all_biases(self, volume: Volume) -> int:
        return self.filters if self.bias else 0

    def macs(self, volume: Volume) -> int:
        """Every input cell meets every weight once: weights x input positions."""
        return self.all_weights(volume) * prod(volume.spatial)

    def connections(self, volume: Volume) -> int:
        return self.macs(volume) + (self.output(volume).elements if self.bias else 0)

    def gemm(self, volume: Volume) -> tuple[int, int, int, int]:
        taps = prod(per_axis(self.kernel, volume, "kernel"))
        return taps * self.filters // self.groups, volume.channels // self.groups, prod(volume.spatial), self.groups

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        steps = []
        for window in self.transposed_windows(volume):
            # A convolution with the kernel turned round, and the rest of it as padding.
            before = window.dilation * (window.kernel - 1) - window.before
            steps.append(FieldStep(window.kernel, window.dilation, 1, before, window.stride, bounded=True))
        return tuple(steps)

    def says(self, rank: int) -> str:
        words = [f"{self.filters} of {by(self.kernel, rank)}"]
        for name in ("stride", "padding", "output_padding", "dilation"):
            value = getattr(self, name)
            if value != self.attributes[name].default:
                words.append(f"{name.replace('_', ' ')} {brief(value)}")
        if self.groups > 1:
            words.append(f"{self.groups} groups")
        return ", ".join(words) + self.fixed_says

    def described(self, volume: Volume) -> dict[str, object]:
        windows = self.transposed_windows(volume)
        return {
            "kernel": [window.kernel for window in windows],
            "stride": [window.stride for window in windows],
            "padding": [[window.before, window.after] for window in windows],
            "output_padding": [window.output_padding for window in windows],
            "dilation": [window.dilation for window in windows],
            "groups": self.groups,
        }

    def working(self, volume: Volume) -> Iterator[Line]:
        output = self.output(volume)
        for axis, window, result in zip(
            AXES[len(volume.spatial)], self.transposed_windows(volume), output.spatial, strict=True
        ):
            yield f"output {axis}", f"{window.working()} = {result}"
        weights, biases, kernel_axes = (
            self.all_weights(volume),
            self.all_biases(volume),
            per_axis(self.kernel, volume, "kernel"),
        )
        share = self.filters if self.groups == 1 else f"({self.filters}/{self.groups})"
        taps = times(*kernel_axes, volume.channels, share)
        yield "output volume", str(output)
        yield self.line_of_weights(
            f"{taps}{f' + {biases}' if biases else ''} = {weights + biases:,}{'' if biases else ', no bias'}"
        )
        yield "macs", f"{times(taps, *volume.spatial)} = {self.macs(volume):,}: each input cell meets each weight once"
        m, k, n, groups = self.gemm(volume)
        each = f" for each of {groups} groups" if groups > 1 else ""
        yield (
            "matrix form",
            f"W_row^T [{m} x {k}], X [{k} x {n}], result [{m} x {n}]{each}, its columns added up into {output}",
        )
        yield (
            "backward",
            f"a plain convolution of the gradient with the same kernel, stride and padding: {self.macs(volume):,} macs",
        )
