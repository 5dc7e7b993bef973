"""What autograd keeps for the backward pass: what PyTorch says of it, wherever `kept_bytes` is a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import Summary, Volume
from cnncalc.api import bundled_names
from tests.conformance.cases import CASES, Case, text
from tests.conformance.exported import code_of, kept_by, network_of, unfilled
from tests.conformance.torch_side import EXAMPLES, MORE, REFUSALS, examples, torch
from tests.networks import Networks, spec
from tests.test_memory import KEPT

pytestmark = pytest.mark.conformance

PUBLISHED = Path(__file__).parent.parent / "figures" / "kept.tsv"
"""By PyTorch 2.13 on the code of torchvision 0.28, 32-bit floats."""
ROWS = [line.split("\t") for line in PUBLISHED.read_text("utf-8").splitlines()[1:]]
OURS = {"alexnet": "alexnet_torchvision"}


@pytest.mark.parametrize(("name", "size", "one", "two"), ROWS)
def test_torchvisions_own_code(name: str, size: str, one: str, two: str) -> None:
    """Its activations work in place where the exported ones do not: in these networks one keeps as much as the other."""
    from tests.conformance.test_references import models

    given = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with unfilled():
        network = getattr(models, name)(weights=None, **given).to("meta")
    for batch, figure in ((1, int(one)), (2, int(two))):
        assert kept_by(network, torch.zeros(batch, 3, int(size), int(size), device="meta")) == figure
        assert cnncalc.summarize(OURS.get(name, name), batch=batch).totals.kept_bytes == figure


def hold(spec: str, batches: tuple[int, ...], device: str, dtype: str = "float32", **given: Any) -> None:
    """Measure what the exported code keeps. PyTorch refuses a batch of which `kept_bytes` is no number, and no other."""
    code = code_of(spec, **given)
    for batch in batches:
        summary = cnncalc.summarize(spec, batch=batch, dtype=dtype, **given)
        assert summary.input is not None
        network = network_of(code, device).to(getattr(torch, dtype))
        x = torch.zeros(batch, *summary.input.shape, device=device, dtype=getattr(torch, dtype))
        try:
            found: int | None = kept_by(network, x)
        except REFUSALS:
            found = None
        assert summary.totals.kept_bytes == found, f"batch {batch} on {device} of\n{spec}\n{code}"


@pytest.mark.parametrize("name", bundled_names()[::6])
def test_bundled_networks(name: str) -> None:
    hold(name, (2,), "meta")


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_names())
def test_all_bundled_networks(name: str) -> None:
    hold(name, (1, 2, 3), "meta")


@pytest.mark.parametrize(("volume", "layers"), KEPT)
def test_the_figures_of_the_table(volume: str, layers: str) -> None:
    for device in ("cpu", "meta"):
        hold(f"{{input: {volume}, layers: [{layers}]}}", (1, 2, 3), device)


# Generated layers and networks


def places(case: Case) -> Iterator[tuple[Volume, list[str]]]:
    """The layer at the input, behind what has no weights and what has, before a vector, read by several, on some channels."""
    layer = text(case).partition("layers:\n  - ")[2].strip()
    volume, channels = case.volume, case.volume.channels
    first = f"conv: {{name: first, filters: {channels}, kernel: 1}}" if volume.spatial else f"fc: {channels}"
    yield volume, [layer]
    yield volume, ["silu", layer, "tanh"]
    yield volume, [first, layer, "fc: 3"]
    yield volume, [first, "relu", layer, "batch_norm", "flatten", "fc: 3"]
    yield volume, [first, layer, "head: {name: other, layers: [softplus, fc: 2]}", "mish", "sigmoid"]
    yield volume, [first, "layer_norm", layer, "gelu"]
    yield volume, [f"channel_slice: {{start: 0, size: {channels}}}", first, layer, "relu"]
    wide = volume._replace(channels=3 * channels)
    yield wide, [f"batch_norm, channel_slice: {{start: {channels}, size: {channels}}}", layer, "relu"]


@settings(examples(), max_examples=max(1, EXAMPLES // 8))
@given(CASES, st.sampled_from([1, 2, 3]), st.sampled_from(["cpu", "meta"]))
def test_generated_layers(case: Case, batch: int, device: str) -> None:
    for volume, layers in places(case):
        network = f"{{input: {volume}, layers: [{', '.join(layers)}]}}"
        if known(cnncalc.summarize(network)):
            hold(network, (batch,), device)


class Small(Networks):
    """On a few cells, often one along an axis, with some layers of any type and any attributes."""

    def volume(self) -> Volume:
        self.least = self.draw.choice((5, 24, 24))
        most = self.draw.choice((1, 2, 4, 8, 14))
        return Volume(self.draw.randint(1, 6), tuple(self.draw.randint(1, most) for _ in range(self.rank)))


def known(summary: Summary) -> bool:
    """Whether what is kept of a network is, at some batch."""
    return summary.ok and isinstance(summary.totals.kept(2), int)


PARTS = 6
START = Random().randrange(1 << 30) if MORE else 0


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_networks(part: int) -> None:
    """Three of four are known, and those are as measured. Of 3,613 networks that were drawn 3,207 were known."""
    sound = proven = 0
    for seed in range(START + part, START + EXAMPLES * 5 // 8, PARTS):
        draw = Random(seed)
        file = Small(draw, wild=draw.choice((0, 30))).file()
        summary = cnncalc.summarize(spec(file), parameters=file.set)
        if not summary.ok or max(summary.totals.params or 0, summary.totals.activations or 0) > 1_000_000:
            continue
        sound += 1
        if known(summary):
            proven += 1
            hold(spec(file), (draw.randint(1, 3),), "cpu", parameters=file.set)
    assert 4 * proven >= 3 * sound > 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_numbers_of_two_bytes(dtype: str) -> None:
    for seed in range(60):
        draw = Random(seed)
        file = Small(draw).file()
        summary = cnncalc.summarize(spec(file), parameters=file.set, dtype=dtype)
        if known(summary):
            hold(spec(file), (2,), "meta", dtype, parameters=file.set)
