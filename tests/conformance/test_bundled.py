"""`same` padding against TensorFlow's documentation, and the bundled specifications as torch runs them."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc import LayerSummary, Summary
from cnncalc.api import bundled_names
from cnncalc.layers import Branching, Conv
from tests.conformance.torch_side import flops_of, joined, module, tensorflow_same, torch

pytestmark = pytest.mark.conformance

# "Notes on padding" of https://www.tensorflow.org/api_docs/python/tf/nn: the total is max(F - S, 0) where S
# divides W and otherwise max(F - W mod S, 0); half of it comes before, and the odd cell after. The first two
# rows are its example, the third its "when pad_along_height is 5, we pad 2 pixels at the top and 3 pixels at
# the bottom". The fourth is drawn in https://stackoverflow.com/a/39371113. The others are worked out by hand.
SAME = [
    # W, F, S, D, output, before, after
    (5, 3, 2, 1, 3, 1, 1),
    (2, 2, 1, 1, 2, 0, 1),
    (10, 6, 1, 1, 10, 2, 3),
    (13, 6, 5, 1, 3, 1, 2),
    (224, 3, 2, 1, 112, 0, 1),  # MobileNet's first layer
    (299, 3, 2, 1, 150, 1, 1),
    (224, 7, 2, 1, 112, 2, 3),
    (112, 2, 2, 1, 56, 0, 0),
    (7, 2, 2, 1, 4, 0, 1),
    (8, 1, 3, 1, 3, 0, 0),  # the stride passes over cells
    (1, 5, 3, 1, 1, 2, 2),
    (28, 3, 1, 2, 28, 2, 2),  # "filter_height refers to the filter size after dilations"
    (28, 4, 1, 3, 28, 4, 5),
]


@pytest.mark.parametrize(("size", "kernel", "stride", "dilation", "output", "before", "after"), SAME)
def test_same_is_tensorflows(
    size: int, kernel: int, stride: int, dilation: int, output: int, before: int, after: int
) -> None:
    layer = Conv(filters=1, kernel=kernel, stride=stride, dilation=dilation, padding="same")
    volume = cnncalc.Volume(1, (size,))
    (window,) = layer.windows(volume)
    assert (window.before, window.after) == (before, after)
    assert layer.output(volume).spatial == (output,)
    assert tensorflow_same(size, window.span, stride) == (before, after)


def ran(layer: LayerSummary, ends: dict[str, Any]) -> Any:
    """The layer's output by torch."""
    ways = []
    for source, volume in zip(layer.inputs, layer.volumes, strict=True):
        assert volume is not None
        ways.append(ends[source][:, : volume.channels])  # a branch of a split takes a share
    if isinstance(layer.layer, Branching):
        return joined(layer.type, ways)
    assert layer.input is not None
    built = module(layer.type, vars(layer.layer), layer.input, "meta")
    ends["parameters"] += sum(p.numel() for p in built.parameters())
    return built(ways[0])


def forward(summary: Summary, *, training: bool) -> dict[str, Any]:
    assert summary.input is not None
    ends: dict[str, Any] = {"input": torch.zeros(1, *summary.input.shape, device="meta"), "parameters": 0}
    for layer in summary.layers:
        if training or not layer.training:
            ends[layer.path] = ran(layer, ends)
    return ends


@pytest.mark.parametrize("name", bundled_names())
def test_torch_runs_it(name: str) -> None:
    """Layer by layer torch gives the shapes, and in all the parameters and the multiply-accumulates."""
    summary = cnncalc.summarize(name)
    ends, flops = flops_of(lambda: forward(summary, training=False))
    if any(layer.training for layer in summary.layers):
        ends = forward(summary, training=True)
    for layer in summary.layers:
        assert layer.output is not None
        assert list(ends[layer.path].shape[1:]) == layer.output.shape, layer.path
    assert ends["parameters"] == summary.totals.params
    assert summary.totals.macs is not None
    assert 2 * summary.totals.macs == flops
