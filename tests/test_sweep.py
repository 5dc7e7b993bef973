"""Sweeps: the questions that they answer, what they refuse, and what is left of one that is interrupted."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc.cli import main
from cnncalc.figures.analysis import TOTALS
from tests.bundled import EACH

COMMAND = Path(sys.executable).parent / "cnncalc"
WIDE = "{input: 8x8x3, parameters: {width: 1, file: 2}, layers: [conv: {filters: 12 * width * file, kernel: 3}]}"
TERMINAL = {**os.environ, "TERM": "xterm-256color"}
LONG = "{input: 8x8x3, layers: [conv: {filters: 3, kernel: 3, padding: 1, repeat: 5000}]}"
"""A row of it takes some 30 ms."""


def invoke(line: str, text: str = "") -> Result:
    result = CliRunner().invoke(main, ["sweep", *shlex.split(line)], input=text, prog_name="cnncalc")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows(line: str, text: str = "") -> list[dict[str, Any]]:
    result = invoke(f"{line} -f ndjson", text)
    assert result.exit_code == 0, result.output
    return [json.loads(each) for each in result.stdout.splitlines()]


# Loops over `summarize` gave these, and by hand: 225 and 257 are 32·k + 1, and what a padding of 1 reads beyond them.
def test_where_resnet50_loses_nothing() -> None:
    found = rows("resnet50 --over input=200..260")
    assert len(found) == 61
    sizes = [int(row["input"].partition("x")[0]) for row in found if row["lost"] == 0]
    assert sizes == [*range(225, 229), *range(257, 261)]
    assert [row["input"] for row in found if row["misfits"] == 0] == ["225x225x3", "257x257x3"]
    chosen = rows("resnet50 --over input=224..229 --where 'lost = 0'")
    assert chosen == [row for row in found[:30] if row["lost"] == 0]


def test_the_largest_input_under_a_budget() -> None:
    (row,) = rows("mobilenet_v2 --over input=180..260/4,221 --where 'macs <= 300M' --sort -input --top 1")
    assert (row["input"], row["macs"]) == ("220x220x3", 297_707_120)
    assert [row["macs"] for row in rows("mobilenet_v2 --over input=221")] == [300_060_672]


def test_where_alexnet_collapses() -> None:
    found = rows("alexnet --over input=60..90")
    failed = [row for row in found if row["error"]]
    assert failed[-1]["input"] == "66x66x3"
    assert len(failed) == 7
    assert failed[-1]["error"]["path"] == "max_pool3"
    assert failed[-1]["error"]["notes"] == ["2 - 3 + 0 + 0 = -1: no window fits"]
    assert failed[-1]["macs"] is failed[-1]["output_shape"] is failed[-1]["lost"] is None
    (line,) = [line for line in invoke("alexnet --over input=66..66").stdout.splitlines() if "66" in line]
    assert line.split(maxsplit=1) == ["66x66x3", "max_pool3: a kernel of 3 is larger than the height of 2"]


@pytest.mark.parametrize("name", EACH[::3])
def test_a_row_is_the_summary(name: str) -> None:
    """Also of a row that has the layers of the one before it, and of one that fails in between."""
    own = cnncalc.summarize(name)
    assert own.input is not None
    spatial = [tuple(size + more for size in own.input.spatial) for more in (0, 32, 1 - own.input.spatial[-1], 7)]
    inputs = [cnncalc.Volume(own.input.channels, extents) for extents in spatial if min(extents, default=1) > 0]
    for volume, row in zip(inputs, cnncalc.sweep(name, {"input": inputs}, batch=2), strict=True):
        summary = cnncalc.summarize(name, input=volume, batch=2)
        assert {key: row[key] for key in TOTALS} == dict(summary.totals)
        assert (row["error"] is None) == summary.ok
        assert row["output_shape"] == (summary.output and summary.output.shape)
        assert row["input"] == str(volume)


@pytest.mark.parametrize(
    "text",
    [
        "{input: 8x8x3, layers: [conv: {filters: volume.height, kernel: 1}, fc: 10]}",
        "{input: 8x8x3, layers: [relu, add: {a: [conv: {filters: 3, kernel: 1, repeat: volume.width}], b: [relu]}]}",
        "{input: 8x8x3, blocks: {b: {parameters: {n: volume.width}, layers: [conv: {filters: n, kernel: 1}]}}, "
        "layers: [b, fc: 10]}",
    ],
)
def test_expressions_may_name_the_extents(text: str) -> None:
    for row in cnncalc.sweep(text, {"input": "8,12,16"}):
        summary = cnncalc.summarize(text, input=row["input"])  # type: ignore[arg-type]
        assert summary.totals.params == row["params"]


# torchvision 0.28, mobilenet_v2(width_mult=…), convolutions and the classifier without biases; parameters do not change.
@pytest.mark.parametrize(
    ("width", "params", "macs"),
    [
        ("0.5", 1_968_680, [32_578_560, 50_184_000, 71_701_760, 97_131_840]),
        ("0.75", 2_636_424, [69_129_728, 107_295_200, 153_941_888, 209_069_792]),
        ("1", 3_504_872, [99_074_048, 154_083_200, 221_316_608, 300_774_272]),
    ],
)
def test_what_a_width_costs(width: str, params: int, macs: list[int]) -> None:
    found = rows(f"mobilenet_v2 --over width={width} --over input=128..224/32")
    assert [(row["params"], row["macs"]) for row in found] == [(params, each) for each in macs]


def test_the_last_of_what_varies_changes_fastest() -> None:
    found = rows("- --over width=0.5,1/3,0.10,3/3 --over input=8,10x8,8x8x4,12..16/3", WIDE)
    assert [row["width"] for row in found[::5]] == [0.5, "1/3", 0.1, 1]
    assert [row["input"] for row in found[:5]] == ["8x8x3", "10x8x3", "8x8x4", "12x12x3", "15x15x3"]
    assert [row["params"] for row in found[:3]] == [12 * 28, 12 * 28, 12 * 37]
    assert found[10]["error"]["message"].endswith("comes to 12/5")


def test_a_parameter_called_like_a_column() -> None:
    assert [row["parameter_file"] for row in rows("- --over file=1..3", WIDE)] == [1, 2, 3]
    assert len(rows("- --over file=1..3 --where 'parameter_file >= 2'", WIDE)) == 2


@pytest.mark.parametrize(
    ("options", "inputs"),
    [
        ("--sort input", [8, 9, 10, 12]),
        ("--sort -input", [12, 10, 9, 8]),
        ("--sort -input --top 2", [12, 10]),
        ("--sort params", [9, 8, 12, 10]),
        ("--where 'macs > 31.752k'", [12, 10]),
        ("--where 'macs>=31752' --where 'activations<2.4k'", [9, 10]),
        ("--where 'macs == 31752'", [9]),
        ("--where 'output = 2400'", [12]),
        ("--where 'lost > 0'", []),
        ("--where 'input < 10'", [9, 8]),
        ("--where 'input >= 10x9'", [12, 10]),
        ("--where 'input = 9x9x3'", [9]),
        ("--where 'input <= 8x8x4'", [9, 8]),  # of 256 cells; 9x9x3 has 243
    ],
)
def test_which_rows_and_in_which_order(options: str, inputs: list[int]) -> None:
    found = rows(f"- --over input=9,8,12,10 {options}", WIDE)
    assert [int(row["input"].partition("x")[0]) for row in found] == inputs


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "Missing option '--over'"),
        ("--over input", "write it like input=128..224/32"),
        ("--over input=", "write it like"),
        ("--over input=224..128", "write `--over input=128..224 --sort -input`"),
        ("--over input=227..60/-1", "write `--over input=60..227 --sort -input`"),
        ("--over input=227..60/-2", "write `--over input=61..227/2 --sort -input`"),
        ("--over file=1..0.5/-0.2", "write `--over file=0.6..1/0.2 --sort -parameter_file`"),
        ("--over width=0.5..1", "write it like 0.5..1/0.25"),
        ("--over width=1/3..1", "write it like 1/3..1/1/3"),
        ("--over input=8 --where 'input < 8k'", "write it like 'input < 224'"),
        ("--over input=8 --where 'input < 8x8x8x8'", "write 224x224 or 224x224x3"),
        ("--over input=8 --where 'input < 3x8x8'", "did you mean 8x8x3?"),
        ("--over input=1..9/0", "above 0"),
        ("--over input=0..9", "above 0"),
        ("--over input=wide", "'wide' is no size"),
        ("--over input=224,", "'' is no size"),
        ("--over input=8x8x8x8", "write 224x224 or 224x224x3"),
        ("--over width=1..2/-1", "above 0, not -1"),
        ("--over width=1/0", "divides by zero"),
        ("--over wdth=1", "did you mean `width`?"),
        ("--over input=1..1000000000", "1,000,000,000 rows, more than the limit of 10,000"),
        ("--over input=1..200 --over width=1..51", "10,200 rows"),
        ("--over input=1..5 --max-rows 4", "5 rows, more than the limit of 4"),
        ("--over input=8 --over input=9", "varies twice"),
        ("--over input=8 --input 9x9x3", "exclude each other"),
        ("--over width=8 --set width=1", "exclude each other"),
        ("--over width=8 --set depth=1", "no parameter 'depth'"),
        ("--over input=8 --where 'mac <= 3'", "did you mean `macs`?"),
        ("--over input=8 --where 'macs'", "write it like 'macs <= 300M'"),
        ("--over input=8 --where 'macs <= much'", "no number"),
        ("--over input=8 --where 'macs <= 1.5'", ""),
        ("--over input=8 --sort mac", "did you mean `macs`?"),
        ("--over input=8 --top 0", "--top"),
    ],
)
def test_wrong_usage(arguments: str, says: str) -> None:
    result = invoke(f"- {arguments}", WIDE)
    if not says:
        assert result.exit_code == 0  # a bound may be any number
        return
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "text", "status"),
    [
        ("alexnet --over input=66,67", "", 0),
        ("alexnet --over input=65,66", "", 1),
        ("resnet50 --over input=224 --strict", "", 0),
        ("- --over input=9", "{input: 9x9x3, layers: [conv: {filters: 8, kernel: 2, stride: 2}]}", 0),
        ("- --over input=9 --strict", "{input: 9x9x3, layers: [conv: {filters: 8, kernel: 2, stride: 2}]}", 0),
        ("- --over input=9", "{input: 9x9x3, layers: [conf]}", 1),
        ("missing.yaml alexnet --over input=224", "", 2),
    ],
)
def test_status(line: str, text: str, status: int) -> None:
    assert invoke(line, text).exit_code == status


def test_strict_and_bounds_are_errors_of_rows_that_are_known() -> None:
    text = "{input: 9x9x3, layers: [conv: {filters: 8, kernel: 2, stride: 2}], expect: {macs: <= 2000}}"
    row, other = rows("- --over input=8,9 --strict", text)
    assert (row["macs"], row["misfits"], row["error"]) == (1536, 0, None)
    assert (other["macs"], other["lost"], other["error"]["code"]) == (1536, 1, "stride-does-not-fit")
    (beyond,) = rows("- --over input=10", text)
    assert (beyond["macs"], beyond["error"]["code"]) == (2400, "expectation")


def test_a_file_that_cannot_be_read_is_said_once() -> None:
    result = invoke("- --over input=8..99 --json", "{input: 8x8x3, layers: [conf]}")
    assert result.stderr.count("error[") == 1
    assert json.loads(result.stdout) == {"schema": "cnncalc.sweep/1", "rows": []}


def test_formats_hold_the_same() -> None:
    line = "alexnet vgg16 --over input=66,224"
    (_, *_, ndjson), (*_, listed) = rows(line), json.loads(invoke(f"{line} --json").stdout)["rows"]
    assert ndjson == listed
    assert listed["file"] == "specs/vgg16.yaml"
    table = csv.DictReader(invoke(f"{line} -f csv").stdout.splitlines())
    *_, last = table
    assert table.fieldnames == ["file", "input", "output", *TOTALS, "peak_at", "misfits", "lost", "error"]
    assert {key: last[key] for key in TOTALS} == {key: str(listed[key]) for key in TOTALS}
    marked = invoke(f"{line} -f markdown").stdout.splitlines()
    assert len({text.count("|") for text in marked}) == 1
    assert len(marked) == 6
    assert f"{listed['macs']:,}" in marked[-1]
    assert f"{listed['macs']:,}" in invoke(line).stdout


def test_rows_for_python() -> None:
    found = cnncalc.sweep(WIDE, {"width": ["1/2", Fraction(3, 4), 1], "input": (8, (3, 9, 9), "10x10")})
    assert len(found) == 9
    assert {tuple(row) for row in found} == {tuple(found[0])}
    assert [row["params"] for row in found[::3]] == [12 * 28, 18 * 28, 24 * 28]
    with pytest.raises(TypeError, match=r"such as '0\.5'"):
        cnncalc.sweep(WIDE, {"width": [0.5]})
    with pytest.raises(TypeError, match=r"it is a parameter of the network, so write parameters=\{\"width\": 2\}"):
        cnncalc.sweep(WIDE, {"input": [8]}, width=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="like"):
        cnncalc.sweep(WIDE, {})
    with pytest.raises(TypeError, match="list or a text"):
        cnncalc.sweep(WIDE, {"width": 3})
    with pytest.raises(ValueError, match="no values"):
        cnncalc.sweep(WIDE, {"width": []})
    with pytest.raises(ValueError, match="more than the limit"):
        cnncalc.sweep(WIDE, {"input": range(1, 10**30)})
    with pytest.raises(ValueError, match="has no parameter 'depth'"):
        cnncalc.sweep(WIDE, {"depth": [1]})


def test_rows_for_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(cnncalc.sweep("alexnet", {"input": "66..68"}))
    assert frame["macs"].isna().tolist() == [True, False, False]
    assert frame["input"].tolist() == ["66x66x3", "67x67x3", "68x68x3"]


@pytest.mark.skipif(os.name != "posix", reason="needs signals and a pseudo-terminal")
def test_an_interrupt_leaves_the_rows_so_far_and_a_clean_terminal(tmp_path: Path) -> None:
    import pty

    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [str(COMMAND), "sweep", "long.yaml", "--over", "input=8..2000", "-f", "ndjson"]
    sweeping = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, env=TERMINAL)
    os.close(theirs)
    shown = b""
    while b"/1993" not in shown:  # the bar has come
        shown += os.read(ours, 1 << 16)
    sweeping.send_signal(signal.SIGINT)
    out, _ = sweeping.communicate(timeout=60)
    with contextlib.suppress(OSError):  # Linux's way to say that the other side is closed
        while part := os.read(ours, 1 << 16):
            shown += part
    os.close(ours)
    found = [json.loads(line) for line in out.splitlines()]
    assert sweeping.returncode == 130
    assert 0 < len(found) < 1993
    assert [row["input"] for row in found] == [f"{size}x{size}x3" for size in range(8, 8 + len(found))]
    text = shown.decode()
    assert f"interrupted: {len(found):,} of 1,993 rows" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is shown again"
    assert re.search("\x1b\\[2K[^/]*$", text), "the bar's line is cleared"


def test_no_bar_in_pipes(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    command = [str(COMMAND), "sweep", "long.yaml", "--over", "input=8..24", "-f", "csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
