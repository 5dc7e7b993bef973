"""`cnncalc compare`."""

from __future__ import annotations

import sys
from typing import Any

import click

from cnncalc.cli import options
from cnncalc.cli.files import complain, keep, summary
from cnncalc.cli.streams import coloured, finish


@click.command(short_help="Networks side by side.")
@click.argument("files", metavar="FILE FILE...", nargs=-1, type=options.SpecFile())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the networks differ.")
@options.output
@options.counting
@options.network
def compare(files: tuple[str, ...], as_json: bool, exit_code: bool, output: str | None, color: str, **how: Any) -> None:
    """The totals of networks side by side, and the layers that differ from the first one's."""
    if len(files) < 2:
        raise click.UsageError("name two files or more, or bundled specifications such as resnet50 resnet50_v1")
    keep(files, output)
    read = [summary(file, output=output, **how) for file in files]
    networks = []
    for result in read:
        if result is None:
            sys.exit(2)
        complain(result[0].findings, result[1], color)
        networks.append(result[0])
    status = 0 if all(one.ok for one in networks) else 1
    if exit_code and status == 0:
        from cnncalc.compare import changes

        status = 1 if any(changes(networks[0], other) for other in networks[1:]) else 0
    from cnncalc.render import comparison

    if as_json:
        from cnncalc.render.data import json_text

        finish([json_text(comparison.comparison_dict(networks))], status, output)
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    finish([comparison.comparison(networks, painted)], status, output)
