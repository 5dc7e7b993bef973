"""`cnncalc summarize`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

import click

from cnncalc.cli import options
from cnncalc.cli.files import ask, need_files
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink, shown
from cnncalc.figures.analysis import Summary
from cnncalc.volume import LAYOUTS

FORMATS: Final = ("table", "json", "ndjson", "csv", "markdown")


@click.command(short_help="Every layer's volume and figures; the totals.")
@click.argument("files", metavar="FILE...", nargs=-1, type=options.SpecFile())
@options.form(*FORMATS)
@options.output
@click.option(
    "--columns", type=options.ColumnNames(), metavar="a,b,c", help="The columns to show; `--columns help` lists them."
)
@click.option(
    "--depth",
    type=options.Depth(),
    help="Unfold N levels of blocks, or `all`; if not given, one, with repeated blocks folded.",
)
@click.option("--layout", type=click.Choice(LAYOUTS), default="hwc", help="How tables write volumes.")
@options.counting
@options.network
def summarize(
    files: tuple[str, ...],
    form: str,
    columns: list[str] | None,
    depth: int | None,
    layout: str,
    question: Question,
    sink: Sink,
) -> None:
    """Every layer's output volume, parameters and mult-adds; the totals; findings to standard error."""
    if columns == ["help"]:
        from cnncalc.render.columns import COLUMNS

        Sink().finish(f"{name:<16} {column.says}\n" for name, column in COLUMNS.items())
    need_files(files, sink)
    if form in ("json", "csv", "markdown") and len(files) > 1:
        instead = "ndjson has an object for each" if form == "json" else "give one file at a time"
        raise click.UsageError(f"{form} holds one network, and {len(files)} files were given: {instead}")
    out: list[Iterable[str]] = []
    status = 0
    for file in files:
        answer = ask(file, question, sink)
        status = max(status, answer.status)
        if answer.summary is None:
            continue
        one = answer.summary
        sink.complain(one.findings, answer.texts)
        if one.input is None and not one.layers and form not in ("json", "ndjson"):
            continue  # nothing could be read: the findings have said why
        if form == "table" and len(files) > 1:
            out.append([("\n" if out else "") + f"{shown(file)}\n"])
        out.append(rendered(one, form, columns, layout, depth, sink.width, sink.color))
    sink.finish(chain.from_iterable(out), status)


def rendered(
    one: Summary, form: str, columns: list[str] | None, layout: str, depth: int | None, width: int | None, painted: bool
) -> Iterable[str]:
    """The summary in one of the formats, in pieces."""
    if form == "table":
        from cnncalc.render.table import table

        return [table(one, columns, layout, depth, width, painted)]
    if form == "markdown":
        from cnncalc.render.table import markdown

        return [markdown(one, columns, layout, depth)]
    from cnncalc.render.data import csv_text, json_line, summary_json

    if form == "csv":
        return [csv_text(one, columns, layout)]
    return summary_json(one) if form == "json" else [json_line(one.to_dict())]
