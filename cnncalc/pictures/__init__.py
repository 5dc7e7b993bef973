"""Pictures of a summary: `STYLES` is the one list of them. Each lays a `Drawing` out, which `svg.py` prints."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, NamedTuple, TypeAlias

from cnncalc.api import Given, Input, Spec, summarize
from cnncalc.figures.analysis import Summary
from cnncalc.limits import Limits

SVG: Final = "svg"
DIRECTIONS: Final = ("down", "right")
"""The ways from the input to the output."""


class Look(NamedTuple):
    """How a picture is to be. Each style takes of it what it can."""

    depth: int | None = None
    """Levels of blocks to unfold; None for one, with repeated blocks folded."""
    direction: str = DIRECTIONS[0]

    @property
    def down(self) -> bool:
        """Whether the network runs down the page."""
        return self.direction == DIRECTIONS[0]


AS_TABLE: Final = Look()

Writer: TypeAlias = Callable[[Summary, Look], str]
"""Makes the text of a picture. Raises TooLargeError, a ValueError, for more than one picture can show."""


class Style(NamedTuple):
    """One kind of picture."""

    writers: dict[str, str]
    """By format, `module.function` in this folder, a Writer, imported when it is asked for."""
    says: str
    """What it shows, for the help."""


STYLES: Final = {
    "graph": Style(
        {SVG: "graph.picture", "mermaid": "charts.mermaid", "dot": "charts.dot"},
        "layers and folded blocks, with the volume on each edge",
    ),
}
"""The first one where none is asked for."""
FORMATS: Final = tuple(dict.fromkeys(form for style in STYLES.values() for form in style.writers))


def picture(summary: Summary, style: str, form: str, look: Look = AS_TABLE) -> str:
    """The picture as text. Raises KeyError where there is no such style or it has no such format, and TooLargeError."""
    module, _, function = STYLES[style].writers[form].partition(".")
    writer: Writer = getattr(import_module(f"cnncalc.pictures.{module}"), function)
    return writer(summary, look)


def draw(
    spec: "Spec | Summary",
    style: str = "graph",
    *,
    format: str = "svg",
    depth: int | None = None,
    direction: str = "down",
    input: Input = None,
    parameters: Mapping[str, Given] | None = None,
    limits: Limits = Limits(),
) -> str:
    """A picture of a network, as text.

    `spec` is a summary, or what `summarize` takes, as do `input` and `parameters`. `style` is one of
    `cnncalc.pictures.STYLES`, and `format` one that it has: of `graph` SVG, and Mermaid and DOT, from
    which other programs draw. `depth` is how many levels of blocks are unfolded; as in the table, if
    it is None. `direction` is where the output lies, `down` or `right`.

    A network with errors is drawn as far as it is known. Raises as `summarize` does, and ValueError
    for another style, format or direction, and for more than one picture can show.
    """
    if style not in STYLES:
        raise ValueError(f"style is {style!r}: a network is drawn as {', '.join(STYLES)}")
    if format not in STYLES[style].writers:
        raise ValueError(f"format is {format!r}: {style} is drawn as {', '.join(STYLES[style].writers)}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is {direction!r}: it is {' or '.join(DIRECTIONS)}")
    summary = spec if isinstance(spec, Summary) else summarize(spec, input=input, parameters=parameters, limits=limits)
    return picture(summary, style, format, Look(depth, direction))
