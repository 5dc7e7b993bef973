"""The installed command as its users meet it: real processes, their streams, statuses and terminals.

What only its text and its choice of a status say is looked at in this process, which takes a fourth of the time.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import cnncalc
from cnncalc.api import bundled_names
from cnncalc.cli import main
from tests.exact import exact_json

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).parent / "cnncalc"
SWAYING = (
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "LC_ALL",
    "PYTHONUTF8",
    "PYTHONCOERCECLOCALE",
    "PYTHONUNBUFFERED",  # hides that a pipe was closed in the middle of a write
)

NETWORKS = {
    "clean.yaml": "{name: Clean, input: 8x8x3, layers: [conv: {filters: 4, kernel: 3}]}",
    "warns.yaml": "name: Überschuss\ninput: 7x7x3\nlayers:\n  - conv: {filters: 8, kernel: 3, stride: 3}  # 1 übrig",
    "fails.yaml": "{input: 7x7x3, layers: [conv: {filters: 8, kernel: 9}]}",
    "claims.yaml": "{input: 7x7x3, layers: [conv: {filters: 8, kernel: 3}], expect: {params: 1}}",
    "broken.yaml": "layers: [",
    # What is printed of these two is more than a pipe holds.
    "long.yaml": "{input: 8x8x3, layers: [conv: {filters: 3, kernel: 3, padding: 1, repeat: 400}]}",
    "faulty.yaml": "input: 8x8x3\nlayers:\n" + "  - conf\n" * 800,
    "hostile.yaml": r"""
name: "\e[31mred\a"
input: 8x8x3
blocks:
  "\e[2Jblock": {parameters: {"\e[3Jp": 3}, layers: [relu]}
layers:
  - "\e[2Jconv": {filters: 8, kernel: 3}
  - relu: {name: "a\u202eb"}
  - conv: {filters: "\e[5m", "\e[6m": 3}
  - add: ["\e[8m", previous]
expect: {"\e[9m": 3, params: "\x9b0m"}
"\ekey": 1
""",
    "red.yaml": r"""{name: "\e[31mred\a\x9b0m\u202e", input: 8x8x3, layers: [relu]}""",
}

posix = pytest.mark.skipif(os.name != "posix", reason="needs bash, signals or a pseudo-terminal")


class Done(NamedTuple):
    """What a process left behind."""

    status: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """The environment, without what the runner's own terminal and locale would sway."""
    kept = {name: value for name, value in os.environ.items() if name not in SWAYING}
    return {**kept, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **changes}


@cache
def execute(command: tuple[str, ...], folder: Path, stdin: str = "", **env: str) -> Done:
    """What the process leaves behind; several tests look at the same one."""
    done = subprocess.run(
        command, cwd=folder, input=stdin.encode(), capture_output=True, env=environment(**env), timeout=60, check=False
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return Done(done.returncode, out, err)


def run(line: str, folder: Path, stdin: str = "", **env: str) -> Done:
    """`cnncalc` with the arguments of the line."""
    return execute((str(COMMAND), *shlex.split(line)), folder, stdin, **env)


@cache
def invoke(line: str, folder: Path) -> Done:
    """The same, in this process: for tests of what is said and not of how it gets out."""
    with contextlib.chdir(folder):
        runner = CliRunner(env=dict.fromkeys(SWAYING))
        done = runner.invoke(main, shlex.split(line), prog_name="cnncalc", catch_exceptions=False)
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all the networks, for tests that leave it as it is."""
    path = tmp_path_factory.mktemp("networks")
    for name, text in NETWORKS.items():
        (path / name).write_text(text + "\n", encoding="utf-8")
    for name in ("alexnet.yaml", "vgg16.yaml"):
        shutil.copy(ROOT / "specs" / name, path)
    return path


# Exit status and streams


@pytest.mark.parametrize("command", ["summarize", "check", "explain"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("clean.yaml", 0),
        ("warns.yaml", 0),
        ("warns.yaml --strict", 1),
        ("fails.yaml", 1),
        ("claims.yaml", 1),
        ("broken.yaml", 1),
    ],
)
def test_status_of_a_network(command: str, arguments: str, status: int, folder: Path) -> None:
    assert run(f"{command} {arguments}", folder).status == status


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("7 --kernel 3 --stride 2 --strict", 0),
        ("7 --kernel 3 --stride 3", 0),
        ("7 --kernel 3 --stride 3 --strict", 1),
        ("7 --kernel 9", 1),
        ("7 --output 3", 0),
        ("7 --output 99", 1),
    ],
)
def test_status_of_fit(arguments: str, status: int, folder: Path) -> None:
    done = invoke(f"fit {arguments}", folder)
    assert (done.status, done.err) == (status, "")
    assert done.out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("summarize", "alexnet"),
        ("check", "alexnet"),
        ("explain", "FILE"),
        ("fit", "SIZE"),
        ("fit 7", "--kernel"),
        ("--nonsense", "--nonsense"),
        ("summarize clean.yaml --nonsense", "--nonsense"),
        ("check clean.yaml --nonsense", "--nonsense"),
        ("explain clean.yaml --nonsense", "--nonsense"),
        ("fit 7 --kernel 3 --nonsense", "--nonsense"),
        ("sumarize clean.yaml", "sumarize"),
        ("summarize clean.yaml --columns path,parms", "params"),
        ("summarize clean.yaml --format xml", "markdown"),
        ("summarize clean.yaml --input 8x0x3", "8x0x3"),
        ("check clean.yaml --input wide", "wide"),
        ("check clean.yaml --batch 0", "--batch"),
        ("explain clean.yaml --batch many", "many"),
        ("summarize clean.yaml --set width", "width"),
        ("check clean.yaml --set width=2/0", "zero"),
        ("explain clean.yaml --set width=2", "width"),
        ("explain clean.yaml conv9", "conv1"),
        ("fit 7 --kernel 3 --padding some", "some"),
        ("fit 7 --kernel 4 --padding half", "half"),
        ("fit 7 --kernel 3 --padding same --output 4", "--stride"),
        ("summarize clean.yaml --json --format csv", "--format csv"),
        ("summarize clean.yaml warns.yaml -f json", "ndjson"),
        ("summarize clean.yaml warns.yaml -f markdown", "one file"),
        ("summarize clean.yaml warns.yaml -f csv --columns file,path", "leave it out"),
        ("summarize clean.yaml --json --depth 0", "json takes no --depth"),
        ("explain clean.yaml --memory --dtype int8 --optimizer adam", "nothing is trained with numbers of one byte"),
        ("summarize clean.yaml --json --by type", "--format csv takes --by"),
        ("summarize clean.yaml --by type --depth 1", "--by and --depth exclude each other"),
        ("summarize clean.yaml --by kind", "'stage'"),
        ("summarize clean.yaml -f ndjson --columns path --layout hwc", "--format csv takes --columns and --layout"),
    ],
)
def test_wrong_usage(line: str, says: str, folder: Path) -> None:
    done = invoke(line, folder)
    assert (done.status, done.out) == (2, "")
    error = done.err.splitlines()[-1]
    assert error.startswith("Error: ")
    assert says in error


def test_no_arguments_show_the_commands(folder: Path) -> None:
    done = run("", folder)
    assert done.status == 2
    assert "summarize" in done.out + done.err


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("summarize", "missing.yaml"),
        ("check", "missing.yaml"),
        ("explain", "missing.yaml"),
        ("summarize --json", "missing/clean.yaml"),
        ("summarize", "."),
        ("check", "."),
        ("explain", "."),
    ],
)
def test_file_that_cannot_be_read(command: str, file: str, folder: Path) -> None:
    done = run(f"{command} {file}", folder)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(f"Error: {re.escape(file)}: .*\n", done.err)


@posix
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(NETWORKS["clean.yaml"], encoding="utf-8")
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        pytest.skip("permissions do not bind this user")
    done = run("check secret.yaml", tmp_path)
    assert (done.status, done.out, done.err) == (2, "", "Error: secret.yaml: Permission denied\n")


@pytest.mark.parametrize("command", ["summarize -f ndjson", "check"])
def test_a_missing_file_does_not_stop_the_others(command: str, folder: Path) -> None:
    done = invoke(f"{command} warns.yaml missing.yaml fails.yaml", folder)
    assert done.status == 2
    assert "stride-does-not-fit" in done.out
    assert "kernel-too-large" in done.out
    assert done.err.count("Error: missing.yaml: ") == 1


@pytest.mark.parametrize(
    ("command", "data"), [("summarize", "mult-adds"), ("summarize -f csv", "conv1,conv"), ("explain", "(3·3·3 + 1)·8")]
)
def test_data_on_stdout_and_findings_on_stderr(command: str, data: str, folder: Path) -> None:
    done = run(f"{command} warns.yaml", folder)
    assert data in done.out
    assert "stride-does-not-fit" not in done.out
    assert data not in done.err
    assert done.err.startswith("warning[stride-does-not-fit]: ")


def test_check_has_its_findings_on_stdout(folder: Path) -> None:
    done = run("check warns.yaml clean.yaml", folder)
    assert done.err == ""
    assert done.out.startswith("warning[stride-does-not-fit]: ")
    assert done.out.endswith("\n1 warning in 2 files\n")


def test_success_of_check_is_one_line(folder: Path) -> None:
    assert invoke("check clean.yaml alexnet.yaml", folder) == Done(0, "2 files checked, nothing found\n", "")


def test_several_tables_say_whose_they_are(folder: Path) -> None:
    lines = invoke("summarize clean.yaml alexnet.yaml", folder).out.splitlines()
    assert lines.index("clean.yaml") < lines.index("Clean") < lines.index("alexnet.yaml") < lines.index("AlexNet")


# Files: standard input, bundled names, --output


@pytest.mark.parametrize("command", ["summarize -f csv", "check", "explain"])
def test_dash_reads_standard_input(command: str, folder: Path) -> None:
    piped = run(f"{command} -", folder, stdin=NETWORKS["warns.yaml"])
    named = run(f"{command} warns.yaml", folder)
    assert piped.status == 0
    assert piped.out == named.out.replace("warns.yaml", "<stdin>")
    assert piped.err == named.err.replace("warns.yaml", "<stdin>")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("summarize -f csv", "alexnet"),
        ("summarize -f csv", "alexnet.yaml"),
        ("check", "alexnet"),
        ("explain", "alexnet"),
    ],
)
def test_bundled_name(command: str, name: str, tmp_path: Path) -> None:
    done = invoke(f"{command} {name}", tmp_path)
    assert done.status == 0
    assert done.out
    said = f"note: .*{re.escape(name)} .*bundled.*\n" if name.endswith(".yaml") else ""  # a bare name means no file
    assert re.fullmatch(said, done.err)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("summary net.yaml", "did you mean `summarize`?"),
        ("net.yaml", "did you mean `cnncalc summarize net.yaml`?"),
        ("alexnet", "did you mean `cnncalc summarize alexnet`?"),
        (
            "frobnicate",
            "the commands are summarize, check, explain, fit, compare, sweep, draw, export, convolve, zoo and schema",
        ),
        ("fit 7 3 3", "did you mean `cnncalc fit 7 --kernel 3 --stride 3`?"),
        ("fit 224 7 2 3", "did you mean `cnncalc fit 224 --kernel 7 --stride 2 --padding 3`?"),
        ("fit 224 7 --stride 2", "the others have options, --kernel, --stride, --padding or --dilation"),
        ("fit 224 kernel 7", "the others have options, --kernel, --stride, --padding or --dilation"),
        ("check clean.yaml --set width=.33", "'width=.33' does not set a number: write width=0.33"),
        ("check clean.yaml --set width=0,5", "'width=0,5' does not set a number: write width=0.5"),
        ("check clean.yaml --set width=1e-1", "'width=1e-1' does not set a number: write width=0.1"),
        ("check clean.yaml --set width=2e3", "'width=2e3' does not set a number: write width=2000"),
        ("sweep clean.yaml --over width=.5", "write '0.5'"),
        ("sweep alexnet --over input=227 --where macs<300m", "300m is no whole number: write 'macs < 300M'"),
        ("sweep alexnet --over input=227 --where 'macs = 1 GMAC'", "1 GMAC is no whole number: write 'macs = 1G'"),
        ("sweep alexnet --over input=227 --where 'macs < 2 GFLOPs'", "write 'macs < 2G'; FLOPs are no multiply-adds"),
        ("sweep alexnet --over input=227 --where 'peak_bytes>2mb'", "write 'peak_bytes > 2 MB'"),
        ("sweep alexnet --over input=227 --where 'params<224.5.'", "'224.5.', and that is no number"),
        (
            "check --expect 'params <= 5M' clean.yaml",
            "no option --expect: what a network is held to stands in its file",
        ),
        ("summarize mobilenet_v1 --width 0.5", "`width` is a parameter of mobilenet_v1: write `--set width=0.5`"),
        ("check --width=0.5 mobilenet_v1", "write `--set width=0.5`"),
        ("sweep mobilenet_v1 --over input=224 --width wide", "write `--set width=…`"),
        ("check clean.yaml --width 0.5", "No such option '--width'"),
        ("check mobilenet_v1 --set width 0.5", "'width' sets nothing: write --set width=0.5"),
        ("check clean.yaml --set width", "'width' sets nothing: write it like width=0.5"),
        ("fit 32x32 --kernel 3", "as in `cnncalc fit 32`"),
        ("check clean.yaml --set n=1 --set n=2", "--set n is given twice"),
        ("explain clean.yaml nosuch --counting", "no layer 'nosuch'"),
    ],
)
def test_what_was_meant(line: str, said: str, folder: Path) -> None:
    done = invoke(line, folder)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_conventions_and_layers_by_name(folder: Path) -> None:
    whole = invoke("explain alexnet --counting", folder).out
    assert invoke("explain alexnet --counting flops", folder).out.splitlines()[0] in whole.splitlines()
    assert (
        "105,415,200" in invoke("explain alexnet --counting macs conv1", folder).out
    )  # as `explain alexnet conv1` has it
    assert invoke("fit 7 -k 3 -p SAME", folder).out == invoke("fit 7 -k 3 -p same", folder).out


def test_a_neighbour_that_one_network_has_makes_no_difference(folder: Path) -> None:
    chain = "input: 8x8x3\nlayers: [conv: {filters: 8, kernel: 3}, relu, flatten, fc: 10]\n"
    (folder / "one.yaml").write_text(chain, encoding="utf-8")
    (folder / "other.yaml").write_text(chain.replace("flatten", "flatten, dropout"), encoding="utf-8")
    changes = json.loads(invoke("compare one.yaml other.yaml --json", folder).out)["changes"]
    assert [(each["change"], each["after"]["path"]) for each in changes] == [("added", "dropout1")]


def test_a_file_comes_before_the_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "alexnet.yaml").write_text(NETWORKS["clean.yaml"], encoding="utf-8")
    done = invoke("summarize alexnet.yaml --json", tmp_path)
    assert (json.loads(done.out)["name"], done.err) == ("Clean", "")


@pytest.mark.parametrize("name", ["alexnett", "alxnet.yaml"])
def test_misspelt_bundled_name(name: str, tmp_path: Path) -> None:
    done = invoke(f"check {name}", tmp_path)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(f"Error: {re.escape(name)}: .* alexnet[^_].*\n", done.err)


@pytest.mark.parametrize("command", ["summarize", "summarize -f csv", "check", "explain"])
def test_output_goes_to_the_file(command: str, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    done = run(f"{command} warns.yaml -o {shlex.quote(str(target))}", folder)
    printed = run(f"{command} warns.yaml", folder)
    assert (done.status, done.out, done.err) == (0, "", printed.err)
    assert target.read_text(encoding="utf-8") == printed.out


@pytest.mark.parametrize(
    ("line", "target"),
    [("summarize clean.yaml", "."), ("check clean.yaml", "missing/out.txt"), ("explain fails.yaml", "missing/out.txt")],
)
def test_output_that_cannot_be_written(line: str, target: str, folder: Path) -> None:
    done = run(f"{line} --output {target}", folder)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(f"Error: {re.escape(target)}: .*", done.err.splitlines()[-1])


@pytest.mark.parametrize("line", ["summarize top.yaml -f csv", "check - -f text", "compare top.yaml base.yaml -f text"])
def test_output_overwrites_nothing_that_was_read(line: str, tmp_path: Path) -> None:
    base = "input: 8x8x3\nlayers: [relu]\n"
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "top.yaml").write_text("extends: base.yaml\n", encoding="utf-8")
    with (tmp_path / "base.yaml").open("rb") as stdin:
        command = [str(COMMAND), *line.split(), "-o", "base.yaml"]
        done = subprocess.run(command, cwd=tmp_path, stdin=stdin, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"would overwrite" in done.stderr
    assert (tmp_path / "base.yaml").read_text(encoding="utf-8") == base


@pytest.mark.parametrize(
    ("line", "starts"),
    [
        ("summarize alexnet -o net.CSV", "path,type"),
        ("summarize alexnet -o net.json", '{\n  "schema": "cnncalc.summary/1"'),
        ("summarize alexnet -o net.ndjson", '{"schema": "cnncalc.summary/1"'),
        ("summarize alexnet -o net.md", "| layer"),
        ("summarize alexnet -o net.txt", "AlexNet\n"),
        ("summarize alexnet -o net", "AlexNet\n"),
        ("summarize alexnet -o ./.net", "AlexNet\n"),
        ("summarize alexnet -f table -o net.json", "AlexNet\n"),
        ("summarize alexnet --json -o net.csv", "{\n"),
        ("check alexnet -o net.sarif.json", '{\n "$schema": "https://docs.oasis-open.org/sarif'),
        ("compare alexnet vgg16 -o net.md", "|  | specs/alexnet.yaml |"),
        ("sweep alexnet --over input=227 -o net.csv", "input,output"),
        ("zoo -o net.json", '{\n  "schema": "cnncalc.zoo/1"'),
        ("zoo alexnet -o net.yaml", "name: AlexNet"),
        ("schema fit -o net.json", "{\n"),
        ("explain alexnet -o net.txt", "conv1"),
    ],
)
def test_an_ending_chooses_the_format(line: str, starts: str, tmp_path: Path) -> None:
    assert invoke(line, tmp_path).status == 0
    assert (tmp_path / line.split()[-1]).read_text(encoding="utf-8").startswith(starts)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "summarize alexnet -o net.png",
            ".txt, .log, .json, .ndjson, .jsonl, .csv, .md, .markdown, .html or .htm, or say --format",
        ),
        ("check alexnet -o net.md", ".txt, .log, .json, .sarif or .sarif.json"),
        ("compare alexnet vgg16 -o net.csv", "nothing here writes .csv"),
        ("sweep alexnet --over input=227 -o net.yaml", "nothing here writes .yaml"),
        ("zoo -o net.yaml", "nothing here writes .yaml"),
        ("zoo alexnet -o net.json", ".yaml"),
        ("schema fit -o net.yaml", ".json"),
        ("explain alexnet -o net.json", ".txt or .log"),
        (
            "draw alexnet -o net.png",
            "nothing here writes .png: take .svg, .mmd, .mermaid, .dot or .gv, or say --format",
        ),
        ("draw alexnet -o net.log", "nothing here writes .log: take .svg,"),
        ("zoo alexnet -o net.txt", "nothing here writes .txt: take .yaml or .yml"),
    ],
)
def test_an_ending_that_nothing_writes(line: str, says: str, tmp_path: Path) -> None:
    done = invoke(line, tmp_path)
    assert (done.status, done.out) == (2, "")
    assert says in done.err.splitlines()[-1]
    assert not list(tmp_path.iterdir())


# Formats


@pytest.mark.parametrize("by", ["type", "stage"])
@pytest.mark.parametrize("name", ["resnet50", "inception_v3", "alexnet"])
def test_sums_by_type_and_stage_make_the_totals(name: str, by: str, folder: Path) -> None:
    columns = "--columns path,params,macs,activations,training"
    rows = list(csv.DictReader(invoke(f"summarize {name} --by {by} -f csv {columns}", folder).out.splitlines()))
    layers = csv.DictReader(
        invoke(f"summarize {name} -f csv --columns type,output,params,training", folder).out.splitlines()
    )
    expected = dict[str, int]()
    for layer in layers:
        stage = layer["output"].rpartition("x")[0] or "vectors"
        key = layer["type"] if by == "type" else stage
        expected[key] = expected.get(key, 0) + int(layer["params"])
    assert {row["path"]: int(row["params"]) for row in rows} == expected
    own = list(csv.DictReader(invoke(f"summarize {name} --by {by} -f csv", folder).out.splitlines()))
    assert [row[by] for row in own] == [row["path"] for row in rows]
    assert [[row[key] for key in ("params", "macs", "activations", "training")] for row in own] == [
        [*row.values()][1:] for row in rows
    ]
    assert sum(int(row["layers"]) for row in own) == len(cnncalc.summarize(name).layers)
    totals = json.loads(invoke(f"summarize {name} --json", folder).out)["totals"]
    for key in ("params", "macs", "activations"):
        run_too = [row for row in rows if key == "params" or row["training"] != "yes"]
        assert sum(int(row[key]) for row in run_too) == totals[key]


@pytest.mark.parametrize(
    ("line", "schema"),
    [
        ("summarize alexnet.yaml --json", "cnncalc.summary/1"),
        ("summarize fails.yaml --format json", "cnncalc.summary/1"),
        ("summarize hostile.yaml --json", "cnncalc.summary/1"),
        ("check alexnet.yaml --json", "cnncalc.findings/1"),
        ("check warns.yaml fails.yaml --json", "cnncalc.findings/1"),
        ("fit 7 --kernel 3 --stride 3 --json", "cnncalc.fit/1"),
        ("fit 7 --kernel 9 --json", "cnncalc.fit/1"),
        ("fit 7 --output 3 --json", "cnncalc.fit-solutions/1"),
    ],
)
def test_json_has_exact_integers_only(line: str, schema: str, folder: Path) -> None:
    value = exact_json(invoke(line, folder).out)
    assert isinstance(value, dict)
    assert value["schema"] == schema


@pytest.mark.parametrize("name", ["densenet121", "unet", "googlenet_paper"])
def test_json_of_branches_has_exact_integers_only(name: str, folder: Path) -> None:
    summary = exact_json(invoke(f"summarize {name} --json", folder).out)
    assert summary["totals"]["params"] == sum(layer["params"] for layer in summary["layers"])


def test_json_names_the_findings(folder: Path) -> None:
    found = exact_json(invoke("check warns.yaml fails.yaml --json", folder).out)
    assert found["files"] == ["warns.yaml", "fails.yaml"]
    places = [(f["code"], f["severity"], f["file"], f["line"]) for f in found["findings"]]
    assert places == [
        ("stride-does-not-fit", "warning", "warns.yaml", 4),
        ("kernel-too-large", "error", "fails.yaml", 1),
    ]


def test_ndjson_is_one_object_a_line(folder: Path) -> None:
    lines = invoke("summarize alexnet.yaml warns.yaml -f ndjson", folder).out.splitlines()
    assert [exact_json(line)["name"] for line in lines] == ["AlexNet", "Überschuss"]


def test_csv_sums_to_the_totals(folder: Path) -> None:
    rows = list(csv.DictReader(invoke("summarize alexnet.yaml -f csv", folder).out.splitlines()))
    totals = exact_json(invoke("summarize alexnet.yaml --json", folder).out)["totals"]
    assert len(rows) == totals["layers"]
    for column in ("params", "macs", "mult_adds", "activations"):
        assert sum(int(row[column]) for row in rows) == totals[column]


@pytest.mark.parametrize("depth", ["0", "1", "2", "all"])
@pytest.mark.parametrize("name", ["resnet50", "inception_v3"])
def test_csv_folds_to_the_same_totals(name: str, depth: str, folder: Path) -> None:
    rows = list(csv.DictReader(invoke(f"summarize {name} -f csv --depth {depth}", folder).out.splitlines()))
    totals = json.loads(invoke(f"summarize {name} --json", folder).out)["totals"]
    assert (len(rows) == totals["layers"]) == (depth == "all")
    assert len({row["path"] for row in rows}) == len(rows)
    assert sum(int(row["params"]) for row in rows) == totals["params"]
    assert sum(int(row["macs"]) for row in rows if row["training"] != "yes") == totals["macs"]


def test_csv_of_several_files_says_whose_each_row_is(folder: Path) -> None:
    done = invoke("summarize clean.yaml missing.yaml alexnet.yaml -f csv --columns path,params", folder)
    rows = list(csv.DictReader(done.out.splitlines()))
    assert list(rows[0].values()) == ["clean.yaml", "conv1", "112"]
    alone = csv.DictReader(invoke("summarize alexnet.yaml -f csv --columns path,params", folder).out.splitlines())
    assert rows[1:] == [{"file": "alexnet.yaml", **row} for row in alone]


def test_markdown_has_a_row_for_each_layer(folder: Path) -> None:
    head, rule, *rows, total = invoke("summarize alexnet.yaml -f markdown", folder).out.splitlines()
    layers = exact_json(invoke("summarize alexnet.yaml --json", folder).out)["layers"]
    assert [row.split(" | ")[0] for row in rows] == [f"| {layer['path']}" for layer in layers]
    assert set(rule) == set("|-: ")
    assert len({line.count("|") for line in (head, rule, *rows, total)}) == 1
    assert "**62,378,344**" in total


# Pipes and interrupts


@posix
@pytest.mark.parametrize(
    ("line", "reader", "status"),
    [
        ("summarize long.yaml --json", "head -1", 0),
        ("summarize alexnet.yaml", "true", 0),
        ("summarize claims.yaml 2> /dev/null", "true", 1),
        ("explain long.yaml", "head -1", 0),
        ("check faulty.yaml", "head -1", 1),
        ("check missing.yaml clean.yaml 2> /dev/null", "true", 2),
        ("fit 7 --kernel 3 --stride 3 --strict", "true", 1),
        ("--help", "true", 0),
        ("summarize --help", "true", 0),
    ],
)
def test_closed_pipe(line: str, reader: str, status: int, folder: Path) -> None:
    script = f'set -o pipefail; {shlex.quote(str(COMMAND))} {line} | {reader}; echo "status ${{PIPESTATUS[0]}}"'
    done = execute(("bash", "-c", script), folder)
    assert done.err == ""
    assert done.out.splitlines()[-1] == f"status {status}"


@posix
def test_standard_error_that_takes_nothing(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    whole = execute((COMMAND, "summarize", "warns.yaml"), folder)
    script = f"{shlex.quote(str(COMMAND))} summarize warns.yaml 2> /dev/full"
    done = execute(("bash", "-c", script), folder)
    assert (done.out, done.status) == (whole.out, whole.status)
    assert whole.err


@posix
def test_a_named_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    done = run("check pipe.yaml", folder)
    assert (done.out, done.status) == ("", 2)
    assert "it is a pipe" in done.err
    command = shlex.quote(str(COMMAND))
    opened = execute(("bash", "-c", f"{command} check <(cat clean.yaml)"), folder)
    assert opened.out == "1 file checked, nothing found\n"


@posix
def test_interrupt_while_waiting_for_input(folder: Path) -> None:
    waiting = subprocess.Popen(
        [COMMAND, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
    )
    assert waiting.stdin is not None
    waiting.stdin.write(b"# more than a pipe holds, so the command reads by the time this returns\n" * 4000)
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode != 0
    assert out == b""
    assert b"Traceback" not in err


# Much


CALLS = "input: 8x8x4\nblocks: {b: {parameters: {%s}, layers: [relu]}}\nlayers: [b: {repeat: 40000}]\n"
NAMED = "input: 8x8x4\nparameters: {%s}\nblocks: {b: {parameters: {n: 1}, layers: [relu]}}\nlayers:\n%s"
TURNS = "input: 8x8x4\nblocks: {b: {layers: []}}\nlayers: [b: {repeat: 1000000}]\n"
CHAIN = "input: 8x8x4\nlayers: [conv: {filters: 4, kernel: 3, padding: 1, repeat: 100000}]\n"
MANY_CALLS = "".join(f"- b: {{n: {number}}}\n" for number in range(1, 40001))
P200 = ", ".join(f"p{number}: 1" for number in range(200))


@posix
@pytest.mark.parametrize(
    ("line", "text", "status"),
    [
        ("check -", CALLS % P200, 0),
        pytest.param("check -", NAMED % (P200, MANY_CALLS), 0, marks=pytest.mark.slow),
        ("check -", TURNS, 1),
        pytest.param("summarize - -f ndjson", CHAIN, 0, marks=pytest.mark.slow),
        pytest.param("summarize - -f csv", CHAIN, 0, marks=pytest.mark.slow),
        ("explain -", CHAIN, 2),
    ],
    ids=["200 parameters of a block", "200 parameters of a file", "turns of nothing", "ndjson", "csv", "explain"],
)
def test_memory(line: str, text: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(text, encoding="utf-8")
    with (tmp_path / "long.yaml").open("rb") as stdin:
        process = subprocess.Popen(
            [COMMAND, *line.split()], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, ended, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended)
    assert process.returncode == status
    assert used.ru_maxrss < 300_000 * (1024 if sys.platform == "darwin" else 1)  # bytes there, kilobytes here


# Encodings, colours, terminals


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        # Without the last two, Python makes UTF-8 of this locale before the command starts.
        {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=["PYTHONIOENCODING=ascii", "LC_ALL=C"],
)
@pytest.mark.parametrize(
    ("line", "shows"),
    [
        ("summarize warns.yaml", r"\xdcberschuss"),
        ("explain warns.yaml", "(3*3*3 + 1)*8"),
        ("check warns.yaml", r"# 1 \xfcbrig"),
        ("fit 7 --kernel 3 --stride 3", "# # #"),
    ],
)
def test_ascii_encoding(env: dict[str, str], line: str, shows: str, folder: Path) -> None:
    done = run(line, folder, **env)
    assert done.status == 0
    assert (done.out + done.err).isascii()
    assert shows in done.out


@pytest.mark.parametrize(
    ("option", "env", "colour"),
    [
        ("", {}, False),
        ("", {"FORCE_COLOR": "1"}, True),
        ("", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("--color always", {}, True),
        ("--color always", {"NO_COLOR": "1"}, True),
        ("--color never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(option: str, env: dict[str, str], colour: bool, folder: Path) -> None:
    assert ("\x1b[" in run(f"check warns.yaml {option}", folder, **env).out) == colour


@pytest.mark.parametrize(
    "line", ["summarize warns.yaml", "explain warns.yaml", "check warns.yaml", "fit 7 --kernel 3 --stride 3"]
)
def test_each_command_has_colours(line: str, folder: Path) -> None:
    plain, coloured = run(line, folder), run(f"{line} --color always", folder)
    assert "\x1b" not in plain.out + plain.err
    assert "\x1b[" in coloured.out
    assert ("\x1b[" in coloured.err) == bool(plain.err)


@cache
def terminal(line: str, folder: Path, columns: int, **env: str) -> str:
    """What a terminal of that many columns gets to show."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [COMMAND, *shlex.split(line)],
        cwd=folder,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b"".join(_read(ours))
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to say that the other side is closed
            return
        if not part:
            return
        yield part


@posix
@pytest.mark.parametrize("columns", [60, 80])
def test_words_keep_to_the_terminal(columns: int, folder: Path) -> None:
    for line in ("check warns.yaml", "explain alexnet --counting", "explain alexnet conv1", "summarize warns.yaml"):
        shown = terminal(f"{line} --color never", folder, columns)
        assert max(map(len, shown.splitlines())) <= columns, line


@cache
def piped(line: str) -> str:
    return invoke(line, ROOT / "specs").out


@posix
@pytest.mark.parametrize("columns", [60, *(pytest.param(columns, marks=pytest.mark.slow) for columns in (80, 200))])
def test_what_stands_side_by_side_keeps_to_the_terminal(columns: int) -> None:
    names = "alexnet alexnet_grouped alexnet_torchvision resnet50"
    for line in ("zoo", f"compare {names}", f"compare {names.replace(' ', '.yaml ')}.yaml"):
        shown, printed = terminal(f"{line} --color never", ROOT / "specs", columns), piped(line)
        assert max(map(len, shown.splitlines())) <= columns, line
        figures = re.findall(r"\d+[,.][\d,.]+", printed)  # none is cropped
        assert set(figures) <= set(re.findall(r"\d+[,.][\d,.]+", shown)), line
        if line == "zoo":
            listed = shown.partition("\n\n")[0].splitlines()[2:]  # behind them is what it does without
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "specs").glob("*.yaml")]
    tasks = {task for text in texts for task in re.findall("^task: (.*)$", text, re.MULTILINE)}
    assert [line for line in listed if not line.startswith("  ")] == sorted(tasks)
    assert len(listed) == len(texts) + len(tasks)


def test_what_cannot_be_read_is_not_compared(folder: Path) -> None:
    (folder / "cut.yaml").write_text("layers: [", "utf-8")
    done = invoke("compare alexnet cut.yaml", folder)
    assert done.status == 1
    assert done.out.endswith("specs/alexnet.yaml and cut.yaml: not compared, as cut.yaml cannot be read\n")
    assert exact_json(invoke("compare alexnet cut.yaml --json", folder).out)["changes"] == []


def test_a_comparison_in_markdown(folder: Path) -> None:
    done = invoke("compare alexnet alexnet_grouped alexnet -f markdown", folder)
    text = invoke("compare alexnet alexnet_grouped alexnet", folder).out.splitlines()
    table, first, diff, second = done.out.rstrip("\n").split("\n\n")
    rows = [line.strip("| ").split("|") for line in table.splitlines()]
    assert {len(line.split(" | ")) for line in table.splitlines()} == {4}
    assert [row[0].strip() for row in rows[2:]] == [line.split("  ")[0] for line in text[1:9]]
    assert (first, second) == (text[10], text[-1])
    assert diff.splitlines() == ["```diff", *text[11:-2], "```"]


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("<b>.yaml", r"\<b\>.yaml"),
        ("a|b.yaml", r"a\|b.yaml"),
        ("[a](b).yaml", r"\[a\](b).yaml"),
        ("`a` &lt; ~a~.yaml", r"\`a\` \&lt; \~a\~.yaml"),
        ("*a* _b_ c_d.yaml", r"\*a\* \_b\_ c_d.yaml"),
    ],
)
def test_names_in_markdown_are_shown_as_they_are(file: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text("input: 8x8x3\nlayers: [conv: {filters: 3, kernel: 9}]\n", "utf-8")
    quoted = shlex.quote(file)
    head, *lines = invoke(f"compare alexnet {quoted} -f markdown", tmp_path).out.splitlines()
    assert head == f"|  | specs/alexnet.yaml | {shown} |"
    assert any(line.startswith(f"specs/alexnet.yaml and {shown}: ") for line in lines)
    *_, row = invoke(f"sweep alexnet {quoted} --over input=8 -f markdown", tmp_path).out.splitlines()
    assert row.startswith(f"| {shown} | 8x8x3 |")


def test_standard_input_in_markdown(folder: Path) -> None:
    done = run("compare - alexnet -f markdown", folder, stdin=NETWORKS["clean.yaml"])
    assert done.out.startswith(r"|  | \<stdin\> | specs/alexnet.yaml |")


@posix
@pytest.mark.parametrize(
    ("env", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=["auto", "no", "dumb"]
)
@pytest.mark.parametrize("line", ["summarize warns.yaml", "fit 7 --kernel 3 --stride 3"])
def test_colour_in_a_terminal(line: str, env: dict[str, str], colour: bool, folder: Path) -> None:
    assert ("\x1b[" in terminal(line, folder, 80, **env)) == colour


@posix
@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_no_figure_is_cropped(columns: int, folder: Path) -> None:
    shown = terminal("summarize vgg16.yaml --color never", folder, columns)
    summary = exact_json(invoke("summarize vgg16.yaml --json", folder).out)
    figures = {f"{layer[key]:,}" for layer in summary["layers"] for key in ("params", "mult_adds")}
    assert figures <= set(shown.split())
    (total,) = re.findall(r"^total .*", shown, re.MULTILINE)
    assert total.split() == ["total", f"{summary['totals']['params']:,}", f"{summary['totals']['mult_adds']:,}"]
    assert "…" not in shown


@posix
@pytest.mark.parametrize("columns", [80, 200])
def test_table_keeps_to_the_terminal(columns: int, folder: Path) -> None:
    shown = terminal("summarize vgg16.yaml --color never", folder, columns)
    assert max(map(len, shown.splitlines())) <= columns
    assert ("█" in shown) == (columns == 200)


@pytest.mark.parametrize("width", [60, 80])
def test_no_name_is_broken(width: int) -> None:
    """Of what a terminal of 60 columns has no room for, it says how to see it."""
    from cnncalc.render.folding import rows
    from cnncalc.render.formats import View
    from cnncalc.render.table import table

    for name in bundled_names():
        summary = cnncalc.summarize(name)
        drawn, _, left = table(summary, View(width=width))
        assert max(map(len, drawn.splitlines()[1:])) <= width, name
        names = ["  " * row.indent + row.name for row in rows(summary, None, 5)]
        shown = [line for line in drawn.splitlines() if line.strip()]
        assert [one for one in names if not any(line == one or line.startswith(f"{one} ") for line in shown)] == []
        assert (" what it is " in drawn) == ("what it is" not in left)


@posix
def test_what_a_narrow_terminal_does_without_is_said() -> None:
    for line, says in (
        ("summarize resnet50", "what it is: in a wider terminal, or with --columns path,what"),
        ("zoo", "input: in a wider terminal, or with --json"),
    ):
        assert says in terminal(f"{line} --color never", ROOT, 50 if line == "zoo" else 60).splitlines()
        assert says not in terminal(f"{line} --color never", ROOT, 200)
    shown = terminal("summarize resnet50 --color never", ROOT, 60)
    assert "\n    7.2 MB at stage1.projection1.add1.shortcut.conv1\n" in shown
    assert max(map(len, shown.splitlines())) <= 60


@pytest.mark.parametrize(
    "line",
    [
        "summarize red.yaml",
        "summarize red.yaml -f markdown",
        "summarize red.yaml -f csv",
        "summarize red.yaml --json",
        "explain red.yaml",
        "summarize hostile.yaml",
        "summarize hostile.yaml -f markdown",
        "summarize hostile.yaml --json",
        "check hostile.yaml",
        "check hostile.yaml --json",
    ],
)
def test_hostile_names_do_not_steer_the_terminal(line: str, folder: Path) -> None:
    done = invoke(line, folder)
    assert done.out
    assert [c for c in done.out + done.err if not c.isprintable() and c != "\n"] == []


# Start: completion, imports, python -m


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cnncalc summarize alex", "alexnet"),
        ("cnncalc check --strict vgg1", "vgg16"),
        ("cnncalc summ", "summarize"),
        ("cnncalc fit 7 --ker", "--kernel"),
        ("cnncalc summarize --format nd", "ndjson"),
        ("cnncalc export alexnet --to sc", "scale-sim"),
    ],
)
def test_completion(words: str, expected: str, folder: Path) -> None:
    last = str(len(words.split()) - 1)
    done = run("", folder, _CNNCALC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=last)
    assert (done.status, done.err) == (0, "")
    assert f"plain,{expected}" in done.out.splitlines()


HEAVY = {"rich", "importlib.metadata", "fractions", "difflib"}
IMPORTS = """
import sys
from cnncalc.cli import main
try:
    main(sys.argv[1:], prog_name="cnncalc")
finally:
    print("imported:", *sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("line", "also"),
    [
        ("summarize alexnet.yaml --json", set()),
        ("summarize alexnet.yaml --format markdown", set()),
        ("check alexnet.yaml", set()),
        ("sweep alexnet.yaml --over input=227", set()),
        ("export alexnet.yaml --to scale-sim", set()),
        ("explain alexnet.yaml", set()),
        ("fit 7 --kernel 3 --stride 3 --json", set()),
        ("--help", set()),
        ("summarize", set()),
        ("check fails.yaml", set()),
        ("check missing.yaml", {"difflib"}),
        ("sumarize", {"difflib"}),
        ("--version", {"importlib.metadata"}),
    ],
)
def test_heavy_imports(line: str, also: set[str], folder: Path) -> None:
    done = execute((sys.executable, "-c", IMPORTS, *shlex.split(line)), folder)
    imported = set(done.err.splitlines()[-1].removeprefix("imported: ").split())
    assert "cnncalc.cli" in imported
    assert imported & HEAVY <= also


def test_version(folder: Path) -> None:
    expected = Done(0, f"cnncalc {version('cnncalc')}\n", "")
    assert run("--version", folder) == expected
    assert execute((sys.executable, "-m", "cnncalc", "--version"), folder) == expected
