"""Whole networks against the figures of papers, course notes and the frameworks' own published tables."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc.api import SPECS, bundled_names

FIGURES = Path(__file__).parent / "figures"
TASKS = ("classification", "detection", "generation", "segmentation", "sound", "video")


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_specification_holds(name: str) -> None:
    """Each carries the published figures in its `expect`, with the source beside it."""
    summary = cnncalc.summarize(name)
    assert not [finding for finding in summary.findings if finding.severity != "note"]
    assert summary.source
    assert summary.task in TASKS
    text = (Path(SPECS) / f"{name}.yaml").read_text(encoding="utf-8")
    assert re.search(r"^expect:.*\bparams:.*\bmacs:", text, re.DOTALL | re.MULTILINE)


def volumes(name: str, *types: str) -> list[str]:
    return [str(layer.output) for layer in cnncalc.summarize(name).layers if layer.type in types]


def test_alexnet() -> None:
    """Krizhevsky et al. 2012 in one tower, as CS231n writes it out layer by layer."""
    assert volumes("alexnet", "conv", "max_pool", "fc") == [
        "55x55x96", "27x27x96", "27x27x256", "13x13x256", "13x13x384", "13x13x384", "13x13x256", "6x6x256",
        "4096", "4096", "1000",
    ]  # fmt: skip
    summary = cnncalc.summarize("alexnet")
    assert summary.totals.params == 62_378_344
    assert summary.totals.macs == 1_135_256_096
    conv1 = summary.layer("conv1")
    assert conv1.params == 34_944
    assert conv1.mult_adds == 105_705_600  # torchinfo 1.8.0
    assert conv1.macs == 105_415_200
    assert conv1.figures is not None
    assert conv1.figures.activations == 290_400
    assert conv1.figures.connections == 105_705_600
    assert conv1.figures.gemm == (96, 363, 3025, 1)


def test_alexnet_grouped() -> None:
    """The original's two towers: Sze et al., "Efficient Processing of Deep Neural Networks", table II."""
    summary = cnncalc.summarize("alexnet_grouped")
    macs = [layer.macs for layer in summary.layers if layer.type == "conv"]
    assert macs == [105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192]
    assert sum(layer.macs or 0 for layer in summary.layers if layer.type == "fc") == 58_621_952
    assert summary.totals.params == 60_965_224


def test_textbook_lenet() -> None:
    """The LeNet-style network of course notes, its parameters and mult-adds written out by hand."""
    summary = cnncalc.summarize("textbook_lenet")
    assert volumes("textbook_lenet", "conv", "max_pool", "flatten", "fc") == [
        "28x28x6", "14x14x6", "10x10x16", "5x5x16", "1x1x120", "120", "64", "10",
    ]  # fmt: skip
    learned = [layer for layer in summary.layers if layer.params]
    assert [layer.params for layer in learned] == [456, 2_416, 48_120, 7_744, 650]
    assert [layer.mult_adds for layer in learned] == [456 * 28 * 28, 2_416 * 10 * 10, 48_120, 7_744, 650]


def test_lenet5() -> None:
    """LeCun et al. 1998, section II.B: C1 156 parameters and 122,304 connections, C5 48,120, F6 10,164."""
    summary = cnncalc.summarize("lenet5")
    assert summary.layer("c1").params == 156
    assert summary.layer("c1").figures is not None
    assert summary.layer("c1").to_dict()["connections"] == 122_304
    assert summary.layer("c5").params == 48_120
    assert summary.layer("f6").params == 10_164
    assert (summary.totals.params, summary.totals.macs) == (61_706, 416_520)


def test_zfnet() -> None:
    """Zeiler and Fergus 2014, figure 3: 110, 55, 26 and 13, where 109.5, 54.5 and 12.5 do not fit."""
    summary = cnncalc.summarize("zfnet")
    sizes = [layer.output.spatial[0] for layer in summary.layers if layer.output and layer.output.spatial]
    assert list(dict.fromkeys(sizes)) == [110, 55, 26, 13, 6]
    assert summary.totals.params == 62_357_608
    assert summary.totals.macs == 1_168_032_896


def test_vgg16() -> None:
    """Simonyan and Zisserman 2015; CS231n's rows (input, conv, pool, fc) hold 15,237,608 activations."""
    summary = cnncalc.summarize("vgg16")
    assert summary.totals.params == 138_357_544
    assert summary.totals.macs == 15_470_264_320
    assert summary.totals.mult_adds == 15_483_821_032  # torchinfo 1.8.0
    rows = sum(layer.activations or 0 for layer in summary.layers if layer.type in ("conv", "max_pool", "fc"))
    assert summary.input is not None
    assert summary.input.elements + rows == 15_237_608


def test_yolov3() -> None:
    """Darknet's yolov3.weights has 248,007,048 bytes: 20 of header, and 4 a number, with the running statistics."""
    totals = cnncalc.summarize("yolov3").totals
    assert totals.params is not None
    assert totals.buffers is not None
    assert 4 * (totals.params + totals.buffers) == 248_007_048 - 20


def test_unet_plus_plus() -> None:
    """Zhou et al. 2018, section 2.1: of the nodes (i, j), each has two convolutions, the first of which reads j + 1."""
    widths = [32, 64, 128, 256, 512]
    macs = 4 * 96 * 96 * widths[0]  # the masks
    for i, width in enumerate(widths):
        cells = (96 >> i) ** 2
        inputs = [[1, *widths][i], *((j + 1) * width for j in range(1, 5 - i))]
        macs += sum(9 * cells * width * (channels + width) for channels in inputs)
        macs += (4 - i) * cells * width * 2 * width  # enlarged by kernels of 2 at a stride of 2: one tap for each cell
    assert cnncalc.summarize("unet_plus_plus").totals.macs == macs


# Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
@pytest.mark.parametrize(
    ("name", "path", "field", "jump"), [("alexnet", "max_pool3", 195, 32), ("vgg16", "max_pool5", 212, 32)]
)
def test_receptive_field(name: str, path: str, field: int, jump: int) -> None:
    layer = cnncalc.summarize(name).layer(path)
    assert layer.receptive_field == (field, field)
    assert layer.jump == (jump, jump)


@pytest.mark.parametrize(("dilation", "field"), [(1, 5), (2, 7)])
def test_receptive_field_of_stacked_convolutions(dilation: int, field: int) -> None:
    """CS231n, "Prefer a stack of small filter CONV"; Yu and Koltun 2016 for the dilated one."""
    summary = cnncalc.summarize(
        f"input: 32x32x3\nlayers: [conv: {{filters: 8, kernel: 3}}, "
        f"conv: {{filters: 8, kernel: 3, dilation: {dilation}}}]"
    )
    assert summary.layers[-1].receptive_field == (field, field)


# What torch 2.13 makes of ceil_mode=True; the plain ceiling would be one more in each.
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"), [(32, 1, 2, 0, 16), (9, 4, 4, 2, 3), (2, 3, 3, 1, 1)]
)
def test_ceil_mode(size: int, kernel: int, stride: int, padding: int, expected: int) -> None:
    pool = f"{{kernel: {kernel}, stride: {stride}, padding: {padding}, rounding: ceil}}"
    summary = cnncalc.summarize(f"input: {size}x1\nlayers: [max_pool: {pool}]")
    assert summary.findings == []
    assert str(summary.output) == f"{expected}x1"


def test_ceil_leaves_alone_what_fits() -> None:
    """A 1x1 convolution with padding 1 over 1 cell has 3 positions, the outer two over padding alone (torch 2.13)."""
    text = "input: 1x1\nrounding: ceil\nlayers: [conv: {filters: 1, kernel: 1, padding: 1}]"
    assert str(cnncalc.summarize(text).output) == "3x1"


def published(tool: str = "torchvision") -> list[dict[str, str]]:
    with (FIGURES / f"{tool}.tsv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("row", published("keras"), ids=lambda row: row["model"])
def test_keras(row: dict[str, str]) -> None:
    """What the documentation of Keras 2.3 has under Applications, of models built as they are here.

    Keras counts the running statistics of batch norm as parameters that are not trained.
    """
    totals = cnncalc.summarize(row["model"]).totals
    assert totals.params is not None
    assert totals.buffers is not None
    assert totals.params + totals.buffers == int(row["params"])


@pytest.mark.parametrize("row", published(), ids=lambda row: row["model"])
def test_torchvision(row: dict[str, str]) -> None:
    """The parameters and the GFLOPS (multiply-accumulates, three decimals) that torchvision 0.28 publishes."""
    name = "alexnet_torchvision" if row["model"] == "alexnet" else row["model"]
    summary = cnncalc.summarize(name)
    assert str(summary.input) == f"{row['size']}x{row['size']}x3"
    assert summary.totals.params == int(row["params"])
    assert summary.totals.macs is not None
    assert f"{(summary.totals.macs + 500_000) // 1_000_000 / 1000:.3f}" == row["gmacs"]


def counted() -> list[tuple[str, str, int]]:
    rows = published("counting")
    conventions = {"torchinfo": "torchinfo 1.8.0", "macs": "macs", "fvcore": "fvcore 0.1.5", "thop": "thop 0.1.1"}
    conventions["flops"] = "torch flop counter 2.13"
    name = next(iter(rows[0]))
    return [(row[name], ours, int(row[theirs])) for row in rows for ours, theirs in conventions.items()]


@pytest.mark.parametrize(("model", "convention", "figure"), counted())
def test_counting(model: str, convention: str, figure: int) -> None:
    """What the tools themselves print for torchvision's models at 224x224x3."""
    name = "alexnet_torchvision" if model == "alexnet" else model
    assert cnncalc.summarize(name, counting=convention).totals.mult_adds == figure


@pytest.mark.parametrize(
    ("volume", "layer", "torchinfo", "flops", "fvcore", "thop"),
    [
        ("8x8x3", "transposed_conv: {filters: 4, kernel: 2, stride: 2}", 13_312, 6_144, 3_072, 12_288),
        ("4x4x8", "scale", 0, 0, 0, 0),
        ("4x4x8", "group_norm: 2", 16, 0, 640, 0),
        ("4x4x8", "instance_norm", 0, 0, 512, 256),
        ("4x4x8", "layer_norm", 16, 0, 640, 512),
        ("4x4x8", "prelu", 8, 0, 0, 128),
        ("4x4x8", "softmax", 0, 0, 0, 368),
        ("4x4x8", "upsample: {factor: 2, mode: bilinear}", 0, 0, 2_048, 5_632),
        ("4x4x4x8", "upsample: 2", 0, 0, 0, 4_096),
        ("13x256", "adaptive_avg_pool: 6", 0, 0, 0, 4_864),
        ("13x13x256", "adaptive_avg_pool: 6", 0, 0, 43_264, 52_479),  # by thop's floats; 43,264 + 9,216 is one more
    ],
)
def test_counting_of_a_layer(volume: str, layer: str, torchinfo: int, flops: int, fvcore: int, thop: int) -> None:
    """What the tools print for PyTorch's modules at inference, for one example."""
    printed = {"torchinfo": torchinfo, "flops": flops, "fvcore": fvcore, "thop": thop}
    text = f"input: {volume}\nlayers:\n  - {layer}\n"
    assert printed == {name: cnncalc.summarize(text, counting=name).totals.mult_adds for name in printed}


# figures that the papers print, and what Araujo, Norris and Sim's Distill article gives for the same networks
@pytest.mark.parametrize(
    ("name", "params", "macs"),
    [
        ("resnet50_v1", 25_557_032, 3_857_973_248),
        ("mobilenet_v1", 4_231_976, 568_740_352),
        ("googlenet_paper", 6_998_552, 1_582_671_872),
        ("unet", 31_030_658, 150_428_424_448),
    ],
)
def test_networks_of_papers(name: str, params: int, macs: int) -> None:
    totals = cnncalc.summarize(name).totals
    assert (totals.params, totals.macs) == (params, macs)


def test_squeezenet_at_the_papers_input() -> None:
    assert cnncalc.summarize("squeezenet1_0", input="227x227x3").totals.macs == 832_667_936


@pytest.mark.parametrize(
    ("name", "type_", "field", "jump"),
    [("resnet50", "relu", 427, 32), ("resnet50_v1", "relu", 483, 32), ("mobilenet_v1", "conv", 315, 32)],
)
def test_receptive_field_before_the_classifier(name: str, type_: str, field: int, jump: int) -> None:
    layers = cnncalc.summarize(name).layers
    last = next(layer for layer in reversed(layers) if layer.type == type_ and layer.jump == (jump, jump))
    assert last.receptive_field == (field, field)


def test_wavenet_sees_as_far_as_it_is_said_to() -> None:
    """Section 2.1 says that of one cycle of dilations; pytorch-wavenet counts three."""
    summary = cnncalc.summarize("wavenet")
    fields = [summary.layer(f"cycle{cycle}.add1").receptive_field for cycle in (1, 2, 3)]
    assert (fields[0], fields[2]) == ((1024,), (3070,))


def test_published_models_are_all_here() -> None:
    assert len(published()) == 68
    bundled = set(bundled_names())
    assert {row["model"] for row in published()} - {"alexnet"} <= bundled


# Where torchvision 0.28's own code, or Ultralytics', sets another value than PyTorch's default, by the start of a name;
# mnasnet writes 1 - 0.9997.
OF_THEIR_CODE: dict[tuple[str, ...], dict[str, float]] = {
    ("mobilenet_v3", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7"): {"eps": 0.001, "momentum": 0.01},
    ("efficientnet_v2", "googlenet", "inception_v3"): {"eps": 0.001},
    ("s3d",): {"eps": 0.001, "momentum": 0.001},
    ("mnasnet",): {"momentum": 0.0003},
    ("convnext",): {"eps": 1e-6},
    ("yolov8",): {"eps": 0.001, "momentum": 0.03},
}


# Segmenters on mobilenet_v3_large have its values and the usual ones: tests/conformance/test_references.py.
@pytest.mark.parametrize("name", [name for name in bundled_names() if not name.endswith("_mobilenet_v3_large")])
def test_normalisations_have_the_values_of_their_networks(name: str) -> None:
    own = next((values for names, values in OF_THEIR_CODE.items() if name.startswith(names)), {})
    for layer in {one.layer for one in cnncalc.summarize(name).layers if one.type in ("batch_norm", "layer_norm")}:
        assert layer is not None
        usual = {"eps": 1e-5, "momentum": 0.1} if layer.type == "batch_norm" else {"eps": 1e-5}
        assert layer.for_values == usual | own


# Keras' table of MobileNet (2,585,560 and so on, with its 224x224x3 weights), and torchvision 0.28's `width_mult`.
WIDTHS = [
    ("mobilenet_v1", "0.75", 2_585_560),
    ("mobilenet_v1", "0.5", 1_331_592),
    ("mobilenet_v1", "0.25", 470_072),
    ("mobilenet_v2", "1.25", 5_050_376),
    ("mobilenet_v2", "1.4", 6_108_776),
    ("mobilenet_v3_large", "0.75", 3_377_576),
    ("mobilenet_v3_large", "1.25", 8_164_744),
    ("mobilenet_v3_small", "0.75", 1_653_920),
    ("mobilenet_v3_small", "1.4", 4_373_824),
]


@pytest.mark.parametrize(("name", "width", "params"), WIDTHS)
def test_width_multipliers(name: str, width: str, params: int) -> None:
    assert cnncalc.summarize(name, parameters={"width": Fraction(width)}).totals.params == params


@pytest.mark.parametrize("row", published("mobilenet_v2_widths"), ids=lambda row: f"{row['width']}-{row['input']}")
def test_width_multipliers_of_mobilenet_v2(row: dict[str, str]) -> None:
    """Torchvision 0.28 with `width_mult`, on square pictures of several sizes."""
    sides = int(row["input"])
    width = Fraction(row["width"])
    totals = cnncalc.summarize("mobilenet_v2", input=f"{sides}x{sides}x3", parameters={"width": width}).totals
    assert (totals.params, totals.macs) == (int(row["params"]), int(row["macs"]))
