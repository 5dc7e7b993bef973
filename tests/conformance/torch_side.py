"""What PyTorch makes of a layer: a torch module for every layer type, built from its attributes alone.

Nothing of cnncalc's arithmetic is used here. Where torch has no option for something (asymmetric
padding, the padding words), the module pads or crops explicitly and then works unpadded.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import add, mul
from typing import Any, Final, NamedTuple, TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from cnncalc import Volume
from cnncalc.volume import Sided

_WHY: Final = "needs the extra `conformance`: pip install -e '.[dev,conformance]'"
torch: Any = pytest.importorskip("torch", reason=_WHY)
pytest.importorskip("torch.utils.flop_counter", reason=_WHY)
torchinfo: Any = pytest.importorskip("torchinfo", reason=_WHY)
fvcore: Any = pytest.importorskip("fvcore.nn", reason=_WHY)
thop: Any = pytest.importorskip("thop", reason=_WHY)
nn: Any = torch.nn

torch.set_num_threads(1)  # the tensors are small, and pytest-xdist has the cores
logging.getLogger("fvcore").setLevel(logging.ERROR)

MORE: Final = os.environ.get("CNNCALC_CONFORMANCE_EXAMPLES")
EXAMPLES: Final = int(MORE or "800")
"""How many configurations stand for one share; every generated test takes one share or more."""

REFUSALS: Final = (RuntimeError, ValueError, IndexError, NotImplementedError)
"""What torch raises where a module or an input cannot be."""

Given: TypeAlias = Mapping[str, Any]
Sides: TypeAlias = list[tuple[int, int]]

SIDES: Final = {
    1: [("before", "after")],
    2: [("top", "bottom"), ("left", "right")],
    3: [("front", "back"), ("top", "bottom"), ("left", "right")],
}

ACTIVATIONS: Final = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "selu": nn.SELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "hard_sigmoid": nn.Hardsigmoid,
    "hard_swish": nn.Hardswish,
    "tanh": nn.Tanh,
}


def examples(share: int = 1) -> settings:
    """The settings of a test that takes so many shares: the same configurations each time, unless more are asked for."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=share * EXAMPLES, derandomize=not MORE, deadline=None, suppress_health_check=slow)


class Answer(NamedTuple):
    """What a layer gives on a volume, by torch or by cnncalc."""

    shape: list[int]
    params: int
    buffers: int


def answer(module: Any, volume: Volume) -> Answer:
    """What torch says of a module, for one example. Raises one of REFUSALS where it refuses the volume.

    Torch can make empty tensors. A volume is never empty, so that counts as refusing.
    """
    with torch.no_grad():
        output = module(torch.zeros(1, *volume.shape))
    if output.numel() == 0:
        raise ValueError("an empty tensor")
    # Batches that were seen are counted in one more buffer, which is a counter and no statistic.
    buffers = sum(b.numel() for name, b in module.named_buffers() if not name.endswith("num_batches_tracked"))
    return Answer(list(output.shape[1:]), sum(p.numel() for p in module.parameters()), buffers)


def counted(module: Any, volume: Volume, device: str = "cpu") -> dict[str, float]:
    """The mult-adds of one example by the tools, by the names that cnncalc gives their conventions.

    Fvcore traces a model, which torch cannot do on the `meta` device.
    """
    model, x = nn.Sequential(module).eval(), torch.zeros(1, *volume.shape, device=device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # thop warns of itself
        found = {
            "torchinfo": torchinfo.summary(model, input_data=x, device=device, verbose=0).total_mult_adds,
            "flops": flops_of(lambda: model(x))[1],
            "thop": thop.profile(model, inputs=(x,), verbose=False)[0],
        }
    if device == "cpu":
        traced = fvcore.FlopCountAnalysis(model, x).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        found["fvcore"] = traced.total()
    return found


def flops_of(forward: Callable[[], Any]) -> tuple[Any, int]:
    """What a forward pass gives, and what torch's own counter finds in it: two for each multiply-accumulate."""
    counter = torch.utils.flop_counter.FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        result = forward()
    return result, int(counter.get_total_flops())


def joined(word: str, ways: list[Any]) -> Any:
    """What a layer with several ways makes of them."""
    if word in ("concat", "split"):
        return torch.cat(ways, dim=1)
    return reduce(mul if word == "multiply" else add, ways)


class Joined(nn.Module):  # type: ignore[misc]  # torch is Any here, so that types are checked without it
    """A layer with several branches, as a module."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def forward(self, *branches: Any) -> Any:
        return joined(self.word, list(branches))


class Moved(nn.Module):  # type: ignore[misc]
    """The tensor with one axis in another place."""

    def __init__(self, source: int, target: int) -> None:
        super().__init__()
        self.source, self.target = source, target

    def forward(self, x: Any) -> Any:
        return x.movedim(self.source, self.target)


class Sliced(nn.Module):  # type: ignore[misc]
    """Some of the channels."""

    def __init__(self, start: int, size: int) -> None:
        super().__init__()
        self.start, self.size = start, size

    def forward(self, x: Any) -> Any:
        return x.narrow(1, self.start, self.size)


class Scaled(nn.Module):  # type: ignore[misc]
    """A learned factor for each channel, as torchvision's CNBlock has it."""

    def __init__(self, channels: int, rank: int, device: str) -> None:
        super().__init__()
        self.layer_scale = nn.Parameter(torch.ones(channels, *[1] * rank, device=device))

    def forward(self, x: Any) -> Any:
        return x * self.layer_scale


class ResponseNorm(nn.Module):  # type: ignore[misc]
    """Equation 1 to 3 of ConvNeXt V2 (Woo et al. 2023), channels first; weight and bias are the gamma and beta there."""

    def __init__(self, channels: int, rank: int, eps: float, device: str) -> None:
        super().__init__()
        self.axes, self.eps = tuple(range(2, rank + 2)), eps
        self.weight, self.bias = (nn.Parameter(torch.ones(channels, *[1] * rank, device=device)) for _ in range(2))

    def forward(self, x: Any) -> Any:
        norm = x.pow(2).sum(self.axes, keepdim=True).sqrt()
        return self.weight * x * norm / (norm.mean(1, keepdim=True) + self.eps) + self.bias + x


def fixed(built: Any) -> None:
    """Make buffers of the parameters."""
    for part in built.modules():
        for name, parameter in [pair for pair in part._parameters.items() if pair[1] is not None]:
            del part._parameters[name]
            part.register_buffer(name, parameter.detach())


def module(word: str, given: Given, volume: Volume, device: str = "cpu") -> Any:
    """The torch module, in eval mode, that does what the layer does on this volume.

    On the CPU torch checks everything. On the `meta` device, which computes shapes alone, it lets some
    impossible layers pass, such as an output padding that is too large; so that is for sound networks
    that are large. Raises one of REFUSALS where torch refuses.
    """
    built = _module(word, {name: value for name, value in given.items() if value is not None}, volume, device)
    if not given.get("learned", True):
        fixed(built)
    return built.eval()


def _module(word: str, given: Given, volume: Volume, device: str) -> Any:
    channels, spatial = volume.channels, volume.spatial
    rank = len(spatial)
    match word:
        case "conv" | "depthwise_conv":
            return _convolution(word, given, volume, device)
        case "transposed_conv":
            return _transposed(given, volume, device)
        case "max_pool" | "avg_pool" | "lp_pool":
            return _pool(word, given, volume)
        case "global_avg_pool" | "adaptive_avg_pool":
            return _ranked("AdaptiveAvgPool", rank)(given.get("size", 1))
        case "global_max_pool" | "adaptive_max_pool":
            return _ranked("AdaptiveMaxPool", rank)(given.get("size", 1))
        case "fc":
            linear = nn.Linear(volume.elements, given["units"], given.get("bias", True), device=device)
            return nn.Sequential(nn.Flatten(), linear)
        case "flatten":
            return nn.Flatten()
        case "reshape":
            return nn.Sequential(nn.Flatten(), nn.Unflatten(1, given["volume"].shape))
        case "batch_norm":
            return _ranked("BatchNorm", max(rank, 1))(channels, **_of(given, "eps momentum affine"), device=device)
        case "instance_norm":
            return _ranked("InstanceNorm", rank)(channels, **_of(given, "eps momentum affine"), device=device)
        case "layer_norm":
            options = {"eps": given.get("eps", 1e-5), "elementwise_affine": given.get("affine", True)}
            return nn.Sequential(Moved(1, -1), nn.LayerNorm(channels, **options, device=device), Moved(-1, 1))
        case "group_norm":
            return nn.GroupNorm(given["groups"], channels, **_of(given, "eps affine"), device=device)
        case "local_response_norm":
            return nn.LocalResponseNorm(given.get("size", 5), **_of(given, "alpha beta k"))
        case "global_response_norm":
            return ResponseNorm(channels, _with_axes(rank), given.get("eps", 1e-6), device)
        case "leaky_relu":
            return nn.LeakyReLU(given.get("slope", 0.01))
        case "elu" | "celu":
            return (nn.ELU if word == "elu" else nn.CELU)(given.get("alpha", 1))
        case "gelu":
            return nn.GELU(given.get("approximate", "none"))
        case "prelu":
            return nn.PReLU(1 if given.get("shared", False) else channels, device=device)
        case "softmax":
            return nn.Softmax(dim=1)
        case "dropout":
            return nn.Dropout(given.get("rate", 0.5))
        case "drop_path":
            return nn.Identity()  # torchvision's StochasticDepth in eval mode
        case "scale":
            return Scaled(channels, rank, device)
        case "channel_slice":
            return Sliced(given.get("start", 0), given["size"])
        case "channel_shuffle":
            return nn.ChannelShuffle(given["groups"])
        case "pixel_shuffle" | "pixel_unshuffle":
            if rank != 2:  # torch takes any axes in front for a batch
                raise ValueError("no picture")
            return (nn.PixelShuffle if word == "pixel_shuffle" else nn.PixelUnshuffle)(given["factor"])
        case "upsample":
            return _upsample(given)
        case "pad":
            return _padded(sides_of(given["amount"], rank), PADS[given.get("mode", "zeros")])
        case "crop":
            return _padded([(-before, -after) for before, after in sides_of(given["amount"], rank)])
    return ACTIVATIONS[word]()


def _of(given: Given, names: str) -> dict[str, Any]:
    """The options that torch calls as cnncalc does; what is not given has torch's default."""
    return {name: given[name] for name in names.split() if name in given}


def _with_axes(rank: int) -> int:
    if not rank:
        raise ValueError("a vector has no cells")
    return rank


def _ranked(name: str, rank: int) -> Any:
    """`nn.Conv2d` for Conv on two axes."""
    if not rank:
        raise ValueError(f"torch has no {name} for a vector")
    return getattr(nn, f"{name}{rank}d")


def each_axis(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def sides_of(value: Any, rank: int) -> Sides:
    if isinstance(value, dict | Sided):
        given = dict(value)
        return [(given.get(first, 0), given.get(second, 0)) for first, second in SIDES[rank]]
    return [(n, n) for n in each_axis(value, rank)]


PADS: Final = {"zeros": "ZeroPad", "reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}


def _padded(sides: Sides, how: str = "ZeroPad") -> Any:
    """Zeros or other cells around, or cells taken away where negative. Torch lists the last axis first."""
    return _ranked(how, len(sides))(tuple(n for pair in reversed(sides) for n in pair))


def tensorflow_same(size: int, span: int, stride: int) -> tuple[int, int]:
    """Padding before and after for `SAME`, as the "Notes on padding" of tf.nn put it.

    https://www.tensorflow.org/api_docs/python/tf/nn#same_padding
    """
    over = size % stride
    total = max(span - (over or stride), 0)
    return total // 2, total - total // 2


def keras_ends(word: str, kernel: int, stride: int, dilation: int) -> tuple[int, int, int]:
    """What Keras crops before and after a transposed convolution, and what it adds behind it.

    By the padding of the convolution of its gradient, as `_convert_conv_transpose_padding_args_from_keras_to_jax` has
    it without `output_padding`: https://github.com/keras-team/keras/blob/v3.8.0/keras/src/backend/common/backend_utils.py
    """
    span = (kernel - 1) * dilation + 1
    if word == "valid":
        before, after = span - 1, span - 1 + max(span, stride) - span
    else:
        total = stride + span - 2
        before = min(total // 2 + total % 2, span - 1)
        after = total - before
    return span - 1 - before, max(0, span - 1 - after), max(0, after - (span - 1))


def window_of(given: Given, spatial: tuple[int, ...]) -> tuple[Any, Any, Any, Sides]:
    """Kernel, stride, dilation and the padding on each side."""
    rank = len(spatial)
    kernel = each_axis(given["kernel"], rank)
    stride = each_axis(given["stride"], rank) if "stride" in given else None
    dilation = each_axis(given.get("dilation", 1), rank)
    span = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = given.get("padding", 0)
    if padding == "valid":
        padding = 0
    elif padding == "half":
        if any(cells % 2 == 0 for cells in span):
            raise ValueError("half of an even window is no padding")
        padding = tuple((cells - 1) // 2 for cells in span)
    elif padding == "same":
        sides = [tensorflow_same(*axis) for axis in zip(spatial, span, stride or kernel, strict=True)]
        return kernel, stride, dilation, sides
    return kernel, stride, dilation, sides_of(padding, rank)


def _symmetric(sides: Sides) -> bool:
    return all(before == after for before, after in sides)


def _rounded_up(size: int, kernel: int, stride: int, dilation: int, sides: tuple[int, int]) -> tuple[int, int]:
    """Padding for as many windows as torch's pools have with ceil_mode, which its convolutions do not have.

    One more where the stride does not fit, unless it would start behind the input (torch.nn.MaxPool2d,
    the note on ceil_mode).
    """
    before, after = sides
    span = dilation * (kernel - 1) + 1
    over = size + before + after - span
    count = over // stride + 1
    if over % stride and count * stride < size + before:
        count += 1
    if count < 1:
        raise ValueError("no window")
    return before, max(after, (count - 1) * stride + span - size - before)


def _convolution(word: str, given: Given, volume: Volume, device: str) -> Any:
    channels, rank = volume.channels, len(volume.spatial)
    conv = _ranked("Conv", rank)
    kernel, stride, dilation, sides = window_of({"stride": 1, **given}, volume.spatial)
    if word == "depthwise_conv":
        filters, groups = channels * given.get("multiplier", 1), channels
    else:
        filters, groups = given["filters"], given.get("groups", 1)
    if given.get("rounding") == "ceil":
        sides = [_rounded_up(*axis) for axis in zip(volume.spatial, kernel, stride, dilation, sides, strict=True)]
    symmetric = _symmetric(sides)
    built = conv(
        channels,
        filters,
        kernel,
        stride,
        tuple(before for before, _ in sides) if symmetric else 0,
        dilation,
        groups,
        given.get("bias", True),
        device=device,
    )
    return built if symmetric else nn.Sequential(_padded(sides), built)


def _transposed(given: Given, volume: Volume, device: str) -> Any:
    channels, rank = volume.channels, len(volume.spatial)
    conv = _ranked("ConvTranspose", rank)
    kernel, stride, dilation, sides = window_of({"stride": 1, **given, "padding": 0}, volume.spatial)
    behind = each_axis(given.get("output_padding", 0), rank)
    if isinstance(given.get("padding"), str):
        if any(behind):
            raise ValueError("Keras would crop by another rule")
        ends = [keras_ends(given["padding"], *axis) for axis in zip(kernel, stride, dilation, strict=True)]
        sides, behind = [(before, after) for before, after, _ in ends], tuple(more for *_, more in ends)
    else:
        sides = sides_of(given.get("padding", 0), rank)
    symmetric = _symmetric(sides)
    built = conv(
        channels,
        given["filters"],
        kernel,
        stride,
        tuple(before for before, _ in sides) if symmetric else 0,
        behind,
        given.get("groups", 1),
        given.get("bias", True),
        dilation,
        device=device,
    )
    # Padding takes cells of the output away, so on one side it is a crop.
    return built if symmetric else nn.Sequential(built, _padded([(-before, -after) for before, after in sides]))


def _pool(word: str, given: Given, volume: Volume) -> Any:
    pool = _ranked({"max_pool": "MaxPool", "avg_pool": "AvgPool", "lp_pool": "LPPool"}[word], len(volume.spatial))
    kernel, stride, dilation, sides = window_of(given, volume.spatial)
    options: dict[str, Any] = {"ceil_mode": given.get("rounding") == "ceil"}
    if word == "avg_pool":
        options["count_include_pad"] = given.get("count_padding", True)
    if word == "max_pool":
        options["dilation"] = dilation
    if word == "lp_pool":
        pool = partial(pool, given.get("norm", 2))
        kernel = kernel if len(kernel) > 1 else kernel[0]  # LPPool1d takes no list
    same = given.get("padding") == "same"
    if _symmetric(sides) and not same and word != "lp_pool":
        return pool(kernel, stride, tuple(before for before, _ in sides), **options)
    # Torch's own padding is symmetric and at most half the kernel, and LPPool has none. cnncalc holds each
    # side to that; but not those of `same`, which is TensorFlow's and more than that under a dilation.
    if not same and any(max(pair) > k // 2 for pair, k in zip(sides, each_axis(kernel, len(sides)), strict=True)):
        raise ValueError("pad should be smaller than or equal to half of kernel size")
    return nn.Sequential(_padded(sides), pool(kernel, stride, **options))


def _upsample(given: Given) -> Any:
    corners = given.get("align_corners") or None  # torch refuses a False too where it does not interpolate
    return nn.Upsample(given.get("size"), given.get("factor"), given.get("mode", "nearest"), corners)
