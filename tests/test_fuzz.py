"""The short run of the fuzzer: a few hundred inputs, the same ones each time; `python -m tests.fuzz` is the long run."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz import SECONDS, Case, examine
from tests.fuzz.hostile import HOSTILE, LENGTHY, LONG, long_scalar
from tests.fuzz.mutations import (
    encodings,
    extended,
    extremes,
    mutated,
    random_network,
    random_yaml,
    ugly_text,
)

INPUTS: dict[Callable[[Random], Case], int] = {
    mutated: 20,
    random_network: 25,
    random_yaml: 15,
    extremes: 15,
    ugly_text: 20,
    encodings: 15,
    extended: 10,
}
"""How many of each kind, for each seed."""

ONCE_BROKEN = {
    "a join of nothing beside a fault": "input: 8x8x4\nlayers: [foo, add: {name: a}]\n",
    "a join of nothing, named twice": "input: 8x8x4\nlayers:\n- concat: {name: a, name: b}\n",
    "a split of nothing, named twice": "input: 8x8x4\nlayers:\n- split: {name: a, name: b}\n",
    "a head of nothing, named twice": "input: 8x8x4\nlayers:\n- head: {name: a, name: b}\n",
    "a fault behind the last line": "layers: [",
    "a control character behind a carriage return": "name: a\rsource: \x01\r",
    "a control character behind a line separator": "name: 'a\u2028\x01'\n",
    "a long octal number": f"input: 8x8x4\nlayers: [fc: 0{'7' * 4800}]\n",
    "blanks in a figure": f'input: 8x8x4\nlayers: [relu]\nexpect: {{params: "< a{" " * 40_000}b"}}\n',
    "blanks behind a figure": f'input: 8x8x4\nlayers: [relu]\nexpect: {{params: "1{" " * 40_000}1"}}\n',
    "blanks before a figure": f'input: 8x8x4\nlayers: [relu]\nexpect: {{params: "max{" " * 40_000}b"}}\n',
}


def holds(case: Case) -> None:
    failures = examine(case, 4 * SECONDS)  # the machine may be slow, and others at work on it
    if failures:
        told = [f"{each.signature(case.family)}\n{each.detail}" for each in failures]
        pytest.fail("\n".join([f"{case.family}, {case.file}: {case.data[:2000]!r}", *told]), pytrace=False)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
@pytest.mark.parametrize("make", INPUTS, ids=lambda make: make.__name__)
def test_inputs_of_a_kind(make: Callable[[Random], Case], seed: int) -> None:
    draw = Random(seed)
    for _ in range(INPUTS[make]):
        holds(make(draw))


@pytest.mark.parametrize("part", [pytest.param(1, marks=pytest.mark.slow), 8])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents(name: str, part: int) -> None:
    """All at their short size; by default a part of it of those that can be far larger still."""
    row = HOSTILE[name]
    holds(row.case(row.short // part if 200 <= row.short < row.full else row.short))


@pytest.mark.parametrize("number", [3, pytest.param(len(LENGTHY), marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", LONG)
def test_long_texts(place: str, number: int) -> None:
    for kind in Random(place).sample(list(LENGTHY), number):
        holds(long_scalar(place, kind, 20_000))


@pytest.mark.parametrize("text", ONCE_BROKEN.values(), ids=list(ONCE_BROKEN))
def test_what_broke_once(text: str) -> None:
    holds(Case("once broken", text))
