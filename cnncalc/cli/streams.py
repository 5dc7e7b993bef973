"""The standard streams: colours, widths, encodings, readers that leave early, the exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, Final, NoReturn

STDIN: Final = "-"


def coloured(color: str, stream: Any) -> bool:
    """Whether to colour, by --color, then NO_COLOR (no-color.org), FORCE_COLOR, then the terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def terminal_width() -> int | None:
    """The terminal's columns; None where standard output is none, so that nothing is cropped."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


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
    from cnncalc.render.plain import printable

    send([f"{printable(message)}\n"], sys.stderr)


def write(parts: Iterable[str], output: str) -> bool:
    """Write to a file; whether it went well."""
    try:
        with open(output, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines(parts)
    except OSError as error:
        say(f"Error: {output}: {error.strerror or error}")
        return False
    return True


def finish(parts: Iterable[str], status: int, output: str | None = None) -> NoReturn:
    """Write everything and exit. A pipe that was closed early changes neither the status nor the quiet."""
    if output is not None and output != STDIN:
        if status == 2 and not (parts := list(parts)):
            sys.exit(status)  # nothing could be read: what is there stays
        sys.exit(status if write(parts, output) else 2)
    try:
        send(parts, sys.stdout)
    except OSError as error:
        say(f"Error: standard output: {error.strerror or error}")
        discard(sys.stdout)
        status = 2
    sys.exit(status)
