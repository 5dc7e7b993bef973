"""`cnncalc summarize`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

import click

from cnncalc.cli import options
from cnncalc.cli.files import complain, need_files, shown, summary
from cnncalc.cli.streams import coloured, finish, terminal_width
from cnncalc.figures.analysis import Summary
from cnncalc.volume import LAYOUTS

FORMATS: Final = ("table", "json", "ndjson", "csv", "markdown")


@click.command(short_help="Every layer's volume and figures; the totals.")
@click.argument("files", metavar="FILE...", nargs=-1, type=options.SpecFile())
@click.option("--format", "-f", "form", type=click.Choice(FORMATS), default="table", help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
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
    as_json: bool,
    output: str | None,
    columns: list[str] | None,
    depth: int | None,
    layout: str,
    color: str,
    **how: Any,
) -> None:
    """Every layer's output volume, parameters and mult-adds; the totals; findings to standard error."""
    if columns == ["help"]:
        from cnncalc.render.columns import COLUMNS

        finish([f"{name:<16} {column.says}\n" for name, column in COLUMNS.items()], 0)
    need_files(files, output)
    if as_json and form not in ("table", "json"):
        raise click.UsageError(f"--json and --format {form} exclude each other")
    form = "json" if as_json else form
    if form in ("json", "csv", "markdown") and len(files) > 1:
        instead = "ndjson has an object for each" if form == "json" else "give one file at a time"
        raise click.UsageError(f"{form} holds one network, and {len(files)} files were given: {instead}")
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    out: list[Iterable[str]] = []
    status = 0
    for file in files:
        result = summary(file, output=output, **how)
        if result is None:
            status = 2
            continue
        one, texts = result
        complain(one.findings, texts, color)
        status = max(status, 0 if one.ok else 1)
        if one.input is None and not one.layers and form not in ("json", "ndjson"):
            continue  # nothing could be read: the findings have said why
        if form == "table" and len(files) > 1:
            out.append([("\n" if out else "") + f"{shown(file)}\n"])
        out.append(rendered(one, form, columns, layout, depth, None if output else terminal_width(), painted))
    finish(chain.from_iterable(out), status, output)


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
