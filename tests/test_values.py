"""What is proposed for what is none: values in words/values.tsv, items of `layers` in words/items.tsv.

`-` is no proposal. Each proposal passes when it is typed as it stands.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.layers import TYPES
from cnncalc.layers.figures import SIZE_TOTALS, STATED

WORDS = Path(__file__).parent / "words"
LAYERS = "layers:\n  - conv: {filters: 8, kernel: 1}\n"


def rows(table: str) -> list[list[str]]:
    with (WORDS / f"{table}.tsv").open(encoding="utf-8") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def specification(where: str, value: str) -> str:
    """A file with the value in its place."""
    if where == "input":
        return f"input: {value}\n{LAYERS}"
    if where in (*STATED, *SIZE_TOTALS):
        return f"input: 32x32x3\n{LAYERS}expect:\n  {where}: {value}\n"
    given = {"filters": "8", "kernel": "1", where: value}
    layer = f"dropout: {value}" if where == "rate" else "conv:"
    lines = [] if where == "rate" else [f"      {key}: {text}\n" for key, text in given.items()]
    return f"input: 32x32x3\nlayers:\n  - {layer}\n{''.join(lines)}"


@pytest.mark.parametrize(("where", "written", "remedy"), rows("values"))
def test_what_was_meant(where: str, written: str, remedy: str) -> None:
    (finding,) = cnncalc.summarize(specification(where, written)).findings
    proposed = [text for text in finding.help if text.startswith("write `") and "`, or `" not in text]
    assert proposed == ([] if remedy == "-" else [f"write `{remedy}`"])
    if remedy != "-":
        codes = {finding.code for finding in cnncalc.summarize(specification(where, remedy)).findings}
        assert codes <= {"expectation"}


@pytest.mark.parametrize(
    ("written", "proper"),
    [("1x3x32x32", "32x32x3"), ("8x3x32x32", "32x32x3"), ("1x32x32x3", "32x32x3"), ("[1, 3, 32, 32]", "32x32x3")],
)
def test_a_batch_in_front_is_noted(written: str, proper: str) -> None:
    (finding,) = cnncalc.summarize(specification("input", written)).findings
    assert finding.code == "input-looks-like-a-batch"
    assert finding.help[0].startswith(f"write {proper}: ")


@pytest.mark.parametrize(("item", "remedy"), rows("items"))
def test_what_item_was_meant(item: str, remedy: str) -> None:
    """In the table a line ends with `|`."""
    head = "input: 64x64x32\nlayers:\n  - conv: {name: c1, filters: 32, kernel: 1}\n  - "
    (finding,) = cnncalc.summarize(head + item.replace("|", "\n")).findings
    assert finding.help[0].startswith(("write ", "indent ", "leave "))
    assert finding.help[0] == remedy
    for typed in re.findall("`(?:- )?([^`]+)`", remedy if remedy.startswith("write ") else ""):
        if typed[0] == "{":  # in the place of the value
            typed = f"{item.partition(':')[0]}: {typed}"
        if typed.partition(":")[0] in TYPES:  # otherwise it stands for a part of the item
            assert cnncalc.summarize(head + typed).ok


@pytest.mark.parametrize("text", ["{}", "[]", "{a: }", "{height: []}", "()", "(,)", "x", "None", "-1", "1x", "[[]]"])
def test_what_is_no_volume_at_all(text: str) -> None:
    assert not cnncalc.summarize(specification("input", text)).ok


UNIT = "input: 8x8x4\nblocks:\n  unit:\n    {}\nlayers: [unit]\n"
LAYERS_OF_UNIT = "layers: [conv: {filters: width, kernel: 1}]"


@pytest.mark.parametrize(
    ("text", "remedies"),
    [
        (UNIT.format("- relu"), ["write `layers:` above them, and indent them below it"]),
        (UNIT.format("relu:"), ["give each layer a line with its own `-`, and write `layers:` above them"]),
        (UNIT.format("body: [relu]"), ["did you mean `layers`?"]),
        (UNIT.format(f"params: {{width: 4}}\n    {LAYERS_OF_UNIT}"), ["did you mean `parameters`?"]),
        (UNIT.format(f"parameters: [width]\n    {LAYERS_OF_UNIT}"), ["write `{width: required}`"]),
        (UNIT.format(f"parameters: width\n    {LAYERS_OF_UNIT}"), ["write `{width: required}`"]),
        (UNIT.format(f"parameters: {{width}}\n    {LAYERS_OF_UNIT}"), ["write `width: required`"]),
        ("input: 8x8x4\nblocks:\n  - unit:\n      layers: [relu]\nlayers: [unit]", ["take the `-` of each entry away"]),
        (
            "input: 8x8x4\nblocks:\n  - {name: unit, layers: [relu]}\nlayers: [unit]",
            ["take the `-` of each entry away"],
        ),
        (
            "input: 8x8x4\nblocks:\n  unit(width):\n    - relu\nlayers: [unit, unit: 8]",
            ["write `unit:`, and its parameters inside it, as in `parameters: {width: required}`"],
        ),
        (
            "input: 8x8x4\nblocks:\n  head: {parameters: {n: 10}, layers: [fc: n]}\nlayers: [head, head: 20, head: {n: 2}]",
            ["give it another name"],
        ),
        (
            "input: 8x8x4\nblocks:\n  a: {parameters: {n: required}, layers: [fc: n]}\nlayers: [a: 8]",
            ["write `{n: 8}`"],
        ),
        ("input: 8x8x4\nblocks:\n  a: {layers: [relu]}\nlayers: [a: {repeats: 3}]", ["did you mean `repeat`?"]),
        ("input: 8x8x4\nlayers: relu", ["write `layers: [relu]`"]),
        ("input: 8x8x4\nlayers: {relu: , tanh: }", ["write `- ` before each layer"]),
        (
            "input: 8x8x4\nlayers:\n  - relu\nfc: 10",
            ["`fc` is a layer: write `- ` before it, and indent it like the items of `layers`"],
        ),
        ("input: 8x8x4\noutputs: a, b\nlayers: [relu: {name: a}, relu: {name: b}]", ["write `[a, b]`"]),
        (
            "input: 8x8x4\nlayers: [residual: {shortcut: [relu], body: [tanh]}]",
            ["`add` takes branches: write it in the place of `residual`"],
        ),
        (
            "input: 8x8x4\nlayers: [max_pool: {kernel: (2, 2), stride: (2,2), padding: (1,1)}]",
            ["write `2x2`", "write `2x2`", "write `1x1`"],
        ),
        ("input: 8x8x4\nparameters: {w: 8}\nlayers: [conv: {filters: $w, kernel: 1}]", ["write `w`"]),
        (
            "input: 8x8x4\nparameters: {w: .5}\nlayers:\n- conv:\n    filters: ${w} * 8\n    kernel: 1",
            ["write `0.5`", "write `w * 8`"],
        ),
        ("input: 8x8x4\nlayers: [relu]\nexpect: {training_bytes: 1}", ["did you mean `kept_bytes`?"]),
        ("input: 8x8x4\nlayers: [relu]\nexpect: {peak_memory: 1}", ["did you mean `peak_bytes`?"]),
        (
            "input: 32\nlayers: [conv: {filters: 8, kernel: 3}]",
            ["an input is its axes, then the channels: `input: 32x32x3` is a picture in colour"],
        ),
        ("input: 8x8x4\nlayers: [conv: 8]", ["write `{filters: 8, kernel: 3}`, or another kernel"]),
    ],
)
def test_one_fault_is_one_finding(text: str, remedies: list[str]) -> None:
    assert [finding.help[0] for finding in cnncalc.summarize(text).findings] == remedies
