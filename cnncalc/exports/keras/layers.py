"""What each layer type is in Keras: one function a type, the only place that knows. Channels come last.

A function takes a `Site` and gives what is applied one behind another: layers, or functions of `INPUT`, which stands for
what they are applied to. What starts with `NAMED` stands for the name of the one that is the layer itself. Classes and
functions that Keras has none for are those of `helpers.py`, called by their bare names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import prod
from typing import Any, Final, TypeAlias

from cnncalc.arithmetic import same_padding
from cnncalc.exports.algebra import Number, Term, combined, literal, written
from cnncalc.exports.sites import Site, depthwise_filters, padding_term
from cnncalc.exports.written import Call, Code, bounds, call, keyword
from cnncalc.findings import LayerError, cannot_export
from cnncalc.layers.base import per_axis, per_side
from cnncalc.layers.window import padded_sides
from cnncalc.volume import AXES, Volume

INPUT: Final = "\0input"
NAMED: Final = "\0named"
TARGET: Final = "Keras"

Applied: TypeAlias = "list[Code]"
Pair: TypeAlias = tuple[int, int]


def _named(name: str, number: Number, default: object) -> list[Code]:
    """`name=number` as an argument, none where it is Keras' default."""
    return [] if number.constant is not None and number.constant == default else [keyword(name, str(number))]


def _name(site: Site) -> list[Code]:
    """The name of a layer of the file's own list; those in branches have long ones, and are named by Keras."""
    return [f"{NAMED}{site.name}"] if site.name and "." not in site.name else []


def _layer(site: Site, kind: str, *arguments: Code) -> Call:
    return call(f"layers.{kind}", *arguments, *_name(site))


def _function(name: str, *arguments: Code) -> Call:
    return call(name, INPUT, *arguments)


def _flag(argument: str, value: bool, default: bool) -> list[Code]:
    return _named(argument, literal(value), default)


# Windows


def _words(layer: Any, volume: Volume) -> list[str]:
    """The words by which Keras pads as the layer does."""
    sides = padded_sides(layer, volume)
    same = [same_padding(w.size, w.kernel, w.stride, w.dilation) for w in layer.windows(volume)]
    return ["valid"] * (not any(map(any, sides))) + ["same"] * ([*sides] == same)


def _padding_word(site: Site) -> str | None:
    """The word by which Keras pads as the layer does each time, where there is one."""
    words = site.each(_words)
    word = next((word for word in words[0] if all(word in other for other in words)), None)
    if word == "same" and site.layer.padding != "same":  # type: ignore[attr-defined]
        site.settle("kernel", "stride", "dilation", "padding")
    return word


def _beside(
    site: Site, kind: str, sides: Callable[[Any, Volume], Sequence[Pair]], *more: Code, term: Term | None = None
) -> Applied:
    """A layer that pads or crops; none where there is nothing to do."""
    if site.alike(lambda *on: all(before == after for before, after in sides(*on))):
        amount = site.number("cells", lambda *on: tuple(before for before, _ in sides(*on)), term)
    elif site.rank == 1:
        amount = site.number("cells", lambda *on: sides(*on)[0])
    else:
        amount = literal(site.alike(lambda *on: tuple(sides(*on))))
    return [] if amount.constant == 0 else [call(f"layers.{kind}{site.rank}D", str(amount), *more)]


def _padded(site: Site) -> Applied:
    """A layer that pads as much as the layer behind it should."""
    term = padding_term(site)
    if term is None:
        site.settle("kernel", "stride", "dilation", "padding")
    return _beside(site, "ZeroPadding", padded_sides, term=term)


def _every_axis(sides: Sequence[Pair]) -> str:
    """Both sides of each axis as `ops.pad` has them, batch and channels included."""
    return f"[{', '.join(map(written, ((0, 0), *sides, (0, 0))))}]"


def _parts(name: str) -> Callable[[Any, Volume], tuple[int, ...]]:
    """A part of a layer's windows, for each axis."""
    return lambda layer, volume: tuple(getattr(window, name) for window in layer.windows(volume))


def _of_weights(site: Site) -> list[Code]:
    layer: Any = site.layer
    return [*_flag("use_bias", layer.bias, True), *_flag("trainable", layer.learned, True)]


def _is_causal(layer: Any, volume: Volume) -> bool:
    """Whether each position of one axis sees itself and what comes before it."""
    return padded_sides(layer, volume) == tuple([(window.span - 1, 0) for window in layer.windows(volume)])


def _convolution(site: Site, kind: str, first: Sequence[Code], more: Sequence[Code]) -> Applied:
    word = _padding_word(site)
    if word is None and kind == "Conv1D" and site.alike(_is_causal):
        word = "causal"
        site.settle("kernel", "stride", "dilation", "padding")
    # Keras refuses a stride with a dilation: then each position is worked out, and those between are left out.
    sparse = site.alike(lambda *on: max(_parts("stride")(*on)) > 1 and max(_parts("dilation")(*on)) > 1)
    if sparse and word != "valid":
        word = None
    arguments: list[Code] = [*first, str(site.attribute("kernel"))]
    arguments += [] if sparse else _named("strides", site.attribute("stride"), 1)
    arguments += [keyword("padding", f'"{word}"')] if word in ("same", "causal") else []
    arguments += _named("dilation_rate", site.attribute("dilation"), 1)
    before = _padded(site) if word is None else []
    applied = [*before, _layer(site, kind, *arguments, *more, *_of_weights(site))]
    if sparse:
        steps = ", ".join(f"::{stride}" if stride > 1 else ":" for stride in site.alike(_parts("stride")))
        applied.append(f"{INPUT}[:, {steps}]")
    return applied


def _conv(site: Site) -> Applied:
    groups = _named("groups", site.attribute("groups"), 1)
    return _convolution(site, f"Conv{site.rank}D", [str(site.attribute("filters"))], groups)


def _depthwise(site: Site) -> Applied:
    if site.rank < 3 and site.alike(lambda *on: len({*_parts("stride")(*on)}) == 1):
        multiplier = _named("depth_multiplier", site.attribute("multiplier"), 1)
        return _convolution(site, f"DepthwiseConv{site.rank}D", [], multiplier)
    filters = depthwise_filters(site)
    return _convolution(site, f"Conv{site.rank}D", [str(filters)], [keyword("groups", str(site.channels))])


def _kept(layer: Any, volume: Volume) -> tuple[tuple[Pair, ...], tuple[Pair, ...], bool]:
    """What is added to a transposed convolution's input, what is cropped from its output, and whether that is `same`.

    Keras' own, without padding, has (W - 1)·S + max(F_eff, S) cells.
    """
    added, cropped, same = [], [], True
    for axis, window in zip(AXES[len(volume.spatial)], layer.transposed_windows(volume), strict=True):
        over, behind = max(window.span - window.stride, 0), max(window.stride - window.span, 0)
        ends = over // 2, over - over // 2, behind
        same = same and ends == (window.before, window.after, window.output_padding)
        last = window.before + window.result(axis)
        whole = (window.size - 1) * window.stride + max(window.span, window.stride)
        more = max(0, -(-(last - whole) // window.stride))
        added.append((0, more))
        cropped.append((window.before, whole + more * window.stride - last))
    return tuple(added), tuple(cropped), same


def _axes(name: str, layer: Any, volume: Volume) -> Sequence[int]:
    """An attribute, for each axis."""
    return per_axis(getattr(layer, name), volume, name)


def _transposed(site: Site) -> Applied:
    stride, dilation = site.alike(lambda *on: (_axes("stride", *on), _axes("dilation", *on)))
    if max(stride) > 1 and max(dilation) > 1:
        help = "leave one of them away"
        raise LayerError(cannot_export(TARGET, "transposed convolution with a stride and a dilation", help, "dilation"))
    added, cropped, same = site.alike(_kept)
    site.settle("kernel", "stride", "dilation", "padding", "groups")
    groups = site.alike(lambda layer, _: layer.groups)  # type: ignore[attr-defined]
    filters, term = site.attribute("filters"), site.term("filters")
    if groups > 1:
        each = None if term is None else combined("/", term, groups)
        filters = site.number("filters_each", lambda layer, _: layer.filters // layer.groups, each)  # type: ignore[attr-defined]
    arguments: list[Code] = [
        str(filters),
        str(site.attribute("kernel")),
        *_named("strides", site.attribute("stride"), 1),
    ]
    arguments += [keyword("padding", '"same"')] if same and any(map(any, cropped)) else []
    arguments += _named("dilation_rate", site.attribute("dilation"), 1)
    kind, arguments = f"Conv{site.rank}DTranspose", [*arguments, *_of_weights(site)]
    grouped = _function("in_groups", written(groups), call(f"lambda: layers.{kind}", *arguments))
    applied: Applied = [grouped if groups > 1 else _layer(site, kind, *arguments)]
    if same:
        return applied
    return [
        *_beside(site, "ZeroPadding", lambda *_: added),
        *applied,
        *_beside(site, "Cropping", lambda *_: cropped),
    ]


# Pools


def _pool_arguments(site: Site) -> list[Code]:
    """The window and, where it is another, the stride."""
    kernel = str(site.attribute("kernel"))
    if site.layer.stride is None or str(site.attribute("stride")) == kernel:  # type: ignore[attr-defined]
        return [kernel]
    return [kernel, keyword("strides", str(site.attribute("stride")))]


def _pool(site: Site, kind: str, word: str | None) -> Call:
    return _layer(
        site, f"{kind}{site.rank}D", *_pool_arguments(site), *([keyword("padding", '"same"')] if word == "same" else [])
    )


def _max_pool(site: Site) -> Applied:
    sides, word = site.alike(padded_sides), _padding_word(site)
    lowest = _function("ops.pad", _every_axis(sides), keyword("constant_values", 'float("-inf")'))
    if site.alike(lambda *on: max(_parts("dilation")(*on)) > 1):
        parts = [written(site.alike(_parts(part))) for part in ("kernel", "stride", "dilation")]
        return [*([lowest] if any(map(any, sides)) else []), _function("dilated_max_pool", *parts)]
    return [*([lowest] if word is None else []), _pool(site, "MaxPooling", word)]


def _own_sides(layer: Any, volume: Volume) -> tuple[Pair, ...]:
    """The padding itself, without what a window that is rounded up reaches over."""
    return tuple((window.before, window.after) for window in layer.windows(volume))


def _avg_pool(site: Site) -> Applied:
    counted = site.alike(lambda layer, _: layer.count_padding)  # type: ignore[attr-defined]
    word, sides, own = _padding_word(site), site.alike(padded_sides), site.alike(_own_sides)
    if word == "valid" or (word == "same" and not counted):
        return [_pool(site, "AveragePooling", word)]
    if counted and own == sides:
        return [*_padded(site), _pool(site, "AveragePooling", "valid")]
    counts = own if counted else tuple((0, 0) for _ in sides)
    rest = [(first - one, last - other) for (first, last), (one, other) in zip(sides, counts, strict=True)]
    return [_function("average_pool", *_window(site), _every_axis(counts), _every_axis(rest))]


def _window(site: Site) -> tuple[str, str]:
    return written(site.alike(_parts("kernel"))), written(site.alike(_parts("stride")))


def _lp_pool(site: Site) -> Applied:
    # PyTorch weighs what is left of a window by the cells that are gone.
    if site.alike(padded_sides) != site.alike(_own_sides):
        help = "leave `rounding: ceil` away, or pad in its place"
        raise LayerError(cannot_export(TARGET, "lp_pool over a part of a window", help, "rounding"))
    pool = _function("lp_pool", str(site.attribute("norm")), *_window(site))
    return [*_padded(site), pool]


def _whole(kind: str) -> Callable[[Site], Applied]:
    return lambda site: [_layer(site, f"{kind}{site.rank}D", keyword("keepdims", "True"))]


def _adaptive(kind: str) -> Callable[[Site], Applied]:
    return lambda site: [_layer(site, f"{kind}{site.rank}D", str(site.attribute("size")))]


# Vectors. They have the channels first, as in PyTorch, but where a fully connected layer reads a volume.


def _fc(site: Site) -> Applied:
    flatten = [call("layers.Flatten")] if site.rank else []
    return [*flatten, _layer(site, "Dense", str(site.attribute("units")), *_of_weights(site))]


def _channels_first(rank: int) -> Call:
    return call("layers.Permute", written((rank + 1, *range(1, rank + 1))))


def _flatten(site: Site) -> Applied:
    mixed = site.alike(lambda _, volume: volume.channels > 1 and prod(volume.spatial) > 1)
    return [*([_channels_first(site.rank)] if mixed else []), _layer(site, "Flatten")]


def _reshape(site: Site) -> Applied:
    volume: Volume = site.alike(lambda layer, _: layer.volume)  # type: ignore[attr-defined]
    flatten = _flatten(site)[:-1]
    if not volume.spatial:
        return [*flatten, _layer(site, "Flatten")]
    axes = written((*range(2, len(volume.spatial) + 2), 1))
    return [*flatten, call("layers.Reshape", written(tuple(volume.shape))), _layer(site, "Permute", axes)]


# Norms


def _affine(site: Site) -> list[Code]:
    affine = site.alike(lambda layer, _: layer.affine)  # type: ignore[attr-defined]
    return [*_flag("center", affine, True), *_flag("scale", affine, True)]


def _epsilon(site: Site) -> list[Code]:
    return _named("epsilon", site.attribute("eps"), 1e-3)


def _batch_norm(site: Site) -> Applied:
    # Keras' momentum is what stays of the running statistics, PyTorch's what is new in them.
    momentum = site.number("momentum", lambda layer, _: float(1 - Decimal(str(layer.momentum))))  # type: ignore[attr-defined]
    return [_layer(site, "BatchNormalization", *_named("momentum", momentum, 0.99), *_epsilon(site), *_affine(site))]


def _norm(kind: str, *first: Code) -> Callable[[Site], Applied]:
    return lambda site: [_layer(site, kind, *first, *_epsilon(site), *_affine(site))]


def _group_norm(site: Site) -> Applied:
    groups = site.attribute("groups")
    return [_layer(site, "GroupNormalization", *_named("groups", groups, 32), *_epsilon(site), *_affine(site))]


def _response_norm(site: Site) -> Applied:
    values = [str(site.attribute(name)) for name in ("size", "alpha", "beta", "k")]
    return [_function("local_response_norm", *values)]


# The rest


def _activation(word: str) -> Callable[[Site], Applied]:
    return lambda site: [_layer(site, "Activation", written(word))]


def _with(kind: str, argument: str, name: str, default: object = None) -> Callable[[Site], Applied]:
    return lambda site: [_layer(site, kind, *_named(argument, site.attribute(name), default))]


def _celu(site: Site) -> Applied:
    return [_function("ops.celu", *_named("alpha", site.attribute("alpha"), 1.0))]


def _gelu(site: Site) -> Applied:
    tanh = site.alike(lambda layer, _: layer.approximate == "tanh")  # type: ignore[attr-defined]
    return [_function("ops.gelu", keyword("approximate", str(tanh)))]


def _prelu(site: Site) -> Applied:
    shared = site.alike(lambda layer, _: layer.shared)  # type: ignore[attr-defined]
    axes = list(range(1, site.rank + 1 + shared))
    start = keyword("alpha_initializer", "keras.initializers.Constant(0.25)")
    return [_layer(site, "PReLU", start, *([keyword("shared_axes", _list(axes))] if axes else []))]


def _list(numbers: Sequence[int]) -> str:
    """A list as it is written in Python."""
    return f"[{', '.join(map(str, numbers))}]"


def _drop_path(site: Site) -> Applied:
    shape = written((None, *[1] * (site.rank + 1)))
    return [_layer(site, "Dropout", str(site.attribute("rate")), keyword("noise_shape", shape))]


def _helper(name: str, *attributes: str) -> Callable[[Site], Applied]:
    """A function of `helpers.py` with attributes as its arguments."""
    return lambda site: [_function(name, *[str(site.attribute(each)) for each in attributes])]


def _slice(site: Site) -> Applied:
    start, size = site.attribute("start"), site.attribute("size")
    term = None if start.term is None or size.term is None else combined("+", start.term, size.term)
    end = site.number("end", lambda layer, _: layer.start + layer.size, term)  # type: ignore[attr-defined]
    return [f"{INPUT}[..., {bounds(str(start), str(end))}]"]


def _upsample(site: Site) -> Applied:
    layer: Any = site.layer
    if layer.factor is not None and (layer.mode == "nearest" or (layer.mode == "bilinear" and not layer.align_corners)):
        mode = _named("interpolation", literal(layer.mode), "nearest")
        return [
            _layer(site, f"UpSampling{site.rank}D", str(site.attribute("factor")), *(mode if site.rank == 2 else []))
        ]
    sizes = written(site.alike(lambda layer, volume: layer.output(volume).spatial))
    kind = layer.mode if layer.mode in ("nearest", "bicubic") else "linear"
    return [call("Resize", sizes, written(kind), *_flag("align_corners", layer.align_corners, False), *_name(site))]


def _amount(layer: Any, volume: Volume) -> Sequence[Pair]:
    return per_side(layer.amount, volume, "amount")


def _pad(site: Site) -> Applied:
    mode = site.alike(lambda layer, _: layer.mode)  # type: ignore[attr-defined]
    if mode == "zeros":
        return _beside(site, "ZeroPadding", _amount, *_name(site))
    return [_function("pad", written(tuple(site.alike(_amount))), written(mode))]


CODE: Final[dict[str, Callable[[Site], Applied]]] = {
    "conv": _conv,
    "depthwise_conv": _depthwise,
    "transposed_conv": _transposed,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "lp_pool": _lp_pool,
    "global_avg_pool": _whole("GlobalAveragePooling"),
    "global_max_pool": _whole("GlobalMaxPooling"),
    "adaptive_avg_pool": _adaptive("AdaptiveAveragePooling"),
    "adaptive_max_pool": _adaptive("AdaptiveMaxPooling"),
    "fc": _fc,
    "flatten": _flatten,
    "reshape": _reshape,
    "batch_norm": _batch_norm,
    "instance_norm": _norm("GroupNormalization", "groups=-1"),
    "layer_norm": _norm("LayerNormalization"),
    "group_norm": _group_norm,
    "local_response_norm": _response_norm,
    "global_response_norm": lambda site: [call("GlobalResponseNorm", str(site.attribute("eps")), *_name(site))],
    "relu": lambda site: [_layer(site, "ReLU")],
    "relu6": lambda site: [_layer(site, "ReLU", "max_value=6")],
    "leaky_relu": _with("LeakyReLU", "negative_slope", "slope", 0.3),
    "elu": _with("ELU", "alpha", "alpha", 1.0),
    "celu": _celu,
    "selu": _activation("selu"),
    "gelu": _gelu,
    "silu": _activation("silu"),
    "mish": _activation("mish"),
    "softplus": _activation("softplus"),
    "sigmoid": _activation("sigmoid"),
    "hard_sigmoid": _activation("hard_sigmoid"),
    "hard_swish": _activation("hard_swish"),
    "tanh": _activation("tanh"),
    "softmax": lambda site: [_layer(site, "Softmax")],
    "prelu": _prelu,
    "dropout": lambda site: [_layer(site, "Dropout", str(site.attribute("rate")))],
    "drop_path": _drop_path,
    "scale": lambda site: [call("Scale", *_name(site))],
    "channel_shuffle": _helper("channel_shuffle", "groups"),
    "channel_slice": _slice,
    "pixel_shuffle": _helper("pixel_shuffle", "factor"),
    "pixel_unshuffle": _helper("pixel_unshuffle", "factor"),
    "upsample": _upsample,
    "pad": _pad,
    "crop": lambda site: _beside(site, "Cropping", _amount, *_name(site)),
}
"""The code of each layer type that has one input. Joins are statements, in `model.py`."""
