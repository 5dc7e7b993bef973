"""The code that is exported for PyTorch, run: its shapes, parameters and buffers are those that cnncalc computes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

import cnncalc.api
from cnncalc.api import bundled_names
from tests.conformance.exported import code_of, compare, counts, network_of
from tests.conformance.torch_side import examples, torch
from tests.networks import File, Networks, spec
from tests.test_pytorch_code import NAMES

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


def test_names_that_python_or_torch_has_already() -> None:
    compare(cnncalc.summarize(NAMES), code_of(NAMES))


def test_the_code_runs_by_itself(tmp_path: Path) -> None:
    script = tmp_path / "lenet.py"
    script.write_text(code_of("lenet5"), encoding="utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert run.stdout == "(1, 10)\n61706 parameters\n"


@pytest.mark.parametrize(
    ("name", "argument", "number"),
    [
        ("resnet50", "depth3", 5),
        ("resnet50", "classes", 10),
        ("densenet121", "depth1", 3),
        ("convnext_tiny", "width", 64),
        ("vgg16", "classes", 7),
        ("mobilenet_v2", "classes", 21),
    ],
)
def test_arguments_are_the_files_parameters(name: str, argument: str, number: int) -> None:
    """The network with another argument is the one that `--set` makes."""
    code = code_of(name)
    totals = cnncalc.summarize(name, parameters={argument: number}).totals
    if f"{argument}=" in code:
        assert counts(network_of(code, arguments={argument: number})) == (totals.params, totals.buffers)
        return
    constant = f"\n{argument.upper()} = "
    assert constant in code
    changed = re.sub(rf"{constant}.*", f"{constant}{number}", code)
    assert counts(network_of(changed)) == (totals.params, totals.buffers)


@pytest.mark.parametrize(
    "name", ["resnet50", "mobilenet_v2", "unet", "googlenet", "yolov8n", "resnet50_fpn", "wavenet"]
)
def test_torch_exports_it(name: str) -> None:
    summary = cnncalc.summarize(name)
    assert summary.input is not None
    x = torch.zeros(1, *summary.input.shape, device="meta")
    program = torch.export.export(network_of(code_of(name)), (x,))
    assert len([*program.parameters()]) == len([*network_of(code_of(name)).parameters()])


def test_the_training_loop_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "resnet18.py").write_text(code_of("resnet18"), encoding="utf-8")
    readme = (Path(cnncalc.api.SPECS).parent / "README.md").read_text(encoding="utf-8")
    (loop,) = re.findall(r"```python\n(import torch\n.*?)```", readme, re.DOTALL)
    assert len(loop.splitlines()) <= 12
    run = subprocess.run([sys.executable, "-c", loop], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(re.findall(r"step \d: loss \d", run.stdout)) == 5


def test_a_slice_of_a_network_is_no_other_network() -> None:
    """PyTorch makes a slice of an `nn.Sequential` by its class, with the modules as the first argument."""
    network = network_of(code_of("googlenet"))
    with pytest.raises(TypeError):
        network[:-1]
    assert len(torch.nn.Sequential(*[*network][:-1])) == len(network) - 1
