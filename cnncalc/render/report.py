"""Findings as text: what, where, the line with its caret, the working, the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cnncalc.findings import Finding, Place
from cnncalc.render.plain import printable

_COLORS: Final = {"error": "31", "warning": "33", "note": "36"}
_WIDEST: Final = 100


def report(findings: Sequence[Finding], texts: Mapping[str, str], color: bool) -> str:
    """All findings, in the order of the files, with excerpts of their texts."""
    lines = {file: text.splitlines() for file, text in texts.items()}
    files = list(texts)
    in_order = sorted(findings, key=lambda f: (files.index(f.file) if f.file in files else -1, f.line, f.column))
    return "\n".join(_one(finding, lines.get(finding.file, []), color) for finding in in_order)


def _one(finding: Finding, lines: Sequence[str], color: bool) -> str:
    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    head = paint(f"{finding.severity}[{finding.code}]", f"1;{_COLORS[finding.severity]}")
    out = [f"{head}{paint(':', '1')} {paint(printable(finding.message), '1')}"]
    where = printable(finding.file)
    gutter = " " * len(str(finding.line or 1))
    if finding.line:
        where = f"{where}:{finding.line}:{finding.column}"
    shared = f" and {finding.times - 1} more like it" if finding.times > 1 else ""
    path = f" ({finding.path}{shared})" if finding.path else ""
    out.append(f"{gutter}{paint('-->', '36')} {where}{path}")
    if 0 < finding.line <= len(lines):
        excerpt, caret, wide = _excerpt(lines[finding.line - 1], finding.place)
        bar = paint("|", "36")
        out.append(f"{gutter} {bar}")
        out.append(f"{paint(str(finding.line), '36')} {bar} {excerpt}")
        out.append(f"{gutter} {bar} {' ' * caret}{paint('^' * wide, '1;' + _COLORS[finding.severity])}")
    out += [f"{gutter} {paint('=', '36')} {printable(note)}" for note in finding.notes]
    out += [f"{gutter} {paint('=', '36')} {paint('help:', '1')} {printable(remedy)}" for remedy in finding.help]
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
    counts = [(kind, sum(f.severity == kind for f in findings)) for kind in ("error", "warning", "note")]
    parts = [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts if count]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
