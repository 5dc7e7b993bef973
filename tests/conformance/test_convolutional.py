"""Fully connected layers as convolutions, in numbers: torch runs both networks, with the same weights."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc.layers import Conv, Fc, Flatten, MaxPool
from tests.conformance.torch_side import examples, nn, torch

pytestmark = pytest.mark.conformance


def chain(draw: Random) -> tuple[list[dict[str, Any] | str], int]:
    """A chain without padding that ends in two fully connected layers, on an input of that size."""
    size, items = draw.randint(8, 14), list[dict[str, Any] | str]()
    left = size
    while left > 4:
        kernel, stride = draw.randint(1, 3), draw.randint(1, 2)
        word = draw.choice(["conv", "max_pool"])
        filters = {"filters": draw.randint(1, 3)} if word == "conv" else {}
        items += [{word: {**filters, "kernel": kernel, "stride": stride}}, *draw.sample(["relu"], draw.randint(0, 1))]
        left = (left - kernel) // stride + 1
    flat = draw.sample(["flatten", "relu", "flatten"], draw.randint(0, 3))
    return [*items, *flat, {"fc": draw.randint(1, 4)}, "relu", {"fc": {"units": 2, "bias": draw.random() < 0.5}}], size


def built(summary: cnncalc.Summary) -> Any:
    """The network in torch, in doubles."""
    modules = list[Any]()
    for layer in summary.layers:
        given, volume = layer.layer, layer.input
        assert volume is not None
        if isinstance(given, Conv):
            stride: Any = given.stride
            modules.append(nn.Conv2d(volume.channels, given.filters, given.kernel, stride, bias=given.bias))
        elif isinstance(given, Fc):
            flat = [nn.Flatten()] if volume.spatial else []
            modules += [*flat, nn.Linear(volume.elements, given.units, bias=given.bias)]
        elif isinstance(given, MaxPool):
            modules.append(nn.MaxPool2d(given.kernel, given.stride))
        else:
            modules.append(nn.Flatten() if isinstance(given, Flatten) else nn.ReLU())
    return nn.Sequential(*modules).double()


def crops(x: Any, size: int, jump: int) -> list[list[Any]]:
    last = range(0, x.shape[-1] - size + 1, jump)
    return [[x[:, :, top : top + size, left : left + size] for left in last] for top in last]


@examples()
@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_a_map_of_scores_is_the_network_on_each_window(draw: Random, more: int) -> None:
    layers, size = chain(draw)
    spec = {"input": f"{size}x{size}x2", "layers": layers}
    own = cnncalc.summarize(spec)
    jump = int(
        next(layer.jump[0] for layer in reversed(own.layers) if layer.jump and layer.type in ("conv", "max_pool"))
    )
    larger = f"{size + more * jump}x{size + more * jump}x2"
    slides = cnncalc.summarize(spec, input=larger, fc_as_conv=True)
    assert not [finding for finding in slides.findings if finding.severity == "error"]
    scores, network = built(slides), built(own)
    for theirs, ours in zip(network.parameters(), scores.parameters(), strict=True):
        with torch.no_grad():
            ours.copy_(torch.randint(-3, 4, ours.shape))
            theirs.copy_(ours.reshape(theirs.shape))
    x = torch.randint(-3, 4, (1, 2, size + more * jump, size + more * jump)).double()
    with torch.no_grad():
        found = scores(x)[0]
        expected = [[network(crop)[0].tolist() for crop in row] for row in crops(x, size, jump)]
    assert slides.output is not None
    assert list(found.shape) == slides.output.shape
    assert found.permute(1, 2, 0).tolist() == expected
    assert sum(p.numel() for p in scores.parameters()) == slides.totals.params == own.totals.params
