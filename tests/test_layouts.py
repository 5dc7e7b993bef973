"""What holds of every picture: nothing is cut, no label lies over another, the same file gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from math import log2
from random import Random
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc import Volume
from cnncalc.figures.analysis import Summary, analyse
from cnncalc.layers import Conv, GlobalAvgPool, Layer, MaxPool, TransposedConv
from cnncalc.network import Graph
from cnncalc.pictures import Look
from cnncalc.pictures.bars import bars
from cnncalc.pictures.boxes import Box, Scales, doublings, window_of
from cnncalc.pictures.drawing import COLOURS, Drawing, Group, Label, Line, Polygon, Rectangle
from cnncalc.pictures.svg import svg
from cnncalc.pictures.volumes import volumes
from cnncalc.render.folding import ALL
from tests.bundled import EACH
from tests.networks import Networks, spec
from tests.transcript import ROOT

GENERATED = int(os.environ.get("CNNCALC_DRAWN", "30"))
"""Networks to draw; 500 take half a minute."""
LAYOUTS = {"volumes": volumes, "bars": bars}
STRANGE = {
    "empty": "input: 8x8x3\nlayers: []\n",
    "one layer": "input: 8x8x3\nlayers:\n- conv: {filters: 4, kernel: 3}\n",
    "channels": "input: 1x1x1000000\nlayers:\n- conv: {filters: 1, kernel: 1}\n- fc: 3\n",
    "long and low": "input: 1x100000x1\nlayers:\n- conv: {filters: 4, kernel: [1, 3]}\n",
    "an error": "input: 8x8x3\nlayers:\n- max_pool: 2\n- conv: {filters: 4, kernel: 9}\n- relu\n- fc: 10\n",
    "no file": "layers: {\n",
    "an error in a block": "input: 8x8x3\nblocks: {b: {layers: [relu, conv: {filters: 4, kernel: 9}, fc: 2]}}\nlayers: [b, b]\n",
    "a misfit": "input: 7x7x3\nlayers:\n- conv: {filters: 8, kernel: 3, stride: 3}\n",
    "long names": f"input: 8x8x3\nlayers:\n- relu: {{name: {'n' * 100}}}\n- fc: {{units: 3, name: {'名' * 60}}}\n",
    "a sequence": "input: 100x8\nlayers:\n- conv: {filters: 4, kernel: 9, stride: 2, padding: 4}\n- transposed_conv: {filters: 2, kernel: 3}\n",
    "a film": "input: 8x32x32x3\nlayers:\n- conv: {filters: 64, kernel: 3}\n- max_pool: 2\n- transposed_conv: {filters: 2, kernel: 2, stride: 2}\n",
    "a vector": "input: 100\nlayers:\n- fc: 10\n- reshape: 1x1x10\n",
    "a chain": "input: 64x64x3\nlayers:\n- conv: {filters: 8, kernel: 3, padding: 1, repeat: 1000}\n",
}


def lie_over(one: Label, other: Label) -> bool:
    (left, top, right, bottom), (its_left, its_top, its_right, its_bottom) = one.box, other.box
    return left < its_right and its_left < right and top < its_bottom and its_top < bottom


def inside(drawing: Drawing) -> bool:
    """Whether all of its marks lie on its canvas."""
    points = []
    for mark in drawing.flat():
        if isinstance(mark, Label):
            left, top, right, bottom = mark.box
            points += [(left, top), (right, bottom)]
        elif isinstance(mark, Rectangle):
            points += [(mark.left, mark.top), (mark.left + mark.width, mark.top + mark.height)]
        elif isinstance(mark, Polygon | Line):
            points += mark.points
    return all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)


def hold(drawing: Drawing) -> None:
    """The laws of every picture."""
    labels = sorted((mark for mark in drawing.flat() if isinstance(mark, Label)), key=lambda label: label.y)
    near: list[Label] = []
    for label in labels:
        near = [
            other for other in near if other.y > label.y - 15
        ]  # none is higher than 11 px and what is below its line
        assert not [other for other in near if lie_over(label, other)], label
        near.append(label)
    assert inside(drawing)
    for mark in drawing.flat():
        assert not isinstance(mark, Polygon | Rectangle) or mark.fill is None or mark.fill in COLOURS


def drawn(summary: Summary, style: str, look: Look) -> Drawing:
    drawing = LAYOUTS[style](summary, look)
    hold(drawing)
    return drawing


@pytest.mark.parametrize("name", EACH)
def test_every_bundled_network_is_drawn(name: str) -> None:
    summary = cnncalc.summarize(name)
    for style in LAYOUTS:
        drawing = drawn(summary, style, Look())
        assert drawing.width <= 1400, style
        printed = svg(drawing)
        ElementTree.fromstring(printed)
        assert len(printed) < 400_000


@pytest.mark.parametrize("name", ["resnet152", "densenet201", "googlenet", "unet", "yolov8n", "c3d"])
@pytest.mark.parametrize("depth", [0, 2, ALL])
def test_blocks_unfold(name: str, depth: int) -> None:
    summary = cnncalc.summarize(name)
    for style in LAYOUTS:
        drawn(summary, style, Look(depth, scale="log"))


@pytest.mark.parametrize("name", STRANGE)
def test_strange_networks_are_drawn(name: str) -> None:
    summary = cnncalc.summarize(STRANGE[name])
    for style in LAYOUTS:
        for scale in ("linear", "log"):
            ElementTree.fromstring(svg(drawn(summary, style, Look(scale=scale))))


@pytest.mark.parametrize("seed", range(GENERATED))
def test_generated_networks_are_drawn(seed: int) -> None:
    file = Networks(Random(seed), wild=seed % 3 * 10).file()
    summary = cnncalc.summarize(spec(file))
    for style in LAYOUTS:
        drawn(summary, style, Look((None, 0, ALL)[seed % 3]))


def test_the_textbooks_figure(request: pytest.FixtureRequest) -> None:
    """AlexNet as the README shows it; `--update` draws it anew."""
    path = ROOT / "docs" / "pictures" / "alexnet.svg"
    now = cnncalc.draw(str(ROOT / "specs" / "alexnet.yaml"), "volumes")
    if request.config.getoption("--update"):
        path.write_text(now, encoding="utf-8")
    assert path.read_text("utf-8") == now


@pytest.mark.parametrize(
    ("layer", "volume", "part", "cell"),
    [
        # (W - F + 2P)/S + 1 positions; in the middle (55 - 1)/2 = 27, whose rows begin at 27·4 = 108
        (Conv(filters=96, kernel=11, stride=4), Volume(3, (227, 227)), ((0, 1), (108, 119), (0, 11)), (0, 27, 0)),
        # the first position that reaches into no padding is 2/1 = 2; the rows of position 13 begin at 13 - 2 = 11
        (Conv(filters=256, kernel=5, padding=2), Volume(96, (27, 27)), ((0, 1), (11, 16), (0, 5)), (0, 13, 2)),
        # a window that is larger than the volume has its padding left away
        (Conv(filters=1, kernel=9, padding=4), Volume(1, (3, 3)), ((0, 1), (0, 3), (0, 3)), (0, 1, 2)),
        (MaxPool(kernel=3, stride=2), Volume(8, (20,)), ((0, 1), (8, 11), (0, 1)), (0, 4, 0)),
        # of frames the last position: (8 - 3)/1 = 5
        (Conv(filters=4, kernel=3), Volume(2, (8, 6, 6)), ((5, 8), (1, 4), (0, 3)), (5, 1, 0)),
        # of a transposed convolution, what the middle one of 4 cells writes: from 1·2 - 1 on
        (
            TransposedConv(filters=4, kernel=4, stride=2, padding=1),
            Volume(2, (4, 4)),
            ((0, 1), (1, 5), (1, 5)),
            (0, 1, 1),
        ),
        (GlobalAvgPool(), Volume(2, (4, 4)), None, None),
    ],
    ids=str,
)
def test_windows_lie_where_the_numbers_say(layer: Layer, volume: Volume, part: object, cell: object) -> None:
    graph = Graph(volume)
    summary = analyse(graph.network(graph.add("layer", layer, graph.input)))
    sight = window_of(summary.layers[0], volume)
    assert (sight and sight.part, sight and sight.cell) == (part, cell)


def test_volumes_are_to_scale() -> None:
    """The ratios of two boxes' sides are those of their extents, in the form of each rank."""
    volumes = [Volume(64, (100, 80)), Volume(32, (50, 20)), Volume(16, (40,)), Volume(10), Volume(8, (10, 30, 60))]
    scales = Scales.of(volumes, log=False)
    map_, smaller, row, vector, film = (Box.of(volume, scales) for volume in volumes)
    assert (map_.high, map_.deep, map_.thick) == (200, 160, 96)
    assert (smaller.high, smaller.deep, smaller.thick) == (100, 40, 48)
    assert (row.high, row.deep, row.thick) == (80, 0, 24)
    assert (vector.high, vector.deep) == (80, 0), "a unit has 8 pixels at most"
    assert (film.thick, film.high, film.deep) == (20, 60, 120)
    assert scales.cells.says() == "depth, height and width: 1 cell = 2 px"
    assert scales.channels.says() == "the bar below: 1 channel = 1.5 px"


def test_doublings_are_those_of_logarithms() -> None:
    assert [doublings(number) for number in (1, 2, 3, 4, 6, 1024)] == [0, 1, Fraction(3, 2), 2, Fraction(5, 2), 10]
    for number in range(1, 3000):
        assert 0 <= log2(number) - float(doublings(number)) < 0.0861  # at 1/ln 2: log2(1/ln 2) - (1/ln 2 - 1)


def test_misfits_and_errors_show() -> None:
    misfit, error = (cnncalc.draw(STRANGE[name], style="volumes") for name in ("a misfit", "an error"))
    assert misfit.count("hatch)") == 1
    assert "2.33 &#8594; 2" in misfit
    assert error.count("hatch)") >= 1
    assert "a kernel of 9 is larger" in error
    assert "Unknown: 2 more layers behind the error." in error


def test_what_cannot_be_drawn_is_refused() -> None:
    for wrong in (
        {"style": "boxes"},
        {"style": "volumes", "scale": "sqrt"},
        {"style": "bars", "scale": "log"},
        {"depth": -1},
        {"depth": True},
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            cnncalc.draw("alexnet", **wrong)


def test_bars_are_as_long_as_their_numbers() -> None:
    """AlexNet's published parameters: fc1 has 37,752,832 of 62,378,344 (9216·4096 + 4096), fc3 4,097,000."""
    groups = [mark for mark in bars(cnncalc.summarize("alexnet")).marks if isinstance(mark, Group)]
    lengths = {
        group.path: next(mark.width for mark in group.marks if isinstance(mark, Rectangle))
        for group in groups
        if group.path in ("fc1", "fc3")
    }
    assert lengths["fc3"] / Fraction(lengths["fc1"]) == Fraction(4_097_000, 37_752_832)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ("alexnet --style volumes", 0, "<title>AlexNet: volumes</title>"),
        ("alexnet --style volumes --scale log", 0, "for each doubling of the cells"),
        ("alexnet --style bars --depth all", 0, "<title>AlexNet: layer by layer</title>"),
        ("alexnet --style volumes --input 40x40x3", 1, "<title>AlexNet: volumes</title>"),
        ("alexnet --style bars --scale log", 2, "bars has no --scale"),
        ("alexnet --style volumes --direction right", 2, "volumes has no --direction"),
        ("alexnet --style volumes -f dot", 2, "volumes is drawn as svg, and not as dot"),
    ],
)
def test_the_command(arguments: str, status: int, says: str) -> None:
    done = subprocess.run([sys.executable, "-m", "cnncalc", "draw", *arguments.split()], capture_output=True, text=True)
    assert done.returncode == status
    assert says in (done.stderr if status == 2 else done.stdout)
