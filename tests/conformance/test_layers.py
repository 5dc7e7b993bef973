"""Single layers: shapes, parameters, buffers and mult-adds, by cnncalc and by torch and its tools."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

import cnncalc
from cnncalc import LayerError, Volume
from cnncalc.figures.counting import CONVENTIONS
from cnncalc.layers import TYPES, Branching
from tests.conformance import cases
from tests.conformance.cases import Case
from tests.conformance.torch_side import (
    REFUSALS,
    SIDES,
    Answer,
    Given,
    Joined,
    answer,
    counted,
    each_axis,
    examples,
    module,
    nn,
    torch,
)

pytestmark = pytest.mark.conformance


def by_torch(case: Case) -> Answer | None:
    """None where torch refuses."""
    try:
        return answer(module(*case), case.volume)
    except REFUSALS:
        return None


def by_cnncalc(case: Case) -> Answer | None:
    """None where cnncalc finds an error."""
    volume = case.volume
    try:
        layer = TYPES[case.word](**case.given)
        output = layer.output(volume)
    except LayerError:
        return None
    return Answer(output.shape, layer.weights(volume) + layer.biases(volume), layer.buffers(volume))


def check(case: Case) -> None:
    """The same answer, or both refuse; and then the same counts."""
    found = by_cnncalc(case)
    assert found == by_torch(case)
    if found is None:
        return
    layer, volume, built = TYPES[case.word](**case.given), case.volume, module(*case)
    counts = counted(built, volume)
    if case.word == "transposed_conv" and isinstance(built, nn.Sequential):
        del counts["torchinfo"], counts["thop"]  # they count the cells too that unequal padding takes away behind it
    assert counts == {name: CONVENTIONS[name].counts(layer, volume, layer.output(volume)) for name in counts}


@examples(4)
@given(cases.convolutions())
def test_convolutions(case: Case) -> None:
    check(case)


@examples(4)
@given(cases.transposed_convolutions())
def test_transposed_convolutions(case: Case) -> None:
    check(case)


@examples(4)
@given(cases.sliding_pools())
def test_sliding_pools(case: Case) -> None:
    check(case)


@examples(2)
@given(cases.other_pools())
def test_global_and_adaptive_pools(case: Case) -> None:
    check(case)


@examples(2)
@given(cases.normalisations())
def test_normalisations(case: Case) -> None:
    check(case)


@examples(1)
@given(cases.dense_layers())
def test_fully_connected_layers(case: Case) -> None:
    check(case)


@examples(1)
@given(cases.activations())
def test_activations(case: Case) -> None:
    check(case)


@examples(3)
@given(cases.rearrangements())
def test_rearrangements(case: Case) -> None:
    check(case)


@examples(2)
@given(cases.CASES)
def test_layers_that_are_written(case: Case) -> None:
    """The same through the language: every attribute as YAML has it."""
    summary, truth = cnncalc.summarize(cases.text(case)), by_torch(case)
    assert summary.ok == (truth is not None)
    (layer,) = summary.layers
    if truth is None:
        assert (layer.output, summary.output, summary.totals.params) == (None, None, None)
    else:
        assert layer.output is not None
        assert summary.output == layer.output
        assert Answer(layer.output.shape, layer.params or 0, summary.totals.buffers or 0) == truth


@examples(1)
@given(cases.convolutions())
def test_convolutions_round_up_as_pools_do(case: Case) -> None:
    """Torch has ceil_mode for pools alone. A window is a window, so a pool is the reference for a convolution."""
    given_ = {name: case.given[name] for name in ("kernel", "stride", "dilation")}
    given_ |= {"rounding": "ceil", "padding": 0 if isinstance(case.given["padding"], str | dict) else 1}
    conv = by_cnncalc(Case("conv", given_ | {"filters": case.volume.channels}, case.volume))
    pool = by_torch(Case("max_pool", given_, case.volume))
    if pool is not None:
        assert conv is not None
        assert conv.shape == pool.shape


@examples(1)
@given(cases.convolutions())
def test_exact_is_where_no_cell_is_left_over(case: Case) -> None:
    """A stride fits where S - 1 more cells give no more positions."""
    rank = len(case.volume.spatial)
    padding = case.given["padding"]
    floor = case.given | {"rounding": "floor", "padding": 1 if isinstance(padding, str) else padding}  # of any size
    stride = case.given["stride"]
    more = [size + s - 1 for size, s in zip(case.volume.spatial, each_axis(stride, rank), strict=True)]
    here = by_torch(case._replace(given=floor))
    there = by_torch(Case(case.word, floor, Volume(case.volume.channels, tuple(more))))
    assert by_cnncalc(case._replace(given=floor | {"rounding": "exact"})) == (here if here == there else None)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@examples(1)
@given(cases.convolutions())
def test_same_pads_the_sides_that_torch_pads(case: Case) -> None:
    """Torch has padding="same" at stride 1: the outputs agree number by number."""
    rank = len(case.volume.spatial)
    given_ = case.given | {"stride": 1, "padding": "same"}
    try:
        layer = TYPES[case.word](**given_)
        layer.output(case.volume)
    except LayerError:
        return
    sides = {
        side: n
        for names, window in zip(SIDES[rank], layer.windows(case.volume), strict=True)
        for side, n in zip(names, (window.before, window.after), strict=True)
    }
    ours = module(case.word, given_ | {"padding": sides}, case.volume)
    conv = ours[1] if isinstance(ours, nn.Sequential) else ours
    theirs = type(conv)(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        1,
        "same",
        conv.dilation,
        conv.groups,
        conv.bias is not None,
    )
    theirs.load_state_dict(conv.state_dict())
    x = torch.randn(1, *case.volume.shape)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("mode", ["nearest", "linear", "bilinear", "bicubic", "trilinear"])
@pytest.mark.parametrize("spatial", [(6,), (6, 7), (3, 4, 5)])
def test_modes_of_upsampling_belong_to_ranks(mode: str, spatial: tuple[int, ...]) -> None:
    case = Case("upsample", {"factor": 2, "mode": mode}, Volume(3, spatial))
    assert by_cnncalc(case) == by_torch(case)


class Twice(Joined):
    """A join of a volume with itself."""

    def forward(self, x: Any) -> Any:
        return super().forward(x, x)


VOLUMES = [Volume(360), Volume(6, (60,)), Volume(6, (10, 6)), Volume(6, (5, 4, 3))]
"""One of each number of axes, all of 360 numbers."""
WINDOWS: list[Given] = [{"kernel": 2}, {"kernel": 3, "stride": 2, "padding": 1}, {"kernel": 2, "rounding": "ceil"}]
VARIANTS: dict[str, list[Given]] = {
    "conv": [
        {"filters": 4, "kernel": 3},
        {"filters": 4, "kernel": 3, "stride": 2, "padding": 1, "groups": 2, "bias": False},
        {"filters": 6, "kernel": 2, "padding": "same", "dilation": 2, "groups": 6},
        {"filters": 4, "kernel": 3, "learned": False},
    ],
    "depthwise_conv": [
        {"kernel": 3},
        {"kernel": 3, "learned": False},
        {"kernel": 2, "multiplier": 2, "stride": 2, "padding": 1, "dilation": 2, "bias": False},
    ],
    "transposed_conv": [
        {"filters": 4, "kernel": 3},
        {"filters": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2, "bias": False},
        {"filters": 6, "kernel": 2, "dilation": 2, "groups": 6},
        {"filters": 4, "kernel": 3, "stride": 2, "padding": "same", "learned": False},
    ],
    "max_pool": [*WINDOWS, {"kernel": 2, "dilation": 2}],
    "avg_pool": [*WINDOWS, {"kernel": 2, "padding": 1, "count_padding": False}],
    "lp_pool": [*WINDOWS, {"kernel": 2, "norm": 1}],
    "adaptive_avg_pool": [{"size": 1}, {"size": 3}, {"size": 5}, {"size": 7}],
    "adaptive_max_pool": [{"size": 1}, {"size": 7}],
    "fc": [{"units": 3}, {"units": 3, "bias": False}, {"units": 3, "learned": False}],
    "reshape": [{"volume": Volume(360)}, {"volume": Volume(8, (9, 5))}],
    "batch_norm": [{}, {"affine": False}, {"eps": 0.001, "momentum": 0.01}],
    "instance_norm": [{}, {"affine": True}, {"eps": 0.001, "momentum": 0.01}],
    "layer_norm": [{}, {"affine": False}, {"eps": 1e-6}],
    "group_norm": [{"groups": 3}, {"groups": 6, "affine": False}, {"groups": 3, "eps": 1e-6}],
    "local_response_norm": [{}, {"size": 3}, {"alpha": 0.001, "beta": 1, "k": 2}],
    "global_response_norm": [{}, {"eps": 0.001}],
    "leaky_relu": [{}, {"slope": 0.2}],
    "elu": [{}, {"alpha": 2}],
    "celu": [{}, {"alpha": 2}],
    "gelu": [{}, {"approximate": "tanh"}],
    "prelu": [{}, {"shared": True}],
    "dropout": [{}, {"rate": 0.2}],
    "drop_path": [{}, {"rate": 0.2}],
    "channel_shuffle": [{"groups": 3}],
    "channel_slice": [{"size": 1}, {"size": 2, "start": 1}],
    "pixel_shuffle": [{"factor": 1}, {"factor": 2}],
    "pixel_unshuffle": [{"factor": 1}, {"factor": 2}],
    "upsample": [
        way | {"mode": mode}
        for way in ({"factor": 2}, {"size": 7}, {"factor": 2, "align_corners": True})
        for mode in ("nearest", "linear", "bilinear", "bicubic", "trilinear")
    ],
    "pad": [{"amount": 1}, *({"amount": 1, "mode": mode} for mode in ("reflect", "replicate", "circular"))],
    "crop": [{"amount": 1}],
}
"""Of each type all attributes, with values that make a difference. A type without attributes needs no entry."""

JOINS = {
    "add": "add: {left: [], right: []}",
    "multiply": "multiply: {left: [], right: []}",
    "concat": "concat: {left: [], right: []}",
    "split": "split: {left: [], right: []}",
    "residual": "residual: [relu]",
    "head": "head: {name: aux, layers: [relu]}",
}


@pytest.mark.parametrize("volume", VOLUMES, ids=str)
@pytest.mark.parametrize("word", [word for word, layer in TYPES.items() if not issubclass(layer, Branching)])
def test_every_layer_type(word: str, volume: Volume) -> None:
    variants = [Case(word, dict(given), volume) for given in VARIANTS.get(word, [{}])]
    assert {name for case in variants for name in case.given} >= set(TYPES[word].attributes)
    for case in variants:
        check(case)
    somewhere = len(volume.spatial) == 2 if "pixel" in word else volume.spatial
    assert not somewhere or any(by_cnncalc(case) for case in variants)


@pytest.mark.parametrize("volume", VOLUMES, ids=str)
@pytest.mark.parametrize("word", [word for word, layer in TYPES.items() if issubclass(layer, Branching)])
def test_joins_are_not_counted(word: str, volume: Volume) -> None:
    for name, count in counted(Twice(word), volume).items():
        summary = cnncalc.summarize(f"input: {volume}\nlayers:\n  - {JOINS[word]}\n", counting=name)
        assert summary.totals.mult_adds == count


@pytest.mark.parametrize("volume", VOLUMES, ids=str)
def test_a_norm_wants_two_numbers_to_a_mean(volume: Volume) -> None:
    """Torch refuses one, also in eval mode: of a channel's cells always, of a group for one example."""
    cell = Volume(6, (1,) * len(volume.spatial))
    check(Case("instance_norm", {}, cell))
    for groups in (1, 3, 4, 6):
        check(Case("group_norm", {"groups": groups}, cell))
        check(Case("group_norm", {"groups": groups}, volume))
