"""`cnncalc draw`."""

from __future__ import annotations

import click
from click.core import ParameterSource

from cnncalc.cli import options
from cnncalc.cli.files import ask, need_files
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink, shown
from cnncalc.pictures import DIRECTIONS, FORMATS, SCALES, STYLES, Look, picture


@click.command(short_help="A picture of a network.")
@click.argument("file", metavar="FILE", type=options.SpecFile())
@click.option(
    "--style",
    type=click.Choice(list(STYLES)),
    default=next(iter(STYLES)),
    help=f"{'; '.join(f'{name}: {style.says}' for name, style in STYLES.items())}.",
)
@options.format_of(*FORMATS)
@options.output
@click.option(
    "--depth", type=options.Depth(), help="Unfold N levels of blocks, or `all`; as in the table if not given."
)
@click.option(
    "--direction", type=click.Choice(DIRECTIONS), default=DIRECTIONS[0], help="Where the output of a graph lies."
)
@click.option(
    "--scale",
    type=click.Choice(SCALES),
    default=SCALES[0],
    help="Of volumes: in proportion, or as long for each doubling.",
)
@options.network
@options.gathered("look", Look, depth="depth", direction="direction", scale="scale")
def draw(file: str, style: str, form: str, look: Look, question: Question, sink: Sink) -> None:
    """A picture of a network as SVG, or as text from which Mermaid or Graphviz draws; findings to standard error.

    A network with errors is drawn as far as it is known.
    """
    need_files((file,), sink)
    if form not in STYLES[style].writers:
        raise click.UsageError(f"{style} is drawn as {', '.join(STYLES[style].writers)}, and not as {form}")
    context = click.get_current_context()
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    refused = STYLES[style].refuses(given)
    if refused:
        raise click.UsageError(f"{style} has no --{refused}")
    answer = ask(file, question, sink)
    summary = answer.summary
    if summary is None:
        sink.finish([], answer.status)
    sink.complain(summary.findings, answer.texts)
    if summary.input is None and not summary.layers:
        Sink().finish([], answer.status)  # nothing could be read: the findings have said why
    try:
        sink.finish([picture(summary, style, form, look)], answer.status)
    except ValueError as error:
        raise click.UsageError(f"{shown(file)}: {error}") from None
