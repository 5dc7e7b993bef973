"""The layer types. `LAYERS` is the one list of them: a class and its name here are a whole layer type."""

from __future__ import annotations

from typing import Final

from cnncalc.layers.activation import (
    Dropout,
    DropPath,
    Elu,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Mish,
    Prelu,
    Relu,
    Relu6,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from cnncalc.layers.base import Attribute, Layer
from cnncalc.layers.convolution import Conv, DepthwiseConv, TransposedConv
from cnncalc.layers.dense import Fc
from cnncalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, Scale
from cnncalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from cnncalc.layers.reshaping import ChannelShuffle, Crop, Flatten, Pad, Reshape, Upsample

LAYERS: Final[tuple[type[Layer], ...]] = (
    Conv,
    DepthwiseConv,
    TransposedConv,
    MaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    Fc,
    Flatten,
    Reshape,
    BatchNorm,
    InstanceNorm,
    LayerNorm,
    GroupNorm,
    LocalResponseNorm,
    Relu,
    Relu6,
    LeakyRelu,
    Elu,
    Selu,
    Gelu,
    Silu,
    Mish,
    Softplus,
    Sigmoid,
    HardSigmoid,
    HardSwish,
    Tanh,
    Softmax,
    Prelu,
    Dropout,
    DropPath,
    Scale,
    ChannelShuffle,
    Upsample,
    Pad,
    Crop,
)

TYPES: Final[dict[str, type[Layer]]] = {layer.type: layer for layer in LAYERS}
"""Every layer type by the name it has in a specification."""


__all__ = [
    "LAYERS",
    "TYPES",
    "Attribute",
    "Layer",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "AvgPool",
    "BatchNorm",
    "ChannelShuffle",
    "Conv",
    "Crop",
    "DepthwiseConv",
    "DropPath",
    "Dropout",
    "Elu",
    "Fc",
    "Flatten",
    "Gelu",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "HardSigmoid",
    "HardSwish",
    "InstanceNorm",
    "LayerNorm",
    "LeakyRelu",
    "LocalResponseNorm",
    "MaxPool",
    "Mish",
    "Pad",
    "Prelu",
    "Relu",
    "Relu6",
    "Reshape",
    "Scale",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransposedConv",
    "Upsample",
]
