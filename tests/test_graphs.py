"""Graphs in the language: what references stand for, what is given, whose weights a layer has."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.api import SPECS

FIRST_EDITION = Path(__file__).with_name("first_edition.tsv")
"""The totals of the bundled specifications before their texts were written anew."""

START = "input: 8x8x4\nlayers:\n"
CONV = "{filters: channels, kernel: 3, padding: 1"


def described(text: str) -> dict[str, Any]:
    summary = cnncalc.summarize(START + text)
    assert [finding.message for finding in summary.findings if finding.severity == "error"] == []
    return summary.to_dict()


@pytest.mark.parametrize(
    "row", [*csv.DictReader(FIRST_EDITION.read_text().splitlines(), delimiter="\t")], ids=lambda row: row["name"]
)
def test_the_figures_of_the_first_edition(row: dict[str, str]) -> None:
    summary = cnncalc.summarize(Path(SPECS) / f"{row['name']}.yaml")
    figures = {key: str(value) for key, value in summary.totals.items() if key in row}
    assert {"name": row["name"], "output": str(summary.output), **figures} == row


@pytest.mark.parametrize(
    ("layers", "reference", "read"),
    [
        ("  - relu: {name: a}\n  - relu\n", "a", ["a"]),
        ("  - relu: {name: a, repeat: 3}\n", "a", ["a_3"]),
        ("  - relu: {name: a, repeat: 3}\n", "a_2", ["a_2"]),
        ("  - relu: {name: a, repeat: 1}\n", "a_1", ["a"]),
        ("  - relu: {name: a, repeat: 3}\n", "a_*", ["a_1", "a_2", "a_3"]),
        ("  - relu: {name: a, repeat: 1}\n", "a_*", ["a"]),
        ("  - relu: {name: a, repeat: 2}\n  - relu: {name: a_3}\n", "a_*", ["a_1", "a_2"]),
        ("  - relu: {name: a, repeat: 2}\n  - relu: {name: a}\n  - relu\n", "a", ["a"]),
        ("  - residual: {name: a, repeat: 2, layers: [relu: {name: in}]}\n", "a_*.in", ["a_1.in", "a_2.in"]),
        ("  - split: {name: s, l: [relu], r: []}\n", "s.l", ["s.l.relu1"]),
        ("  - split: {name: s, l: [relu], r: []}\n", "s", ["s"]),
        ("  - split: {name: s, l: [relu], r: []}\n", "s.r", ["input"]),
        ("  - residual: {name: s, layers: [relu]}\n  - tanh\n", "s.relu1", ["s.relu1"]),
        ("  - relu\n", "input", ["input"]),
        ("  - relu\n", "previous", ["relu1"]),
    ],
)
def test_what_a_reference_stands_for(layers: str, reference: str, read: list[str]) -> None:
    end = f"  - concat: {{name: end, from: [{reference}, input, input]}}\n"
    found = cnncalc.summarize(START + layers + end).layers[-1]
    assert list(found.inputs) == [*read, "input", "input"]


def test_a_part_of_the_channels_is_read_as_the_branch_has_it() -> None:
    found = described("  - split: {name: s, sizes: [1, 3], l: [], r: []}\n  - relu: {from: s.r}\n")
    assert found["layers"][-1]["input_shape"] == [3, 8, 8]
    assert "activations" not in found["layers"][0]  # nothing reads the concatenation


def test_the_chain_goes_on_behind_a_head_and_what_is_left_out() -> None:
    found = described(
        "  - relu: {name: a}\n  - tanh: {name: b}\n  - head: {name: h, from: a, layers: [fc: 3]}\n"
        "  - sigmoid: {from: a, repeat: 0}\n  - relu: {name: end}\n"
    )
    assert [layer["inputs"] for layer in found["layers"]] == [["input"], ["a"], ["a"], ["b"]]
    assert found["heads"] == {"h": [3]}


def test_outputs_are_named_in_their_order() -> None:
    found = described("  - relu: {name: a, repeat: 2}\n  - conv: {filters: 2, kernel: 1}\noutputs: [conv1, a_*]\n")
    assert list(found["outputs"].items()) == [("conv1", [2, 8, 8]), ("a_1", [4, 8, 8]), ("a_2", [4, 8, 8])]
    assert found["output_shape"] == [2, 8, 8]


@pytest.mark.parametrize(
    ("layers", "owners"),
    [
        (f"  - conv: {CONV}, name: a}}\n  - conv: {CONV}, shares: a}}\n", [None, "a"]),
        (f"  - conv: {CONV}, name: a}}\n  - conv: {CONV}, shares: a, repeat: 2}}\n", [None, "a", "a"]),
        (f"  - conv: {CONV}, name: a, repeat: 2}}\n  - conv: {CONV}, shares: a, repeat: 2}}\n", [None, None, "a_1", "a_2"]),
        (f"  - conv: {CONV}, name: a, repeat: 2}}\n  - conv: {CONV}, shares: a_2}}\n", [None, None, "a_2"]),
        (f"  - conv: {CONV}, name: a}}\n  - conv: {CONV}, name: b, shares: a}}\n  - conv: {CONV}, shares: b}}\n",
         [None, "a", "a"]),
    ],
)  # fmt: skip
def test_whose_weights_a_layer_has(layers: str, owners: list[str | None]) -> None:
    found = described(layers)["layers"]
    assert [layer.get("shares") for layer in found] == owners
    # 3·3·4·4 weights and 4 biases; 8·8 positions.
    assert [layer["params"] for layer in found] == [0 if owner else 148 for owner in owners]
    assert [layer["macs"] for layer in found] == [9216] * len(owners)


def test_blocks_share_layer_by_layer() -> None:
    text = (
        "input: 8x8x4\nblocks: {unit: {layers: [conv: {filters: channels, kernel: 1, bias: false}, batch_norm, relu]}}\n"
        "layers: [unit: {name: a}, unit: {name: b, shares: a}]\n"
    )
    summary = cnncalc.summarize(text)
    assert [layer.shares for layer in summary.layers] == [None, None, None, "a.conv1", "a.batch_norm1", None]
    assert (summary.totals.params, summary.totals.buffers) == (16 + 8, 8)


def test_defaults_are_added_to_those_of_the_extended_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "input: 8x8x4\ndefaults: {upsample: {factor: 2}, conv: {padding: 1, bias: false}}\n"
        "layers: [upsample, conv: {filters: 3, kernel: 3}]\n"
    )
    own = tmp_path / "own.yaml"
    own.write_text("extends: base.yaml\ndefaults: {upsample: {size: 5}, conv: {bias: true}}\n")
    summary = cnncalc.summarize(own)
    assert str(summary.output) == "5x5x3"
    assert summary.totals.params == 3 * 3 * 4 * 3 + 3


def test_a_file_may_extend_the_bundled_one_of_its_own_name(tmp_path: Path) -> None:
    own = tmp_path / "lenet5.yaml"
    own.write_text("extends: lenet5.yaml\nname: mine\n")
    assert cnncalc.summarize(own).totals.params == 61_706  # as with a dense C3
