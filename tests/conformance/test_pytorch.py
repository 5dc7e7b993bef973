"""The code that is exported for PyTorch, run: its shapes, parameters and buffers are those that cnncalc computes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

import cnncalc
from cnncalc.api import bundled_names
from tests.conformance.exported import code_of, compare
from tests.conformance.torch_side import examples
from tests.networks import File, Networks, spec

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_specifications(name: str) -> None:
    compare(cnncalc.summarize(name), code_of(name))


@examples(1)
@given(st.randoms(use_true_random=False).map(lambda random: Networks(random).file()))
def test_generated_networks(file: File) -> None:
    text = spec(file)
    summary = cnncalc.summarize(text, parameters=file.set)
    assume(summary.ok)
    code = code_of(text, parameters=file.set)
    note(text)
    note(code)
    compare(summary, code)


def test_the_code_runs_by_itself(tmp_path: Path) -> None:
    script = tmp_path / "lenet.py"
    script.write_text(code_of("lenet5"), encoding="utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert run.stdout == "(1, 10)\n61706 parameters\n"
