"""The named conventions of counting mult-adds. `macs` is a fact; the others are what tools print.

For a transposed convolution torchinfo and thop count every weight at every output position, though
each weight meets each input cell once. Under their names so is it here.
"""

from math import prod
from typing import Final, NamedTuple

from cnncalc.layers.activation import Prelu, Softmax
from cnncalc.layers.base import Layer, per_axis
from cnncalc.layers.convolution import Conv, DepthwiseConv, TransposedConv
from cnncalc.layers.figures import Count
from cnncalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, Scale
from cnncalc.layers.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool
from cnncalc.layers.reshaping import Upsample
from cnncalc.volume import Volume


def _torchinfo(layer: Layer, volume: Volume, output: Volume) -> int:
    """Torchinfo 1.8.0, `LayerInfo.calculate_macs` and its caller."""
    learned = layer.weights(volume) + layer.biases(volume)
    if isinstance(layer, Conv | DepthwiseConv | TransposedConv):
        return learned * prod(output.spatial)
    return (
        0 if isinstance(layer, Scale) else learned
    )  # it counts modules' own weights; a layer scale is a bare parameter


def _macs(layer: Layer, volume: Volume, _: Volume) -> int:
    return layer.macs(volume)


def _flops(layer: Layer, volume: Volume, _: Volume) -> int:
    return 2 * layer.macs(volume)


def _fvcore(layer: Layer, volume: Volume, output: Volume) -> int:
    """Fvcore 0.1.5, `_DEFAULT_SUPPORTED_OPS` in fvcore/nn/flop_count.py, the model in eval mode."""
    if isinstance(layer, BatchNorm):
        return volume.elements * (2 if layer.affine else 1)
    if isinstance(layer, GroupNorm | LayerNorm | InstanceNorm):
        return volume.elements * (5 if layer.affine else 4)
    if isinstance(layer, AdaptiveAvgPool | GlobalAvgPool) and len(volume.spatial) == 2:
        return volume.elements
    if isinstance(layer, Upsample) and len(volume.spatial) == 2:
        return output.elements * {"nearest": 1, "bilinear": 4}.get(layer.mode, 0)
    return layer.macs(volume)


def _thop(layer: Layer, volume: Volume, output: Volume) -> int:
    """Thop 0.1.1, `register_hooks` in thop/profile.py and thop/vision/calc_func.py."""
    if isinstance(layer, TransposedConv):
        taps = prod(per_axis(layer.kernel, volume, "kernel"))
        return output.elements * (volume.channels // layer.groups) * taps
    if isinstance(layer, BatchNorm | LayerNorm | InstanceNorm):
        return volume.elements * (4 if layer.affine else 2)
    if isinstance(layer, AdaptiveAvgPool | GlobalAvgPool):
        return volume.elements + output.elements
    if isinstance(layer, AvgPool):
        return output.elements
    if isinstance(layer, Prelu):
        return volume.elements
    if isinstance(layer, Softmax):
        return prod(volume.spatial) * (3 * volume.channels - 1)
    if isinstance(layer, Upsample):
        return output.elements * {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}.get(layer.mode, 0)
    return layer.macs(volume)


class Convention(NamedTuple):
    """A way of counting mult-adds, and what it counts in words."""

    counts: Count
    says: str


DEFAULT: Final = "torchinfo"
CONVENTIONS: Final[dict[str, Convention]] = {
    "torchinfo": Convention(
        _torchinfo,
        "weights and biases at every output position for convolutions of every kind, once for every other layer but "
        "scale (torchinfo 1.8.0)",
    ),
    "macs": Convention(
        _macs,
        "multiply-accumulates of convolutions and fully connected layers, weights only (what torchvision publishes)",
    ),
    "flops": Convention(_flops, "2 for each multiply-accumulate (PyTorch's flop counter)"),
    "fvcore": Convention(
        _fvcore,
        "macs, and per number that comes in: 2 for batch_norm, 5 for group, layer and instance_norm, one less where they "
        "are not affine; on two axes 1 for global and adaptive average pools, and per number that comes out 1 to 4 for "
        "upsample (fvcore 0.1.5)",
    ),
    "thop": Convention(
        _thop,
        "macs, but for transposed convolutions weights at every output position; per number that comes in: 4 for batch, "
        "layer and instance_norm, 2 where they are not affine, 1 for global and adaptive average pools and prelu; per "
        "number that comes out: 1 for average pools, about 3 for softmax, 1 to 259 for upsample; its own floats cut off "
        "up to 1 (thop 0.1.1)",
    ),
}
"""The conventions by the names that `--counting` takes."""
