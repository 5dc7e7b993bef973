"""`cnncalc summarize`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import click
from click.core import ParameterSource

from cnncalc.cli import options
from cnncalc.cli.files import ask, need_files
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink, shown
from cnncalc.render.formats import FORMATS, View
from cnncalc.volume import LAYOUTS


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
    help="Unfold N levels of blocks, or `all`; if not given, one, with repeated blocks folded, and in csv all.",
)
@click.option(
    "--by",
    type=click.Choice(["type", "stage"]),
    help="Sum the layers by their type, or by stage: those whose output has one size.",
)
@click.option("--layout", type=click.Choice(LAYOUTS), default="hwc", help="How tables write volumes.")
@options.counting
@options.network
@options.gathered("view", View, columns="columns", depth="depth", layout="layout", by="by")
def summarize(files: tuple[str, ...], form: str, view: View, question: Question, sink: Sink) -> None:
    """Every layer's output volume, parameters and mult-adds; the totals; findings to standard error."""
    if view.columns == ["help"]:
        from cnncalc.render.columns import COLUMNS

        Sink().finish(f"{name:<16} {column.says}\n" for name, column in COLUMNS.items())
    need_files(files, sink)
    chosen = FORMATS[form]
    _fits(form, view, len(files))
    view = view._replace(width=sink.width, color=sink.color, several=len(files) > 1)
    out: list[Iterable[str]] = []
    status = 0
    for file in files:
        answer = ask(file, question, sink)
        status = max(status, answer.status)
        if answer.summary is None:
            continue
        one = answer.summary
        sink.complain(one.findings, answer.texts)
        if one.input is None and not one.layers and not chosen.findings:
            continue  # nothing could be read: the findings have said why
        if chosen.titled and view.several:
            out.append([("\n" if out else "") + f"{shown(file)}\n"])
        out.append(chosen.render(one, view._replace(first=not out, texts=answer.texts)))
    sink.finish(chain.from_iterable(out), status)


def _fits(form: str, view: View, files: int) -> None:
    """A usage error where the format cannot show so many files, or what the options ask for."""
    chosen, context = FORMATS[form], click.get_current_context()
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if view.by is not None and view.depth is not None:
        raise click.UsageError("--by and --depth exclude each other")
    refused = chosen.refuses(given)
    if refused:
        raise click.UsageError(f"{form} takes {refused}")
    if files == 1:
        return
    if chosen.instead:
        raise click.UsageError(f"{form} holds one network, and {files} files were given: {chosen.instead}")
    if chosen.labelled and "file" in (view.columns or ()):
        raise click.UsageError(f"of several files {form} has `file` as its first column: leave it out of --columns")
