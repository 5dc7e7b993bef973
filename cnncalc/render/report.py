"""Findings as text: what, where, the line with its caret, the working, the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cnncalc.findings import SEVERITIES, Finding, Place, either, plural
from cnncalc.render.plain import COLORS, painted, printable, wrapped

_WIDEST: Final = 100
"""Of an excerpt, in characters."""
_NARROWEST: Final = 20


def report(findings: Sequence[Finding], texts: Mapping[str, str], color: bool, width: int | None = None) -> str:
    """All findings, in the order of the files, with excerpts of their texts; words keep to the width, if there is one."""
    lines = {file: text.splitlines() for file, text in texts.items()}
    files = list(texts)
    in_order = sorted(findings, key=lambda f: (files.index(f.file) if f.file in files else -1, f.line, f.column))
    return "\n".join("".join(_one(finding, lines.get(finding.file, []), color, width)) for finding in in_order)


def _one(finding: Finding, lines: Sequence[str], color: bool, width: int | None) -> Iterator[str]:
    def paint(text: str, style: str) -> str:
        return painted(text, style, color)

    strong, gutter = f"bold {COLORS[finding.severity]}", " " * len(str(finding.line or 1))
    kind = f"{finding.severity}[{finding.code}]"
    first, *more = wrapped(f"{kind}: {printable(finding.message)}", 0, width)
    yield f"{paint(kind, strong)}{paint(':', 'bold')} {paint(first.removeprefix(kind + ': '), 'bold')}\n"
    yield from (f"{paint(line, 'bold')}\n" for line in more)
    yield f"{gutter}{paint('-->', 'cyan')} {_where(finding)}\n"
    if 0 < finding.line <= len(lines):
        most = _WIDEST if width is None else max(_NARROWEST, min(_WIDEST, width - len(gutter) - 5))
        excerpt, caret, wide = _excerpt(lines[finding.line - 1], finding.place, most)
        bar = paint("|", "cyan")
        yield f"{gutter} {bar}\n{paint(str(finding.line), 'cyan')} {bar} {excerpt}\n"
        yield f"{gutter} {bar} {' ' * caret}{paint('^' * wide, strong)}\n"
    for label, texts in (("", finding.notes), ("help: ", finding.help)):
        for text in texts:
            first, *more = wrapped(label + printable(text), len(gutter) + 3, width)
            first = first.replace("help:", paint("help:", "bold"), 1) if label else first
            yield f"{gutter} {paint('=', 'cyan')} {first}\n"
            yield from (f"{gutter}   {line}\n" for line in more)


def _where(finding: Finding) -> str:
    """`file:line:column (path)`."""
    where = printable(finding.file)
    if finding.line:
        where = f"{where}:{finding.line}:{finding.column}"
    shared = f" and {finding.times - 1} more like it" if finding.times > 1 else ""
    return where + (f" ({finding.path}{shared})" if finding.path else "")


def _excerpt(line: str, place: Place, most: int) -> tuple[str, int, int]:
    """The line, cut around the place where it is long; the offset and the width of the underline in terminal cells.

    What goes on in the next lines is underlined to the end of this one.
    """
    column = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip()) if place.end_line else 0
    start = max(0, column - most // 2) if len(line) > most else 0
    shown = _plain(line[start : start + most])
    lead = "…" if start else ""
    tail = "…" if start + most < len(line) else ""
    marked = _plain(line[column : min(end, start + most)])
    return f"{lead}{shown}{tail}", len(lead) + _cells(_plain(line[start:column])), max(1, _cells(marked))


def _plain(text: str) -> str:
    return printable(text.replace("\t", " "))


def _cells(text: str) -> int:
    """Terminal cells of a text: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def tally(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning and 1 note`."""
    counts = [(kind, sum(finding.severity == kind for finding in findings)) for kind in SEVERITIES]
    return either((plural(count, kind) for kind, count in counts if count), "and")
