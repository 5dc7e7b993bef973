"""Findings as text: what, where, the line with its caret, the working, the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cnncalc.findings import SEVERITIES, Finding, Place, either, plural
from cnncalc.render.plain import COLORS, painted, printable

_WIDEST: Final = 100


def report(findings: Sequence[Finding], texts: Mapping[str, str], color: bool) -> str:
    """All findings, in the order of the files, with excerpts of their texts."""
    lines = {file: text.splitlines() for file, text in texts.items()}
    files = list(texts)
    in_order = sorted(findings, key=lambda f: (files.index(f.file) if f.file in files else -1, f.line, f.column))
    return "\n".join(_one(finding, lines.get(finding.file, []), color) for finding in in_order)


def _one(finding: Finding, lines: Sequence[str], color: bool) -> str:
    def paint(text: str, style: str) -> str:
        return painted(text, style, color)

    strong = f"bold {COLORS[finding.severity]}"
    head = paint(f"{finding.severity}[{finding.code}]", strong)
    out = [f"{head}{paint(':', 'bold')} {paint(printable(finding.message), 'bold')}"]
    where = printable(finding.file)
    gutter = " " * len(str(finding.line or 1))
    if finding.line:
        where = f"{where}:{finding.line}:{finding.column}"
    shared = f" and {finding.times - 1} more like it" if finding.times > 1 else ""
    path = f" ({finding.path}{shared})" if finding.path else ""
    out.append(f"{gutter}{paint('-->', 'cyan')} {where}{path}")
    if 0 < finding.line <= len(lines):
        excerpt, caret, wide = _excerpt(lines[finding.line - 1], finding.place)
        bar = paint("|", "cyan")
        out.append(f"{gutter} {bar}")
        out.append(f"{paint(str(finding.line), 'cyan')} {bar} {excerpt}")
        out.append(f"{gutter} {bar} {' ' * caret}{paint('^' * wide, strong)}")
    out += [f"{gutter} {paint('=', 'cyan')} {printable(note)}" for note in finding.notes]
    out += [f"{gutter} {paint('=', 'cyan')} {paint('help:', 'bold')} {printable(remedy)}" for remedy in finding.help]
    return "\n".join(out) + "\n"


def _excerpt(line: str, place: Place) -> tuple[str, int, int]:
    """The line, cut around the place where it is long; the offset and the width of the underline in terminal cells.

    What goes on in the next lines is underlined to the end of this one.
    """
    column = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip()) if place.end_line else 0
    start = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = _plain(line[start : start + _WIDEST])
    lead = "…" if start else ""
    tail = "…" if start + _WIDEST < len(line) else ""
    marked = _plain(line[column : min(end, start + _WIDEST)])
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
