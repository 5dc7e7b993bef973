"""`cnncalc check`."""

from __future__ import annotations

import sys
from typing import Any

import click

from cnncalc.cli import options
from cnncalc.cli.files import need_files, summary
from cnncalc.cli.streams import coloured, finish
from cnncalc.findings import Finding, plural


@click.command(short_help="Only the findings.")
@click.argument("files", metavar="FILE...", nargs=-1, type=options.SpecFile())
@click.option("--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@options.output
@options.counting
@options.network
def check(files: tuple[str, ...], form: str, as_json: bool, output: str | None, color: str, **how: Any) -> None:
    """Only the findings; where there are none, one line."""
    need_files(files, output)
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    out, found, status, names = list[str](), list[Finding](), 0, list[str]()
    for file in files:
        result = summary(file, output=output, **how)
        if result is None:
            status = 2
            continue
        one, texts = result
        names.append(one.file)
        status = max(status, 0 if one.ok else 1)
        found += one.findings
        if one.findings:
            from cnncalc.render.report import report

            out.append(report(one.findings, texts, painted) + "\n")
    if as_json or form == "json":
        from cnncalc.render.data import json_text

        document = {"schema": "cnncalc.findings/1", "files": names, "findings": [f.to_dict() for f in found]}
        finish([json_text(document)], status, output)
    read = plural(len(names), "file")
    if found:
        from cnncalc.render.report import tally

        out.append(f"{tally(found)} in {read}\n")
    elif status == 0:
        out.append(f"{read} checked, nothing found\n")
    finish(out, status, output)
