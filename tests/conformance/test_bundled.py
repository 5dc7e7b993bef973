"""`same` padding against TensorFlow's documentation, and the bundled specifications as torch runs them."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc import LayerSummary
from cnncalc.api import bundled_names
from cnncalc.layers import Branching, Conv
from tests.conformance.torch_side import Joined, counted, flops_of, module, nn, tensorflow_same, torch

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


class Network(nn.Module):  # type: ignore[misc]  # torch is Any here
    """Layers of a summary as torch runs them, by default on tensors without data."""

    def __init__(self, layers: list[LayerSummary], device: str = "meta") -> None:
        super().__init__()
        self.layers = layers
        self.built = nn.ModuleList([_built(layer, device) for layer in layers])
        self.ends: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        self.ends = {"input": x}
        for layer, built in zip(self.layers, self.built, strict=True):
            shares = []  # a branch of a split reads a share of the channels
            for source, edge in zip(layer.inputs, layer.node.edges, strict=True):
                assert edge.volume is not None
                shares.append(self.ends[source][:, edge.first : edge.first + edge.volume.channels])
            self.ends[layer.path] = x = built(*shares)
        return x


def _built(layer: LayerSummary, device: str) -> Any:
    if isinstance(layer.layer, Branching):
        return Joined(layer.type)
    assert layer.input is not None
    return module(layer.type, vars(layer.layer), layer.input, device)


@pytest.mark.parametrize("name", bundled_names())
def test_torch_runs_it(name: str) -> None:
    """Layer by layer torch gives the shapes, and in all the parameters and the multiply-accumulates."""
    summary = cnncalc.summarize(name)
    assert summary.input is not None
    x = torch.zeros(1, *summary.input.shape, device="meta")
    network = Network([layer for layer in summary.layers if not layer.training])
    _, flops = flops_of(lambda: network(x))
    if len(network.layers) < len(summary.layers):
        network = Network(summary.layers)
        network(x)
    for layer in summary.layers:
        assert layer.output is not None
        assert list(network.ends[layer.path].shape[1:]) == layer.output.shape, layer.path
    own = [built for layer, built in zip(summary.layers, network.built, strict=True) if layer.shares is None]
    assert sum(p.numel() for built in own for p in built.parameters()) == summary.totals.params
    assert summary.totals.macs is not None
    assert 2 * summary.totals.macs == flops


# One of each kind: what tools count is a sum over layers, and those are held one by one in test_layers.py.
COUNTED = [
    *("alexnet_grouped", "c3d", "convnext_tiny", "dcgan_generator", "deeplabv3_resnet50", "densenet121"),
    *("efficientnet_b0", "googlenet", "inception_v3", "lenet5", "m11", "mobilenet_v3_small", "regnet_y_400mf"),
    *("resnet50", "shufflenet_v2_x0_5", "squeezenet1_1", "tcn", "unet", "vgg11"),
]


@pytest.mark.parametrize("name", COUNTED)
def test_tools_count_it(name: str) -> None:
    """Of the whole network the tools print the mult-adds that stand under their names."""
    summary = cnncalc.summarize(name)
    assert summary.input is not None
    network = Network([layer for layer in summary.layers if not layer.training])
    counts = counted(network, summary.input, "meta")
    assert counts == {each: cnncalc.summarize(name, counting=each).totals.mult_adds for each in counts}
