"""`cnncalc fit`."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import options
from cnncalc.cli.streams import coloured, finish, terminal_width
from cnncalc.limits import Limits


@click.command(short_help="Does one stride fit, and what would?")
@click.argument("size", type=click.IntRange(1, Limits().largest))
@click.option("--kernel", "-k", type=click.IntRange(1, Limits().largest), metavar="F", help="The window, in cells.")
@click.option(
    "--stride", "-s", type=click.IntRange(1, Limits().largest), metavar="S", help="Its step; 1 where not given."
)
@click.option("--padding", "-p", metavar="P", help="On each side: a number, `before,after`, `half`, `same` or `valid`.")
@click.option(
    "--dilation", "-d", type=click.IntRange(1, Limits().largest), default=1, metavar="D", help="Its taps' distance."
)
@click.option(
    "--output", "wanted", type=click.IntRange(1, Limits().largest), metavar="N", help="List what gives N positions."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.strict
@options.color
def fit(
    size: int, kernel: int | None, stride: int | None, padding: str | None, dilation: int, wanted: int | None,
    as_json: bool, strict: bool, color: str,
) -> None:  # fmt: skip
    """Does a stride fit on SIZE cells? The formula, a picture, and what would fit.

    With --output N: the kernels, strides and paddings that give exactly N positions, the common
    ones first; what is given of them is kept.
    """
    from cnncalc.render import working

    if wanted is not None:
        from cnncalc.repairs import solve

        if padding == "same" and stride is None:
            raise click.UsageError("--padding same is other cells at each stride: give the --stride too")
        sides = None if padding is None else padded(padding, size, kernel or 1, stride or 1, dilation)
        if padding in ("half", "same") and kernel is None:
            raise click.UsageError(f"--padding {padding} needs a --kernel")
        found = solve(size, wanted, kernel=kernel, stride=stride, padding=sides, dilation=dilation)
        if as_json:
            from cnncalc.render.data import json_text

            finish([json_text(working.solved_dict(size, wanted, found))], 0 if found else 1)
        if found:
            finish([working.solved_text(found)], 0)
        rounded = solve(size, wanted, kernel=kernel, stride=stride, padding=sides, dilation=dilation, rounded=True)
        finish([working.unsolved_text(size, wanted, rounded)], 1)

    from cnncalc.arithmetic import Window

    if kernel is None:
        raise click.UsageError("say the window's size with --kernel, or the wanted size with --output")
    before, after = padded(padding or "0", size, kernel, stride or 1, dilation)
    window = Window(size, kernel, stride or 1, before, after, dilation)
    status = 1 if window.numerator < 0 or (strict and not window.fits) else 0
    if as_json:
        from cnncalc.render.data import json_text

        finish([json_text(working.fit_dict(window))], status)
    finish([working.fit_text(window, terminal_width() or 80, coloured(color, sys.stdout))], status)


def padded(text: str, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding (before, after) from `2`, `1,2`, `half`, `same` or `valid`."""
    from cnncalc.arithmetic import half_padding, same_padding

    if text == "same":
        return same_padding(size, kernel, stride, dilation)
    if text == "half":
        try:
            return (half_padding(kernel, dilation),) * 2
        except ValueError as error:
            raise click.BadParameter(f"half: {error}", param_hint="--padding") from None
    parts = ["0"] if text == "valid" else text.split(",")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts):
        raise click.BadParameter(
            f"{text!r} is no number, no `before,after` and none of half, same, valid", param_hint="--padding"
        )
    return int(parts[0]), int(parts[-1])
