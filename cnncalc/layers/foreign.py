"""What other tools call layers: the type here that a word means, or what to write where there is none."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cnncalc.layers import TYPES

_GROUPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "attention selfattention crossattention multiheadattention multiheadselfattention mha mhsa additiveattention "
        "groupedqueryattention scaleddotproductattention windowattention transformer transformerblock "
        "transformerencoder transformerencoderlayer transformerdecoder transformerdecoderlayer",
        "attention is not part of the language; it gives the volume that it gets, so the shapes hold without it, "
        "and its parameters are missing from the counts",
    ),
    (
        "matmul bmm mm dot dotproduct einsum einsumdense bilinear",
        "a product of two volumes is not part of the language; `multiply` goes number by number, "
        "`fc` and `conv` multiply by learned weights",
    ),
    (
        "transpose permute swapaxes moveaxis movedim rearrange",
        "exchanging axes is not part of the language; for the shapes alone write the result, as in `- reshape: 4x4x1024`",
    ),
    (
        "embedding embeddingbag reversibleembedding positionembedding",
        "an embedding is not part of the language; start at the volume that it gives, "
        "as in `input: 128x64` for 128 words of 64 numbers",
    ),
    (
        "lstm gru rnn simplernn rnnbase lstmcell grucell rnncell rnncellbase simplernncell stackedrnncells "
        "bidirectional convlstm",
        "recurrent layers are not part of the language; for the shapes alone `- conv: {filters: 64, kernel: 1}` gives "
        "64 channels at each step, `- fc: 64` one vector",
    ),
    (
        "glu swiglu geglu reglu gatedlinearunit",
        "a gated linear unit halves the layer before it; write its two halves, as in `- multiply: "
        "{value: [conv: {filters: 8, kernel: 1}], gate: [conv: {filters: 8, kernel: 1}, sigmoid]}`",
    ),
    (
        "separableconv sepconv separableconvolution depthwiseseparableconv dsconv",
        "write two layers, as in `- depthwise_conv: {kernel: 3}` and `- conv: {filters: 64, kernel: 1}`",
    ),
    ("pointwiseconv pwconv conv1x1", "write a `conv` with kernel 1, as in `- conv: {filters: 64, kernel: 1}`"),
    ("conv3x3", "write `- conv: {filters: 64, kernel: 3, padding: 1}`"),
    (
        "groupconv groupedconv groupconvolution",
        "write a `conv` with `groups`, as in `- conv: {filters: 64, kernel: 3, groups: 2}`",
    ),
    (
        "dilatedconv atrousconv dilatedconvolution",
        "write a `conv` with `dilation`, as in `- conv: {filters: 64, kernel: 3, dilation: 2}`",
    ),
    (
        "downsample downsampling subsample subsampling",
        "write what makes it smaller, as in `- max_pool: 2`, `- avg_pool: 2` or "
        "`- conv: {filters: 64, kernel: 2, stride: 2}`",
    ),
    (
        "blurpool antialias antialiasing",
        "write a convolution that learns nothing, as in "
        "`- depthwise_conv: {kernel: 3, stride: 2, padding: 1, bias: false, learned: false}`",
    ),
    ("fractionalmaxpool stochasticpool", "for the shapes write the size that it gives, as in `- adaptive_max_pool: 7`"),
    (
        "select getitem indexselect gather stridedslice",
        "write which channels go on, as in `- channel_slice: {start: 0, size: 1}`; `crop` takes cells away around a volume",
    ),
    (
        "squeezeexcite squeezeexcitation squeezeandexcitation seblock semodule selayer",
        "write `- multiply: {features: [], gate: [global_avg_pool, conv: {filters: channels, kernel: 1}, sigmoid]}`, "
        "with the layers that its gate has",
    ),
    ("identity noop nop passthrough", "leave it away: it changes nothing; an empty branch is `[]`"),
    (
        "sequential modulelist moduledict container module model functional layer layers wrapper timedistributed "
        "dataparallel",
        "write its layers one after another in `layers`, or as a block of the file",
    ),
    (
        "mbconv fusedmbconv invertedresidual bottleneck basicblock denseblock inception inceptionblock fire convblock "
        "convbn convbnact convbnrelu convbnactivation convnormactivation block stage stem",
        "write its layers as a block of the file, under `blocks`, and call it by its name",
    ),
    ("lambda", "write a layer that gives the same volume, as in `- reshape: 4x4x1024`"),
    (
        "parameterlist parameterdict parameter",
        "write the layer that the numbers belong to; `- scale` has one for each channel",
    ),
    (
        "input inputlayer inputspec",
        "leave it away: the network's volume is the file's `input`, as in `input: 224x224x3`",
    ),
    ("hardtanh softsign tanhshrink", "write `- tanh`: it too goes number by number and learns nothing"),
    ("logsigmoid", "write `- sigmoid`: it too goes number by number and learns nothing"),
    ("logsoftmax softmin", "write `- softmax`: it too keeps the volume and learns nothing"),
    ("rrelu", "write `- leaky_relu`: it too goes number by number and learns nothing"),
    ("hardshrink softshrink", "write `- relu`: it too goes number by number and learns nothing"),
    ("crelu", "write `- concat: {plus: [relu], minus: [relu]}`"),
    (
        "rmsnorm rmsnormalization",
        "write `- layer_norm: {affine: false}` and `- scale` behind it: a factor for each channel, nothing added",
    ),
    (
        "unitnormalization l2norm l2normalize normalize lpnormalize spectralnormalization spectralnorm weightnorm "
        "gaussiannoise activityregularization masking",
        "leave it away: it changes no shape and adds no layer's parameters",
    ),
    (
        "average maximum minimum subtract sub",
        "write `add`, which joins the same branches to the same volume and learns nothing either",
    ),
    (
        "fold unfold reconstructpatches extractpatches",
        "windows as a volume of their own are not part of the language; `reshape` gives a volume another shape",
    ),
    ("squeeze unsqueeze repeatvector expand", "write the volume that it gives, as in `- reshape: 4x4x1024`"),
    (
        "patchembed patchembedding",
        "write a `conv` whose stride is its kernel, as in `- conv: {filters: 96, kernel: 4, stride: 4}`",
    ),
    ("cosinesimilarity pairwisedistance", "leave it away: it compares outputs and is no layer of the network"),
    (
        "rescaling normalization centercrop pipeline categoryencoding discretization hashing hashedcrossing indexlookup "
        "integerlookup stringlookup textvectorization melspectrogram stftspectrogram augmix autocontrast clahe cutmix "
        "contrastlimitedadaptivehistogramequalization equalization maxnumboundingboxes mixup randaugment solarization",
        "leave it away: the network starts at what such preparation gives, the file's `input`",
    ),
)
"""Words as `plain` gives them, and what to do where there is no such layer."""

BESIDE: Final = {
    "dense": "`fc` takes a volume as one vector; Keras' Dense works at each position, as `- conv: {filters: 10, kernel: 1}`"
}
"""Words that mean a layer type here, and in what they mean another thing."""


def plain(word: str) -> str:
    """The word without what tools differ in: `nn.LazyConv2d(8, 3)` and `Conv1D` are `conv`."""
    bare = word.partition("(")[0].rpartition(".")[2].lower()
    return re.sub(r"[123]d|[\W_]", "", bare).removeprefix("lazy") or bare


@cache
def _types() -> dict[str, str]:
    return {plain(word): layer.type for layer in TYPES.values() for word in (layer.type, *layer.also)}


@cache
def _remedies() -> dict[str, str]:
    return {word: remedy for words, remedy in _GROUPS for word in words.split()}


def proper_type(word: str) -> str | None:
    """The layer type that other tools call `word`."""
    return _types().get(plain(word))


def remedy(word: str) -> str | None:
    """What to do where other tools have a layer `word` and there is none here."""
    bare = plain(word)
    if bare.endswith("loss"):
        return "leave it away: a loss is no layer of the network"
    if bare.startswith("random"):
        bare = "pipeline"
    return _remedies().get(bare)


def numbered_type(word: str) -> str | None:
    """The layer type in what is rather a name: `pool1`, `conv2_1`."""
    bare = re.match(r"(.*?)[\d_-]*\d\Z", word)
    return proper_type(bare[1]) if bare and bare[1] else None


def activation(word: str, alone: bool = False) -> str:
    """What to write for an activation function that a layer is given, or that is a layer by itself."""
    proper = proper_type(word)
    if alone and proper and TYPES[proper].in_place:
        return f"write `- {proper}`"
    if word.lower() in ("linear", "none", "null", "identity"):
        return "leave it away: it changes nothing"
    if proper and TYPES[proper].in_place:
        return f"write the activation as a layer of its own behind this one, as in `- {proper}`"
    return remedy(word) or "write the activation as a layer of its own behind this one"
