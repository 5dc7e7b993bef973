"""The standard streams and the file of -o: colours, widths, encodings, readers that leave early, the exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from cnncalc.findings import Finding

STDIN: Final = "-"
FAILED: Final = 2
"""The exit status of wrong usage, and where something cannot be read or written."""


class Sink:
    """Where a command's answer goes, by --output and --color; what can be shown there; the end of the run."""

    def __init__(self, output: str | None = None, color: str = "auto") -> None:
        self._output, self._color = output, color

    @property
    def color(self) -> bool:
        """Whether the answer has colours; in a file only where they are asked for."""
        return _coloured(self._color, sys.stdout) if self._output is None else self._color == "always"

    @property
    def width(self) -> int | None:
        """The terminal's columns; None where the answer goes to no terminal, so that nothing is cropped."""
        return _width(sys.stdout) if self._output is None else None

    def spare(self, files: Iterable[str]) -> None:
        """A usage error where the answer would overwrite one of the files, or what standard input reads."""
        if self._output is None or not os.path.exists(self._output):
            return
        for file in files:
            if os.path.exists(file) and os.path.samefile(file, self._output):
                raise click.UsageError(f"--output {shown(self._output)} would overwrite the specification")
            if file == STDIN and os.path.isfile(self._output) and os.path.samestat(os.fstat(0), os.stat(self._output)):
                raise click.UsageError(f"--output {shown(self._output)} would overwrite what standard input reads")

    def complain(self, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
        """Findings to standard error, the answer being on standard output."""
        if findings:
            from cnncalc.render.report import report

            color, width = _coloured(self._color, sys.stderr), _width(sys.stderr)
            complain([report(findings, texts, color, width), "\n"])

    def finish(self, parts: Iterable[str], status: int = 0) -> NoReturn:
        """Write everything and exit. A pipe that was closed early changes neither the status nor the quiet."""
        if self._output is None or self._output == STDIN:
            done = _print(parts)
        elif status == FAILED and not (parts := list(parts)):
            done = True  # nothing could be read: what is there stays
        else:
            done = _save(parts, self._output)
        sys.exit(status if done else FAILED)


def _width(stream: Any) -> int | None:
    """The columns of the terminal that a stream goes to, if it does."""
    if not stream.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _coloured(when: str, stream: Any) -> bool:
    """Whether to colour, by --color, then NO_COLOR (no-color.org), FORCE_COLOR, then the terminal."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and bool(stream.isatty())


def _print(parts: Iterable[str]) -> bool:
    """Write to standard output; whether it went well."""
    try:
        send(parts, sys.stdout)
    except OSError as error:
        say(f"Error: standard output: {error.strerror or error}")
        discard(sys.stdout)
        return False
    return True


def _save(parts: Iterable[str], output: str) -> bool:
    """Write to a file; whether it went well."""
    try:
        with open(output, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines(parts)
    except OSError as error:
        say(f"Error: {output}: {error.strerror or error}")
        return False
    return True


def send(parts: Iterable[str], stream: Any) -> None:
    """Write the pieces as the stream's encoding can hold them. A reader that has left takes nothing more."""
    from cnncalc.render.plain import encodable

    try:
        for part in parts:
            stream.write(encodable(part, stream.encoding))
        stream.flush()
    except BrokenPipeError:
        discard(stream)


def discard(stream: Any) -> None:
    """Let what is still written to the stream go nowhere, also what the interpreter flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(message: str) -> None:
    """One line on standard error."""
    complain([f"{shown(message)}\n"])


def complain(parts: Iterable[str]) -> None:
    """Write to standard error. Where that takes nothing, the answer and the status are none the worse."""
    try:
        send(parts, sys.stderr)
    except OSError:
        discard(sys.stderr)


def shown(text: str) -> str:
    """The text, such as a file's name, with nothing in it that could steer a terminal."""
    from cnncalc.render.plain import printable

    return printable(text)
