"""Networks for other programs: what stands in the way of it, and SCALE-Sim's topologies read by SCALE-Sim's rules."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc.cli import main
from cnncalc.exports import TARGETS
from tests.bundled import MANY


def export(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ["export", *arguments], input=text, prog_name="cnncalc")


def spec(*layers: str, input: str = "32x32x8") -> str:
    return f"input: {input}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


# The frame

FINE = spec("conv: {filters: 8, kernel: 3}")
FAILS = spec("conv: {filters: 8, kernel: 33}")


@pytest.mark.parametrize("names", MANY)
@pytest.mark.parametrize("target", TARGETS)
def test_every_network_is_written_or_a_finding_says_what_is_missing(target: str, names: list[str]) -> None:
    for name in names:
        exported = cnncalc.export(name, target)
        assert str(exported) == (exported.text or "")
        errors = [finding for finding in exported.findings if finding.severity == "error"]
        assert exported.ok == (not errors)
        assert {finding.code for finding in errors} <= {"cannot-export"}
        assert all(finding.line and finding.path for finding in errors), "each has its place"


@pytest.mark.parametrize("target", TARGETS)
def test_a_network_with_an_error_is_not_written(target: str, tmp_path: Path) -> None:
    output = tmp_path / f"net{TARGETS[target].ending}"
    output.write_text("mine")
    done = export("-", "--to", target, "-o", str(output), text=FAILS)
    assert (done.exit_code, done.stdout, output.read_text()) == (1, "", "mine")
    assert "error[kernel-too-large]" in done.stderr
    assert cnncalc.export(FAILS, target).text is None


@pytest.mark.parametrize("target", TARGETS)
def test_output_goes_to_a_file_that_ends_right(target: str, tmp_path: Path) -> None:
    written = export("-", "--to", target, text=FINE)
    assert (written.exit_code, written.stderr) == (0, "")
    for name in (f"net{TARGETS[target].ending}", "net"):
        done = export("-", "--to", target, "-o", str(tmp_path / name), text=FINE)
        assert (done.exit_code, done.output) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8") == written.stdout
    done = export("-", "--to", target, "-o", str(tmp_path / "net.onnx"), text=FINE)
    assert done.exit_code == 2
    assert f"ends in {TARGETS[target].ending}" in done.stderr
    assert not (tmp_path / "net.onnx").exists()


def test_the_specification_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "net"
    path.write_text(FINE)
    done = export(str(path), "--to", "scale-sim", "-o", str(path))
    assert (done.exit_code, path.read_text()) == (2, FINE)
    assert "would overwrite the specification" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["alexnet"], 2, "Missing option '--to'"),
        (["alexnet", "--to", "caffe"], 2, "Invalid value for '--to'"),
        (["--to", "scale-sim"], 2, "Missing argument 'FILE'"),
        (["no_such_net", "--to", "scale-sim"], 2, "no_such_net: No such file or directory"),
        (["alexnet", "--to", "scale-sim", "--set", "width=2"], 2, "has no parameter 'width': it has"),
        (["alexnet", "--to", "scale-sim", "-o", "/no/such/folder/net.csv"], 2, "No such file or directory"),
        (["alexnet", "--to", "scale-sim", "--strict", "--input", "226x226x3"], 1, "stride-does-not-fit"),
    ],
)
def test_wrong_usage(arguments: list[str], status: int, says: str) -> None:
    done = export(*arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert says in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("target", ["pytorch", "keras"])
def test_long_chains_take_linear_time(target: str) -> None:
    """2 s each; where every step cost as much as those before it, 12 s."""
    layers = "".join("- relu\n" for _ in range(20_000))
    start = process_time()
    code = cnncalc.export(f"input: 8x8x3\nlayers:\n{layers}", to=target).text
    assert process_time() - start < 6
    assert code is not None
    assert code.count("ReLU(") == 20_000


def test_input_and_parameters_are_taken() -> None:
    narrow = cnncalc.export("mobilenet_v1", "scale-sim", input="128x128x3", parameters={"width": "0.5"})
    assert narrow.text is not None
    assert narrow.text.splitlines()[1] == "conv1, 129, 129, 3, 3, 3, 16, 2,"
    by_command = export("mobilenet_v1", "--to", "scale-sim", "--input", "128x128x3", "--set", "width=0.5")
    assert by_command.stdout == narrow.text


def test_arguments_from_python() -> None:
    with pytest.raises(ValueError, match="to is 'caffe': a network is written for "):
        cnncalc.export("alexnet", "caffe")
    with pytest.raises(TypeError, match=r"so write parameters=\{\"width\": '0\.5'\}"):
        cnncalc.export("mobilenet_v1", "scale-sim", width=0.5)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"alexnet has no parameter 'width'"):
        cnncalc.export("alexnet", "scale-sim", parameters={"width": 2})


# SCALE-Sim


class Topology(NamedTuple):
    """A row as SCALE-Sim has it after reading."""

    name: str
    output: tuple[int, int]
    filters: int
    macs: int


def topology(text: str) -> list[Topology]:
    """The rows of a topology as scalesim-project/SCALE-Sim reads it: scalesim/topology_utils.py.

    `load_arrays_conv` passes over the first line and empty ones, drops what is behind the last comma, and repeats a row
    with `DP` in its name for each of its channels, of 1 channel then; `append_topo_arrays` refuses a filter that is
    larger than the ifmap; `topo_calc_hyperparams` gives the positions and the macs.
    """
    rows = []
    for line in text.splitlines()[1:]:
        name, *rest = line.strip().split(",")[:-1]
        height, width, down, across, channels, filters, stride = map(int, rest)
        assert down <= height
        assert across <= width
        times, channels = (channels, 1) if "DP" in name else (1, channels)
        output = -(-(height - down + stride) // stride), -(-(width - across + stride) // stride)
        rows += [Topology(name, output, filters, output[0] * output[1] * down * across * channels * filters)] * times
    return rows


def rows_of(text: str) -> list[Topology]:
    exported = cnncalc.export(text, "scale-sim")
    assert exported.text is not None, exported.findings
    return topology(exported.text)


@pytest.mark.parametrize("name", ["alexnet", "alexnet_grouped", "resnet50", "mobilenet_v1", "resnext50_32x4d", "vgg16"])
def test_topology_of_a_network(name: str) -> None:
    rows, summary = rows_of(name), cnncalc.summarize(name)
    for layer in summary.layers:
        if not layer.macs:
            continue
        groups = layer.figures.gemm[3] if layer.figures and layer.figures.gemm else 1
        mine, rows = rows[:groups], rows[groups:]
        assert layer.output is not None
        assert {row.output for row in mine} == {layer.output.spatial or (1, 1)}
        assert sum(row.macs for row in mine) == layer.macs
        assert sum(row.filters for row in mine) == layer.output.channels
    assert rows == []


def test_macs_of_a_whole_network() -> None:
    # AlexNet with its two groups has 724 million (Krizhevsky et al. 2012, as counted in Sze et al. 2017, table II).
    assert round(sum(row.macs for row in rows_of("alexnet_grouped")) / 10**6) == 724


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        # The last row and column, which no window reads, are no part of what is simulated.
        ("conv: {filters: 4, kernel: 3, stride: 2}", "conv1, 31, 31, 3, 3, 8, 4, 2,"),
        ("conv: {filters: 4, kernel: 3, stride: 2, padding: 1}", "conv1, 33, 33, 3, 3, 8, 4, 2,"),
        ("conv: {filters: 4, kernel: [1, 7], padding: [0, 3]}", "conv1, 32, 38, 1, 7, 8, 4, 1,"),
        ("conv: {filters: 4, kernel: 32, stride: [1, 2]}", "conv1, 32, 32, 32, 32, 8, 4, 1,"),
        ("conv: {filters: 4, kernel: 3, learned: false}", "conv1, 32, 32, 3, 3, 8, 4, 1,"),
        ("conv: {filters: 4, kernel: 3, name: DP-1}", "D_P-1, 32, 32, 3, 3, 8, 4, 1,"),
        ("depthwise_conv: {kernel: 3, multiplier: 2}", "depthwise_conv1_DP, 32, 32, 3, 3, 8, 2, 1,"),
        ("transposed_conv: {filters: 4, kernel: 2, stride: 2}", "transposed_conv1, 32, 32, 1, 1, 8, 16, 1,"),
        ("conv: {filters: 4, kernel: 3, dilation: 2}", "conv1, 32, 32, 5, 5, 8, 4, 1,"),
        ("fc: 10", "fc1, 1, 1, 1, 1, 8192, 10, 1,"),
    ],
)
def test_row_of_a_layer(layer: str, row: str) -> None:
    text = cnncalc.export(spec(layer, "relu"), "scale-sim").text
    assert text is not None
    assert text.splitlines()[1:] == [row]


def test_topology_of_one_axis() -> None:
    assert [row.output for row in rows_of(spec("conv: {filters: 4, kernel: 3, stride: 2}", input="33x8"))] == [(1, 16)]


def test_heads_of_training_are_not_simulated() -> None:
    text = spec("conv: {filters: 4, kernel: 1}", "head: {name: aux, training: true, layers: [fc: 10]}", "fc: 10")
    assert [row.name for row in rows_of(text)] == ["conv1", "fc1"]


@pytest.mark.parametrize(
    ("layer", "input", "severity", "says", "column"),
    [
        ("conv: {filters: 4, kernel: 3, stride: [1, 2]}", "32x33x8", "error", "SCALE-Sim has no stride of 1x2", 43),
        ("conv: {filters: 4, kernel: 3}", "9x9x9x8", "error", "SCALE-Sim has no convolution on 3 axes", 5),
        ("transposed_conv: {filters: 4, kernel: 2}", "32x32x8", "note", "no transposed convolution", 5),
        ("conv: {filters: 4, kernel: 3, dilation: 2}", "32x32x8", "note", "the 5x5 cells that 3x3 taps span", 45),
    ],
)
def test_what_a_topology_cannot_have(layer: str, input: str, severity: str, says: str, column: int) -> None:
    exported = cnncalc.export(spec(layer, input=input), "scale-sim")
    (finding,) = exported.findings
    assert (finding.severity, finding.line, finding.column, finding.path) == (
        severity,
        3,
        column,
        f"{layer.split(':')[0]}1",
    )
    assert says in finding.message
    assert exported.ok == (severity == "note")
