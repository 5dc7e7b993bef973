"""Drawings and their SVG."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from cnncalc.layers import LAYERS
from cnncalc.pictures.drawing import COLOURS, Drawing, Group, Label, Line, Rectangle, elided, kind, text_width
from cnncalc.pictures.svg import escaped, number, svg

HOSTILE = [
    "</title><script>\"&'",
    "a\x1b[31m\x00\u202eb",
    "\ud800",
    "שלום",
    "卷积层" * 40,
    "👩‍🔬" * 30,
    "]]>",
    "\ufffe",
]


@pytest.mark.parametrize(
    ("exact", "text"),
    [
        (0, "0"),
        (120, "120"),
        (-7, "-7"),
        (Fraction(1, 3), "0.33"),
        (Fraction(2, 3), "0.67"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 400), "0"),
        (10**9, "1000000000"),
    ],
)
def test_numbers_are_short(exact: int | Fraction, text: str) -> None:
    assert number(exact) == text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    marks = [Group([Label(5, 20, name), Rectangle(0, 0, 10, 10, kind("conv"), hatched=True)], name, name)]
    printed = svg(Drawing(name, name, 100, 50, marks))
    root = ElementTree.fromstring(printed)
    shown = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert shown == [ElementTree.fromstring(f"<a>{escaped(name)}</a>").text]
    assert "<script" not in printed
    assert printed.isascii() or not re.search("[\ud800-\udfff\u202e\ufffe]", printed)


def test_each_picture_has_names_of_its_own() -> None:
    one, other = (
        svg(Drawing("", "", 9, 9, [Rectangle(0, 0, size, size, None, hatched=True)]), inline=True) for size in (5, 6)
    )
    (name,), (other_name,) = (set(re.findall(r'(?:id="|url\(#)([\w-]+)', picture)) for picture in (one, other))
    assert name != other_name


def test_lines_turn_round_corners_and_end_in_heads() -> None:
    printed = svg(Drawing("", "", 99, 99, [Line([(0, 0), (20, 0), (20, 6)], radius=5, arrow=True)]))
    assert '<path d="M0,0L17,0Q20,0 20,3L20,6"' in printed
    assert '<polygon points="20,6 23,0 17,0"/>' in printed or '<polygon points="20,6 17,0 23,0"/>' in printed


def test_every_layer_type_has_a_colour() -> None:
    for layer in LAYERS:
        assert kind(layer.type) in COLOURS, layer.type


@pytest.mark.parametrize("name", ["stage1.block2.conv_batch_norm", "W" * 100, "卷" * 100, "x", ""])
@pytest.mark.parametrize("width", [0, 5, 30, 61, 120, 2_000])
def test_what_is_too_long_loses_its_middle(name: str, width: int) -> None:
    short = elided(name, width, 10)
    assert short == name or text_width(name, 10) > width
    assert text_width(short, 10) <= width or short == "…"
    if len(short) > 2 and short != name:
        head, _, tail = short.partition("…")
        assert name.startswith(head)
        assert name.endswith(tail)
