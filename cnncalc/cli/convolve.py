"""`cnncalc convolve`."""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, NoReturn

import click

from cnncalc.arithmetic import effective_kernel
from cnncalc.cli import options
from cnncalc.cli.streams import FAILED, STDIN, Sink, say
from cnncalc.convolving import POOLS, Convolved
from cnncalc.convolving import convolve as convolved
from cnncalc.findings import Finding, LayerError, Place
from cnncalc.matrices import Matrix, MatrixError, parse
from cnncalc.render.convolved import convolved_csv, convolved_dict, convolved_text
from cnncalc.volume import Sided

STEP: Final = click.IntRange(1, 1_000_000)
_BYTES: Final = 1 << 26
"""Of a file."""


class Matrices(click.Command):
    """A command whose arguments may begin with a negative number."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {arg}" if re.match(r"-[0-9.]", arg) else arg for arg in args])


class Asked(NamedTuple):
    """What is to be done with the matrix."""

    stride: int | None
    padding: str | tuple[int, int] | None
    dilation: int
    pool: str | None

    def done(self, matrix: Matrix, kernel: object) -> Convolved:
        """The answer. Raises LayerError where there is none."""
        padding: Any = self.padding or 0
        if isinstance(padding, tuple):
            before, after = padding
            padding = Sided.of({"top": before, "left": before, "bottom": after, "right": after})
        return convolved(matrix, kernel, stride=self.stride, padding=padding, dilation=self.dilation, pool=self.pool)


class Text(NamedTuple):
    """An argument as it is read: what it is called, and what it says."""

    name: str
    says: str


@click.command(cls=Matrices, short_help="A convolution or a pool of one matrix, by hand.")
@click.argument("matrix")
@click.argument("kernel")
@click.option(
    "--stride", "-s", type=STEP, metavar="S", help="The window's step; 1, or of a pool the window, if not given."
)
@options.padding
@click.option("--dilation", "-d", type=STEP, default=1, metavar="D", help="The distance of the window's taps.")
@click.option(
    "--pool", type=click.Choice(list(POOLS)), help="Take the maximum or the mean of a window of KERNEL cells."
)
@options.form("text", "json", "csv")
@options.output
@options.color
@options.sink
@options.gathered("asked", Asked, stride="stride", padding="padding", dilation="dilation", pool="pool")
def convolve(matrix: str, kernel: str, form: str, asked: Asked, sink: Sink) -> None:
    """Slide KERNEL over MATRIX: each window's products and their sum, and the map that comes out.

    Both are texts such as "1 0.5; -1 1/3", CSV files, or - for standard input. With --pool, KERNEL is
    the window's size, such as 2x2. As in every framework the kernel is not turned round, so that
    mathematics calls it a cross-correlation. Padding is zeros; a mean counts them, a maximum does not.
    """
    if matrix == kernel == STDIN:
        raise click.UsageError("standard input can be one of MATRIX and KERNEL, not both")
    if asked.pool == "avg" and asked.dilation > 1:
        raise click.UsageError("--pool avg takes no --dilation, as in every framework")
    sink.spare([matrix, kernel])
    size = _size(kernel) if asked.pool else None
    if not asked.pool and re.fullmatch("[0-9]+x[0-9]+", kernel):
        raise click.UsageError(f"{kernel} is a size: write the kernel's numbers, or say --pool max or --pool avg")
    texts = [_read("MATRIX", matrix), *([] if size else [_read("KERNEL", kernel)])]
    first, *second = _parsed(texts, sink)
    window: object = size or second[0]
    try:
        one = asked.done(first, window)
    except LayerError as error:
        _refuse(error, asked, (first, window), sink)
    if form == "json":
        from cnncalc.render.data import json_text

        sink.finish([json_text(convolved_dict(one))])
    sink.finish(convolved_csv(one) if form == "csv" else convolved_text(one, sink.width))


def _size(text: str) -> tuple[int, ...]:
    """The window of a pool, `2` or `2x3`."""
    if not re.fullmatch("[1-9][0-9]{0,6}(x[1-9][0-9]{0,6})?", text):
        raise click.UsageError(f"{text.strip()!r} is no window: with --pool KERNEL is a size, such as 2x2")
    extents = tuple(map(int, text.split("x")))
    return extents * (3 - len(extents))


def _read(role: str, given: str) -> Text:
    """The text of an argument; the end of the run where a file cannot be read."""
    text = given.strip()
    if text != STDIN and not os.path.exists(text) and (not re.search("[A-Za-z]", text) or re.search(r"[\s;]", text)):
        return Text(role, text)
    try:
        if text == STDIN:
            data = sys.stdin.buffer.read(_BYTES + 1)
        else:
            with open(text, "rb") as stream:
                data = stream.read(_BYTES + 1)
    except (OSError, ValueError) as error:
        say(f"Error: {text}: {getattr(error, 'strerror', None) or error}")
        sys.exit(FAILED)
    if len(data) > _BYTES:
        say(f"Error: {text} has more than {_BYTES:,} bytes")
        sys.exit(FAILED)
    return Text("<stdin>" if text == STDIN else text, data.decode("utf-8-sig", "replace"))


def _parsed(texts: Sequence[Text], sink: Sink) -> list[Matrix]:
    """The matrices; the end of the run, after all that is wrong with them, where one is none."""
    found, read = list[Finding](), list[Matrix]()
    for text in texts:
        try:
            read.append(parse(text.says, text.name))
        except MatrixError as error:
            found += error.findings
    if found:
        sink.complain(found, {text.name: text.says for text in texts})
        sink.finish([], FAILED)
    return read


def _refuse(error: LayerError, asked: Asked, given: tuple[Matrix, object], sink: Sink) -> NoReturn:
    """The end of the run, after what is wrong with the window, and what would go."""
    fault, help = error.fault, []
    option = fault.attribute in ("stride", "padding", "dilation")
    matrix, kernel = given
    if isinstance(kernel, Matrix):
        padding = _larger(matrix, kernel, asked)
        if _goes(asked._replace(padding=padding), matrix, kernel):
            help.append(f"`--padding {padding if isinstance(padding, str) else padding[0]}` makes it fit")
        if _goes(asked, kernel, matrix):
            help.append("MATRIX comes first, KERNEL second: the other way round it goes")
    finding = Finding(fault._replace(help=(*fault.help, *help)), Place(f"--{fault.attribute}" if option else "KERNEL"))
    sink.complain([finding], {})
    sink.finish([], 1)


def _larger(matrix: Matrix, kernel: Matrix, asked: Asked) -> str | tuple[int, int]:
    """The padding with which a kernel lies on the matrix: `same` for `half`, otherwise the least on both sides."""
    if asked.padding == "half":
        return "same"
    sizes = zip(matrix.shape, kernel.shape, strict=True)
    lacking = max(effective_kernel(window, asked.dilation) - size for size, window in sizes)
    return (max(0, (lacking + 1) // 2),) * 2


def _goes(asked: Asked, matrix: Matrix, kernel: Matrix) -> bool:
    try:
        asked.done(matrix, kernel)
    except LayerError:
        return False
    return True
