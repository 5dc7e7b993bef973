"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.layers.base import FLAT, Kept, Line, attribute, by, per_axis, times
from cnncalc.layers.convolution import Conv
from cnncalc.layers.kinds import COUNT
from cnncalc.layers.weighted import Weighted
from cnncalc.volume import Volume


class Fc(
    Weighted,
    type="fc",
    also=("linear", "dense", "fully_connected", "fullyconnected", "inner_product", "innerproduct", "affine", "gemm"),
    example="- fc: 1000",
):
    """Every unit reads every number of the volume, which need not be flattened first."""

    reads_all = True
    order = FLAT
    units: int = attribute(COUNT, main=True, also=("out_features", "num_output", "output_dim", "filters", "features"))

    def output(self, volume: Volume) -> Volume:
        return Volume(self.units)

    def all_weights(self, volume: Volume) -> int:
        return volume.elements * self.units

    def all_biases(self, volume: Volume) -> int:
        return self.units if self.bias else 0

    def macs(self, volume: Volume) -> int:
        return self.all_weights(volume)

    def connections(self, volume: Volume) -> int:
        return self.all_weights(volume) + self.all_biases(volume)

    def gemm(self, volume: Volume) -> tuple[int, int, int, int]:
        return self.units, volume.elements, 1, 1

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        return Kept(input=self.learned)  # dW = dy·x^T, dx = W^T·dy

    def says(self, rank: int) -> str:
        return f"{self.units:,} units{'' if self.bias else ', no bias'}{self.fixed_says}"

    def working(self, volume: Volume) -> Iterator[Line]:
        inputs, total = volume.elements, self.connections(volume)
        if volume.spatial:
            yield "inputs", f"{times(*volume.spatial, volume.channels)} = {inputs:,}, the whole volume as one vector"
        yield "output volume", str(self.units)
        if self.bias:
            yield self.line_of_weights(f"({inputs:,} + 1)·{self.units:,} = {total:,}")
        else:
            yield self.line_of_weights(f"{inputs:,}·{self.units:,} = {total:,}, no bias")
        yield "macs", f"{inputs:,}·{self.units:,} = {self.macs(volume):,}"
        bias = " (+ 1 bias)" if self.bias else ""
        yield "neurons", f"{self.units:,}, each connected to all {inputs:,} inputs{bias}"
        window = by(volume.spatial, 0) if volume.spatial else "1x1"
        over = str(volume) if volume.spatial else f"1x1x{volume.channels}"
        one = str(Volume(self.units, (1,) * max(len(volume.spatial), 1 if volume.spatial else 2)))
        yield "as a convolution", f"a window of {window} over {over} with {self.units:,} filters, which gives {one}"
        yield "matrix form", f"W [{self.units} x {inputs}] times x [{inputs} x 1]"
        if volume.spatial:
            ends = " x ".join(str(size - 1) for size in volume.spatial)
            yield "backward", f"again a convolution: a window of {window} over {one} padded by {ends} gives back {over}"
        else:
            yield "backward", f"W^T [{inputs} x {self.units}] times the gradient of {self.units}"
        weights = f" and {self.macs(volume):,} for the weights" if self.learned else ""
        yield "backward, macs", f"{self.macs(volume):,} for the data{weights}"


class FcAsConv(Conv, type="conv"):
    """A fully connected layer as the convolution whose kernel is the volume that it meets; nobody writes it."""

    @classmethod
    def of_fc(cls, fc: Fc, volume: Volume) -> FcAsConv:
        """The convolution with the weights of an `fc` on a volume with axes."""
        return cls(filters=fc.units, kernel=volume.spatial, bias=fc.bias, learned=fc.learned)

    def working(self, volume: Volume) -> Iterator[Line]:
        met = Volume(volume.channels, per_axis(self.kernel, volume, "kernel"))
        positions = self.positions(volume)
        yield "fully connected", f"{self.filters:,} units that each read all of {met}: a kernel of {by(self.kernel, 0)}"
        if (count := prod(positions)) > 1:
            yield "in one run", f"what the units give on each of {times(*positions)} = {count:,} windows of {met}"
        yield from super().working(volume)
