"""`cnncalc sweep`."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final, NamedTuple

import click

from cnncalc import sweeping
from cnncalc.cli import options
from cnncalc.cli.files import need_files, source_of
from cnncalc.cli.options import Question
from cnncalc.cli.progress import watched
from cnncalc.cli.streams import FAILED, Sink, say
from cnncalc.cli.streams import shown as shown_text
from cnncalc.findings import plural
from cnncalc.render.formats import FORMATS
from cnncalc.sweeping import INPUT, MOST, Condition, Over, Row, Sweep
from cnncalc.volume import LAYOUTS

INTERRUPTED: Final = 130


class Wanted(NamedTuple):
    """Which rows are wanted, and in which order."""

    where: tuple[str, ...] = ()
    sort: str | None = None
    top: int | None = None
    max_rows: int = MOST


chosen = options.together(
    click.option(
        "--where",
        metavar="'FIGURE <= N'",
        multiple=True,
        help="Only rows of which this holds, such as 'macs <= 300M', or 'input < 224', by the cells of the input that "
        "--over input=224 is; quote it, or the shell takes < and >.",
    ),
    click.option("--sort", metavar="COLUMN", help="Sort by a column, with - before it from the largest down."),
    click.option("--top", type=click.IntRange(1), metavar="N", help="Only the first N rows."),
    click.option(
        "--max-rows", type=click.IntRange(1), default=MOST, metavar="N", help=f"Limit of rows; {MOST:,} if not given."
    ),
    options.gathered("wanted", Wanted, where="where", sort="sort", top="top", max_rows="max_rows"),
)


@click.command(short_help="One network on many inputs, with many parameters.")
@click.argument("files", metavar="FILE...", nargs=-1, type=options.SpecFile())
@click.option(
    "--over",
    "overs",
    type=options.Parsed("NAME=VALUES", Over, Over.parse),
    multiple=True,
    required=True,
    help="What varies: input=128..224/32, or a parameter of the file, such as width=0.5,0.75,1; repeat it for more.",
)
@chosen
@options.form(*FORMATS)
@options.output
@click.option("--layout", type=click.Choice(LAYOUTS), default="hwc", help="How tables write volumes.")
@options.counting
@options.network
def sweep(
    files: tuple[str, ...],
    overs: tuple[Over, ...],
    wanted: Wanted,
    form: str,
    layout: str,
    question: Question,
    sink: Sink,
) -> None:
    """A row for each combination of values: output, totals, strides that do not fit, the first error.

    A range of whole numbers has a step of 1 if none is given. Sizes of `input` are square, or as in
    224x160; whole volumes have the channels too.

    `misfits` are layers whose stride does not fit, `lost` those of them that leave real cells unread:
    also a stride larger than its window, which `check --strict` does not mind where it leaves no more
    than it skips between windows anyway.
    """
    need_files(files, sink)
    with _usage():
        total = sweeping.rows_of(overs, wanted.max_rows, len(files))
        known = sweeping.figures(overs)
        conditions = [sweeping.condition(text, known) for text in wanted.where]
        choose = _chooser(conditions, wanted, known)
        _not_twice(overs, question)
    sweeps = [_read(file, overs, question, sink) for file in files]
    with _usage():
        _are_inputs(conditions, sweeps)
    status = max(FAILED if one is None else one.status for one in sweeps)
    readable = [one for one in sweeps if one is not None and one.status == 0]
    rows, ended = _gathered(watched(_rows(readable, question), total))
    if not ended:
        say(f"interrupted: {len(rows):,} of {plural(total, 'row')}")
        status = INTERRUPTED
    elif rows and all(row.misfits is None for row in rows):
        status = max(status, 1)
    from cnncalc.render.sweeps import FORMATS as WRITERS
    from cnncalc.render.sweeps import Shown

    shown = Shown([over.column for over in overs], question.counting, len(files) > 1, layout, sink.width, sink.color)
    sink.finish(WRITERS[form](choose(rows), shown), status)


@contextmanager
def _usage() -> Iterator[None]:
    """What is wrong with an argument is a usage error."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(shown_text(str(error))) from None


def _chooser(conditions: Sequence[Condition], wanted: Wanted, known: Sequence[str]) -> Callable[[list[Row]], list[Row]]:
    """What picks the wanted rows, in their order. Raises ValueError for a column that there is not."""
    sort = None if wanted.sort is None else sweeping.check_column(wanted.sort, known)

    def chosen(rows: list[Row]) -> list[Row]:
        kept = [row for row in rows if all(each.holds(row) for each in conditions)]
        return (kept if sort is None else sweeping.in_order(kept, sort))[: wanted.top]

    return chosen


def _are_inputs(conditions: Sequence[Condition], sweeps: Sequence[Sweep | None]) -> None:
    """Raises ValueError for a condition on an input that a file cannot have."""
    for one in sweeps:
        for each in conditions:
            if one is not None and each.column == INPUT:
                one.check_input(each.bound)


def _not_twice(overs: Sequence[Over], question: Question) -> None:
    """A usage error where what varies has a value too."""
    given = {name: f"--set {name}" for name, _ in question.settings}
    if question.input is not None:
        given[INPUT] = "--input"
    for over in overs:
        if over.name in given:
            raise click.UsageError(f"--over {over.name} and {given[over.name]} exclude each other")


def _read(file: str, overs: Sequence[Over], question: Question, sink: Sink) -> Sweep | None:
    """The sweep of a file; none, after a line or findings on standard error, where that cannot be read."""
    source = source_of(file, question.limits)
    if source is None:
        return None
    with _usage():
        one = Sweep(source, overs, dict(question.settings), question.fc_as_conv)
    sink.spare(source.paths.values())  # what it extends
    if one.status:
        sink.complain(one.document.findings, source.decoded())
    return one


def _rows(sweeps: Sequence[Sweep], question: Question) -> Iterator[Row]:
    for one in sweeps:
        yield from one.rows(question.input, **question.asked)


def _gathered(rows: Generator[Row, None, None]) -> tuple[list[Row], bool]:
    """The rows, as far as they came, and whether that is all."""
    found = list[Row]()
    try:
        with closing(rows):
            for row in rows:
                found.append(row)  # an interrupt leaves those that are there
    except KeyboardInterrupt:
        return found, False
    return found, True
