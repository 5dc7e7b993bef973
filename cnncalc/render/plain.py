"""What every rendering shares: safe text, numbers as people write them, the fallback to ASCII."""

from __future__ import annotations

from typing import Final

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
