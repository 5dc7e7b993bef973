"""`cnncalc check`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import click

from cnncalc.cli import options
from cnncalc.cli.files import ask, need_files
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink
from cnncalc.findings import Finding, plural


class Checked(NamedTuple):
    """One file that could be read."""

    file: str
    findings: Sequence[Finding]
    texts: Mapping[str, str]


@click.command(short_help="Only the findings.")
@click.argument("files", metavar="FILE...", nargs=-1, type=options.SpecFile())
@options.form("text", "json", "github", "gitlab", "sarif")
@options.output
@options.counting
@options.network
def check(files: tuple[str, ...], form: str, question: Question, sink: Sink) -> None:
    """Only the findings; where there are none, one line."""
    need_files(files, sink)
    checked, status = list[Checked](), 0
    for file in files:
        answer = ask(file, question, sink)
        status = max(status, answer.status)
        if answer.summary is not None:
            checked.append(Checked(answer.summary.file, answer.summary.findings, answer.texts))
    if form == "text":
        sink.finish(_text(checked, status, sink), status)
    sink.finish(_for_machines(checked, form), status)


def _for_machines(checked: Sequence[Checked], form: str) -> Iterator[str]:
    found = [finding for one in checked for finding in one.findings]
    if form == "json":
        from cnncalc.render.data import findings_dict, json_text

        yield json_text(findings_dict([one.file for one in checked], found))
        return
    import json

    from cnncalc.render import services

    if form == "github":
        yield from services.github(found)
    elif form == "gitlab":
        yield json.dumps(services.gitlab(found), indent=1) + "\n"
    else:
        from importlib.metadata import version  # takes 10 ms

        yield json.dumps(services.sarif(found, version("cnncalc")), indent=1) + "\n"


def _text(checked: Sequence[Checked], status: int, sink: Sink) -> Iterator[str]:
    found = [finding for one in checked for finding in one.findings]
    files = plural(len(checked), "file")
    if not found:
        if status == 0:
            yield f"{files} checked, nothing found\n"
        return
    from cnncalc.render.report import report, tally

    for one in checked:
        if one.findings:
            yield report(one.findings, one.texts, sink.color, sink.width) + "\n"
    yield f"{tally(found)} in {files}\n"
