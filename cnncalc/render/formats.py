"""The formats of a summary: the only list of them, from which the command line takes its choice."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from cnncalc.figures.analysis import Summary


class View(NamedTuple):
    """How a summary is to be shown. Each format takes of it what it can."""

    columns: Sequence[str] | None = None
    """None for the format's own."""
    layout: str = "hwc"
    depth: int | None = None
    """Levels of blocks to unfold; None for one, with repeated blocks folded."""
    width: int | None = None
    """Of a terminal, in cells; None where a line may be as long as it is."""
    color: bool = False


Renderer: TypeAlias = Callable[["Summary", View], Iterable[str]]

_ONE_FILE: Final = "give one file at a time"


class Format(NamedTuple):
    """What writes a summary, and what one output can hold."""

    home: str
    """`module.function`, a Renderer, in this folder; imported when it is used."""
    instead: str | None = None
    """What to do with several networks, where one output holds only one."""
    titled: bool = False
    """Whether each of several networks has the name of its file above it."""
    findings: bool = False
    """Whether it has the findings too, and so something to say where nothing could be read."""

    def render(self, summary: "Summary", view: View) -> Iterable[str]:
        """The summary in this format, in pieces."""
        module, _, function = self.home.partition(".")
        renderer: Renderer = getattr(import_module(f"cnncalc.render.{module}"), function)
        return renderer(summary, view)


FORMATS: Final = {
    "table": Format("table.table", titled=True),
    "json": Format("data.summary_json", instead="ndjson has an object for each", findings=True),
    "ndjson": Format("data.summary_line", findings=True),
    "csv": Format("data.summary_csv", instead=_ONE_FILE),
    "markdown": Format("markdown.markdown", instead=_ONE_FILE),
}
"""The first one where none is asked for."""
