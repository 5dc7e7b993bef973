"""`cnncalc compare`."""

from __future__ import annotations

import click

from cnncalc.cli import options
from cnncalc.cli.files import ask
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink


@click.command(short_help="Networks side by side.")
@click.argument("files", metavar="FILE FILE...", nargs=-1, type=options.SpecFile())
@options.form("text", "json", "markdown")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the networks differ.")
@options.output
@options.counting
@options.network
def compare(files: tuple[str, ...], form: str, exit_code: bool, question: Question, sink: Sink) -> None:
    """The totals of networks side by side, and the layers that differ from the first one's."""
    if len(files) < 2:
        raise click.UsageError("name two files or more, or bundled specifications such as resnet50 resnet50_v1")
    sink.spare(files)
    networks, status = [], 0
    for answer in [ask(file, question, sink) for file in files]:
        if answer.summary is None:
            sink.finish([], answer.status)
        sink.complain(answer.summary.findings, answer.texts)
        status = max(status, answer.status)
        networks.append(answer.summary)
    if exit_code and status == 0:
        from cnncalc.compare import changes

        status = 1 if any(changes(networks[0], other) for other in networks[1:]) else 0
    from cnncalc.render import comparison

    if form == "json":
        from cnncalc.render.data import json_text

        sink.finish([json_text(comparison.comparison_dict(networks))], status)
    if form == "markdown":
        sink.finish(comparison.markdown(networks), status)
    sink.finish(comparison.comparison(networks, sink.width, sink.color), status)
