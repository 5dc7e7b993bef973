"""The formats of a summary: the only list of them, from which the command line takes its choice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    several: bool = False
    """Whether other summaries come with it, so that what has no place for a title says of each row whose it is."""
    first: bool = True
    """Whether it is the first of them."""
    texts: Mapping[str, str] = {}
    """The files that were read, by their names: what findings are excerpts of."""
    by: str | None = None
    """What the layers are summed by, one of `BY` of `folding.py`; None for the layers and blocks themselves."""


Renderer: TypeAlias = Callable[["Summary", View], Iterable[str]]

_SHOWN: Final = ("columns", "depth", "layout", "by")
"""The options that say what of a summary is shown, and how."""


class Format(NamedTuple):
    """What writes a summary, and what one output can hold."""

    home: str
    """`module.function`, a Renderer, in this folder; imported when it is used."""
    instead: str | None = None
    """What to do with several networks, where one output holds only one."""
    titled: bool = False
    """Whether each of several networks has the name of its file above it."""
    labelled: bool = False
    """Whether each row of several networks has the name of its file before it."""
    findings: bool = False
    """Whether it has the findings too, and so something to say where nothing could be read."""
    takes: Sequence[str] = _SHOWN
    """What of the view can be chosen."""

    def refuses(self, options: Iterable[str]) -> str | None:
        """Which of the options for what is shown it does not take, and what does; None where there is none."""
        left = " and ".join(f"--{option}" for option in options if option in _SHOWN and option not in self.takes)
        why = "" if self.takes else ", as it has all of every layer"
        return f"no {left}{why}: --format csv takes {left}" if left else None

    def render(self, summary: "Summary", view: View) -> Iterable[str]:
        """The summary in this format, in pieces."""
        module, _, function = self.home.partition(".")
        renderer: Renderer = getattr(import_module(f"cnncalc.render.{module}"), function)
        return renderer(summary, view)


FORMATS: Final = {
    "table": Format("table.table", titled=True),
    "json": Format("data.summary_json", instead="ndjson has an object for each", findings=True, takes=()),
    "ndjson": Format("data.summary_line", findings=True, takes=()),
    "csv": Format("data.summary_csv", labelled=True),
    "markdown": Format("markdown.markdown", instead="give one file at a time"),
    "html": Format("html.page", instead="give one file at a time", findings=True, takes=("columns", "depth", "layout")),
}
"""The first one where none is asked for."""
