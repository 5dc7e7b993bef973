"""Findings for services that show them beside the lines: GitHub's workflow commands, GitLab's code quality, SARIF.

All of them take paths in the repository, and so from the folder where the command runs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cnncalc.findings import ERROR, NOTE, SEVERITIES, WARNING, Finding, plural
from cnncalc.render.plain import printable

_STEP: Final = 10
"""Annotations of one severity that GitHub shows of one step; it drops the others in silence."""
_RESULTS: Final = 5_000
"""Results that GitHub's code scanning shows of one run."""
_COMMANDS: Final = {ERROR: "error", WARNING: "warning", NOTE: "notice"}
_LEVELS: Final = {ERROR: "error", WARNING: "warning", NOTE: "note"}
_GITLAB: Final = {ERROR: "major", WARNING: "minor", NOTE: "info"}
_SARIF: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands, the errors first; no more than a step shows, and a line of the log for each of the others.

    docs.github.com, "Workflow commands for GitHub Actions".
    """
    told: Counter[str] = Counter()
    left = list[Finding]()
    for finding in _worst_first(findings):
        told[finding.severity] += 1
        if told[finding.severity] > _STEP:
            left.append(finding)
        else:
            yield _command(finding)
    if left:
        yield f"{plural(len(left), 'finding')} more than the {_STEP} of each kind that a step annotates:\n"
        yield from (f"- {_line(finding)}\n" for finding in left)


def _command(finding: Finding) -> str:
    place = finding.place
    where = {"file": _path(finding.file)} if _is_file(finding.file) else {}
    if place.line:
        where["line"] = str(place.line)
        if place.end_line:
            where["endLine"] = str(place.end_line)
        if place.end_line == place.line:  # GitHub refuses columns where the lines differ
            where |= {"col": str(place.column), "endColumn": str(place.end_column)}
    where["title"] = finding.code
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in where.items())
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(_text(finding))}\n"


def _escaped(text: str, also: str = "") -> str:
    """The text as a workflow command holds it: what ends a line, a property or a command as its code."""
    return "".join(f"%{ord(char):02X}" if char in f"%\r\n{also}" else char for char in text)


def _line(finding: Finding) -> str:
    """The finding on a line of the log in which nothing is a command: older ones start with `##[` anywhere in a line."""
    place = f":{finding.line}:{finding.column}" if finding.line else ""
    return printable(f"{_path(finding.file)}{place}: {finding.severity}[{finding.code}]: {_said(finding)}").replace(
        "##[", "# #["
    )


def gitlab(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A code quality report: docs.gitlab.com, "Code Quality report format"."""
    return [
        {
            "description": _text(finding),
            "check_name": finding.code,
            "fingerprint": mark,
            "severity": _GITLAB[finding.severity],
            "location": {"path": _path(finding.file), "lines": {"begin": max(1, finding.line)}},
        }
        for finding, mark in _marked(findings)
    ]


def sarif(findings: Sequence[Finding], version: str) -> dict[str, Any]:
    """A log of the Static Analysis Results Interchange Format 2.1.0 with one run."""
    listed = _worst_first(findings)
    kept, left = listed[:_RESULTS], len(listed) - _RESULTS
    codes = list(dict.fromkeys(finding.code for finding in kept))
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "cnncalc",
                "semanticVersion": version,
                "rules": [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": finding.code,
                "ruleIndex": codes.index(finding.code),
                "level": _LEVELS[finding.severity],
                "message": {"text": _text(finding)},
                "locations": [_location(finding)],
                "partialFingerprints": {"cnncalc/v1": mark},
            }
            for finding, mark in _marked(kept)
        ],
    }
    if left > 0:
        text = f"{plural(left, 'finding')} more than the {_RESULTS:,} that are shown of one run"
        notification = {"level": "note", "message": {"text": text}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [notification]}]
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}


def _location(finding: Finding) -> dict[str, Any]:
    from urllib.parse import quote  # SARIF alone has URIs

    place = finding.place
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(_path(finding.file))}}
    if place.line:
        region = {"startLine": place.line, "startColumn": max(1, place.column)}
        if place.end_line:
            region |= {"endLine": place.end_line, "endColumn": max(1, place.end_column)}
        physical["region"] = region
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": printable(finding.path)}]
    return location


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def _marked(findings: Sequence[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with what it is known by from run to run: not by its line, which moves with those above it."""
    from hashlib import sha256  # the services alone ask for it

    met: Counter[str] = Counter()
    for finding in findings:
        facts = "\0".join((_path(finding.file), finding.code, finding.path or "", finding.message))
        met[facts] += 1
        yield finding, sha256(f"{facts}\0{met[facts]}".encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _text(finding: Finding) -> str:
    """What is wrong, the working and the remedy, a line each."""
    helps = (f"help: {text}" for text in finding.help)
    return "\n".join(map(printable, (_said(finding), *finding.notes, *helps)))


def _said(finding: Finding) -> str:
    more = f" (and {finding.times - 1} more like it)" if finding.times > 1 else ""
    return f"{finding.path}{more}: {finding.message}" if finding.path else finding.message


def _is_file(file: str) -> bool:
    return not file.startswith("<")


def _path(file: str) -> str:
    """The file as seen from the folder where the command runs; elsewhere as it was named."""
    if not _is_file(file):
        return file
    seen = os.path.relpath(file)
    outside = seen == os.pardir or seen.startswith(os.pardir + os.sep)
    return (file if outside else seen).replace(os.sep, "/")
