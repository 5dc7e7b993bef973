"""What each layer type is in PyTorch: one function a type, the only place that knows.

A function takes a `Site` and gives the modules, one behind another, whose composition the layer is. Classes that
PyTorch has none for are those of `helpers.py`, called by their bare names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from cnncalc.exports.algebra import Number, literal, written
from cnncalc.exports.sites import Site, depthwise_filters, padding_term
from cnncalc.exports.written import Call, Code, call, keyword
from cnncalc.layers.base import per_side
from cnncalc.layers.window import padded_sides
from cnncalc.volume import Volume

Modules: TypeAlias = "list[Call]"
Pair: TypeAlias = tuple[int, int]


def _named(name: str, number: Number, default: object) -> list[Code]:
    """`name=number` as an argument, none where it is PyTorch's default."""
    return [] if number.constant is not None and number.constant == default else [keyword(name, str(number))]


def _values(site: Site, **defaults: object) -> list[Code]:
    """The arguments that are called as the layer's attributes, as far as they are not PyTorch's defaults."""
    return [code for name, default in defaults.items() for code in _named(name, site.attribute(name), default)]


def _flag(site: Site, name: str, argument: str, default: bool) -> list[Code]:
    return _named(argument, literal(getattr(site.layer, name)), default)


# Windows


def _extents(site: Site, name: str) -> Number:
    """One number for all axes, or one for each."""
    return site.attribute(name)


def _even(sides: Sequence[Pair]) -> bool:
    return all(before == after for before, after in sides)


def _last_first(sides: Sequence[Pair]) -> tuple[int, ...]:
    """Both sides of each axis as PyTorch's padding has them: the last axis first."""
    return tuple([cells for pair in reversed(sides) for cells in pair])


def _padding(site: Site, sides: Callable[[Any, Volume], Sequence[Pair]]) -> Number:
    """The padding of a module that has the same on both sides."""
    term = padding_term(site)
    return site.number("padding", lambda layer, volume: tuple(before for before, _ in sides(layer, volume)), term)


def _pad(site: Site, kind: str, sides: Callable[[Any, Volume], Sequence[Pair]], *more: Code) -> Modules:
    """A layer that pads or crops; none where there is nothing to do."""
    if not site.alike(lambda layer, volume: any(map(any, sides(layer, volume)))):
        return []
    amount = site.number("amount", lambda layer, volume: _last_first(sides(layer, volume)))
    return [call(f"{kind}{site.rank}d", str(amount), *more)]


def _learned(site: Site, module: Call) -> Call:
    return module if site.layer.learned else call("fixed", module)  # type: ignore[attr-defined]


def _convolution(site: Site, filters: Number, groups: Number) -> Modules:
    even = site.alike(lambda layer, volume: _even(padded_sides(layer, volume)))
    before = [] if even else _pad(site, "nn.ZeroPad", padded_sides)
    arguments: list[Code] = [str(site.channels), str(filters), str(_extents(site, "kernel"))]
    arguments += _named("stride", _extents(site, "stride"), 1)
    arguments += _named("padding", _padding(site, padded_sides), 0) if even else []
    arguments += _named("dilation", _extents(site, "dilation"), 1)
    arguments += _named("groups", groups, 1)
    arguments += _flag(site, "bias", "bias", True)
    return [*before, _learned(site, Call(f"nn.Conv{site.rank}d(", arguments))]


def _conv(site: Site) -> Modules:
    return _convolution(site, site.attribute("filters"), site.attribute("groups"))


def _depthwise(site: Site) -> Modules:
    channels = site.channels
    return _convolution(site, depthwise_filters(site), channels)


def _cut(layer: Any, volume: Volume) -> tuple[tuple[Pair, ...], tuple[int, ...]]:
    """What a transposed convolution takes away on both sides of each axis, and what it adds behind."""
    windows = layer.transposed_windows(volume)
    return tuple((w.before, w.after) for w in windows), tuple(w.output_padding for w in windows)


def _transposed(site: Site) -> Modules:
    even = site.alike(lambda layer, volume: _even(_cut(layer, volume)[0]))
    arguments: list[Code] = [str(site.channels), str(site.attribute("filters")), str(_extents(site, "kernel"))]
    arguments += _named("stride", _extents(site, "stride"), 1)
    arguments += _named("padding", _padding(site, lambda *on: _cut(*on)[0]), 0) if even else []
    behind = site.number("output_padding", lambda layer, volume: _cut(layer, volume)[1])
    arguments += _named("output_padding", behind, 0)
    arguments += _named("groups", site.attribute("groups"), 1)
    arguments += _flag(site, "bias", "bias", True)
    arguments += _named("dilation", _extents(site, "dilation"), 1)
    built = _learned(site, Call(f"nn.ConvTranspose{site.rank}d(", arguments))
    # Cells that are taken away on one side alone are cut off behind it.
    return [built] if even else [built, *_pad(site, "Crop", lambda *on: _cut(*on)[0])]


def _pool(site: Site, kind: str, lowest: str, own: bool, *more: Code, first: Sequence[Code] = ()) -> Modules:
    """A pool with a window, behind the padding that PyTorch's has not."""
    within = own and site.alike(lambda layer, volume: layer.pads_evenly(volume))  # type: ignore[attr-defined]
    for_all = not within and site.alike(lambda layer, volume: layer.pads_for_all(volume))  # type: ignore[attr-defined]
    kernel = str(_extents(site, "kernel"))
    arguments: list[Code] = [*first, kernel]
    if site.layer.stride is not None and str(_extents(site, "stride")) != kernel:  # type: ignore[attr-defined]
        arguments.append(keyword("stride", str(_extents(site, "stride"))))
    arguments += _named("padding", _padding(site, lambda on, volume: on.explicit_sides(volume)), 0) if within else []
    arguments += more
    arguments += [keyword("ceil_mode", "True")] if site.layer.rounding == "ceil" and not for_all else []
    pool = Call(f"nn.{kind}{site.rank}d(", arguments)
    if within:
        return [pool]
    pad = "nn.ConstantPad" if lowest else "nn.ZeroPad"
    padding = _pad(site, pad, lambda on, volume: on.explicit_sides(volume), *[lowest] * bool(lowest))
    return [*padding, pool]


def _max_pool(site: Site) -> Modules:
    return _pool(site, "MaxPool", 'float("-inf")', True, *_named("dilation", _extents(site, "dilation"), 1))


def _avg_pool(site: Site) -> Modules:
    counted = site.layer.count_padding  # type: ignore[attr-defined]
    more = [] if counted else [keyword("count_include_pad", "False")]
    modules = _pool(site, "AvgPool", "", True, *more)
    if counted or len(modules) == 1:
        return modules
    padding, pool = modules
    return [call("MeanOfCells", padding, pool._replace(arguments=[a for a in pool.arguments if a not in more]))]


def _lp_pool(site: Site) -> Modules:
    return _pool(site, "LPPool", "", False, first=[str(site.attribute("norm"))])


def _of_size(kind: str) -> Callable[[Site], Modules]:
    return lambda site: [call(f"nn.{kind}{site.rank}d", str(_extents(site, "size")))]


def _of_one(kind: str) -> Callable[[Site], Modules]:
    return lambda site: [call(f"nn.{kind}{site.rank}d", "1")]


# Vectors


def _has_axes(site: Site) -> bool:
    return site.alike(lambda _, volume: bool(volume.spatial))


def _fc(site: Site) -> Modules:
    flatten = [call("nn.Flatten")] if _has_axes(site) else []
    arguments = [str(site.elements), str(site.attribute("units")), *_flag(site, "bias", "bias", True)]
    return [*flatten, _learned(site, Call("nn.Linear(", arguments))]


def _flatten(site: Site) -> Modules:
    return [call("nn.Flatten")]


def _reshape(site: Site) -> Modules:
    flatten = [call("nn.Flatten")] if _has_axes(site) else []
    shape = site.alike(lambda layer, _: tuple(layer.volume.shape))  # type: ignore[attr-defined]
    return [*flatten, call("nn.Unflatten", "1", written(shape))]


# Norms


def _norm(kind: str, affine: bool, least: int = 0) -> Callable[[Site], Modules]:
    def made(site: Site) -> Modules:
        arguments: list[Code] = [str(site.channels), *_values(site, eps=1e-5, momentum=0.1)]
        return [Call(f"nn.{kind}{max(site.rank, least)}d(", [*arguments, *_flag(site, "affine", "affine", affine)])]

    return made


def _layer_norm(site: Site) -> Modules:
    arguments = [str(site.channels), *_values(site, eps=1e-5), *_flag(site, "affine", "elementwise_affine", True)]
    return [Call("ChannelNorm(" if _has_axes(site) else "nn.LayerNorm(", arguments)]


def _group_norm(site: Site) -> Modules:
    arguments = [str(site.attribute("groups")), str(site.channels), *_values(site, eps=1e-5)]
    return [Call("nn.GroupNorm(", [*arguments, *_flag(site, "affine", "affine", True)])]


def _response_norm(site: Site) -> Modules:
    return [Call("nn.LocalResponseNorm(", [str(site.attribute("size")), *_values(site, alpha=1e-4, beta=0.75, k=1.0)])]


# The rest


def _plain(kind: str, *arguments: Code) -> Callable[[Site], Modules]:
    return lambda site: [call(f"nn.{kind}", *arguments)]


def _with(kind: str, name: str, default: object = None) -> Callable[[Site], Modules]:
    """A module with one argument, which is left out where it is PyTorch's default."""

    def made(site: Site) -> Modules:
        number = site.attribute(name)
        return [call(kind, *[str(number)] * (default is None or number.constant != default))]

    return made


def _gelu(site: Site) -> Modules:
    return [Call("nn.GELU(", _named("approximate", literal(site.layer.approximate), "none"))]  # type: ignore[attr-defined]


def _prelu(site: Site) -> Modules:
    return [call("nn.PReLU", *([] if site.layer.shared else [str(site.channels)]))]  # type: ignore[attr-defined]


def _slice(site: Site) -> Modules:
    return [call("ChannelSlice", str(site.attribute("start")), str(site.attribute("size")))]


def _upsample(site: Site) -> Modules:
    layer: Any = site.layer
    name, argument = ("size", "size") if layer.size is not None else ("factor", "scale_factor")
    arguments = [keyword(argument, str(_extents(site, name)))]
    arguments += _named("mode", literal(layer.mode), "nearest")
    arguments += _flag(site, "align_corners", "align_corners", False)
    return [Call("nn.Upsample(", arguments)]


_PADS: Final = {
    "zeros": "nn.ZeroPad",
    "reflect": "nn.ReflectionPad",
    "replicate": "nn.ReplicationPad",
    "circular": "nn.CircularPad",
}


def _amounts(layer: Any, volume: Volume) -> Sequence[Pair]:
    return per_side(layer.amount, volume, "amount")


def _padded(site: Site) -> Modules:
    return _pad(site, _PADS[site.layer.mode], _amounts)  # type: ignore[attr-defined]


def _crop(site: Site) -> Modules:
    return _pad(site, "Crop", _amounts)


CODE: Final[dict[str, Callable[[Site], Modules]]] = {
    "conv": _conv,
    "depthwise_conv": _depthwise,
    "transposed_conv": _transposed,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "lp_pool": _lp_pool,
    "global_avg_pool": _of_one("AdaptiveAvgPool"),
    "global_max_pool": _of_one("AdaptiveMaxPool"),
    "adaptive_avg_pool": _of_size("AdaptiveAvgPool"),
    "adaptive_max_pool": _of_size("AdaptiveMaxPool"),
    "fc": _fc,
    "flatten": _flatten,
    "reshape": _reshape,
    "batch_norm": _norm("BatchNorm", True, least=1),
    "instance_norm": _norm("InstanceNorm", False),
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "local_response_norm": _response_norm,
    "global_response_norm": lambda site: [Call("GlobalResponseNorm(", [str(site.channels), *_values(site, eps=1e-6)])],
    "relu": _plain("ReLU"),
    "relu6": _plain("ReLU6"),
    "leaky_relu": _with("nn.LeakyReLU", "slope", 0.01),
    "elu": _with("nn.ELU", "alpha", 1),
    "celu": _with("nn.CELU", "alpha", 1),
    "selu": _plain("SELU"),
    "gelu": _gelu,
    "silu": _plain("SiLU"),
    "mish": _plain("Mish"),
    "softplus": _plain("Softplus"),
    "sigmoid": _plain("Sigmoid"),
    "hard_sigmoid": _plain("Hardsigmoid"),
    "hard_swish": _plain("Hardswish"),
    "tanh": _plain("Tanh"),
    "softmax": _plain("Softmax", "dim=1"),
    "prelu": _prelu,
    "dropout": _with("nn.Dropout", "rate"),
    "drop_path": _with("DropPath", "rate"),
    "scale": lambda site: [call("Scale", str(site.channels))],
    "channel_shuffle": _with("nn.ChannelShuffle", "groups"),
    "channel_slice": _slice,
    "pixel_shuffle": _with("nn.PixelShuffle", "factor"),
    "pixel_unshuffle": _with("nn.PixelUnshuffle", "factor"),
    "upsample": _upsample,
    "pad": _padded,
    "crop": _crop,
}
"""The code of each layer type that has one input. Joins are statements, in `modules.py`."""
