"""What is proposed for a value that is none: words/values.tsv, where `-` is no proposal. Each passes as it stands."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import cnncalc
from cnncalc.layers.figures import SIZE_TOTALS, STATED

VALUES = Path(__file__).parent / "words" / "values.tsv"
LAYERS = "layers:\n  - conv: {filters: 8, kernel: 1}\n"


def rows() -> list[list[str]]:
    with VALUES.open(encoding="utf-8") as stream:
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


@pytest.mark.parametrize(("where", "written", "remedy"), rows())
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
