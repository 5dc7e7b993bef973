"""The code that is exported for PyTorch, as text: what holds without running it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc.exports.algebra import InexactError, Term, combined, source, value
from cnncalc.exports.names import class_name, identifier
from cnncalc.exports.pytorch.layers import CODE
from cnncalc.language.source import comments
from cnncalc.layers import LAYERS, Branching
from tests.bundled import MANY

GOLDEN: Final = Path(__file__).parent / "golden" / "export"
RUFF: Final = (sys.executable, "-m", "ruff", "--isolated")


def test_every_layer_type_has_code() -> None:
    """Those with several inputs are statements."""
    assert {*CODE} == {layer.type for layer in LAYERS if not issubclass(layer, Branching)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("conv1", "conv1"), ("3a", "_3a"), ("class", "class_"), ("print", "print_"), ("a-b+c", "a_b_c"), ("Ü", "layer"),
     ("match", "match_"), ("a.b", "a_b")],
)  # fmt: skip
def test_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


def test_identifiers_are_unique() -> None:
    assert identifier("a-b", {"a_b", "a_b2"}) == "a_b3"
    assert identifier("conv1", {"conv1"}) == "conv1_2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ResNet-50", "ResNet50"),
        ("conv_silu", "ConvSilu"),
        ("", "Network"),
        ("3 D", "Network3D"),
        ("None", "None_"),
        ("Wide ResNet-50-2", "WideResNet50_2"),
    ],
)
def test_class_names(name: str, expected: str) -> None:
    assert class_name(name) == expected


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet_v2", "resnet18", "unet"])
def test_code(name: str, request: pytest.FixtureRequest) -> None:
    """What users read. `pytest tests/test_pytorch_code.py --update` writes what is made now."""
    golden = GOLDEN / f"{name}.py.txt"
    code = cnncalc.export(name, to="pytorch").text
    assert code is not None
    if request.config.getoption("--update"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(code, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == code


@pytest.fixture(scope="module", params=MANY)
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder with the code of bundled specifications."""
    path = tmp_path_factory.mktemp("code")
    for name in request.param:
        (path / f"{name}.py").write_text(cnncalc.export(name, to="pytorch").text or "", encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["check", "format --check"])
def test_the_code_passes_ruff_at_its_defaults(command: str, folder: Path) -> None:
    """Whose own rules take names that are not used, and its formatter any other layout, for faults."""
    run = subprocess.run([*RUFF, *command.split(), "--no-cache", folder], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_code_imports_torch_alone(folder: Path) -> None:
    for file in folder.iterdir():
        nodes = [*ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
        assert [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names] == ["torch"]
        assert [node.module for node in nodes if isinstance(node, ast.ImportFrom)] == ["torch"]


def test_the_code_is_short(folder: Path) -> None:
    """A first try by hand came to 87 lines for ResNet-50 and 52 for AlexNet."""
    assert len((cnncalc.export("resnet50", to="pytorch").text or "").splitlines()) <= 120
    assert len((cnncalc.export("alexnet", to="pytorch").text or "").splitlines()) <= 60
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in folder.iterdir()) <= 320


NAMES: Final = """
name: class
input: 8x8x3
parameters: {self: 3, torch: 4, nn: 5, super: 2, x: 7}
blocks:
  print: {parameters: {lambda: required, x: 2}, layers: [conv: {name: forward, filters: lambda, kernel: 1}, conv: {name: train, filters: x, kernel: 1}]}
  Sequential: {layers: [residual: {name: half, layers: [conv: {filters: channels, kernel: 1}, relu]}, relu: {name: type}]}
  scale_: {layers: [scale]}
  Scale: {layers: [scale]}
  nn: {layers: [relu]}
  torch: {layers: [relu]}
layers:
  - print: {name: double, lambda: self}
  - print: {name: append, lambda: torch, x: nn}
  - Sequential: {name: 3a}
  - Sequential: {name: 3-a}
  - Scale: {name: 3+a}
  - scale_
  - nn
  - torch
  - conv: {name: ünïcode, filters: x, kernel: 1}
  - conv: {name: 日本, filters: super, kernel: 1}
  - conv: {name: None, filters: 2, kernel: 1}
  - add: {import: [conv: {filters: 2, kernel: 1}], class: [conv: {filters: 2, kernel: 1}, relu], 3x3: []}
  - concat: {import: [conv: {filters: 2, kernel: 1}], class: [conv: {filters: 2, kernel: 1}, relu], 3x3: []}
"""
"""Keywords, builtins, what modules of torch have already, names that are one when they are cleaned, other scripts."""


def test_names_that_python_or_torch_has_already(tmp_path: Path) -> None:
    """Run among the tests against PyTorch."""
    code = cnncalc.export(NAMES, to="pytorch").text
    assert code is not None
    (tmp_path / "code.py").write_text(code, encoding="utf-8")
    assert subprocess.run([*RUFF, "check", "--no-cache", "--quiet", tmp_path], check=False).returncode == 0


@st.composite
def terms(draw: st.DrawFn, depth: int = 3) -> Term:
    if not depth or draw(st.booleans()):
        return draw(st.one_of(st.integers(0, 9), st.sampled_from(["a", "b"])))
    sign = draw(st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "=="]))
    return sign, draw(terms(depth - 1)), draw(terms(depth - 1))


@given(terms(), st.integers(0, 9), st.integers(1, 9))
def test_terms_are_what_python_reads(term: Term, a: int, b: int) -> None:
    names = {"a": a, "b": b}
    try:
        number = value(term, names)
    except InexactError:
        return
    assert eval(source(term), {}, names) == number


@given(terms(), terms(), st.sampled_from(["+", "-", "*", "/", "//", "%"]), st.integers(0, 9), st.integers(1, 9))
def test_terms_are_simplified_to_the_same(left: Term, right: Term, sign: str, a: int, b: int) -> None:
    names = {"a": a, "b": b}
    try:
        number = value((sign, left, right), names)
    except InexactError:
        return
    assert value(combined(sign, left, right), names) == number


HOSTILE: Final = (
    '"""\\nimport os\\n"""', "a\\\\", '\\"', "{}", "{0.__class__}", "%s", "'''", "#", "\\u202eabc", "\\u0000", "é\\n\\nx = 1",
    '\\"\\"\\"', "\\\\N{BULLET}", "\\ud800", "\\r\\n",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_file_are_inert(text: str) -> None:
    """Whatever stands in `name` and `source`: the code has the statements that it has with plain ones."""
    layers = "input: 8x8x3\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"
    plain = cnncalc.export(f"name: A\nsource: B\n{layers}", to="pytorch").text
    exported = cnncalc.export(f'name: "{text}"\nsource: "{text}"\n{layers}', to="pytorch")
    if exported.text is None:  # no text of YAML
        return
    assert plain is not None
    assert _statements(exported.text) == _statements(plain)


COMMENTS: Final = """
input: 8x8x3
parameters:
  wide: 16  # channels of {0}
  classes: 10  # how many {0}
blocks:
  unit:  # a unit of {0}
    parameters:
      filters: required  # what {0} gives
      twice: 2 * filters  # twice {0}
    layers:
      - conv: {{filters: twice, kernel: 1}}  # {0}
      # above {0}
      - relu
layers:
  - unit: {{filters: 8}}  # {0}
  - unit: {{filters: wide}}
  - residual:  # the sum of {0}
      - conv: {{filters: wide * 2, kernel: 1}}
  - fc: classes
"""


def test_comments_stand_in_the_code() -> None:
    """Those of parameters, blocks, layers and joins; a block's as its docstring."""
    code = cnncalc.export(COMMENTS.format("it"), to="pytorch").text
    assert code is not None
    lines = [line.strip() for line in code.splitlines() if "#" in line or line.startswith('    """')]
    assert lines == [
        '"""A unit of it."""',
        "filters,  # what it gives",
        "twice = 2 * filters  # twice it",
        "nn.Conv2d(in_channels, twice, 1),  # it",
        "nn.ReLU(),  # above it",
        "wide=16,  # channels of it",
        "classes=10,  # how many it",
        "self.unit1 = Unit(3, 8)  # it",
        "x = x + self.body(x)  # the sum of it",
    ]


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1 # x\r\nb: 'q # no' # y\r\n# above\r\nc: 2\r\n", {(1, 5): "x", (2, 12): "y", (4, 5): "above"}),
        ("a: >-\n  text # no\nd: [1, # in\n  2]\n", {(3, 7): "in"}),
        ("a: |\n  x\n# above\nb: 2\n", {(4, 5): "above"}),
        ("# of the whole\n\na: 1\n", {}),
        ('a: "x\n  y" # z\n', {(2, 5): "z"}),
        ("- {a: 1} #no blank\n", {(1, 9): "no blank"}),
        ("a: b#c\n", {}),
    ],
)
def test_comments_by_line_and_column(
    text: str, found: dict[tuple[int, int], str], libyaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yaml.__with_libyaml__", libyaml)
    assert comments(text) == found


@pytest.mark.parametrize("text", [*HOSTILE, '"""', "\\", 'a"', "\f"])
@pytest.mark.parametrize("target", ["pytorch", "keras"])
def test_comments_are_inert(text: str, target: str) -> None:
    plain = cnncalc.export(COMMENTS.format("it"), to=target).text
    code = cnncalc.export(COMMENTS.format(text), to=target).text
    if code is None:  # no text of YAML
        return
    assert plain is not None
    assert _statements(code) == _statements(plain)


@pytest.mark.parametrize("word", ["noqa", "fmt: off", "ruff: noqa", "it # type: ignore"])
def test_words_to_linters_are_left_out(word: str) -> None:
    code = cnncalc.export(COMMENTS.format("it").replace("# it", f"# {word}"), to="pytorch").text
    assert code is not None
    assert word not in code
    assert "# above it" in code


def _statements(code: str) -> list[str]:
    kinds = [type(node).__name__ for node in ast.walk(ast.parse(code)) if not isinstance(node, ast.Constant)]
    assert "Import" in kinds
    return kinds
