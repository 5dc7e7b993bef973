"""Bundled specifications against the networks' own code in torchvision and timm: layers, figures and what comes out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

import pytest

import cnncalc
from cnncalc import LayerSummary, Summary
from tests.conformance.test_bundled import Network
from tests.conformance.torch_side import each_axis, flops_of, nn, torch

pytestmark = pytest.mark.conformance

_WHY: Final = "needs the extra `references`: pip install -e '.[dev,conformance,references]'"


def _imported(name: str) -> Any:
    """A package with networks in plain Python. Its compiled operators are made for one build of torch, and not needed."""
    register = torch.library.register_fake

    def quiet(operator: Any, *rest: Any, **named: Any) -> Any:
        if str(operator).startswith("torchvision::"):
            return lambda function: function
        return register(operator, *rest, **named)

    torch.library.register_fake = quiet
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pytest.importorskip(name, reason=_WHY)
    finally:
        torch.library.register_fake = register


_imported("torchvision")
models: Any = _imported("torchvision.models")
detection: Any = _imported("torchvision.models.detection")
timm: Any = _imported("timm")


class Reference(NamedTuple):
    """How a network's own code builds it, runs it, and what it then gives."""

    build: Callable[[], Any]
    run: Callable[[Any, Any], Any] = lambda network, x: network(x)


def _video(name: str) -> Reference:
    return Reference(partial(getattr(models.video, name), weights=None))


def _segmentation(name: str, **given: Any) -> Reference:
    build = partial(getattr(models.segmentation, name), weights=None, weights_backbone=None, num_classes=21, **given)
    return Reference(build)


def _detection(name: str) -> Reference:
    """The layers alone: what resizes pictures before them and picks boxes behind them has no weights."""
    build = partial(getattr(detection, name), weights=None, weights_backbone=None)
    return Reference(build, lambda network, x: network.head(list(network.backbone(x).values())))


def _pyramid() -> Any:
    # By default its batch norms are frozen, which makes constants of what is counted as parameters here.
    build = detection.backbone_utils.resnet_fpn_backbone
    return build(backbone_name="resnet50", weights=None, norm_layer=nn.BatchNorm2d)


def _timm(name: str) -> Reference:
    return Reference(partial(timm.create_model, name))


def _deployed() -> Any:
    return timm.utils.model.reparameterize_model(timm.create_model("repvgg_a2").eval())


REFERENCES: Final = {
    "convnextv2_atto": _timm("convnextv2_atto"),
    "deeplabv3_mobilenet_v3_large": _segmentation("deeplabv3_mobilenet_v3_large", aux_loss=True),
    "deeplabv3_resnet50": _segmentation("deeplabv3_resnet50", aux_loss=True),
    "dla34": _timm("dla34"),
    "fcn_resnet101": _segmentation("fcn_resnet101", aux_loss=True),
    "ghostnet_100": _timm("ghostnet_100"),
    "hrnet_w18": _timm("hrnet_w18"),
    "lraspp_mobilenet_v3_large": _segmentation("lraspp_mobilenet_v3_large"),
    "mc3_18": _video("mc3_18"),
    "mobilenetv4_conv_small": _timm("mobilenetv4_conv_small"),
    "r2plus1d_18": _video("r2plus1d_18"),
    "r3d_18": _video("r3d_18"),
    "repvgg_a2": _timm("repvgg_a2"),
    "repvgg_a2_deployed": Reference(_deployed),
    "res2net50_26w_4s": _timm("res2net50_26w_4s"),
    "resnet50_fpn": Reference(_pyramid),
    "retinanet_resnet50": _detection("retinanet_resnet50_fpn"),
    "s3d": _video("s3d"),
    "ssd300_vgg16": _detection("ssd300_vgg16"),
    "xception": _timm("legacy_xception"),
}

Shape: TypeAlias = tuple[Any, ...]
"""Of a convolution: what comes in, what goes out, kernel, stride, dilation, groups and the output's extents. Of a fully
connected layer the first two, of a batch norm the channels, eps and momentum."""


@pytest.mark.parametrize("name", REFERENCES)
def test_reference(name: str) -> None:
    """The same convolutions, fully connected layers and batch norms, parameters and multiply-accumulates."""
    build, run = REFERENCES[name]
    summary = cnncalc.summarize(name)
    with torch.device("meta"):
        network = build().eval()
    found: Counter[Shape] = Counter()
    for module in network.modules():
        module.register_forward_hook(partial(_seen, found))
    _, flops = flops_of(lambda: run(network, _picture(summary, "meta")))
    assert found == Counter(shape for layer in summary.layers for shape in _shapes(layer))
    assert sum(p.numel() for p in network.parameters()) == summary.totals.params
    assert summary.totals.macs is not None
    assert flops == 2 * summary.totals.macs


def _picture(summary: Summary, device: str) -> Any:
    assert summary.input is not None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.rand(1, *summary.input.shape, device=device)


def _seen(found: Counter[Shape], module: Any, _: Any, output: Any) -> None:
    if isinstance(module, nn.Linear):
        found[module.in_features, module.out_features] += 1
    elif isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
        found[module.num_features, module.eps, module.momentum] += 1
    elif isinstance(module, nn.Conv2d | nn.Conv3d):
        window = (module.kernel_size, module.stride, module.dilation)
        found[module.in_channels, module.out_channels, *window, module.groups, tuple(output.shape[2:])] += 1


def _shapes(layer: LayerSummary) -> Iterable[Shape]:
    volume, output = layer.input, layer.output
    assert volume is not None
    assert output is not None
    given = {"stride": 1, "dilation": 1, "groups": 1, **vars(layer.layer)}
    if layer.type == "fc":
        yield volume.elements, output.channels
    elif layer.type == "batch_norm":
        yield volume.channels, given["eps"], given["momentum"]
    elif layer.type in ("conv", "depthwise_conv"):
        window = (each_axis(given[key], len(output.spatial)) for key in ("kernel", "stride", "dilation"))
        groups = volume.channels if layer.type == "depthwise_conv" else given["groups"]
        yield volume.channels, output.channels, *window, groups, output.spatial


# Those that run in a second or two.
RUN: Final = [
    *("convnextv2_atto", "deeplabv3_mobilenet_v3_large", "dla34", "ghostnet_100", "hrnet_w18"),
    *("lraspp_mobilenet_v3_large", "mobilenetv4_conv_small", "repvgg_a2", "res2net50_26w_4s", "resnet50_fpn", "s3d"),
    "xception",
]


@pytest.mark.parametrize("name", RUN)
def test_reference_gives_the_same(name: str) -> None:
    """With the same weights in all layers of one shape the same numbers come out: so one reads what the other reads."""
    build, run = REFERENCES[name]
    summary = cnncalc.summarize(name)
    own, ours = _weighted(build()), _weighted(Network(summary.layers, "cpu"))
    x = _picture(summary, "cpu")
    with torch.no_grad():
        results = run(own, x)
        ours(x)
    results = list(results.values()) if isinstance(results, dict) else [results]
    ends = [edge.source for edge in summary.network.ends()]
    assert len(results) == len(ends)
    for result, end in zip(results, ends, strict=True):
        assert torch.allclose(result, ours.ends[summary.layers[end].path], rtol=1e-3, atol=1e-4)


def _weighted(network: Any) -> Any:
    """The network with weights by their shape alone, and norms that scale by 1."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.Linear):
            _weigh(module)
        else:  # timm begins some norms at 0 and others at random
            for name, parameter in module.named_parameters(recurse=False):
                nn.init.constant_(parameter, name == "weight")
    return network.eval()


def _weigh(module: Any) -> None:
    weight = module.weight
    fan_in = weight[0].numel()
    nn.init.normal_(weight, std=(2 / fan_in) ** 0.5, generator=torch.Generator().manual_seed(weight.numel()))
    if module.bias is not None:
        nn.init.zeros_(module.bias)
