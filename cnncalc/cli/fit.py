"""`cnncalc fit`."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import click
from click.core import ParameterSource

from cnncalc.arithmetic import Window, half_padding, same_padding
from cnncalc.cli import options
from cnncalc.cli.streams import Sink
from cnncalc.findings import either
from cnncalc.limits import Limits
from cnncalc.render import working


class Cells(click.IntRange):
    """A number of cells along one axis."""

    name = "cells"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value.replace("x", "").isdigit() and not value.isdigit():
            before = param.opts[0] if isinstance(param, click.Option) else "cnncalc fit"
            self.fail(f"{value!r} is several axes: ask for one at a time, as in `{before} {value.partition('x')[0]}`")
        return super().convert(value, param, ctx)


COUNT: Final = Cells(1, Limits().largest)


class Given(NamedTuple):
    """The window as far as it was given."""

    size: int
    kernel: int | None
    stride: int | None
    padding: str | tuple[int, int] | None
    dilation: int


@click.command(short_help="Does one stride fit, and what would?")
@click.argument("size", type=COUNT)
@click.argument("others", nargs=-1, metavar="")
@click.option("--kernel", "-k", type=COUNT, metavar="F", help="The window, in cells.")
@click.option("--stride", "-s", type=COUNT, metavar="S", help="Its step; 1 where not given.")
@options.padding
@click.option("--dilation", "-d", type=COUNT, default=1, metavar="D", help="Its taps' distance.")
@click.option("--output", "wanted", type=COUNT, metavar="N", help="List what gives N positions.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.strict
@options.color
@options.sink
@options.gathered("given", Given, size="size", kernel="kernel", stride="stride", padding="padding", dilation="dilation")
def fit(given: Given, others: tuple[str, ...], wanted: int | None, as_json: bool, strict: bool, sink: Sink) -> None:
    """Does a stride fit on SIZE cells? The formula, a picture, and what would fit.

    With --output N: the kernels, strides and paddings that give exactly N positions, the common
    ones first; what is given of them is kept.
    """
    if others:
        raise click.UsageError(f"only the size stands alone: {_named(given.size, others)}")
    if wanted is not None:
        sink.finish(*_solved(given, wanted, as_json))
    window = _window(given)
    status = 1 if window.numerator < 0 or (strict and not window.fits) else 0
    if as_json:
        sink.finish(_json(working.fit_dict(window)), status)
    sink.finish(working.fit_text(window, sink.width or 80, sink.color), status)


_BY_PLACE: Final = ("kernel", "stride", "padding", "dilation")
"""The options that numbers behind the size were meant for: the order of PyTorch's arguments."""


def _named(size: int, others: Sequence[str]) -> str:
    """How the command is written that gives numbers without their options."""
    context = click.get_current_context()
    named = [name for name in _BY_PLACE if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    whole = all(text.isascii() and text.isdigit() for text in others)
    if named or not whole or len(others) > len(_BY_PLACE) or "0" in (*others[:2], *others[3:]):
        return f"the others have options, {either(f'--{name}' for name in _BY_PLACE)}"
    meant = " ".join(f"--{option} {text}" for option, text in zip(_BY_PLACE, others, strict=False))
    return f"did you mean `cnncalc fit {size} {meant}`?"


def _json(value: dict[str, object]) -> list[str]:
    from cnncalc.render.data import json_text

    return [json_text(value)]


def _window(given: Given) -> Window:
    if given.kernel is None:
        raise click.UsageError("say the window's size with --kernel, or the wanted size with --output")
    before, after = _padded(given)
    return Window(
        size=given.size,
        kernel=given.kernel,
        stride=given.stride or 1,
        before=before,
        after=after,
        dilation=given.dilation,
    )


def _solved(given: Given, wanted: int, as_json: bool) -> tuple[Iterable[str], int]:
    """What gives the size that is wanted, and the exit status."""
    from cnncalc.repairs import solve

    if given.padding == "same" and given.stride is None:
        raise click.UsageError("--padding same is other cells at each stride: give the --stride too")
    sides = _padded(given) if given.padding else None
    if given.padding in ("half", "same") and given.kernel is None:
        raise click.UsageError(f"--padding {given.padding} needs a --kernel")
    solutions = partial(
        solve,
        given.size,
        wanted,
        kernel=given.kernel,
        stride=given.stride,
        padding=sides,
        dilation=given.dilation,
    )
    found = solutions()
    if as_json:
        return _json(working.solved_dict(given.size, wanted, found)), 0 if found else 1
    if found:
        return [working.solved_text(found), working.also_rounded_text(solutions(rounded=True))], 0
    return [working.unsolved_text(given.size, wanted, solutions(rounded=True))], 1


def _padded(given: Given) -> tuple[int, int]:
    """Padding (before, after)."""
    text, kernel = given.padding or (0, 0), given.kernel or 1
    if isinstance(text, tuple):
        return text
    if text == "same":
        return same_padding(given.size, kernel, given.stride or 1, given.dilation)
    if text == "half":
        try:
            return (half_padding(kernel, given.dilation),) * 2
        except ValueError as error:
            raise click.BadParameter(f"half: {error}", param_hint="--padding") from None
    return 0, 0
