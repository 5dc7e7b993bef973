"""Whole networks: every layer's path, type and shape, and the totals, by cnncalc and by torch."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

import cnncalc
from tests.conformance.networks import BATCH, Run
from tests.conformance.torch_side import examples, flops_of
from tests.networks import File, Networks, spec

pytestmark = pytest.mark.conformance


@examples(1)
@given(st.randoms(use_true_random=False).map(lambda random: Networks(random).file()))
def test_networks(file: File) -> None:
    text = spec(file)
    note(text)
    summary = cnncalc.summarize(text, parameters=file.set, batch=BATCH)
    errors = [finding for finding in summary.findings if finding.severity == "error"]
    # Repeats that double the channels, and a group for each channel behind a global pool.
    assume(all(finding.code not in ("count-too-large", "norm-of-one-number") for finding in errors))
    assert not errors

    run, flops = flops_of(lambda: Run(file))
    layers = [(layer.path, layer.type, layer.output and layer.output.shape) for layer in summary.layers]
    assert layers == run.layers
    assert summary.output is not None
    assert summary.output.shape == run.output
    assert {path: volume and volume.shape for path, volume in summary.heads.items()} == run.heads
    assert (summary.totals.params, summary.totals.buffers) == (run.params, run.buffers)

    # Torch counts a multiplication and an addition as two. A head for training is no part of a forward pass.
    assert summary.totals.macs is not None
    assert 2 * summary.totals.macs == flops - run.training_flops
