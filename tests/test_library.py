"""cnncalc from Python: typed values, nothing printed."""

from __future__ import annotations

import pydoc
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

import cnncalc
from cnncalc import LayerError, Limits, Volume
from cnncalc.arithmetic import output_size
from cnncalc.cli import main
from cnncalc.layers import LAYERS, BatchNorm, Conv, Fc, MaxPool, TransposedConv

TEXT = """
name: small
input: 32x32x3
layers:
  - conv: {filters: 10, kernel: 5, padding: 2, name: first}
  - max_pool: 2
  - fc: 10
"""


def test_a_text_and_a_path_give_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT, encoding="utf-8")
    of_text, of_path, of_str = cnncalc.summarize(TEXT), cnncalc.summarize(path), cnncalc.summarize(str(path))
    assert of_path == of_str
    assert of_path.layers[0].output == of_text.layers[0].output == Volume(10, (32, 32))
    assert of_text.layers[0].params == 760  # CS231n: ten 5x5 filters over 3 channels
    assert of_text.totals == of_path.totals
    assert capsys.readouterr() == ("", "")


def test_values_are_typed() -> None:
    summary = cnncalc.summarize(TEXT)
    assert summary.ok
    assert summary.name == "small"
    assert summary.output == Volume(10)
    layer = summary.layer("first").layer
    assert isinstance(layer, Conv)
    assert (layer.filters, layer.kernel, layer.padding) == (10, 5, 2)
    with pytest.raises(KeyError, match="second"):
        summary.layer("second")


def test_faults_are_values() -> None:
    summary = cnncalc.summarize("input: 7x7x3\nlayers: [conv: {filters: 8, kernel: 9}, relu]")
    (finding,) = summary.findings
    assert (finding.code, finding.severity, finding.line, finding.path) == ("kernel-too-large", "error", 2, "conv1")
    assert not summary.ok
    assert summary.output is None
    assert summary.layers[1].params is None
    assert summary.totals.params is None


def test_input_batch_and_parameters() -> None:
    text = "input: 8x8x3\nparameters: {width: 4}\nlayers: [conv: {filters: width, kernel: 3}]"
    assert cnncalc.summarize(text, parameters={"width": 6}).output == Volume(6, (6, 6))
    assert cnncalc.summarize(text, input="10x10x3").output == Volume(4, (8, 8))
    one, four = cnncalc.summarize(text), cnncalc.summarize(text, batch=4)
    assert one.totals.macs is not None
    assert four.totals.macs == 4 * one.totals.macs
    assert four.totals.params == one.totals.params
    with pytest.raises(ValueError, match="no parameter 'depth'"):
        cnncalc.summarize(text, parameters={"depth": 6})
    with pytest.raises(ValueError, match="no volume"):
        cnncalc.summarize(text, input="10*10*3")
    with pytest.raises(ValueError, match="at least 1"):
        cnncalc.summarize(text, batch=0)
    with pytest.raises(FileNotFoundError):
        cnncalc.summarize("no_such_network")


def test_a_dict_says_what_a_text_does() -> None:
    network = {
        "name": 'quoted "é"\u2028 \U0001f600',
        "input": (3, 8, 8),
        "parameters": {"width": Fraction(1, 2), "depth": 2},
        "layers": [
            {"conv": {"filters": "8 * width", "kernel": [3, 3], "bias": False, "repeat": "depth"}},
            {"batch_norm": None},
            {"residual": ["relu", {"dropout": 0.2}]},
            {"fc": 10},
        ],
        "expect": {"output": Volume(10)},
    }
    summary = cnncalc.summarize(network)
    assert (summary.findings, summary.name, summary.output) == ([], network["name"], Volume(10))
    assert summary.totals.params == 27 * 4 + 36 * 4 + 8 + 10 * 64 + 10
    bad = cnncalc.summarize({"input": "8x8x3", "layers": ["relu", {"conf": None}]})
    assert [(finding.code, finding.file, finding.line) for finding in bad.findings] == [("unknown-layer", "<dict>", 4)]
    assert not cnncalc.summarize({}).ok


@pytest.mark.parametrize("given", ["10x12x3", (3, 10, 12), [3, 10, 12], Volume(3, (10, 12))])
def test_what_an_input_can_be(given: Any) -> None:
    assert cnncalc.summarize(TEXT, input=given).input == Volume(3, (10, 12))


@pytest.mark.parametrize("value", [Fraction(1, 2), Decimal("0.5"), "0.5", "1/2", "3 / 6"])
def test_what_a_parameter_can_be(value: Any) -> None:
    text = "{input: 8x8x3, parameters: {width: 1}, layers: [conv: {filters: 8 * width, kernel: 3}]}"
    assert cnncalc.summarize(text, parameters={"width": value}).output == Volume(4, (6, 6))


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"spec": 3}, TypeError, "a path, a name, a text or a dict"),
        ({"spec": b"{}"}, TypeError, "not bytes"),
        ({"input": 7}, TypeError, "'227x227x3'"),
        ({"input": (3, 0)}, TypeError, "channels first"),
        ({"input": Volume(3, 8)}, TypeError, "Volume(3, (227, 227))"),  # type: ignore[arg-type]
        ({"input": "8 x 8"}, ValueError, "227x227x3"),
        ({"parameters": {"width": 1}}, ValueError, "it has none"),
        ({"parameters": ["width"]}, TypeError, "give a dict"),
        ({"parameters": {"width": 0.5}}, TypeError, "such as '0.5'"),
        ({"parameters": {"width": True}}, TypeError, "exact"),
        ({"parameters": {"width": Decimal("inf")}}, TypeError, "exact"),
        ({"parameters": {"width": "half"}}, ValueError, "no number"),
        ({"parameters": {"width": ".33"}}, ValueError, "no number: write '0.33'"),
        ({"batch": "2"}, TypeError, "such as 1"),
        ({"batch": 0}, ValueError, "at least 1"),
        ({"counting": "tourchinfo"}, ValueError, "torchinfo, macs"),
        ({"counting": ["macs"]}, ValueError, "torchinfo, macs"),
        ({"limits": 3}, TypeError, "cnncalc.Limits"),
        ({"spec": "mobilenet_v1", "classes": 5}, TypeError, "summarize() has no argument 'classes': it is a parameter"),
        ({"spec": "mobilenet_v1", "classes": 5}, TypeError, 'so write parameters={"classes": 5}'),
        (
            {"spec": "mobilenet_v1", "width": 0.5, "parameters": {"classes": 5}},
            TypeError,
            '{"classes": 5, "width": \'0.5\'}',
        ),
        ({"classes": 5}, TypeError, "unexpected keyword argument 'classes'"),
        ({"spec": "no_such_network", "classes": 5}, TypeError, "unexpected keyword argument 'classes'"),
    ],
)
def test_a_wrong_argument_is_told_what_is_right(arguments: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)):
        cnncalc.summarize(**{"spec": TEXT, **arguments})


def test_a_summary_as_text() -> None:
    summary = cnncalc.summarize("lenet5")
    printed = CliRunner().invoke(main, ["summarize", "lenet5"]).stdout
    assert f"{summary}\n" == printed
    assert repr(summary) == "<Summary of LeNet-5: 28x28x1 -> 10, 12 layers, 61,706 parameters>"
    broken = cnncalc.summarize("input: 7x7x3\nlayers: [conv: {filters: 8, kernel: 9}]")
    assert repr(broken) == "<Summary of <text>: 7x7x3 -> ?, 1 layers, with errors>"
    assert "unknown until the errors are mended" in str(broken)


def test_the_module_shows_what_it_has() -> None:
    assert {*cnncalc.__all__} <= {*dir(cnncalc)}
    text = pydoc.plain(pydoc.render_doc(cnncalc))
    assert "summarize(spec" in text
    assert "sweep(spec" in text


def test_layers_by_themselves() -> None:
    conv = Conv(filters=96, kernel=11, stride=4)
    assert conv.output(Volume(3, (227, 227))) == Volume(96, (55, 55))
    assert conv == Conv(filters=96, kernel=11, stride=4)
    assert repr(conv) == "Conv(filters=96, kernel=11, stride=4)"
    assert Fc(units=10).weights(Volume(4, (2, 2))) == 160
    assert MaxPool(kernel=[1, 2]).output(Volume(3, (4, 4))) == Volume(3, (4, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"filters": 0, "kernel": 3}, "`filters` is a whole number from 1"),
        ({"filters": 8}, "`conv` needs `kernel`"),
        ({"filters": 8, "kernel": 3, "steps": 2}, "no attribute `steps`"),
        ({"filters": 8, "kernel": 3, "bias": 1}, "`bias` is `true` or `false`"),
        ({"filters": True, "kernel": 3}, "`filters` is a whole number"),
        ({"filters": 8, "kernel": 3, "rounding": "up"}, "`rounding` is exact, floor or ceil"),
    ],
)
def test_layers_refuse(values: dict[str, Any], message: str) -> None:
    with pytest.raises(LayerError, match=message):
        Conv(**values)


@pytest.mark.parametrize("value", [-1e-5, float("nan"), float("inf"), True, "0.001", None])
def test_real_numbers(value: Any) -> None:
    assert BatchNorm(eps=1e-3) == BatchNorm(eps=0.001, momentum=0.1)
    with pytest.raises(LayerError, match="`eps` is a number from 0"):
        BatchNorm(eps=value)


def test_layers_refuse_volumes() -> None:
    with pytest.raises(LayerError, match="larger than the height") as caught:
        Conv(filters=8, kernel=9).output(Volume(3, (7, 7)))
    assert caught.value.fault.code == "kernel-too-large"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.type)
def test_every_layer_has_an_example_that_holds(layer: type[cnncalc.layers.Layer]) -> None:
    """The example that a missing attribute is answered with is right itself."""
    volume = "16" if layer.type == "reshape" else "16x16x32"
    example = layer.example.replace("4x4x1024", "4x4x1")
    summary = cnncalc.summarize(f"input: {volume}\nlayers:\n  {example}\n")
    assert [f for f in summary.findings if f.severity == "error"] == []
    assert layer.__doc__


# What Keras 3.15.1 gives: a Conv1DTranspose whose taps are all different, on a first and on a last cell alone.
@pytest.mark.parametrize(
    ("padding", "size", "kernel", "stride", "dilation", "cells", "before", "after", "empty"),
    [
        ("valid", 4, 2, 2, 1, 8, 0, 0, 0),
        ("same", 4, 2, 2, 1, 8, 0, 0, 0),
        ("valid", 4, 3, 2, 1, 9, 0, 0, 0),
        ("same", 4, 3, 2, 1, 8, 0, 1, 0),
        ("same", 7, 4, 2, 1, 14, 1, 1, 0),
        ("valid", 4, 5, 2, 1, 11, 0, 0, 0),
        ("same", 4, 5, 2, 1, 8, 1, 2, 0),
        ("same", 5, 5, 3, 1, 15, 1, 1, 0),
        ("valid", 4, 2, 4, 1, 16, 0, 0, 2),
        ("same", 4, 1, 2, 1, 8, 0, 0, 1),
        ("same", 4, 2, 4, 1, 16, 0, 0, 2),
        ("valid", 6, 3, 1, 2, 10, 0, 0, 0),
        ("same", 6, 3, 1, 2, 6, 2, 2, 0),
        ("same", 6, 4, 1, 3, 6, 4, 5, 0),
        ("same", 1, 3, 2, 1, 2, 0, 1, 0),
    ],
)
def test_transposed_convolutions_of_keras(
    padding: str, size: int, kernel: int, stride: int, dilation: int, cells: int, before: int, after: int, empty: int
) -> None:
    layer = TransposedConv(filters=1, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    (window,) = layer.transposed_windows(Volume(1, (size,)))
    assert layer.output(Volume(1, (size,))).spatial == (cells,)
    assert (window.before, window.after, window.output_padding) == (before, after, empty)


ONE_OF_TWO_JUMPS: Final = (
    "input: 2x1\nlayers: [concat: {{a: [global_avg_pool], b: [crop: {{after: 1}}]}}, "
    "transposed_conv: {{filters: 1, kernel: 2, dilation: 2, padding: {}}}]"
)


# Worked out by hand from what each layer reads.
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("input: 8x8x1\nlayers: [upsample: {size: 12, mode: bilinear}]", (2, 2)),
        ("input: 12x12x1\nlayers: [upsample: {size: 5, mode: bicubic}]", (4, 4)),
        ("input: 9x1\nlayers: [upsample: {size: 3, mode: linear}]", (1,)),  # the centres 1, 4 and 7
        ("input: 3x1\nlayers: [upsample: 4, adaptive_avg_pool: 8]", (2,)),
        ("input: 8x1\nlayers: [add: {a: [crop: {after: 4}, fc: 2], b: [crop: {before: 4}, fc: 2]}]", (8,)),
        (
            "input: 16x1\nlayers: [multiply: {features: [conv: {filters: 1, kernel: 3, padding: 1}], "
            "gate: [crop: {after: 12}, global_avg_pool]}]",
            (17,),  # the last cell: 14 to 16, and the gate's 0 to 3
        ),
        # Where there are few cells to read, no neighbours are counted that do not exist.
        ("input: 30x30x1\nlayers: [global_avg_pool, upsample: {size: 30, mode: bilinear}]", (30, 30)),
        (
            "input: 4x4x1\nlayers: [global_avg_pool, upsample: {size: 4, mode: bilinear}, "
            "conv: {filters: 1, kernel: 3, padding: 1}]",
            (4, 4),
        ),
        ("input: 5x5x1\nlayers: [global_avg_pool, transposed_conv: {filters: 1, kernel: 3}]", (5, 5)),
        ("input: 77x1\nlayers: [global_max_pool, upsample: 2, conv: {filters: 1, kernel: 2}]", (77,)),
        ("input: 89x1\nlayers: [upsample: {size: 17}, fc: 1]", (84,)),  # cells ⌊o·89/17⌋: 0 to 83
        ("input: 9x9x1\nlayers: [upsample: {factor: 1, mode: bicubic}]", (1, 1)),
        # Corners on corners: the cells 0, 4 and 8, and those beside 0, 8/3, 16/3 and 8.
        ("input: 9x1\nlayers: [upsample: {size: 3, mode: linear, align_corners: true}]", (1,)),
        ("input: 9x1\nlayers: [upsample: {size: 4, mode: linear, align_corners: true}]", (2,)),
        ("input: 9x9x1\nlayers: [upsample: {size: 1, mode: bicubic, align_corners: true}, fc: 1]", (1, 1)),
        ("input: 9x1\nlayers: [pad: {amount: 2, mode: circular}, conv: {filters: 1, kernel: 3}]", (9,)),
        ("input: 9x1\nlayers: [pad: {amount: 2, mode: reflect}, conv: {filters: 1, kernel: 3}]", (3,)),
        ("input: 3x1\nlayers: [pad: {amount: 2, mode: reflect}, conv: {filters: 1, kernel: 5}]", (3,)),
        ("input: 3x1\nlayers: [pad: {amount: 2}, conv: {filters: 1, kernel: 5}]", (5,)),
        ("input: 8x8x4\nlayers: [pixel_shuffle: 2, conv: {filters: 1, kernel: 4}]", (3, 3)),
        ("input: 8x8x1\nlayers: [pixel_unshuffle: 2, conv: {filters: 1, kernel: 3}]", (6, 6)),
        ("input: 9x1\nlayers: [add: {a: [adaptive_avg_pool: 2], b: [crop: {after: 2}, adaptive_avg_pool: 2]}]", None),
        # One cell without a rule, and behind it two cells that read it around one that does not.
        (ONE_OF_TWO_JUMPS.format(0), (2,)),
        (ONE_OF_TWO_JUMPS.format(1), None),
    ],
)
def test_receptive_fields(text: str, field: tuple[int, ...] | None) -> None:
    summary = cnncalc.summarize(text)
    assert summary.ok
    assert summary.layers[-1].receptive_field == field


def test_the_receptive_fields_of_deeplab() -> None:
    """What the picture's mean sees: 427 cells from each of the last stage's 65, 8 apart, 427 + 64·8; no cells beside them."""
    summary = cnncalc.summarize("deeplabv3_resnet50")
    assert [summary.layer(f"concat1{path}").receptive_field for path in (".image.upsample1", "")] == [
        (939,) * 2,
        (1227,) * 2,
    ]


def test_a_head_is_not_what_comes_out_of_its_block() -> None:
    text = "input: 8x8x3\nblocks: {b: {layers: [conv: {filters: 4, kernel: 1}, head: {name: aux, layers: [fc: 10]}]}}\n"
    summary = cnncalc.summarize(text + "layers: [b: {repeat: 2}, head: {name: end, layers: []}]")
    assert [str(group.output.volume) for group in summary.network.groups() if group.word == "b"] == ["8x8x4"] * 2
    assert {path: str(volume) for path, volume in summary.heads.items()} == {
        "b1.aux": "10",
        "b2.aux": "10",
        "end": "8x8x4",
    }


def test_what_only_training_runs_is_read_by_nothing_else() -> None:
    text = "input: 8x8x3\nlayers: [head: {name: aux, training: true, layers: [relu]}, add: [previous, aux]]"
    summary = cnncalc.summarize(text)
    assert [finding.code for finding in summary.findings] == ["unknown-reference"]
    assert summary.totals.macs is None


def test_numbers_keep_to_the_limit_wherever_they_stand() -> None:
    text = "input: 8x8x3\nparameters: {n: 1}\nlayers: [max_pool: {kernel: 3, stride: n, rounding: floor}]"
    assert cnncalc.summarize(text).ok
    for over in (text.replace("{n: 1}", f"{{n: ({2**53 + 1})}}"), text.replace("stride: n", f"stride: ({2**53 + 1})")):
        errors = [finding.code for finding in cnncalc.summarize(over).findings if finding.severity == "error"]
        assert errors == ["bad-expression"]
    assert not cnncalc.summarize(text, parameters={"n": 2**53 + 1}).ok
    with pytest.raises(TypeError, match="exact"):
        cnncalc.summarize(text, parameters={"n": 1.0})  # type: ignore[dict-item]


def test_the_first_relu6_and_the_61st_relu() -> None:
    summary = cnncalc.summarize("input: 8\nlayers: [relu6, relu: {repeat: 61}]")
    assert summary.ok
    assert [layer.path for layer in summary.layers][::61] == ["relu61", "relu_61"]
    assert len({layer.path for layer in summary.layers}) == 62


def test_automatic_names_give_way_to_given_ones() -> None:
    for items, paths in (
        ("relu: {name: relu61}, relu6", ["relu61", "relu6_1"]),
        ("relu6, relu: {name: relu61}", ["relu6_1", "relu61"]),
        ("relu: {name: relu2}, relu", ["relu2", "relu_2"]),
    ):
        summary = cnncalc.summarize(f"input: 8\nlayers: [{items}]")
        assert summary.ok
        assert [layer.path for layer in summary.layers] == paths


def test_no_word_means_two_layers() -> None:
    words = [word for layer in LAYERS for word in (layer.type, *layer.also)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize(
    ("text", "limits", "code"),
    [
        ("input: 8x8x3\nlayers: [one, two, three, four]", Limits(findings=3), "too-many-findings"),
        ("input: 8x8x3\nlayers: [fc: 1, conv: {filters: 1, kernel: 1}, fc: 1]", Limits(layers=2), "too-many-layers"),
        ("input: 8x8x3\nparameters: {a: 1, b: 2, c: 3}\nlayers: [fc: a]", Limits(parameters=2), "too-many-parameters"),
        (
            "input: 8x8x3\nblocks: {b: {parameters: {a: 1, b: 2, c: 3}, layers: [fc: a]}}\nlayers: [b]",
            Limits(parameters=2),
            "too-many-parameters",
        ),
        ("input: 8x8x3\nlayers: [fc: channels + channels + 1 + 1]", Limits(layers=0), "too-many-layers"),
        ("input: 8x8x3\nlayers: [fc: channels + 1 + 2 + 3 + 4 + 5]", Limits(layers=1), "too-much-work"),
        ("input: 8x8x3\nlayers: [fc: 1]", Limits(bytes=8), "too-large"),
        ("input: 8x8x3\nlayers: [residual: [relu]]", Limits(depth=3), "too-deep"),
        ("input: 8x8x3\nlayers: [relu]", Limits(largest=100), "count-too-large"),
    ],
)
def test_limits(text: str, limits: Limits, code: str) -> None:
    summary = cnncalc.summarize(text, limits=limits)
    assert code in [finding.code for finding in summary.findings]
    assert summary.totals.params is None


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x3\nlayers: {fc: 4}",
        "input: 8x8x3\nlayers: [fc: {units: 4, units: 8}]",
        "input: 8x8x3\nlayers: [fc: {units: 4, repeat: 1/2}]",
        "input: 8x8x3\nblocks: {b: {layers: fc}}\nlayers: [b]",
        "input: 8x8x3\nblocks: {b: {layers: [c]}, c: {layers: [b]}}\nlayers: [fc: 4, b]",
        "input: 8x8x3\nlayers: [{fc: 4, relu: 1}]",
    ],
)
def test_what_cannot_be_read_leaves_the_totals_unknown(text: str) -> None:
    summary = cnncalc.summarize(text)
    assert not summary.ok
    assert summary.output is None
    assert {value for key, value in summary.totals.items() if key != "layers"} == {None}


def test_more_misfits_than_the_limit_are_counted_as_one_finding() -> None:
    """A network that only earns notes or warnings is measured all the same."""
    text = "input: 100x100x3\nlayers: [" + ", ".join(f"max_pool: {{kernel: {k}, stride: 7}}" for k in (3, 4)) + "]"
    whole, cut = cnncalc.summarize(text), cnncalc.summarize(text, limits=Limits(findings=1))
    assert [finding.code for finding in whole.findings] == ["stride-does-not-fit"] * 2
    assert [finding.code for finding in cut.findings] == ["stride-does-not-fit", "too-many-findings"]
    assert cut.findings[1].severity == whole.findings[1].severity
    assert (cut.ok, cut.totals) == (True, whole.totals)
    assert not cnncalc.summarize(text, limits=Limits(findings=1), strict=True).ok


@pytest.mark.parametrize(
    ("network", "given", "codes"),
    [
        ("resnet50", "224x224", ["input-of-other-rank"]),
        ("alexnet", "259x259x3", ["parameters-depend-on-input"]),
        ("alexnet", "227x227x3", []),
        ("alexnet_torchvision", "255x255x3", []),  # its adaptive pool keeps the fc's input at 6x6
        ("c3d", "224x224x3", ["input-of-other-rank"]),
        ("alexnet_torchvision", "256x256", ["input-of-other-rank", "parameters-depend-on-input"]),
        ("alexnet_torchvision", "256", ["input-of-other-rank"]),
        ("resnet50", "3x224x224", ["input-in-other-order"]),
        ("resnet50", (224, 224, 3), ["input-in-other-order"]),
        ("resnet50", "3x64x48", ["input-in-other-order"]),
        ("r3d_18", (16, 112, 112, 3), ["input-in-other-order"]),
        ("resnet50", "224x224x1", []),
        ("resnet50", "3x3x3", []),
    ],
)
def test_what_another_input_is_warned_of(network: str, given: str | tuple[int, ...], codes: list[str]) -> None:
    found = [finding.code for finding in cnncalc.summarize(network, input=given).findings]
    of_input = ("input-of-other-rank", "input-in-other-order", "parameters-depend-on-input")
    assert [code for code in found if code in of_input] == codes


@pytest.mark.parametrize(
    ("network", "given", "meant"),
    [
        ("resnet50", "256", "256x256x3"),
        ("resnet50", "256x192", "256x192x3"),
        ("c3d", "16x112x112", "16x112x112x3"),
        ("c3d", "112", None),
    ],
)
def test_what_an_input_of_other_axes_was_meant_to_be(network: str, given: str, meant: str | None) -> None:
    warning = cnncalc.summarize(network, input=given).findings[0]
    assert warning.code == "input-of-other-rank"
    assert warning.help == ((f"did you mean `--input {meant}`?",) if meant else ())
    assert not meant or cnncalc.summarize(network, input=meant).ok


def test_sums_without_spaces() -> None:
    text = "input: 8x8x4\nparameters: {a: 0.5}\nblocks: {b: {layers: [fc: 2+block.channels]}}\nlayers: ["
    assert cnncalc.summarize(text + "fc: 0.5+a, fc: 12-0.5-a, b]").ok
    assert [str(layer.output) for layer in cnncalc.summarize(text + "fc: 0.5+a, fc: 12-0.5-a, b]").layers] == [
        "1",
        "11",
        "13",
    ]


def test_a_fraction_that_is_whole() -> None:
    text = "input: 8x8x4\nparameters: {a: 1}\nlayers: [fc: a]"
    assert cnncalc.summarize(text, parameters={"a": Fraction(3)}).output == Volume(3)
    assert not cnncalc.summarize(text, parameters={"a": Fraction(7, 2)}).ok


def test_a_head_in_a_branch_of_a_split_has_its_share() -> None:
    text = "input: 8x8x12\nlayers: [split: {a: [head: {name: h, layers: []}], b: [], c: [relu]}]"
    assert cnncalc.summarize(text).to_dict()["heads"] == {"split1.a.h": [4, 8, 8]}


def test_a_split_whose_branches_alone_are_read_needs_no_numbers() -> None:
    split = "split: {a: [conv: {filters: 2, kernel: 1}], b: [conv: {filters: 2, kernel: 1}]}"
    joined = cnncalc.summarize(f"input: 8x8x4\nlayers: [{split}, add: [split1.a.conv1, split1.b.conv1]]")
    assert joined.layer("split1").activations == 0
    assert joined.totals.activations == 3 * 8 * 8 * 2
    assert cnncalc.summarize(f"input: 8x8x4\nlayers: [{split}]").totals.activations == 2 * 8 * 8 * 4


def test_a_residual_repeats_an_extent_of_one_as_add_does() -> None:
    layers = ("residual: [global_avg_pool]", "add: {identity: [], context: [global_avg_pool]}")
    outputs = [cnncalc.summarize(f"input: 8x8x3\nlayers: [{layer}]").output for layer in layers]
    assert outputs == [Volume(3, (8, 8))] * 2


def test_what_a_partial_window_reads_is_read() -> None:
    """8 cells, windows of 3 with stride 2: the last cell is left over, or read by one more window under ceil."""
    for rounding, unread in (("floor", 1), ("ceil", 0)):
        summary = cnncalc.summarize(f"input: 8x1\nlayers: [max_pool: {{kernel: 3, stride: 2, rounding: {rounding}}}]")
        fit = summary.layers[0].to_dict()["fit"]
        assert isinstance(fit, list)
        assert [axis["unread"] for axis in fit] == [unread]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"padding": "same"},
            "padding is 'same', and not a whole number: same_padding() and half_padding() give the cells",
        ),
        ({"stride": 2.0}, "stride is 2.0, and not a whole number"),
        ({"padding": (1, None)}, "padding is None, and not a whole number"),
    ],
)
def test_formulas_take_whole_numbers(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError) as error:
        output_size(224, 3, **wrong)
    assert str(error.value) == said


def test_a_finding_as_text() -> None:
    summary = cnncalc.summarize("input: 8x8x3\nlayers: [conv: {kernel: 3}]")
    (finding,) = summary.findings
    assert str(finding) == (
        "error[missing-attribute]: `conv` needs `filters`\n --> <text>:2:10\n"
        "  = help: for example `conv: {filters: 64, kernel: 3, padding: 1}`"
    )
    assert str(summary).endswith(f"mended.\n\n{finding}")


def test_a_name_that_is_no_file() -> None:
    with pytest.raises(FileNotFoundError, match="did you mean the bundled resnet50"):
        cnncalc.summarize("resnet5")
