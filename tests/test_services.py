"""What `check` prints for GitHub, GitLab and code scanning, and the hook for pre-commit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft4Validator, Draft7Validator

from cnncalc.cli import main
from tests.transcript import ROOT

README = (ROOT / "README.md").read_text("utf-8")
SCHEMAS = Path(__file__).parent / "schemas"
FINDINGS = sorted((ROOT / "tests" / "golden" / "findings").glob("*.yaml"))
SARIF = Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8")))
# docs.gitlab.com, "Code Quality report format": what it says each finding must have.
GITLAB = Draft7Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string"},
                "check_name": {"type": "string"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "not": {"pattern": "^(\\./|/)"}},
                        "lines": {"type": "object", "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)
MISFIT = "input: 7x7x3\nlayers:\n  - conv: {filters: 8, kernel: 3, stride: 3}\n"
HOSTILE = r'{input: 8x8x3, layers: [conv: {name: "a::error::%0A\n::warning::x,y:z", filters: 3, kernel: 9}]}'
NAME = "net, 100%: a::b\n::error::c.yaml"
COMMAND = re.compile(r"::(error|warning|notice) ((?:[A-Za-z]+=[^:,\r\n]*,?)+)::([^\r\n]*)")
"""docs.github.com, "Workflow commands for GitHub Actions"."""


def check(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["check", *arguments], prog_name="cnncalc")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def decoded(text: str) -> str:
    return re.sub("%([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), text)


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The annotations of a log, as the runner of GitHub reads them."""
    found = []
    for line in text.splitlines():
        if line.lstrip().startswith("::"):
            match = COMMAND.fullmatch(line)
            assert match, line
            pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {key: decoded(value) for key, value in pairs.items()}, decoded(match[3])))
        assert "##[" not in line, "what an older command starts with, anywhere in a line"
    return found


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=True).stdout.strip()


def committed(folder: Path) -> str:
    """All of the folder as the one commit of a repository; its name."""
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "all")
    return git(folder, "rev-parse", "HEAD")


def many(folder: Path) -> list[str]:
    """50 files with 200 findings."""
    files = []
    for number in range(50):
        path = folder / f"net{number}.yaml"
        layers = "\n".join(f"  - conv: {{filters: {8 + layer}, kernel: 3, stride: 3}}" for layer in range(3))
        path.write_text(f"input: 322x322x3\nlayers:\n{layers}\n  - conf\n", encoding="utf-8")
        files.append(path.name)
    return files


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_every_finding_has_its_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent.parent)
    file = f"findings/{path.name}"
    listed = json.loads(check(file, "--json").stdout)["findings"]
    sarif = json.loads(check(file, "-f", "sarif").stdout)
    assert [error.message for error in SARIF.iter_errors(sarif)] == []
    gitlab = json.loads(check(file, "-f", "gitlab").stdout)
    assert [error.message for error in GITLAB.iter_errors(gitlab)] == []
    (run,) = sarif["runs"]
    assert len(run["results"]) == len(gitlab) == len(listed)
    assert sorted(result["ruleId"] for result in run["results"]) == sorted(each["code"] for each in listed)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    annotated = commands(check(file, "-f", "github").stdout)
    severities = [each["severity"] for each in listed]
    kinds = {"error": "error", "warning": "warning", "note": "notice"}
    assert [kind for kind, _, _ in annotated] == [
        kind for severity, kind in kinds.items() for _ in range(min(10, severities.count(severity)))
    ]
    for _, where, _ in annotated:
        assert where["title"] in {each["code"] for each in listed}
        assert ("col" in where) == ("line" in where and where["line"] == where.get("endLine"))
        assert where["file"].startswith(("findings/", "specs/"))


def test_hostile_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(NAME).write_text(HOSTILE, encoding="utf-8")
    ((kind, where, message),) = commands(check(NAME, "-f", "github").stdout)
    assert (kind, where["file"], where["title"]) == ("error", NAME, "bad-name")
    assert "\\n::warning::x,y:z" in message
    (result,) = json.loads(check(NAME, "-f", "sarif").stdout)["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch("[A-Za-z0-9._~%/-]+", uri)
    assert unquote(uri) == NAME
    (found,) = json.loads(check(NAME, "-f", "gitlab").stdout)
    assert found["location"]["path"] == NAME


def test_what_is_left_out_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "##[add-mask]x ::error::y.yaml"
    Path(name).write_text("input: 8x8x3\nlayers:\n" + "  - conf: \n  - cnov: \n" * 10, encoding="utf-8")
    printed = check(name, "-f", "github").stdout.replace(f"file={name.replace(':', '%3A')}", "file=x")
    assert len(commands(printed)) == 10
    assert "10 findings more than the 10 of each kind that a step annotates" in printed


def test_paths_are_relative_to_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nets" / "deep").mkdir(parents=True)
    (tmp_path / "nets" / "net.yaml").write_text(MISFIT, encoding="utf-8")
    for folder, given, seen in (
        ("", str(tmp_path / "nets" / "net.yaml"), "nets/net.yaml"),
        ("", "./nets/deep/../net.yaml", "nets/net.yaml"),
        ("nets/deep", "../net.yaml", "../net.yaml"),
    ):
        monkeypatch.chdir(tmp_path / folder)
        ((_, where, _),) = commands(check(given, "-f", "github").stdout)
        (found,) = json.loads(check(given, "-f", "gitlab").stdout)
        assert where["file"] == found["location"]["path"] == seen


def test_places_and_severities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(MISFIT, encoding="utf-8")
    ((kind, where, message),) = commands(check("net.yaml", "-f", "github").stdout)
    place = {"file": "net.yaml", "line": "3", "endLine": "3", "col": "43", "endColumn": "44"}
    assert (kind, where) == ("warning", {**place, "title": "stride-does-not-fit"})
    assert message.splitlines()[0] == "conv1: stride 3 does not fit a window of 3 on 7 cells"
    (result,) = json.loads(check("net.yaml", "-f", "sarif").stdout)["runs"][0]["results"]
    region = {"startLine": 3, "startColumn": 43, "endLine": 3, "endColumn": 44}
    assert (result["level"], result["locations"][0]["physicalLocation"]["region"]) == ("warning", region)
    strict = check("net.yaml", "-f", "gitlab", "--strict")
    assert (strict.exit_code, json.loads(strict.stdout)[0]["severity"]) == (1, "major")


def test_a_fingerprint_stays_where_lines_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def marks(text: str) -> list[Any]:
        Path("net.yaml").write_text(text, encoding="utf-8")
        sarif = json.loads(check("net.yaml", "-f", "sarif").stdout)["runs"][0]["results"]
        gitlab = [found["fingerprint"] for found in json.loads(check("net.yaml", "-f", "gitlab").stdout)]
        assert [each["partialFingerprints"]["cnncalc/v1"] for each in sarif] == gitlab
        return gitlab

    assert marks(MISFIT) == marks("# a line above\n" + MISFIT)
    two = marks("input: 8x8x3\nlayers:\n  - conf\n  - conf\n")
    assert len(set(two)) == 2


def test_fifty_files_with_200_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs.github.com: 10 annotations of each kind a step; of a SARIF run 5,000 results are shown, 25,000 taken."""
    monkeypatch.chdir(tmp_path)
    files = many(tmp_path)
    printed = check(*files, "-f", "github").stdout
    kinds = [kind for kind, _, _ in commands(printed)]
    assert kinds == ["error"] * 10 + ["warning"] * 10
    left = printed.partition("\n180 findings more than the 10 of each kind that a step annotates:\n")[2].splitlines()
    assert len(left) == 180
    assert all(line.startswith("- net") for line in left)
    sarif = json.loads(check(*files, "-f", "sarif").stdout)
    assert [error.message for error in SARIF.iter_errors(sarif)] == []
    assert len(sarif["runs"][0]["results"]) == 200
    gitlab = json.loads(check(*files, "-f", "gitlab").stdout)
    assert len({found["fingerprint"] for found in gitlab}) == 200


def test_more_than_a_run_shows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnncalc.render.services._RESULTS", 150)
    sarif = json.loads(check(*many(tmp_path), "-f", "sarif").stdout)
    assert [error.message for error in SARIF.iter_errors(sarif)] == []
    (run,) = sarif["runs"]
    assert [result["level"] for result in run["results"]] == ["error"] * 50 + ["warning"] * 100
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "50 findings more than the 150 that are shown of one run"


def test_nothing_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert check("alexnet", "-f", "github").stdout == ""
    assert json.loads(check("alexnet", "-f", "gitlab").stdout) == []
    sarif = json.loads(check("alexnet", "-o", "found.sarif").stdout or Path("found.sarif").read_text("utf-8"))
    assert [error.message for error in SARIF.iter_errors(sarif)] == []
    assert sarif["runs"][0]["results"] == []


@pytest.mark.skipif(shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash")
def test_the_workflow_of_the_readme(tmp_path: Path) -> None:
    """Its commands, on a branch of a scratch repository whose file has become larger and has a misfit."""
    (text,) = re.findall(r"^```yaml\n(name: networks\n.*?)^```", README, re.DOTALL | re.MULTILINE)
    steps = [step["run"] for step in yaml.safe_load(text)["jobs"]["check"]["steps"] if "run" in step]
    summary, net = tmp_path / "summary.md", tmp_path / "repository" / "networks" / "net.yaml"
    net.parent.mkdir(parents=True)
    net.write_text(MISFIT, encoding="utf-8")
    committed(net.parent.parent)
    git(net.parent.parent, "update-ref", "refs/remotes/origin/main", "HEAD")
    net.write_text(MISFIT.replace("8,", "16,"), encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary)}
    printed = ""
    for step in steps[1:]:  # the first one installs
        done = subprocess.run(
            ["bash", "-e", "-c", step], cwd=net.parent.parent, env=env, capture_output=True, check=True
        )
        printed += done.stdout.decode()
    ((kind, where, _),) = commands(printed)
    assert (kind, where["file"]) == ("warning", "networks/net.yaml")
    compared = summary.read_text("utf-8")
    assert "| parameters | 224 | 448 (+224, x2) |" in compared
    env["GITHUB_BASE_REF"] = "without-the-file"
    subprocess.run(["bash", "-e", "-c", steps[-1]], cwd=net.parent.parent, env=env, capture_output=True, check=True)
    assert summary.read_text("utf-8") == compared


@pytest.mark.slow
def test_the_hook(tmp_path: Path) -> None:
    """The README's configuration, with the hook of this tree, run by pre-commit on a scratch repository."""
    hook = shutil.which("pre-commit", path=str(Path(sys.executable).parent))
    if hook is None or shutil.which("git") is None:
        pytest.skip("needs pre-commit and git")

    tree, scratch = tmp_path / "cnncalc", tmp_path / "scratch"
    parts = ("cnncalc", "specs", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".pre-commit-hooks.yaml")
    tree.mkdir()
    for part in parts:
        copy: Any = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tree / part)
    (scratch / "networks").mkdir(parents=True)
    (snippet,) = re.findall(r"^```yaml\n(repos:\n.*?)^```", README, re.DOTALL | re.MULTILINE)
    config = re.sub("repo: .*", f"repo: file://{tree}", re.sub("rev: .*", f"rev: {committed(tree)}", snippet))
    (scratch / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    (scratch / "other.yaml").write_text("some: text\n", encoding="utf-8")
    (scratch / "networks" / "net.yaml").write_text("input: 8x8x3\nlayers: [relu]\n", encoding="utf-8")
    committed(scratch)
    run = partial(
        subprocess.run, [hook, "run", "--all-files"], cwd=scratch, text=True, capture_output=True, check=False
    )
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"cnncalc\.+Passed", done.stdout)
    (scratch / "networks" / "net.yaml").write_text("input: 8x8x3\nlayers: [conf]\n", encoding="utf-8")
    done = run()
    assert done.returncode == 1
    assert "error[unknown-layer]" in done.stdout
