"""Expressions: what they come to, and how seldom they are worked out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc.language.expression import Expression, ExpressionError
from tests.expressions import by_python

MOST = 1 << 53
NAMES: dict[str, Any] = {"a": 5, "b": Fraction(2, 3), "turn": 2, "volume.height": 7, "volume.channels": 3}
UNARY = ("-{0}", "({0})", "floor({0})", "ceil({0})", "+{0}")
BINARY = (
    *(f"{{0}} {sign} {{1}}" for sign in ("+", "-", "*", "/", "//", "%", "**", "**")),
    *(f"({{0}} {sign} {{1}})" for sign in ("==", "!=", "<", "<=", ">", ">=")),
    "min({0}, {1})", "max({0}, {1})", "max({0},{1},2)", "({0}) * ({1})", "make_divisible({0}, floor(1 + {1} % 9))",
)  # fmt: skip


def drawn(draw: Random, depth: int = 4) -> str:
    """Any expression: what binds tighter is left to the reader of it."""
    if not depth or draw.random() < 0.2:
        return draw.choice((*NAMES, "0", "1", "2", "3", "0.5", "16"))
    if draw.random() < 0.2:
        return draw.choice(UNARY).format(drawn(draw, depth - 1))
    return draw.choice(BINARY).format(drawn(draw, depth - 1), drawn(draw, depth - 1))


def outcome(evaluate: Callable[[], Any]) -> Any:
    """The value, 0 divisors and exponents that are none apart."""
    try:
        return evaluate()
    except ZeroDivisionError:
        return "it divides by zero"
    except ExpressionError as error:
        return str(error)


@given(st.randoms(use_true_random=False))
def test_as_python_has_it(draw: Random) -> None:
    text = drawn(draw)
    ours = outcome(lambda: Expression(text).evaluate(NAMES, MOST))
    if isinstance(ours, str) and ours != "it divides by zero":
        assert ours.startswith(("its value exceeds", "an exponent is", "it has more", "`make_divisible` "))
        return
    assert ours == outcome(lambda: by_python(text, {name.replace(".", "_"): NAMES[name] for name in NAMES}))
    assert isinstance(ours, str) or (type(ours) is int) == (ours == int(ours))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("(-2) ** 3", -8),
        ("0 ** 0", 1),
        ("0 ** 3", 0),
        ("(2 / 3) ** 2", Fraction(4, 9)),
        ("2 ** 53", MOST),
        ("1 ** 9007199254740992", 1),
        ("1 + 1 == 2", 1),
        ("1 / 3 + 1 / 3 == 2 / 3", 1),
        ("0.1 + 0.2 != 0.3", 0),
        ("(5 > 2) * 3 + (5 < 2)", 3),
        ("floor(-1 / 2)", -1),
        ("ceil(-1 / 2)", 0),
        ("ceil(7 / 2)", 4),
        ("min(3, 5 / 2)", Fraction(5, 2)),
        ("max(1, 2, 3 > 2)", 2),
    ],
)
def test_values(text: str, value: object) -> None:
    assert Expression(text).evaluate({}, MOST) == value


# What torchvision 0.28's `_make_divisible(32 * width, 8)` and its like give.
@pytest.mark.parametrize(
    ("number", "divisor", "value"),
    [("32 * 0.75", 8, 24), ("24 * 0.75", 8, 24), ("16 * 0.25", 8, 8), ("24 * 1.4", 8, 32), ("32 * 1.4", 8, 48),
     ("96 * 0.35", 8, 32), ("72 / 4", 8, 24), ("11", 8, 16), ("12", 5, 15), ("1 / 8", 8, 8)],
)  # fmt: skip
def test_make_divisible(number: str, divisor: int, value: int) -> None:
    assert Expression(f"make_divisible({number}, {divisor})").evaluate({}, MOST) == value


@pytest.mark.parametrize("text", ["2 ** 54", "2 ** 9007199254740992", "3 ** 3 ** 3 ** 3", "(1 / 2) ** 54", "-2 ** 54"])
def test_a_power_is_bounded(text: str) -> None:
    with pytest.raises(ExpressionError, match="its value exceeds the limit"):
        Expression(text).evaluate({}, MOST)


@pytest.mark.parametrize(
    "text", ["(" * 51 + "1", "-" * 52 + "1", "min(1, " * 28, "2 ** " * 51 + "2", "1 + " * 50 + "1"]
)
def test_an_expression_is_bounded(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"nested too deep|more than 200 characters|ends too soon"):
        Expression(text)


def outputs(text: str) -> list[str]:
    summary = cnncalc.summarize(text)
    assert summary.ok
    return [str(layer.output) for layer in summary.layers]


BLOCK = """\
input: 9x8x4
parameters: {{{0}}}
blocks:
  unit:
    parameters: {{wide: required, mid: volume.height // 2}}
    layers:
      - fc: wide + mid
      - reshape: [channels, 1, 1]
layers:
  - {1}
"""


@pytest.mark.parametrize(
    ("parameters", "layer", "expected"),
    [
        ("a: 1", "fc: {units: 2 ** turn, repeat: 3}", ["1", "2", "4"]),
        ("a: 1", "fc: {units: 5 + turn, repeat: a}", ["5"]),
        ("a: 1", "fc: {units: volume.height * volume.width, repeat: 1}", ["72"]),
        ("a: 1", "unit: {wide: turn + volume.width, repeat: 2}", ["12", "1x1x12", "2", "1x1x2"]),
        ("turn: 7", "fc: {units: turn, repeat: 2}", ["7", "7"]),
        ("max: 7", "fc: {units: 'max * max(max, 2)'}", ["49"]),
        ("a: 1", "fc: {units: 5, repeat: a > 1}", []),
        ("a: 1", "concat: {repeat: 2, x: [fc: {units: turn + 1, repeat: turn + 1}], y: [fc: 1]}",
         ["1", "1", "2", "1", "2", "1", "3"]),
        ("a: 1", "fc: {units: 3, repeat: 2, expect: [3 + 0 * turn]}", ["3", "3"]),
    ],
)  # fmt: skip
def test_the_turn_and_the_volume(parameters: str, layer: str, expected: list[str]) -> None:
    assert outputs(BLOCK.format(parameters, layer)) == expected


@pytest.mark.parametrize(
    "libyaml", [False, pytest.param(True, marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="no libyaml"))]
)
@pytest.mark.parametrize(
    ("layer", "quoted"),
    [
        ("fc: {units: make_divisible(32 * width, 8)}", 'units: "make_divisible(32 * width, 8)"'),
        ("fc: {units: max(8, max(width, 8), 8), bias: false}", 'units: "max(8, max(width, 8), 8)"'),
        ("fc: {units: 2 * (max(8, - width) + 1)}", 'units: "2 * (max(8, - width) + 1)"'),
        ("reshape: [max(1, 2), 12, 8]", '"max(1, 2)"'),
    ],
)  # fmt: skip
def test_a_call_that_yaml_cuts(layer: str, quoted: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    text = f"input: 8x8x3\nparameters: {{width: 2}}\nlayers:\n  - {layer}\n"
    (finding,) = cnncalc.summarize(text).findings
    assert finding.help == (f"write `{quoted}`",)
    bare = quoted.replace('"', "")
    assert cnncalc.summarize(text.replace(bare, quoted)).ok


def test_a_parameter_hides_the_volume() -> None:
    text = "input: 9x8x4\nparameters: {volume: 7}\nlayers: [fc: %s]"
    assert outputs(text % "2 * volume") == ["14"]
    assert [finding.code for finding in cnncalc.summarize(text % "volume.height").findings] == ["unknown-name"]


def test_layers_that_do_not_name_the_turn_are_one() -> None:
    text = "input: 8x8x4\nlayers: [conv: {filters: channels, kernel: 3, padding: half, repeat: 4%s}]"
    for more, count in (("", 1), (", dilation: 1 + turn // 2", 2)):
        layers = [node.layer for node in cnncalc.summarize(text % more).network.nodes]
        assert len({id(layer) for layer in layers}) == count
