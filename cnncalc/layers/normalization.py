"""Normalisations, and the learned factor per channel."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import ClassVar

from cnncalc import findings
from cnncalc.findings import LayerError
from cnncalc.layers.base import LIKE, PERMUTED, Kept, Layer, Line, attribute, require_axes, times, value_attribute
from cnncalc.layers.kinds import COUNT, FLAG, NOT_NEGATIVE, RATE, REAL
from cnncalc.volume import Volume

_AFFINE_ALSO = ("elementwise_affine", "scale", "center")
_EPS_ALSO = ("epsilon", "variance_epsilon")


class _Norm(Layer):
    """(x - mean)/sqrt(variance + eps)·gamma + beta: gamma and beta per channel where affine."""

    affine: bool = attribute(FLAG, default=True, also=_AFFINE_ALSO)
    eps: float = value_attribute(NOT_NEGATIVE, default=1e-5, also=_EPS_ALSO)
    over: ClassVar[str]

    def weights(self, volume: Volume) -> int:
        return volume.channels if self.affine else 0

    def biases(self, volume: Volume) -> int:
        return volume.channels if self.affine else 0

    def says(self, rank: int) -> str:
        return "" if self.affine == self.attributes["affine"].default else f"affine {str(self.affine).lower()}"

    def working(self, volume: Volume) -> Iterator[Line]:
        self.output(volume)
        yield "computes", "(x - mean)/sqrt(variance + eps)" + ("·gamma + beta" if self.affine else "")
        yield "mean, variance", self.over
        if self.affine:
            yield "parameters", f"gamma and beta for each channel: 2·{volume.channels} = {2 * volume.channels:,}"
        else:
            yield "parameters", "none: it is not affine"
        if self.buffers(volume):
            yield "running statistics", f"2·{volume.channels} = {self.buffers(volume):,} numbers, kept but not learned"


class BatchNorm(
    _Norm,
    type="batch_norm",
    also=(
        "bn",
        "batchnorm",
        "batchnorm1d",
        "batchnorm2d",
        "batchnorm3d",
        "batch_normalization",
        "batchnormalization",
        "batch_norm2d",
        "sync_batch_norm",
    ),
):
    """Normalises each channel over the batch and all positions; folds into the layer before at inference."""

    overwrites = True
    order = LIKE
    over = "of each channel, over the batch and all positions; running averages at inference"
    momentum: float = value_attribute(RATE, default=0.1)

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        if self.eps == 0:
            return None  # PyTorch refuses to train it
        return Kept(input=True, of_batch=2 * volume.channels)  # dx and dgamma are of x, its mean and deviation

    def buffers(self, volume: Volume) -> int:
        return 2 * volume.channels


class InstanceNorm(
    _Norm, type="instance_norm", also=("instancenorm", "instancenorm1d", "instancenorm2d", "instancenorm3d")
):
    """Normalises each channel of each example over its positions."""

    affine: bool = attribute(FLAG, default=False, also=_AFFINE_ALSO)
    momentum: float = value_attribute(RATE, default=0.1)
    over = "of each channel of each example, over its positions"

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # As a batch norm of all channels of all examples, for which gamma is repeated.
        return Kept(input=True, statistics=(2 + self.affine) * volume.channels)

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        if prod(volume.spatial) == 1:  # refused by torch.nn.functional.instance_norm, and not while training alone
            raise LayerError(findings.norm_of_one_cell(self.type, str(volume)))
        return volume


class LayerNorm(
    _Norm, type="layer_norm", also=("layernorm", "ln", "layernorm2d", "layernormalization", "layer_normalization")
):
    """Normalises the channels at each position of each example."""

    order = PERMUTED
    over = "of the channels at each position of each example"

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        return Kept(input=True, statistics=2 * prod(volume.spatial))


class GroupNorm(_Norm, type="group_norm", also=("groupnorm", "gn", "groupnormalization"), example="- group_norm: 32"):
    """Normalises each group of channels of each example."""

    groups: int = attribute(COUNT, main=True, also=("num_groups",))
    over = "of each group of channels of each example, over its positions"

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        return Kept(input=True, statistics=2 * self.groups)

    def output(self, volume: Volume) -> Volume:
        least = 2 if prod(volume.spatial) == 1 else 1  # channels to a group: one number has no deviation
        if volume.channels % self.groups:
            most = volume.channels // least
            raise LayerError(findings.does_not_divide("channels", volume.channels, self.groups, most=most))
        if volume.channels // self.groups < least:  # refused for one example by torch.nn.functional.group_norm
            raise LayerError(findings.groups_of_one_number(self.groups, str(volume)))
        return volume

    def says(self, rank: int) -> str:
        return ", ".join(filter(None, (f"{self.groups} groups", super().says(rank))))


class LocalResponseNorm(
    Layer,
    type="local_response_norm",
    also=("lrn", "localresponsenorm", "local_response_normalization", "response_norm", "cross_map_lrn"),
):
    """Divides each number by a sum over `size` neighbouring channels (Krizhevsky et al. 2012, 3.3)."""

    size: int = attribute(COUNT, default=5, main=True, also=("local_size", "n"))
    alpha: float = value_attribute(REAL, default=0.0001)
    beta: float = value_attribute(REAL, default=0.75)
    k: float = value_attribute(REAL, default=1, also=("bias",))

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # x/s^beta: the squares between channels of zeros, s, and s^beta.
        padded = Volume(volume.channels + self.size - 1, volume.spatial)
        return Kept(input=True, numbers=padded.elements + 2 * volume.elements)

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        return volume

    def says(self, rank: int) -> str:
        return f"over {self.size} channels"

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "computes", f"x/(k + alpha·(sum of x^2 over {self.size} neighbouring channels)/{self.size})^beta"
        yield "parameters", "none: k, alpha and beta are chosen, not learned"


class GlobalResponseNorm(
    Layer, type="global_response_norm", also=("grn", "globalresponsenorm", "globalresponsenorm2d")
):
    """Scales each channel by its L2 norm over the positions beside the other channels' (ConvNeXt V2; Woo et al. 2023)."""

    order = LIKE
    eps: float = value_attribute(NOT_NEGATIVE, default=1e-6, also=_EPS_ALSO)

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        # gamma·x·norm/mean: the norms and their mean; where x has a gradient gamma·x, and that times the norm.
        return Kept(input=True, numbers=volume.channels + 1 + 2 * volume.elements * learns)

    def output(self, volume: Volume) -> Volume:
        require_axes(self, volume)
        return volume

    def weights(self, volume: Volume) -> int:
        return volume.channels

    def biases(self, volume: Volume) -> int:
        return volume.channels

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "computes", "gamma·x·norm/(mean of all channels' norms + eps) + beta + x"
        yield "norm", "of each channel of each example, over its positions: the root of the sum of x^2"
        yield "parameters", f"gamma and beta for each channel: 2·{volume.channels} = {2 * volume.channels:,}"


class Scale(Layer, type="scale", also=("layer_scale", "layerscale")):
    """A learned factor for each channel (ConvNeXt's layer scale; Touvron et al. 2021)."""

    overwrites = True
    order = LIKE
    keeps = Kept(input=True)  # dgamma = sum of dy·x

    def weights(self, volume: Volume) -> int:
        return volume.channels

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "computes", "x times a learned factor, one for each channel"
        yield "parameters", times(volume.channels)
