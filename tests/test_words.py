"""What is said of a word that is none here: the right one, what serves instead, or nothing; never nonsense.

words/layers.tsv has the classes of torch.nn (2.13.0: every Module that it exports) and of keras.layers (3.16.0: what
its `__init__` imports), then what people write. words/attributes.tsv has the arguments of those classes that have a
counterpart here, by the layer type.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path

import pytest

import cnncalc
from cnncalc.findings import Finding
from cnncalc.layers import LAYERS, TYPES
from cnncalc.layers.foreign import _GROUPS, plain

HEAD = "input: 32x32x16\nlayers:\n  - "
WORDS = Path(__file__).parent / "words"
NOTHING = "-"
"""Only a list of all that there is."""


def table(name: str) -> list[list[str]]:
    with (WORDS / f"{name}.tsv").open(encoding="utf-8") as stream:
        return list(csv.reader(stream, delimiter="\t"))[1:]


def findings(text: str) -> list[Finding]:
    return cnncalc.summarize(text).findings


def answer(finding: Finding) -> str:
    """The first remedy, or `NOTHING`."""
    remedy = finding.help[0]
    return NOTHING if re.match("the (layers are (?!listed)|attributes of )", remedy) else remedy


def answered(item: str, code: str) -> list[str]:
    return [answer(finding) for finding in findings(HEAD + item) if finding.code == code]


def remedies(word: str, said: str, known: Collection[str]) -> list[str]:
    """What a line of a table stands for: nothing where the word is our own, a word of ours, or a remedy."""
    return [] if said == word else [f"cnncalc calls it `{said}`" if said in known else said]


def test_layers() -> None:
    rows = table("layers")
    told = {word: answered(word, "unknown-layer") for _, word, _ in rows}
    assert told == {word: remedies(word, said, TYPES) for _, word, said in rows}


def test_attributes() -> None:
    rows = table("attributes")
    told = {(layer, word): answered(f"{layer}: {{{word}: 1}}", "unknown-attribute") for layer, word, _ in rows}
    assert told == {(layer, word): remedies(word, said, TYPES[layer].attributes) for layer, word, said in rows}


@pytest.mark.parametrize("remedy", [remedy for _, remedy in _GROUPS])
def test_what_serves_instead_passes(remedy: str) -> None:
    for item in re.findall("`(- [^`]+)`", remedy):
        assert [
            finding for finding in findings(f"input: 32x32x16\nlayers:\n  {item}") if finding.severity == "error"
        ] == []


def test_a_word_is_one_thing() -> None:
    ours = [{plain(word) for word in (layer.type, *layer.also)} for layer in LAYERS]
    foreign = [word for words, _ in _GROUPS for word in words.split()]
    every = [*(word for words in ours for word in words), *foreign]
    assert len(every) == len(set(every))
    assert all(plain(word) == word for word in foreign)


ALL_AT_ONCE = [
    (
        "Conv2D: {filters: 8, kernel_size: 3, activation: softmax}",
        [
            "cnncalc calls it `conv`",
            "cnncalc calls it `kernel`",
            "write the activation as a layer of its own behind this one, as in `- softmax`",
        ],
    ),
    (
        "{type: Conv2D, filters: 8, kernel_size: 3, kernel: 3}",
        ["write `- conv: {…}`", "cnncalc calls it `kernel`"],
    ),
    ("type: ReLU", ["write `- relu`"]),
    ("{type: Foo, a: 1}", ["write the type as the key, as in `- relu`", NOTHING]),
    ("type: [relu]", [NOTHING]),
    ("type:", [NOTHING]),
    ("{type: [relu], a: 1}", ["give each layer a line with its own `-`"]),
    ("Linear", ["cnncalc calls it `fc`", "for example `fc: 1000`"]),
    ("nn.Conv2d(3, 8, 3)", ["cnncalc calls it `conv`"]),
    ("Conv2D: {filters: 8, kernel: 3,3}", ["cnncalc calls it `conv`", "write 3x3"]),
    ("conv: {filters: 8, kernel: 3,3}", ["write 3x3"]),
    ("conv:\n      filters: 1,000\n      kernel: 3,3", ["write 1000", "write 3x3"]),
    ("conv: {filters: 8, kernel: 3,3,3, stride: 1,1, padding: 1,3}", ["write 3x3x3", "write 1x1", "write 1x3"]),
    ("conv: {filters: 1,000, kernel: 1}", ["write 1000"]),
    ("conv: {filters: width, kernel: 1}", ["an expression can name `channels`"]),
    ("conv: {filters: 8, kernel: 1, activation: linear}", ["leave it away: it changes nothing"]),
    ("Activation: softmax", ["write `- softmax`"]),
    (
        "BatchNorm2d: 64",
        [
            "cnncalc calls it `batch_norm`",
            "write `- batch_norm` alone: how many channels there are says the volume that comes in",
        ],
    ),
    ("add: {inputs: [c1, previous]}", ["write `add: [c1, previous]`"]),
    ("conv: {filters: 8, kernel: 1, bottom: c1}", ["what a layer reads is `from: c1`"]),
    ("conv: {filters: 8, kernel: 1, padding_mode: zeros}", ["leave it away: padding is zeros"]),
    ("route: conv1", ["`concat` joins two volumes or more, as in `concat: [previous, conv1]`"]),
    ("shortcut: -3", ["`add` joins two volumes or more, as in `add: [previous, conv1]`"]),
    ("concat: conv1", ["for example `concat: [previous, conv1]`"]),
    ("Add: [conv1]", ["`add` joins two volumes or more, as in `add: [previous, conv1]`"]),
    ("pool1: 2", ["did you mean `max_pool`? its name stands inside, as in `- max_pool: {kernel: 2, name: pool1}`"]),
    ("conw\n  - nothing\n  - nil", ["did you mean `conv`?", NOTHING, "the layers are listed with line 4"]),
]


@pytest.mark.parametrize(("item", "said"), ALL_AT_ONCE)
def test_all_faults_of_an_item_are_told_at_once(item: str, said: list[str]) -> None:
    assert [answer(finding) for finding in findings(HEAD + item)] == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Input: 8x8x3\nLayers: [ReLU]",
            ["cnncalc calls it `input`", "cnncalc calls it `layers`", "cnncalc calls it `relu`"],
        ),
        ("inputs: 8x8x3\nlayer: [relu]", ["did you mean `input`?", "did you mean `layers`?"]),
        ("input: 8x8x3\nnetwork: [relu]", ["cnncalc calls it `layers`"]),
        ("input: 8x8x3\nmodel: A\nlayers: [relu]", ["cnncalc calls it `name`"]),
        ("input: 8x8x3\nBlocks: {a: {layers: [relu]}}\nlayers: [a]", ["cnncalc calls it `blocks`"]),
        (
            "model:\n  input: 8x8x3\n  Layers: [relu]",
            ["leave it away, and put the keys inside it at the start of a line", "cnncalc calls it `layers`"],
        ),
        ("input: 8x8x3\nLayers: [relu]\nlayers: [ReLU]", ["cnncalc calls it `layers`", "cnncalc calls it `relu`"]),
        (
            "input: 8x8x3\ndefaults: {Conv2D: {kernel_size: 3}}\nlayers: [relu]",
            ["cnncalc calls it `conv`", "cnncalc calls it `kernel`"],
        ),
    ],
)
def test_keys_of_a_file(text: str, said: list[str]) -> None:
    assert [finding.help[0] for finding in findings(text)] == said
