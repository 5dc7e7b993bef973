"""`cnncalc explain`."""

from __future__ import annotations

import sys
from typing import Any

import click

from cnncalc.cli import options
from cnncalc.cli.files import complain, need_files, shown, summary
from cnncalc.cli.streams import coloured, finish, terminal_width


@click.command(short_help="The formulas with the numbers put in.")
@click.argument("file", type=options.SpecFile())
@click.argument("layers", metavar="[LAYER]...", nargs=-1)
@options.output
@click.option("--counting", "conventions", is_flag=True, help="Why tools count differently, for this network.")
@options.network
def explain(file: str, layers: tuple[str, ...], output: str | None, conventions: bool, color: str, **how: Any) -> None:
    """The working of a network's layers: each formula with the numbers put in."""
    need_files((file,), output)
    result = summary(file, output=output, **how)
    if result is None:
        sys.exit(2)
    one, texts = result
    complain(one.findings, texts, color)
    if conventions:
        from cnncalc.explain import explain_counting
        from cnncalc.render.working import counting_text

        finish([counting_text(explain_counting(one))], 0 if one.ok else 1, output)

    from cnncalc.explain import explain as explained
    from cnncalc.render.working import workings

    try:
        working = explained(one, list(layers))
    except KeyError as error:
        from cnncalc.findings import closest

        paths = [
            *(layer.path for layer in one.layers),
            *(group.path for group in one.network.groups()),
        ]
        likely = closest(error.args[0], paths, len(paths))
        hint = (
            f"did you mean {likely}?"
            if likely
            else f"its layers are called like {one.layers[0].path}"
            if one.layers
            else "it has no layers"
        )
        raise click.UsageError(f"{shown(file)} has no layer {error.args[0]!r}: {hint}") from None
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    finish(workings(working, None if output else terminal_width(), painted), 0 if one.ok else 1, output)
