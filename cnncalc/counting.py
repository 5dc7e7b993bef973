"""The named conventions of counting mult-adds. `macs` is a fact; these are what tools print."""

from __future__ import annotations

from math import prod
from typing import Final

from cnncalc.layers.base import Layer
from cnncalc.layers.convolution import Conv, DepthwiseConv, TransposedConv
from cnncalc.volume import Volume

DEFAULT: Final = "torchinfo"


def torchinfo(layer: Layer, volume: Volume, output: Volume) -> int:
    """(weights + biases) x output positions for convolutions, weights + biases for all other layers.

    As torchinfo 1.8.0, `LayerInfo.calculate_macs` (github.com/TylerYep/torchinfo), with one
    difference: for a transposed convolution that counts weights x output positions, though each
    weight meets each input cell once; here it is weights x input positions.
    """
    learned = layer.weights(volume) + layer.biases(volume)
    if isinstance(layer, Conv | DepthwiseConv):
        return learned * prod(output.spatial)
    if isinstance(layer, TransposedConv):
        return layer.macs(volume) + layer.biases(volume) * prod(output.spatial)
    return learned
