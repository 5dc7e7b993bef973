"""`cnncalc explain`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import click

from cnncalc.cli import options
from cnncalc.cli.files import ask, need_files
from cnncalc.cli.options import Question
from cnncalc.cli.streams import Sink, shown
from cnncalc.explain import Difference, Working, explain_counting
from cnncalc.explain import explain as explained
from cnncalc.figures.analysis import Summary
from cnncalc.figures.counting import CONVENTIONS
from cnncalc.figures.kept import OF_ONE_BYTE
from cnncalc.layers.figures import DTYPES
from cnncalc.paddings import of_network
from cnncalc.render.working import counting_text, padding_text, workings
from cnncalc.timeline import OPTIMIZERS, Timeline, training


@click.command(short_help="The formulas with the numbers put in.")
@click.argument("file", type=options.SpecFile())
@click.argument("layers", metavar="[LAYER]...", nargs=-1)
@options.output
@click.option(
    "--counting",
    "conventions",
    is_flag=True,
    help="Why tools count differently; also for the conventions or layers named.",
)
@click.option(
    "--padding",
    "paddings",
    is_flag=True,
    help="Which windows are others under TensorFlow's `same` and PyTorch's numbers, and on which inputs none is.",
)
@click.option(
    "--memory", is_flag=True, help="What lives in memory, and why, at the peak or while the layers named run."
)
@click.option(
    "--optimizer",
    type=click.Choice(list(OPTIMIZERS)),
    help="With --memory: whose state a step of training takes; sgd if not given. AdamW needs what adam needs.",
)
@options.network
def explain(
    file: str,
    layers: tuple[str, ...],
    conventions: bool,
    paddings: bool,
    memory: bool,
    optimizer: str | None,
    question: Question,
    sink: Sink,
) -> None:
    """The working of a network's layers: each formula with the numbers put in."""
    options.by_ending(("text",))
    given = [name for name, on in (("counting", conventions), ("padding", paddings), ("memory", memory)) if on]
    if len(given) > 1:
        raise click.UsageError(f"--{given[0]} and --{given[1]} exclude each other")
    if optimizer and (layers or not memory):
        raise click.UsageError(
            "--optimizer speaks of the whole network: it goes with --memory, and with no layers named"
        )
    if optimizer and DTYPES[question.dtype] == 1:
        raise click.UsageError(
            f"--optimizer {optimizer} and --dtype {question.dtype} exclude each other: {OF_ONE_BYTE}"
        )
    need_files((file,), sink)
    answer = ask(file, question, sink)
    if answer.summary is None:
        sink.finish([], answer.status)
    sink.complain(answer.summary.findings, answer.texts)
    if paddings:
        if layers:
            raise click.UsageError("--padding speaks of the whole network: without it the layers named are explained")
        network = answer.summary.network
        sink.finish(padding_text(network, of_network(answer.summary), sink.width), answer.status)
    if conventions:
        sink.finish([counting_text(_counting(answer.summary, layers, file), sink.width)], answer.status)
    if memory:
        sink.finish(_memory(answer.summary, layers, file, optimizer or "sgd", sink), answer.status)
    most = question.limits.explained
    if not layers and len(answer.summary.layers) > most:
        count, first = len(answer.summary.layers), answer.summary.layers[0].path
        raise click.UsageError(
            f"{shown(file)} has {count:,} layers, more than the {most:,} that are explained at once: "
            f"name layers or blocks, as in `cnncalc explain {shown(file)} {first}`"
        )
    sink.finish(workings(_working(answer.summary, layers, file), sink.width, sink.color), answer.status)


def _memory(summary: Summary, names: tuple[str, ...], file: str, optimizer: str, sink: Sink) -> Iterator[str]:
    """What lives at the peak and what training takes, or what lives while the layers named run.

    Nothing where the findings have said why not.
    """
    from cnncalc.render.timeline import timeline, training_text  # this option alone needs it

    try:
        lives = Timeline(summary)
    except ValueError as error:
        return iter([f"{error}\n"])
    _working(summary, names, file)  # refuses what is neither layer nor block
    moments = [lives.of(name) for name in names] if names else [lives.peak()]
    lines = timeline(summary, [moment for moment in moments if moment], sink.width, sink.color)
    if names:
        return lines
    if summary.number_bytes == 1:
        return chain(lines, [f"\na step of training: {OF_ONE_BYTE}\n"])
    return chain(lines, training_text(training(summary, optimizer), summary, optimizer, sink.width, sink.color))


def _counting(summary: Summary, names: tuple[str, ...], file: str) -> list[Difference]:
    """The conventions named, or all of them; over the layers and blocks named, or all of them."""
    paths = {layer.path for layer in summary.layers} | {group.path for group in summary.network.groups()}
    wanted = [name for name in names if name in CONVENTIONS and name not in paths]
    within = [name for name in names if name not in wanted]
    _working(summary, tuple(within), file)  # refuses what is neither
    if within:
        inside = tuple(f"{name}." for name in within)
        layers = [layer for layer in summary.layers if layer.path in within or layer.path.startswith(inside)]
        summary = summary._replace(layers=layers)
    return [each for each in explain_counting(summary) if each.convention in wanted or not wanted]


def _working(summary: Summary, layers: tuple[str, ...], file: str) -> Iterator[Working]:
    """The working of the layers named; a usage error for a name that no layer has."""
    try:
        return explained(summary, list(layers))
    except KeyError as error:
        name = error.args[0]
        raise click.UsageError(f"{shown(file)} has no layer {name!r}: {_hint(summary, name)}") from None


def _hint(summary: Summary, name: str) -> str:
    from cnncalc.findings import closest

    paths = [*(layer.path for layer in summary.layers), *(group.path for group in summary.network.groups())]
    likely = closest(name, paths, len(paths))
    if likely:
        return f"did you mean `{likely}`?"
    return f"its layers are called like {summary.layers[0].path}" if summary.layers else "it has no layers"
