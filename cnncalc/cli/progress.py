"""A bar on a terminal's standard error, of what takes longer than half a second."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_PATIENCE: Final = 0.5
_EVERY: Final = 0.1
"""Seconds between two drawings."""


def watched(things: Iterable[T], total: int) -> Generator[T, None, None]:
    """The things as they come, with a bar that goes when they end, or whatever ends them."""
    if not sys.stderr.isatty():
        yield from things
        return
    bar: Progress | None = None
    due = monotonic() + _PATIENCE
    try:
        for done, thing in enumerate(things, 1):
            yield thing
            if monotonic() >= due:
                bar, due = bar or _bar(total), monotonic() + _EVERY
                bar.start()  # known before it hides the cursor, so that whatever comes it is shown again
                bar.update(bar.task_ids[0], completed=done, refresh=True)
    finally:
        if bar is not None:
            bar.stop()


def _bar(total: int) -> Progress:
    """The bar, without a thread of its own: what draws is what works."""
    from rich.console import Console  # long runs alone need it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False, redirect_stdout=False)
    bar.add_task("rows", total=total)
    return bar
