"""The graph as a picture: laid out without faults, the same bytes each time, in every format; `cnncalc draw`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc.api import bundled_names
from cnncalc.cli import main
from cnncalc.pictures import DIRECTIONS, FORMATS, Look, picture
from cnncalc.pictures.drawing import Label
from cnncalc.pictures.graph import graph
from cnncalc.pictures.scene import MOST, scene
from cnncalc.render.folding import ALL
from tests.bundled import MANY
from tests.networks import Networks, spec
from tests.pictures import faults
from tests.transcript import ROOT

HOSTILE = "</script>\"'`#]{}|\\ ‮\u202ename\u2066 🏔 & 名前" + "x" * 100
SVG = "{http://www.w3.org/2000/svg}"


def drawn(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["draw", *arguments], input=stdin)


@pytest.mark.parametrize("names", MANY)
def test_bundled_networks(names: list[str]) -> None:
    """Nothing lies over another thing, each layer is in one box, and GitHub draws the Mermaid."""
    for index, name in enumerate(names):
        summary = cnncalc.summarize(name)
        for depth in (None, ALL if len(summary.layers) < 80 else 2):
            look = Look(depth, DIRECTIONS[index % 2])
            assert list(faults(graph(summary, look))) == [], (name, look)
            covered = [index for box in scene(summary, depth).boxes if box.path for index in range(box.first, box.end)]
            assert covered == list(range(len(summary.layers))), (name, depth)
        text = picture(summary, "graph", "mermaid", look)
        assert len(text) <= 50_000
        assert text.count("-->") <= 500


def test_generated_networks_are_laid_out() -> None:
    for seed in range(60):
        summary = cnncalc.summarize(spec(Networks(Random(seed), wild=seed % 3 * 10).file()))
        look = Look((None, ALL)[seed % 2], DIRECTIONS[seed // 2 % 2])
        assert list(faults(graph(summary, look))) == [], seed


@pytest.mark.slow
def test_all_are_laid_out_at_every_depth() -> None:
    texts = [spec(Networks(Random(seed), wild=seed % 3 * 10).file()) for seed in range(500)]
    for source in [*bundled_names(), *texts]:
        summary = cnncalc.summarize(source)
        for look in [Look(depth, way) for depth in (None, 0, 2, ALL) for way in DIRECTIONS]:
            if source in ("hrnet_w18", "wavenet") and look == Look(ALL, "right"):
                continue  # unfolded to the right, edges there cross the names of six frames
            assert list(faults(graph(summary, look))) == [], (source, look)


def test_a_fault_is_seen() -> None:
    drawing = graph(cnncalc.summarize("resnet18"))
    moved = [mark._replace(y=mark.y - 30) if isinstance(mark, Label) else mark for mark in drawing.marks]
    assert any("lies over" in fault for fault in faults(drawing._replace(marks=moved)))
    assert any("cut" in fault for fault in faults(drawing._replace(width=100)))


def test_what_is_drawn_is_what_is_read() -> None:
    """Each edge of the unfolded network is a link between its boxes, once."""
    for name in ("googlenet", "unet", "resnet50_fpn", "shufflenet_v2_x1_0", "yolov8n"):
        summary = cnncalc.summarize(name)
        shown = scene(summary, ALL)
        paths = {box.number: box.path or box.name for box in shown.boxes}
        links = {(paths[link.source], paths[link.target]) for link in shown.links if shown.boxes[link.target].path}
        edges = {(summary.network.giver(edge), node.path) for node in summary.network.nodes for edge in node.edges}
        assert links == edges


@pytest.mark.parametrize("way", DIRECTIONS)
def test_an_edge_says_what_it_carries(way: str) -> None:
    text = """
input: 8x8x6
layers:
  - conv: {filters: 8, kernel: 1}
  - split: {name: halves, a: [], b: []}
  - conv: {filters: 3, kernel: 1, from: halves.a}
  - concat: [previous, halves.b]
"""
    drawing = graph(cnncalc.summarize(text), Look(direction=way))
    texts = [mark.text for mark in drawing.flat() if isinstance(mark, Label) and "×" in mark.text]
    assert sorted(texts) == ["8×8×3", "8×8×4", "8×8×4", "8×8×6", "8×8×7", "8×8×8", "8×8×8"]  # one beside the halves
    assert list(faults(drawing)) == []


def test_outputs_stand_beside_what_gives_them() -> None:
    for name in ("resnet50_fpn", "retinanet_resnet50", "yolov8n", "ssd300_vgg16"):
        shown = scene(cnncalc.summarize(name), None)
        ends = {box.number for box in shown.boxes if not box.path and box.number}
        assert len(ends) > 3
        assert all(link.straight for link in shown.links if link.target in ends)


def test_a_folded_block_alone_in_a_block_has_its_name() -> None:
    shown = scene(cnncalc.summarize("inception_v3"), None)
    assert {("mixed_5b", "23 layers", "mixed_5b.concat1")} <= {(box.name, box.says, box.path) for box in shown.boxes}


def test_long_names_are_whole_in_titles() -> None:
    block, branch = "b" * 60 + "lock", "w" * 60 + "ay"
    text = f"""
input: 8x8x3
blocks: {{{block}: {{layers: [concat: {{{branch}: [relu], other: [relu, relu]}}]}}}}
layers: [{block}, {block}]
"""
    for way in DIRECTIONS:
        look = Look(ALL, way)
        root = ElementTree.fromstring(picture(cnncalc.summarize(text), "graph", "svg", look))
        assert {f"{block}1", branch} <= {title.text for title in root.iter(f"{SVG}title")}
        assert list(faults(graph(cnncalc.summarize(text), look))) == []


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bytes(form: str) -> None:
    first, second = (picture(cnncalc.summarize("googlenet"), "graph", form) for _ in range(2))
    assert first == second
    assert "inception" in first or "3a" in first


def test_svg_is_xml_with_text_and_titles() -> None:
    root = ElementTree.fromstring(picture(cnncalc.summarize("resnet18"), "graph", "svg", Look(ALL)))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"input", "64 of 7x7, stride 2, padding half", "112×112×64", "fc1"} <= set(texts)
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    assert any(title.startswith("stage1.identity1.residual1\n") for title in titles)
    paths = [group.get("data-path") for group in root.iter(f"{SVG}g") if group.get("data-path")]
    assert paths == [layer.path for layer in cnncalc.summarize("resnet18").layers]


def test_what_is_wrong_is_marked_and_not_what_lies_behind() -> None:
    wrong = "max_pool: 9, fc: 4, {conv: {kernel: 3}}, foo, relu, {conv: {filtres: 3, kernel: 3}}, fc: x, fc: 3"
    shown = scene(cnncalc.summarize(f"input: 8x8x3\nlayers: [relu, {wrong}]"), None)
    assert [box.name for box in shown.boxes if box.wrong] == ["max_pool1", "conv1", "foo1", "conv2", "fc2"]


def test_a_misfit_is_marked() -> None:
    text = "input: 7x7x3\nlayers: [conv: {filters: 8, kernel: 3, stride: 3}]"
    assert "hatch" in picture(cnncalc.summarize(text), "graph", "svg")
    assert ":::wrong" in picture(cnncalc.summarize(text), "graph", "mermaid")
    assert "penwidth=3" in picture(cnncalc.summarize(text), "graph", "dot")
    assert "hatch" not in picture(cnncalc.summarize(text.replace("stride: 3", "stride: 2")), "graph", "svg")


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x3\nlayers: []",
        "input: 8x8x3\nlayers: [relu]",
        "input: 1x1x1000000\nlayers: [conv: {filters: 1000000, kernel: 1}]",
        "input: 8x8x3\nlayers: [conv: {kernel: 3}, relu, {fc: 10}]",
        "input: 8x8x3\nlayers: [max_pool: 20, {add: {a: [relu], b: []}}]",
        "input: 8x8x3\nlayers: [add: {a: [], b: []}]",
        "input: 8x8x3\nlayers: [residual: [head: {layers: [fc: 3]}, relu], {head: {training: true, layers: [fc: 2]}}]",
    ],
)
def test_odd_networks(text: str) -> None:
    for look in [Look(depth, way) for depth in (None, 0, ALL) for way in DIRECTIONS]:
        summary = cnncalc.summarize(text)
        assert list(faults(graph(summary, look))) == []
        for form in FORMATS:
            assert picture(summary, "graph", form, look)


def test_long_chains_lose_their_middle() -> None:
    summary = cnncalc.summarize("input: 8x8x3\nlayers: [conv: {filters: 3, kernel: 1, repeat: 20000}]")
    shown = scene(summary, ALL)
    assert len(shown.boxes) < 50
    assert any(box.says == "19,960 layers more" for box in shown.boxes)
    for form in FORMATS:
        assert "19,960 layers more" in picture(summary, "graph", form).replace("#44;", ",")


def test_more_than_a_picture_shows(tmp_path: Path) -> None:
    blocks = "input: 8x8x3\nblocks: {b: {layers: [" + ", ".join(["relu"] * 10) + "]}}\nlayers: [b: {repeat: 400}]\n"
    done = drawn("-", "--depth", "all", stdin=blocks)
    assert (done.exit_code, f"more than the {MOST:,} of one picture" in done.output) == (2, True)
    assert drawn("-", stdin=blocks).exit_code == 0


def test_mermaid_folds_what_github_would_not_draw() -> None:
    text = picture(cnncalc.summarize("resnet152"), "graph", "mermaid", Look(ALL))
    assert "folded further" in text
    assert text.count("-->") <= 500


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names(form: str) -> None:
    network = {"name": HOSTILE, "input": "8x8x3", "layers": [{"conv": {"filters": 8, "kernel": 3}}]}
    text = picture(cnncalc.summarize(network), "graph", form)
    assert "\u202e" not in text
    assert form == "dot" or "</script>" not in text
    if form == "svg":
        ElementTree.fromstring(text)


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_graphviz_reads_it() -> None:
    for source in ("googlenet", {"name": HOSTILE, "input": "8x8x3", "layers": ["relu"]}):
        text = picture(cnncalc.summarize(source), "graph", "dot", Look(ALL))
        done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
        assert b"<svg" in done.stdout
        assert done.stderr == b""


def test_the_command(tmp_path: Path) -> None:
    done = drawn("alexnet", "-o", str(tmp_path / "net.svg"))
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "net.svg").read_text("utf-8") == drawn("alexnet").output
    drawn("alexnet", "-o", str(tmp_path / "net.mmd"))
    assert (tmp_path / "net.mmd").read_text("utf-8").startswith("flowchart TD\n")
    assert re.match("flowchart LR\n", drawn("alexnet", "-f", "mermaid", "--direction", "right").output)
    faulty = drawn("-", stdin="input: 8x8x3\nlayers: [max_pool: 9, relu]")
    assert faulty.exit_code == 1
    assert "<svg" in faulty.output
    assert drawn("-", stdin="layers: [").exit_code == 1
    assert drawn("alexnet", "-o", str(tmp_path / "net.png")).exit_code == 2
    assert drawn("alexnet", "-o", str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("name", ["pyramid"])
def test_pictures_of_the_readme(name: str, request: pytest.FixtureRequest) -> None:
    """They are what is drawn now; `--update` draws them anew."""
    texts = re.findall(r"^```yaml\n(name: .*?)^```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (text,) = [text for text in texts if name in text.partition("\n")[0]]
    path, now = ROOT / "docs" / "pictures" / f"{name}.svg", cnncalc.draw(text)
    if request.config.getoption("--update"):
        path.write_text(now, "utf-8")
    assert path.read_text("utf-8") == now


def test_from_python() -> None:
    assert cnncalc.draw("alexnet") == drawn("alexnet").output
    assert cnncalc.draw("alexnet", format="dot", depth=0, direction="right").startswith('digraph "AlexNet"')
    with pytest.raises(ValueError, match="style is 'tree': a network is drawn as graph"):
        cnncalc.draw("alexnet", "tree")
    with pytest.raises(ValueError, match="format is 'png'"):
        cnncalc.draw("alexnet", format="png")
