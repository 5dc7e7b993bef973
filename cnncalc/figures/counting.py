"""The named conventions of counting mult-adds. `macs` is a fact; the others are what tools print.

The tools count PyTorch's modules in eval mode, so each layer stands for the module of its name. `scale` has none:
it stands for a bare parameter of the model, as in torchvision's ConvNeXt.
"""

from collections.abc import Callable
from math import prod
from typing import Final, NamedTuple

from cnncalc.layers.activation import Prelu, Softmax
from cnncalc.layers.base import Layer, times
from cnncalc.layers.convolution import Conv, DepthwiseConv, TransposedConv
from cnncalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, Scale
from cnncalc.layers.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool
from cnncalc.layers.reshaping import Upsample
from cnncalc.volume import Volume


class Product(NamedTuple):
    """The mult-adds of a layer as the product that they are, and what is counted in words."""

    factors: tuple[int, ...]
    why: str


_IN: Final = "for each number that comes in"
_OUT: Final = "for each number that comes out"


def _torchinfo(layer: Layer, volume: Volume, output: Volume) -> Product:
    """Torchinfo 1.8.0, `LayerInfo.calculate_macs`, which goes by the names of modules and parameters."""
    learned = layer.weights(volume) + layer.biases(volume)
    if isinstance(layer, Conv | DepthwiseConv | TransposedConv):
        return Product((learned, *output.spatial), "weights and biases at every output position")
    if isinstance(layer, Scale):
        return Product((0,), "what is called neither weight nor bias is not counted")
    return Product((learned,), "each weight and bias once")


def _macs(layer: Layer, volume: Volume, _: Volume) -> Product:
    return Product((layer.macs(volume),), "each multiply-accumulate once")


def _flops(layer: Layer, volume: Volume, _: Volume) -> Product:
    return Product((2, layer.macs(volume)), "2 for each multiply-accumulate")


def _fvcore(layer: Layer, volume: Volume, output: Volume) -> Product:
    """Fvcore 0.1.5, `_DEFAULT_SUPPORTED_OPS` in fvcore/nn/flop_count.py."""
    if isinstance(layer, BatchNorm):
        return Product((2 if layer.affine else 1, volume.elements), _IN)
    if isinstance(layer, GroupNorm | LayerNorm | InstanceNorm):
        return Product((5 if layer.affine else 4, volume.elements), _IN)
    if isinstance(layer, AdaptiveAvgPool | GlobalAvgPool) and len(volume.spatial) == 2:
        return Product((volume.elements,), _IN)
    if isinstance(layer, Upsample) and len(volume.spatial) == 2:
        return Product(({"nearest": 1, "bilinear": 4}.get(layer.mode, 0), output.elements), _OUT)
    return _macs(layer, volume, output)


def _thop(layer: Layer, volume: Volume, output: Volume) -> Product:
    """Thop 0.1.1, `register_hooks` in thop/profile.py and thop/vision/calc_func.py."""
    if isinstance(layer, Conv | DepthwiseConv | TransposedConv):
        return Product((layer.all_weights(volume), *output.spatial), "weights at every output position")
    if isinstance(layer, BatchNorm | LayerNorm | InstanceNorm):
        return Product((4 if layer.affine else 2, volume.elements), _IN)
    if isinstance(layer, AdaptiveAvgPool | GlobalAvgPool):
        return Product((_thop_adaptive(volume, output),), "for each number that comes in or goes out, in thop's floats")
    if isinstance(layer, AvgPool):
        return Product((output.elements,), _OUT)
    if isinstance(layer, Prelu):
        return Product((volume.elements,), _IN)
    if isinstance(layer, Softmax):
        return Product((prod(volume.spatial), 3 * volume.channels - 1), "3 for each channel less 1 at every position")
    if isinstance(layer, Upsample):
        each = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}.get(layer.mode, 0)
        return Product((each, output.elements), _OUT)
    return _macs(layer, volume, output)


def _thop_adaptive(volume: Volume, output: Volume) -> int:
    """Thop divides in 64-bit floats and cuts off, at times 1 below the sum. The same floats give what it prints."""
    total = volume.elements + output.elements
    if total > 2**53:  # no float counts so far, and no tensor is so large
        return total
    window = prod(size / bins for size, bins in zip(volume.spatial, output.spatial, strict=True))
    return int((window + 1) * output.elements)


class Convention(NamedTuple):
    """A way of counting mult-adds, and what it counts in words."""

    product: Callable[[Layer, Volume, Volume], Product]
    says: str

    def counts(self, layer: Layer, volume: Volume, output: Volume) -> int:
        """The mult-adds of a layer that makes the second volume of the first, for one example."""
        return prod(self.product(layer, volume, output).factors)

    def working(self, layer: Layer, volume: Volume, output: Volume) -> str:
        """The same with the numbers put in."""
        factors, why = self.product(layer, volume, output)
        product = f"{times(*factors)} = " if len(factors) > 1 else ""
        return f"{product}{prod(factors):,}: {why}"


DEFAULT: Final = "torchinfo"
CONVENTIONS: Final[dict[str, Convention]] = {
    "torchinfo": Convention(
        _torchinfo,
        "weights and biases at every output position for convolutions, transposed ones too, once for every other layer "
        "except scale, whose factors are not counted (torchinfo 1.8.0)",
    ),
    "macs": Convention(
        _macs,
        "multiply-accumulates of convolutions and fully connected layers, weights only (what torchvision publishes)",
    ),
    "flops": Convention(_flops, "2 for each multiply-accumulate (PyTorch's flop counter)"),
    "fvcore": Convention(
        _fvcore,
        "macs, and per number that comes in: 2 for batch_norm, 5 for group, layer and instance_norm, one less where they "
        "are not affine; on two axes alone also 1 for global and adaptive average pools, and per number that comes out: "
        "1 for upsample by nearest, 4 by bilinear (fvcore 0.1.5)",
    ),
    "thop": Convention(
        _thop,
        "weights at every output position for convolutions, transposed ones too, and once for fc; on any number of axes, "
        "per number that comes in: 4 for batch, layer and instance_norm, 2 where they are not affine, 1 for prelu, 3 for "
        "softmax, less 1 at each position; per number that comes out: 1 for avg_pool, 1, 5, 11 or 259 for upsample by "
        "nearest, linear, bilinear or bicubic; 1 for each of both for global and adaptive average pools (thop 0.1.1)",
    ),
}
"""The conventions by the names that `--counting` takes."""
