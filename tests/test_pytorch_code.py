"""The code that is exported for PyTorch, as text: what holds without running it."""

from __future__ import annotations

import ast
from typing import Final

import pytest

import cnncalc
from cnncalc.exports.names import class_name, identifier
from cnncalc.exports.pytorch.layers import CODE
from cnncalc.layers import LAYERS, Branching


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
    [("ResNet-50", "ResNet50"), ("conv_silu", "ConvSilu"), ("", "Network"), ("3 D", "Network3D"), ("None", "None_")],
)
def test_class_names(name: str, expected: str) -> None:
    assert class_name(name) == expected


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


def _statements(code: str) -> list[str]:
    kinds = [type(node).__name__ for node in ast.walk(ast.parse(code)) if not isinstance(node, ast.Constant)]
    assert "Import" in kinds
    return kinds
