"""Terminal sessions as text: `$ command` lines with the output they must print, as in the README.

A session may stand alone in a file, or in the ```console blocks of a markdown file. After a command
come the lines of its standard output and standard error, then `[N]` where the exit status is not 0.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from cnncalc.cli import main

ROOT = Path(__file__).resolve().parent.parent


class Step(NamedTuple):
    """One command, what it must print, and which lines of the file that is."""

    command: str
    expected: str
    first: int
    end: int


def steps(text: str) -> Iterator[Step]:
    """The commands of a session, with the lines (from 0) of their output."""
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        if not lines[index].startswith("$ "):
            index += 1
            continue
        command = lines[index][2:]
        end = index + 1
        while end < len(lines) and not lines[end].startswith(("$ ", "```")):
            end += 1
        yield Step(command, "\n".join(lines[index + 1 : end]).rstrip("\n"), index + 1, end)
        index = end


def sessions(path: Path) -> Iterator[Step]:
    """The commands of a file: all of it, or the console blocks of a markdown file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".md":
        yield from steps(text)
        return
    for block in re.finditer(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        offset = text[: block.start(1)].count("\n")
        for step in steps(block[1]):
            yield step._replace(first=step.first + offset, end=step.end + offset)


def run(command: str, folder: Path) -> str:
    """What the command prints, and its status where that is not 0; pipes go through a shell."""
    typed = re.fullmatch(r"((?:echo|printf|seq) [^|]*)\| (cnncalc [^|<>&;]*)", command)
    stdin = subprocess.check_output(["bash", "-c", typed[1]], text=True, encoding="utf-8") if typed else None
    command = typed[2] if typed else command
    if re.search("[|<>&;]", re.sub("\"[^\"]*\"|'[^']*'", "", command)) or not command.startswith("cnncalc "):
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8"},
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output, status = done.stdout, done.returncode
    else:
        before = Path.cwd()
        os.chdir(folder)
        try:
            result = CliRunner().invoke(main, shlex.split(command)[1:], input=stdin, prog_name="cnncalc")
        finally:
            os.chdir(before)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        output, status = result.output, result.exit_code
    output = output.rstrip("\n")
    return f"{output}\n[{status}]".lstrip("\n") if status else output


def update(path: Path, folder: Path) -> None:
    """Write what the commands print now into the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for step in reversed(list(sessions(path))):
        printed = run(step.command, folder).splitlines()
        more = step.end < len(lines) and lines[step.end].startswith("$ ")
        lines[step.first : step.end] = [*printed, *([""] if more else [])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
