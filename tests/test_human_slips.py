"""Slips in YAML are reported where they are, with remedies that hold, whichever parser reads them."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
import yaml

import cnncalc
from cnncalc.findings import Finding
from cnncalc.language.source import Position
from cnncalc.language.syntax import diagnosis
from tests.slips import Reported, rates, reported, show_rates, slips, sound

HEAD = "input: 8x8x4\nlayers:\n"

SLIPS = [
    # a colon
    ("input: 8x8x4\nlayers\n  - relu: {}\n", "2:7 a `:` is missing after `layers`", "write `layers:`"),
    ("input 8x8x4\nlayers: [relu]\n", "1:6 a `:` is missing after `input`", "write `input: 8x8x4`"),
    ("input = 8x8x4\nlayers: [relu]\n", "1:6 a `:` is missing after `input`", "write `input: 8x8x4`"),
    (f"{HEAD}  - fc {{units: 3, bias: true}}\n", "3:7 a `:` is missing after `fc`", "write `fc: {units: 3, bias: true}`"),
    (f"{HEAD}  - conv\n      filters: 3\n", "3:9 a `:` is missing after `conv`", "write `conv:`"),
    (f"{HEAD}  - conv:\n      filters 3\n      kernel: 1\n", "4:14 a `:` is missing after `filters`", "write `filters: 3`"),
    (f"{HEAD}  - conv: {{kernel [3, 3], filters: 3}}\n", "3:18 a `:` is missing after `kernel`", "write `kernel: [3, 3]`"),
    (f"{HEAD}  - conv: {{kernel = [3, 3]}}\n", "3:18 a `:` is missing after `kernel`", "write `kernel: [3, 3]`"),
    ("source: >-\n  A, B and\n  C\ninput 8x8x4\n", "4:6 a `:` is missing after `input`", "write `input: 8x8x4`"),
    (f"{HEAD}  - conv: {{filters: 3, kernel 1}}\n", "3:30 a `:` is missing after `kernel`", "write `kernel: 1`"),
    (f"{HEAD}  - conv: {{filters: 3, kernel = 2 - 1}}\n", "3:30 a `:` is missing after `kernel`", "write `kernel: 2 - 1`"),
    (f"{HEAD}  - fc 3\n", "3:7 a `:` is missing after `fc`", "write `fc: 3`"),
    ("input 8x8x3  # small\n", "1:6 a `:` is missing after `input`", "write `input: 8x8x3`"),
    ("input 8x8x3\nlayers [relu]\n", "1:6 a `:` is missing after `input`", "write `input: 8x8x3`"),
    # a space
    ("input:8x8x4\nlayers: [relu]\n", "1:6 a space is missing after the colon in `input:8x8x4`", "write `input: 8x8x4`"),
    (f"{HEAD}  - fc:{{units: 3, bias: true}}\n", "3:7 a space is missing after the colon in `fc:{units: 3, bias: true}`", ""),
    (f"{HEAD}  - conv: {{kernel:[3, 3]}}\n", "3:12 a space is missing after the colon in `kernel:[3, 3]`", ""),
    (f"{HEAD}  - relu\n  -conv: {{filters: 3}}\n", "4:4 a space is missing after `-`", "write `- conv: {filters: 3}`"),
    (f"{HEAD}  -fc: 3\n", "3:4 a space is missing after `-`", "write `- fc: 3`"),
    (f"{HEAD}  -conv:\n      filters: 3\n      kernel: 1\n", "3:4 a space is missing after `-`", "write `- conv:`"),
    (f"{HEAD}  -relu\n  -tanh\n", "3:4 a space is missing after `-`", "write `- relu`"),
    # a bracket
    (f"{HEAD}  - conv: {{filters: 3  # three\n  - relu\n", "3:22 a `}` is missing: the `{` of column 11 is not closed", ""),
    (f"{HEAD}  - add: {{a: [relu],\n      b: []\n", "4:12 a `}` is missing: the `{` of line 3 is not closed", ""),
    ("layers: [fc: {units: 8\n", "1:23 `}]` is missing: the `{` of column 14 is not closed", "write `}]` here"),
    (f"{HEAD}  - conv: {{kernel: [3, 3}}\n", "3:25 a `]` is missing before `}`", "write `]}`"),
    (f"{HEAD}  - conv: filters: 3, kernel: 1}}\n", "3:11 a `{` is missing before `filters`", "write `conv: {filters: 3, kernel: 1}`"),
    (f"{HEAD}  - add: {{a: [conv: filters: 3}}], b: []}}\n", "3:21 a `{` is missing before `filters`", "write `{filters: …}`"),
    (f"{HEAD}  - add: {{a: relu], b: []}}\n", "3:18 a bracket is closed that was not opened", ""),
    # a quote
    ('name: "A, B\ninput: 8x8x4\nsource: "C"\n', '1:7 a `"` is missing: the one here is not closed', 'write `"A, B"`'),
    (f"{HEAD}  - relu: {{name: 'a, repeat: 2}}\n", "3:18 a `'` is missing: the one here is not closed", "write `'a'`"),
    (f"{HEAD}  - relu: {{name: \"a”, repeat: 2}}\n", "3:18 a `\"` is missing: the one here is not closed", 'write `"a"`'),
    ('name: "A" and B\n', "1:11 text stands behind the closing quote", "put `#` before a comment"),
    ('name: "C:\\data"\n', "1:10 `\\d` begins no character that there is", "write `\\\\` for a backslash, or use single quotes"),
    # a comma
    (f"{HEAD}  - conv: {{filters: 3 kernel: 1}}\n", "3:22 a `,` is missing before `kernel`", "write `, kernel`"),
    (f"{HEAD}  - conv: {{kernel: [3, 3] stride: 2}}\n", "3:26 a `,` is missing before `stride`", "write `, stride`"),
    (f"{HEAD}  - conv: {{filters: 3\n      kernel: 1}}\n", "3:22 a `,` is missing before `kernel`", "write `, kernel`"),
    # a dash
    (f"{HEAD}  - relu\n  conv: {{filters: 3}}\n", "4:3 a `-` is missing before `conv`", "write `- conv: {filters: 3}`"),
    (f"{HEAD}  - relu:\n  tanh\n", "4:3 a `-` is missing before `tanh`", "write `- tanh`"),
    (f"{HEAD}  - relu: {{}}\n    tanh\n", "4:5 a `-` is missing before `tanh`", "write `- tanh`, 2 columns further left"),
    (f"{HEAD}    fc: 3\n  - relu\n", "3:5 a `-` is missing before `fc`", "write `- fc: 3`, 2 columns further left"),
    (f"{HEAD}fc:\n    units: 3\n- relu\n", "3:1 a `-` is missing before `fc`", "write `- fc:`"),
    (f"{HEAD}  - relu\n    fc: 3\n", "4:5 a `-` is missing before `fc`, or a `:` after `relu`", ""),
    ("layers: - relu\n", "1:9 a list begins on the line of `layers:`", "put each item on a line of its own"),
    # indentation
    (f"{HEAD}  - relu\n - tanh\n  - relu\n", "4:2 the indentation does not match the lines around", "indent the line by 2 spaces"),
    (f"{HEAD}    - relu\n  - tanh\n  - relu\n", "3:5 the indentation does not match the lines around", "indent the line by 2 spaces"),
    (f"{HEAD}  - relu\n    - tanh: {{}}\n", "4:5 the indentation does not match the lines around", "indent the line by 2 spaces"),
    ("name: A\n input: 8x8x4\n", "2:2 the indentation does not match the lines around", "do not indent the line"),
    (" name: A\ninput: 8x8x4\n", "1:2 the indentation does not match the lines around", "do not indent the line"),
    ("source: >-\n  A, B and C,\n D\ninput: 8x8x4\n", "3:2 a line of the text above is not indented like it", "indent the line by 2 spaces"),
    (f"{HEAD}  - relu\n\t- tanh\n", "4:1 a tab stands in the indentation", "YAML indents with spaces only"),
    (f"{HEAD}  -\ttanh: {{}}\n", "3:3 a tab stands after `-`", "write a space"),
    # a comment's sign
    (f"{HEAD}  - fc: {{units: 3}}  the last one\n", "3:21 text stands behind the closing bracket", "put `#` before a comment"),
    ("layers:  in this order\n  - fc: 3\n", "1:10 a text stands behind `layers:`, and more below it", "put `#` before it, if it is a comment"),
    # a colon too many
    ("name: A: B\n", "1:8 a second `:` in one line", "write `name: 'A: B'`"),
    (f"{HEAD}  - fc: units: 3\n", "3:14 a second `:` in one line", "write `fc: {units: 3}`"),
    ("rounding: floor  as in C: down\n", "1:25 a second `:` in one line", "put `#` before a comment, and each key on a line of its own"),
    ('source:\n  "A", B: C\ninput: 8x8x4\n', "2:6 text stands behind the closing quote", "put `#` before a comment"),
    ("source:\n  A, B: C\n  and D\n", "2:7 a `:` stands within a text", "put quotes around the text, or write `>-` before its first line"),
]  # fmt: skip
"""Texts, what is said of them, and the first remedy where it is told apart."""


def found_by(pure: bool, text: str, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What is found with PyYAML's own parser, or with libyaml where there is one."""
    if pure:
        monkeypatch.setattr(yaml, "__with_libyaml__", False)
    return cnncalc.summarize(text).findings


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize(("text", "said", "remedy"), SLIPS)
def test_what_is_missing_is_named(
    text: str, said: str, remedy: str, pure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = found_by(pure, text, monkeypatch)
    assert f"{finding.line}:{finding.column} {finding.message}" == said
    assert finding.help
    assert remedy in ("", finding.help[0])


@pytest.mark.parametrize("number", [500, pytest.param(1_750, marks=pytest.mark.slow)])
def test_an_error_stands_within_a_line_of_the_slip(number: int) -> None:
    found = reported(Random(1).sample(list(slips(seed=1)), number))
    show_rates(found)
    assert len(found) >= 0.85 * number
    assert rates(found)["all"] >= 0.95
    assert min(rates(found).values()) >= 0.9
    told = [holds for holds in map(writes_what_was_there, found) if holds is not None]
    assert len(told) > 0.28 * number
    assert sum(told) >= 0.99 * len(told)


def writes_what_was_there(found: Reported) -> bool | None:
    """Whether the remedy writes what the slip took away; None where it writes nothing, or nobody can know."""
    slip, error = found
    remedy = re.match("write `([^`…]+)`", error.help[0]) if error.help and error.code == "yaml-syntax" else None
    if remedy is None or slip.kind in ("unfinished", "comment_sign", "closing_bracket"):
        return None
    written, right = (re.sub("[ \"']", "", text) for text in (remedy[1], slip.right))
    return written in right


@pytest.mark.parametrize("text", sound())
def test_nothing_is_missing_in_what_is_sound(text: str) -> None:
    fault, _ = diagnosis(text, "nothing", Position(len(text), 0))
    assert fault.message == "this is no YAML: nothing"


@pytest.mark.parametrize("number", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_both_parsers_say_the_same(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Random(1).sample([slip.text for slip in slips(seed=2) if len(slip.text) < 1_000], number)
    told = [cnncalc.summarize(text).findings for text in texts]
    assert told == [found_by(True, text, monkeypatch) for text in texts]


# Where libyaml and PyYAML's own parser differ, both do as libyaml.
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("input:\t8x8x4\t# a picture\nlayers:\t[relu\t,\ttanh]\t\n", []),
        ("name: a\tb\t\ninput: 8x8x4\nlayers: [relu]\n", []),
        ("input: 8x8x4\nlayers: [relu, fc:{units: 3}]\n", ["missing-space"]),
        ("input: 8x8x4\nlayers: [fc: {units:}]\n", ["yaml-syntax"]),
        ('name: "\\ud800"\ninput: 8x8x4\nlayers: [relu]\n', ["yaml-syntax"]),
        ('name: "\\U00110000"\ninput: 8x8x4\nlayers: [relu]\n', ["yaml-syntax"]),
        ('name: "\\U0001f600"\ninput: 8x8x4\nlayers: [relu]\n', []),
        ('{"\\UFFFFFFFF": a}', ["yaml-syntax"]),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_both_parsers_take_the_same(text: str, codes: list[str], pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.code for finding in found_by(pure, text, monkeypatch)] == codes


def test_long_texts_are_not_read_again() -> None:
    (finding,) = cnncalc.summarize("layers:\n" + "- relu\n" * 30_000 + "- {fc: [3\n").findings
    assert (finding.line, finding.message) == (30_002, "a bracket is not closed, or a comma is missing")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"name: caf\xe9\n", (1, 10)),
        (b"\xef\xbb\xbfname: \xc3\xa9\xe9\n", (1, 8)),
        (b"name: a\r\n\xff", (2, 1)),
        (b"name: a\x0b\xff", (1, 9)),
    ],
)
def test_a_byte_that_is_no_text_has_a_place(data: bytes, place: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    (finding,) = cnncalc.summarize(path).findings
    assert (finding.code, finding.line, finding.column) == ("not-utf8", *place)


@pytest.mark.parametrize("text", ["# a\r%YAML 1.1\r---\rinput: 8x8x4\r", "%YAML 1.1\n---\ninput: 8x8x4\n"])
def test_directives_are_refused_whatever_ends_their_line(text: str) -> None:
    (finding,) = cnncalc.summarize(text + "\n").findings
    assert finding.code == "not-plain-yaml"
