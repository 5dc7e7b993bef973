"""What every rendering shares: safe text, colours, numbers as people write them, the fallback to ASCII."""

from __future__ import annotations

from typing import Final

from cnncalc.findings import ERROR, NOTE, WARNING

COLORS: Final = {ERROR: "red", WARNING: "yellow", NOTE: "cyan"}
"""Of the severities."""
_CODES: Final = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
"""ECMA-48, 8.3.117; rich has the same names for them."""
_ASCII: Final = str.maketrans(
    {"·": "*", "×": "x", "…": "...", "─": "-", "━": "=", "│": "|", "■": "#", "□": ".", "⋮": ":"}
    | dict.fromkeys("▏▎▍▌", "-")
    | dict.fromkeys("▋▊▉█", "#")
)


def printable(text: str) -> str:
    """The text with everything that could steer a terminal, or hide, written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def painted(text: str, style: str, color: bool) -> str:
    """The text in a style such as `bold red`, where there are colours."""
    return f"\x1b[{';'.join(_CODES[word] for word in style.split())}m{text}\x1b[0m" if color else text


_NARROWEST: Final = 30
"""Cells beside an indent; where there are fewer, the terminal may wrap the line itself."""


def wrapped(text: str, indent: int, width: int | None) -> list[str]:
    """The text in lines that, behind so many cells, keep to the width; one line where there is none."""
    if width is None or len(text) <= width - indent or width - indent < _NARROWEST:
        return [text]
    from textwrap import wrap

    return wrap(text, width - indent, break_long_words=False, break_on_hyphens=False)


def encodable(text: str, encoding: str | None) -> str:
    """The text as the encoding can hold it: ASCII art in the place of what it cannot."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        plain = text.translate(_ASCII)
        return plain.encode("ascii", "backslashreplace").decode("ascii")
    return text


def size(count: int) -> str:
    """Bytes in the unit that suits, in powers of 1000, to one decimal: `249.5 MB`."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        tenths = (20 * count + 1000**power) // (2 * 1000**power)
        if tenths >= 10:
            return f"{tenths // 10:,}.{tenths % 10} {unit}"
    return f"{count} bytes"
