"""`cnncalc export`."""

import os

import click

from cnncalc.cli import options
from cnncalc.cli.files import need_files, source_of
from cnncalc.cli.options import Question
from cnncalc.cli.streams import FAILED, Sink, say, shown
from cnncalc.exports import TARGETS


@click.command(short_help="The network for another program.")
@click.argument("file", metavar="FILE", type=options.SpecFile())
@click.option(
    "--to",
    "target",
    type=click.Choice(list(TARGETS)),
    required=True,
    help=f"What to write: {'; '.join(f'{name}, {target.says}' for name, target in TARGETS.items())}.",
)
@options.output
@options.network_itself
def export(file: str, target: str, question: Question, sink: Sink) -> None:
    """The network as text for another program; findings to standard error.

    Nothing is written where the network has an error, or where the target cannot express it.
    """
    _ends_as(TARGETS[target].ending, target)
    need_files((file,), sink)
    source = source_of(file, question.limits)
    if source is None:
        sink.finish([], FAILED)
    try:
        exported = source.export(
            target,
            input=question.input,
            parameters=dict(question.settings),
            strict=question.strict,
            fc_as_conv=question.fc_as_conv,
        )
    except KeyError as error:
        say(f"Error: {source.no_parameter(error.args[0])}")
        sink.finish([], FAILED)
    sink.spare(source.paths.values())  # what it extends
    sink.complain(exported.findings, source.decoded())
    if exported.text is None:
        Sink().finish([], 1)  # and what the file of -o holds stays
    sink.finish([exported.text])


def _ends_as(ending: str, target: str) -> None:
    """A usage error where the output file's name says that it is something else."""
    output: str = click.get_current_context().params.get("output") or ""
    other = os.path.splitext(os.path.basename(output))[1]
    if other and other.lower() != ending:
        raise click.UsageError(f"--output {shown(output)}: {target} is written to a file that ends in {ending}")
