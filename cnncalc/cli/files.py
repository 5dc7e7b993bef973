"""From a file's name to its summary, or to the line that says why not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cnncalc import api
from cnncalc.cli.streams import STDIN, coloured, say, send
from cnncalc.figures.analysis import Summary
from cnncalc.figures.counting import DEFAULT
from cnncalc.findings import Finding
from cnncalc.limits import Limits
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.language.expression import Number


def need_files(files: tuple[str, ...], output: str | None) -> None:
    """A usage error where no file was named, or where the output would overwrite one."""
    if not files:
        raise click.UsageError("name a file, - for standard input, or a bundled specification such as alexnet")
    keep(files, output)


def keep(files: Iterable[str], output: str | None) -> None:
    """A usage error where the output would overwrite one of the files, or what standard input reads."""
    if output is None or not os.path.exists(output):
        return
    for file in files:
        if os.path.exists(file) and os.path.samefile(file, output):
            raise click.UsageError(f"--output {shown(output)} would overwrite the specification")
        if file == STDIN and os.path.isfile(output) and os.path.samestat(os.fstat(0), os.stat(output)):
            raise click.UsageError(f"--output {shown(output)} would overwrite what standard input reads")


def shown(name: str) -> str:
    """A file's name with nothing in it that could steer a terminal."""
    from cnncalc.render.plain import printable

    return printable(name)


def summary(
    file: str,
    input_volume: Volume | None,
    settings: tuple[tuple[str, Number], ...],
    batch: int,
    strict: bool,
    max_bytes: int,
    max_depth: int,
    max_layers: int,
    max_count: int,
    counting: str = DEFAULT,
    output: str | None = None,
) -> tuple[Summary, dict[str, str]] | None:
    """The summary of a file and the texts read for it; None, after a line on standard error, where it cannot be read."""
    limits = Limits(max_bytes, max_depth, max_layers, max_count)
    name = "<stdin>" if file == STDIN else file
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            data = api.load(file, limits)
            if not os.path.exists(file):
                name = f"specs/{os.path.basename(api.bundled(file) or file)}"
                say(f"note: no file {file} here; this is the bundled specification")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        say(f"Error: {file}: {reason}{likely(file)}")
        return None
    source = api.Source(data, name, limits)
    try:
        one = source.summarize(
            input=input_volume, parameters=dict(settings), batch=batch, strict=strict, counting=counting
        )
    except KeyError as error:
        raise click.UsageError(f"{shown(name)} has no parameter {error.args[0]!r} to set") from None
    keep(source.paths.values(), output)  # what it extends
    return one, {file: _text(text) for file, text in source.texts.items()}


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8-sig", "replace")


def likely(file: str) -> str:
    from cnncalc.findings import closest

    if os.path.exists(file) or os.path.dirname(file):
        return ""
    likely = closest(file.removesuffix(".yaml"), api.bundled_names())
    return f"; did you mean the bundled {likely}?" if likely else ""


def complain(findings: list[Finding], texts: dict[str, str], color: str) -> None:
    """Findings to standard error, the data being on standard output."""
    if findings:
        from cnncalc.render.report import report

        send([report(findings, texts, coloured(color, sys.stderr)), "\n"], sys.stderr)
