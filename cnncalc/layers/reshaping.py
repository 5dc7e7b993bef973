"""Layers that rearrange, resize, pad or crop a volume and compute nothing that is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd

from cnncalc import findings
from cnncalc.findings import LayerError
from cnncalc.layers.base import (
    FLAT,
    PART,
    STEADY,
    Extents,
    FieldStep,
    Kept,
    Layer,
    Line,
    Sides,
    attribute,
    brief,
    by,
    per_axis,
    per_side,
    require_axes,
    times,
    value_attribute,
)
from cnncalc.layers.kinds import COUNT, EXTENTS, FIRST, FLAG, SIDES, VOLUME, one_of
from cnncalc.volume import AXES, Sided, Volume

_FACTOR_ALSO = ("scale_factor", "scale", "block_size", "blocksize", "size")
_MODES = {1: ("nearest", "linear"), 2: ("nearest", "bilinear", "bicubic"), 3: ("nearest", "trilinear")}
"""Of each number of axes, as torch.nn.Upsample has them."""
PADDING_MODE = one_of("zeros", "reflect", "replicate", "circular")
UPSAMPLING = one_of(*dict.fromkeys(mode for modes in _MODES.values() for mode in modes))


class Flatten(Layer, type="flatten", also=("view", "ravel")):
    """The volume as one vector."""

    in_place = renames = True
    order = FLAT
    keeps = Kept(same=True)

    def output(self, volume: Volume) -> Volume:
        return Volume(volume.elements)

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "output volume", f"{times(*volume.spatial, volume.channels)} = {volume.elements}"
        yield "parameters", "none"


class Reshape(Layer, type="reshape", also=("unflatten",), example="- reshape: 4x4x1024"):
    """The same numbers as another volume."""

    in_place = renames = True
    keeps = Kept(same=True)
    volume: Volume = attribute(VOLUME, main=True, also=("shape", "target_shape", "unflattened_size", "size", "dims"))

    def output(self, volume: Volume) -> Volume:
        if volume.elements != self.volume.elements:
            raise LayerError(findings.other_count(volume, self.volume))
        return self.volume

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return super().field(volume) if self.volume == volume else ()

    def says(self, rank: int) -> str:
        return f"to {self.volume}"

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "output volume", f"{volume} = {volume.elements:,} numbers = {self.output(volume)}"
        yield "parameters", "none"


class ChannelShuffle(Layer, type="channel_shuffle", also=("channelshuffle", "shuffle"), example="- channel_shuffle: 2"):
    """Interleaves the channels of the groups (Zhang et al. 2018, ShuffleNet)."""

    groups: int = attribute(COUNT, main=True, also=("group",))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # Where nothing changes places PyTorch copies on one device, and not on another.
        return Kept() if 1 < self.groups < volume.channels else None

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        if volume.channels % self.groups:
            raise LayerError(findings.does_not_divide("channels", volume.channels, self.groups))
        return volume

    def says(self, rank: int) -> str:
        return f"{self.groups} groups"

    def working(self, volume: Volume) -> Iterator[Line]:
        yield (
            "output volume",
            f"{volume}: {self.groups} groups of {volume.channels // self.groups} channels interleaved",
        )
        yield "parameters", "none"


class ChannelSlice(
    Layer, type="channel_slice", also=("slice", "narrow"), example="- channel_slice: {start: 8, size: 24}"
):
    """Some of the channels that lie together: `size` of them, from the channel `start` on."""

    in_place = renames = True
    order = PART
    keeps = Kept(same=True)
    size: int = attribute(COUNT, main=True, also=("length",))
    start: int = attribute(FIRST, default=0, also=("begin",))

    def output(self, volume: Volume) -> Volume:
        if self.start + self.size > volume.channels:
            raise LayerError(findings.slice_beyond_the_last(self.start, self.size, volume.channels))
        return volume._replace(channels=self.size)

    def says(self, rank: int) -> str:
        return f"channels {self.start} to {self.start + self.size - 1}"

    def working(self, volume: Volume) -> Iterator[Line]:
        yield (
            "output volume",
            f"{self.output(volume)}: the channels {self.start} to {self.start + self.size - 1} of {volume.channels}",
        )
        yield "parameters", "none"


class _PixelShuffle(Layer):
    """Channels to cells of a picture, or back; each cell to or from a square of `factor` by `factor`."""

    factor: int
    keeps = Kept()

    def of_squares(self, volume: Volume) -> int:
        """How many channels stand for one. Raises LayerError where there are no two axes."""
        require_axes(self, volume)
        if len(volume.spatial) != 2:
            raise LayerError(findings.needs_two_axes(self.type, str(volume)))
        return self.factor**2

    def says(self, rank: int) -> str:
        return f"by {self.factor}"

    def lines(self, volume: Volume, channels: str, sides: Sequence[str], becomes: str) -> Iterator[Line]:
        """The working: what the channels and each side come to, and what becomes of a cell."""
        output = self.output(volume)
        yield "output channels", f"{channels} = {output.channels}"
        for axis, side, result in zip(AXES[2], sides, output.spatial, strict=True):
            yield f"output {axis}", f"{side} = {result}"
        yield "output volume", f"{output}: {becomes}"
        yield "parameters", "none"


class PixelShuffle(
    _PixelShuffle,
    type="pixel_shuffle",
    also=("pixelshuffle", "depth_to_space", "depthtospace", "subpixel", "sub_pixel"),
    example="- pixel_shuffle: 2",
):
    """Every r^2 channels as one of r times the height and width, r the `factor` (Shi et al. 2016)."""

    factor: int = attribute(COUNT, main=True, also=("upscale_factor", *_FACTOR_ALSO))

    def output(self, volume: Volume) -> Volume:
        each = self.of_squares(volume)
        if volume.channels % each:
            raise LayerError(findings.no_squares_of_channels(self.factor, volume.channels))
        return Volume(volume.channels // each, tuple([self.factor * size for size in volume.spatial]))

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return (FieldStep(self.factor, 1, 1, self.factor - 1, self.factor, bounded=True),) * 2  # the cell ⌊o/r⌋

    def working(self, volume: Volume) -> Iterator[Line]:
        channels = f"{volume.channels}/{times(self.factor, self.factor)}"
        becomes = f"each cell becomes {by(self.factor, 2)}, from as many channels"
        yield from self.lines(volume, channels, [times(self.factor, size) for size in volume.spatial], becomes)


class PixelUnshuffle(
    _PixelShuffle,
    type="pixel_unshuffle",
    also=("pixelunshuffle", "space_to_depth", "spacetodepth", "reorg"),
    example="- pixel_unshuffle: 2",
):
    """Every square of r by r cells as one cell of r^2 times the channels, r the `factor`: `pixel_shuffle` undone."""

    factor: int = attribute(COUNT, main=True, also=("downscale_factor", *_FACTOR_ALSO))

    def output(self, volume: Volume) -> Volume:
        each = self.of_squares(volume)
        for axis, size in zip(AXES[2], volume.spatial, strict=True):
            if size % self.factor:
                raise LayerError(findings.no_squares_of_cells(axis, size, self.factor))
        return Volume(volume.channels * each, tuple([size // self.factor for size in volume.spatial]))

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return (FieldStep(self.factor, 1, self.factor),) * 2

    def working(self, volume: Volume) -> Iterator[Line]:
        channels = times(volume.channels, self.factor, self.factor)
        becomes = f"{by(self.factor, 2)} cells become one, in as many channels"
        yield from self.lines(volume, channels, [f"{size}/{self.factor}" for size in volume.spatial], becomes)


class Upsample(
    Layer,
    type="upsample",
    also=(
        "upsampling",
        "upsampling1d",
        "upsampling2d",
        "upsampling3d",
        "interpolate",
        "resize",
        "resizing",
        "unpool",
        "max_unpool",
        "upsampling_bilinear",
        "upsampling_nearest",
    ),
    example="- upsample: 2",
):
    """Enlarges every axis by a whole `factor`, or to a `size`."""

    alternatives = ("factor", "size")

    factor: Extents | None = attribute(
        EXTENTS, default=None, main=True, also=("scale_factor", "scale"), default_says="-"
    )
    size: Extents | None = attribute(EXTENTS, default=None, also=("output_size",), default_says="-")
    mode: str = attribute(UPSAMPLING, default="nearest", also=("interpolation",))
    align_corners: bool = value_attribute(FLAG, default=False)
    order = STEADY
    keeps = Kept()  # dx is of the sizes alone

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        rank = len(volume.spatial)
        if self.mode not in _MODES[rank]:
            raise LayerError(findings.mode_of_other_rank(self.mode, rank, _MODES[rank]))
        if self.align_corners and self.mode == "nearest":
            raise LayerError(findings.nearest_has_no_corners(_MODES[rank][1]))
        if (self.factor is None) == (self.size is None):
            raise LayerError(findings.either_attribute("upsample", "factor", "size", both=self.size is not None))
        if self.size is not None:
            return Volume(volume.channels, per_axis(self.size, volume, "size"))
        assert self.factor is not None
        factors = per_axis(self.factor, volume, "factor")
        return Volume(volume.channels, tuple(w * f for w, f in zip(volume.spatial, factors, strict=True)))

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        steps = []
        for size, result in zip(volume.spatial, self.output(volume).spatial, strict=True):
            stride, up = size // gcd(size, result), result // gcd(size, result)
            if self.mode == "nearest":  # the cell ⌊o·stride/up⌋
                steps.append(FieldStep(up, 1, stride, up - 1, up, bounded=True))
                continue
            if self.align_corners and size > 1:
                steps.append(self.aligned(size, result))
                continue
            # The cells less than 1 (of bicubic 2) from the output cell's centre, (o + 1/2)·stride/up - 1/2;
            # of weights at a whole distance from it only that at 0 is not 0.
            even = (stride - up) % 2 == 0
            taps = 1 if even and up == 1 else (4 if self.mode == "bicubic" else 2) * up - even
            steps.append(FieldStep(taps, 1, stride, (taps - 1 + up - stride) // 2, up, bounded=True, exact=even))
        return tuple(steps)

    def aligned(self, size: int, result: int) -> FieldStep:
        """Corners on corners: the cells less than 1 (of bicubic 2) from o·(size - 1)/(result - 1); of one result cell 0."""
        if result == 1:
            return FieldStep(stride=size, bounded=True)
        common = gcd(size - 1, result - 1)
        stride, up = (size - 1) // common, (result - 1) // common
        reach = 0 if up == 1 else (2 if self.mode == "bicubic" else 1) * up - 1
        return FieldStep(2 * reach + 1, 1, stride, reach, up, bounded=True, exact=True)

    def says(self, rank: int) -> str:
        how = f"to {by(self.size, rank)}" if self.size is not None else f"by {brief(self.factor or 1)}"
        return f"{how}, {self.mode}"

    def working(self, volume: Volume) -> Iterator[Line]:
        output = self.output(volume)
        for axis, size, result in zip(AXES[len(volume.spatial)], volume.spatial, output.spatial, strict=True):
            yield (
                f"output {axis}",
                f"{size}·{result // size} = {result}" if self.size is None else f"{result}, as given",
            )
        yield "output volume", f"{output}, {self.mode}"
        yield "parameters", "none"


class _Sided(Layer):
    amount: Sides = attribute(SIDES, main=True, also=("padding", "cropping", "size", "pad", "crop"))
    sign = 1

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        sizes = []
        sides = per_side(self.amount, volume, "amount")
        for axis, size, (before, after) in zip(AXES[len(volume.spatial)], volume.spatial, sides, strict=True):
            sizes.append(size + self.sign * (before + after))
            if sizes[-1] < 1:
                fault = findings.nothing_left(axis, f"{size} - {before} - {after}", sizes[-1], "amount")
                raise LayerError(fault)
        return Volume(volume.channels, tuple(sizes))

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        return tuple(FieldStep(before=self.sign * before) for before, _ in per_side(self.amount, volume, "amount"))

    def says(self, rank: int) -> str:
        if isinstance(self.amount, Sided):
            return ", ".join(f"{side} {n}" for side, n in self.amount)
        return f"{brief(self.amount)} on each side"

    def working(self, volume: Volume) -> Iterator[Line]:
        sign = "+" if self.sign > 0 else "-"
        output = self.output(volume)
        sides = per_side(self.amount, volume, "amount")
        for axis, size, (before, after), result in zip(
            AXES[len(volume.spatial)], volume.spatial, sides, output.spatial, strict=True
        ):
            yield f"output {axis}", f"{size} {sign} {before} {sign} {after} = {result}"
        yield "output volume", str(output)
        yield "parameters", "none"


class Pad(
    _Sided,
    type="pad",
    also=(
        "zero_pad",
        "zeropad2d",
        "zero_padding",
        "zeropadding1d",
        "zeropadding2d",
        "zeropadding3d",
        "padding",
        "reflection_pad",
        "replication_pad",
        "circular_pad",
        "constant_pad",
    ),
    example="- pad: 1",
):
    """Adds cells around the volume: zeros, or by `mode` cells that are there."""

    order = STEADY
    mode: str = value_attribute(PADDING_MODE, default="zeros", also=("padding_mode",))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        if self.output(volume) == volume:
            return Kept(same=True)
        return Kept(input=self.mode in ("reflect", "replicate"))  # for its size alone

    def output(self, volume: Volume) -> Volume:
        most = {"reflect": -1, "circular": 0}.get(self.mode)
        require_axes(self, volume)
        for axis, size, sides in zip(
            AXES[len(volume.spatial)], volume.spatial, per_side(self.amount, volume, "amount"), strict=True
        ):
            # As torch.nn.functional.pad refuses it.
            if most is not None and max(sides) > size + most:
                raise LayerError(findings.too_few_to_repeat(self.mode, axis, size, max(sides), size + most))
        return super().output(volume)

    def field(self, volume: Volume) -> tuple[FieldStep, ...]:
        steps = super().field(volume)
        if self.mode == "zeros":
            return steps
        sides = zip(steps, per_side(self.amount, volume, "amount"), strict=True)
        return tuple([step._replace(repeats=self.mode) if any(pair) else step for step, pair in sides])


class Crop(_Sided, type="crop", also=("cropping", "cropping1d", "cropping2d", "cropping3d"), example="- crop: 4"):
    """Takes cells away around the volume."""

    sign = -1
    order = STEADY

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        return Kept(same=True) if self.output(volume) == volume else Kept(cut=True)
