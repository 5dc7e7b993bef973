"""The exported code computes the same function as torchvision's own: with its weights, the same comes out.

Both get the weights in the order in which they use them. They are drawn so that what comes out depends on all of them
and deep networks stay calm: convolutions and `fc` normal with a variance of 2/fan-in, factors of norms from 0.2 to 0.6,
running variances from 0.5 to 1.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

import cnncalc.api
from tests.conformance.exported import code_of, network_of, unfilled
from tests.conformance.test_references import _imported
from tests.conformance.torch_side import nn, torch

pytestmark = pytest.mark.conformance

_imported("torchvision")
models: Any = _imported("torchvision.models")
StochasticDepth: Any = _imported("torchvision.ops").StochasticDepth

NAMES: Final = [
    line.split("\t")[0]
    for line in (Path(__file__).parents[1] / "figures/torchvision.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
"""torchvision's convolutional classifiers, by the names that they have there."""
NORMS: Final = (nn.BatchNorm2d, nn.BatchNorm3d)


class Used(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
    """Takes down a network's tensors in the order in which they are first used."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.own = {id(tensor) for tensor in [*network.parameters(), *network.buffers()]}
        self.tensors: dict[int, Any] = {}

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for argument in [*args, *(kwargs or {}).values()]:
            if id(argument) in self.own:
                self.tensors.setdefault(id(argument), argument)
        return function(*args, **(kwargs or {}))


class Ran(NamedTuple):
    """What a network gave, the tensors that it used, and the numbers that a single output does not show."""

    outputs: list[Any]
    tensors: list[Any]
    constants: list[float]


def ran(network: Any, x: Any) -> Ran:
    """A run, its tensors and constants in order."""
    constants: list[list[float]] = [[], []]
    heads = {module for head in heads_of(network) for module in head.modules()}

    def seen(module: Any, given: Any, output: Any) -> None:
        if isinstance(module, NORMS):
            constants[module in heads].extend((module.eps, module.momentum))
        elif isinstance(module, nn.LayerNorm):
            constants[module in heads].append(module.eps)
        elif isinstance(module, nn.Dropout):
            constants[module in heads].append(module.p)
        elif isinstance(module, StochasticDepth) or type(module).__name__ == "DropPath":
            constants[module in heads].append(module.p if isinstance(module, StochasticDepth) else module.rate)

    for module in network.modules():
        module.register_forward_hook(seen)
    with torch.no_grad(), Used(network) as used:
        output = network(x)
    outputs = [*output.values()] if isinstance(output, dict) else [*output] if isinstance(output, tuple) else [output]
    return Ran(outputs, [*used.tensors.values()], [*constants[False], *constants[True]])


def weigh(network: Any) -> None:
    """Draw all weights and running statistics."""
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        _weigh(network, draw)


def _weigh(network: Any, draw: Any) -> None:
    for module in network.modules():
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if tensor.dim() > 1 and name == "weight":
                tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5, generator=draw)
            elif name in ("bias", "running_mean"):
                tensor.normal_(0, 0.1, generator=draw)
            elif name != "num_batches_tracked":
                tensor.uniform_(*((0.5, 1.5) if name == "running_var" else (0.2, 0.6)), generator=draw)


def heads_last(network: Any, tensors: list[Any]) -> list[Any]:
    """The tensors in order, those of heads for training last: they may run earlier or later."""
    heads = {id(tensor) for head in heads_of(network) for tensor in [*head.parameters(), *head.buffers()]}
    return sorted(tensors, key=lambda tensor: id(tensor) in heads)


def heads_of(network: Any) -> list[Any]:
    return [part for name, part in network.named_children() if name.lower().startswith("aux")]


def hold_same(own: Any, ours: Any, size: Sequence[int]) -> None:
    """Hold our code against a network's own."""
    weigh(own)
    x = torch.rand(1, *size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    theirs, first = ran(own, x), ran(ours, x)
    with torch.no_grad():
        for tensor, other in zip(heads_last(ours, first.tensors), heads_last(own, theirs.tensors), strict=True):
            assert tensor.numel() == other.numel()
            tensor.copy_(other.reshape(tensor.shape))
    second = ran(ours, x)
    assert len(second.outputs) == len(theirs.outputs)
    for output, wanted in zip(second.outputs, theirs.outputs, strict=True):
        assert output.shape == wanted.shape
        assert wanted.std() > 0
        assert (output - wanted).abs().max() <= 1e-4 * wanted.abs().max()
    assert second.constants == pytest.approx(theirs.constants)


def built(build: Callable[[], Any]) -> Any:
    with unfilled():
        return build().eval()


def ours_of(spec: str, volume: str | None = None) -> Any:
    with unfilled():
        return network_of(code_of(spec, input=volume), "cpu")


@pytest.mark.parametrize("name", NAMES)
def test_classifiers(name: str) -> None:
    given = {"aux_logits": False} if name == "googlenet" else {}
    given |= {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    own = built(lambda: getattr(models, name)(weights=None, **given))
    side = 75 if name == "inception_v3" else 224 if name.startswith(("vgg", "alexnet")) else 64
    hold_same(own, ours_of("alexnet_torchvision" if name == "alexnet" else name), (3, side, side))


@pytest.mark.parametrize(
    ("name", "volume"), [("r3d_18", "8x32x32x3"), ("mc3_18", "8x32x32x3"), ("r2plus1d_18", "8x32x32x3"), ("s3d", None)]
)
def test_videos(name: str, volume: str | None) -> None:
    own = built(lambda: getattr(models.video, name)(weights=None))
    shape = cnncalc.summarize(name, input=volume).input
    assert shape is not None
    hold_same(own, ours_of(name, volume), shape.shape)


@pytest.mark.parametrize(
    "name", ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50", "fcn_resnet101"]
)
def test_segmentation(name: str) -> None:
    given = {} if name.startswith("lraspp") else {"aux_loss": True}
    build = partial(getattr(models.segmentation, name), weights=None, weights_backbone=None, num_classes=21, **given)
    own = built(build)
    if name.startswith("lraspp"):  # whose pools are for its own input
        hold_same(own, ours_of(name), (3, 520, 520))
    else:
        hold_same(own, ours_of(_smaller(name)), (3, 65, 65))


def _smaller(name: str) -> str:
    """The text of a specification for pictures of 520 cells a side, for those of 65, where the features are an eighth."""
    text = Path(cnncalc.api.SPECS, f"{name}.yaml").read_text(encoding="utf-8").partition("\nexpect:")[0]
    text = re.sub(r", expect: \w+}", "}", text)
    sizes = {"size: 65": "size: 9", "size: 33": "size: 5", "520": "65"}
    for large, small in sizes.items():
        text = text.replace(large, small)
    return f"{text}\nexpect: {{}}\n" if name != "fcn_resnet101" else f"{text}\ninput: 65x65x3\nexpect: {{}}\n"


def test_heads_in_training() -> None:
    """What torchvision's Inception v3 gives beside its scores in training; its layers as they are in evaluation."""
    own, ours = built(partial(models.inception_v3, weights=None, init_weights=False)), ours_of("inception_v3")
    own.training = ours.training = True
    hold_same(own, ours, (3, 299, 299))


HEADS: Final = """
extends: googlenet
blocks:
  scores:
    layers:
      - adaptive_avg_pool: 4
      - unit: {filters: 128}
      - fc: 1024
      - relu
      - dropout: 0.7
      - fc: 1000
layers:
  - stem
  - inception: {name: 3a, one: 64, reduce3: 96, three: 128, reduce5: 16, five: 32, pool: 32}
  - inception: {name: 3b, one: 128, reduce3: 128, three: 192, reduce5: 32, five: 96, pool: 64}
  - max_pool: {kernel: 3, stride: 2}
  - inception: {name: 4a, one: 192, reduce3: 96, three: 208, reduce5: 16, five: 48, pool: 64}
  - head: {name: aux1, training: true, layers: [scores]}
  - inception: {name: 4b, one: 160, reduce3: 112, three: 224, reduce5: 24, five: 64, pool: 64}
  - inception: {name: 4c, one: 128, reduce3: 128, three: 256, reduce5: 24, five: 64, pool: 64}
  - inception: {name: 4d, one: 112, reduce3: 144, three: 288, reduce5: 32, five: 64, pool: 64}
  - head: {name: aux2, training: true, layers: [scores]}
  - inception: {name: 4e, one: 256, reduce3: 160, three: 320, reduce5: 32, five: 128, pool: 128}
  - max_pool: {kernel: last_pool, stride: 2}
  - inception: {name: 5a, one: 256, reduce3: 160, three: 320, reduce5: 32, five: 128, pool: 128}
  - inception: {name: 5b, one: 384, reduce3: 192, three: 384, reduce5: 48, five: 128, pool: 128}
  - classifier
expect: {}
"""
"""torchvision's GoogLeNet with the heads that train it."""


def test_several_heads_in_training() -> None:
    own, ours = built(partial(models.googlenet, weights=None, init_weights=False)), ours_of(HEADS)
    own.training = ours.training = True
    forward = own.forward

    def in_order(x: Any) -> tuple[Any, ...]:
        scores = forward(x)
        return scores.logits, scores.aux_logits1, scores.aux_logits2

    own.forward = in_order
    hold_same(own, ours, (3, 64, 64))
