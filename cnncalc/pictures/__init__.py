"""Pictures of a summary: `STYLES` is the one list of them. Each lays a `Drawing` out, which `svg.py` prints."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Final, NamedTuple, TypeAlias

from cnncalc.api import Given, Input, Spec, summarize, tells_parameters
from cnncalc.figures.analysis import Summary
from cnncalc.limits import Limits

SVG: Final = "svg"
DIRECTIONS: Final = ("down", "right")
"""The ways from the input to the output."""
SCALES: Final = ("linear", "log")
"""How the extents of volumes become pixels."""


class Look(NamedTuple):
    """How a picture is to be. Each style takes of it what it can."""

    depth: int | None = None
    """Levels of blocks to unfold; None for one, with repeated blocks folded."""
    direction: str = DIRECTIONS[0]
    scale: str = SCALES[0]

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
    takes: tuple[str, ...] = ()
    """What of a look it takes beside the depth."""

    def refuses(self, fields: Iterable[str]) -> str | None:
        """The first of a look's fields that it does not take; None where there is none."""
        return next((field for field in fields if field in Look._fields and field not in ("depth", *self.takes)), None)


STYLES: Final = {
    "graph": Style(
        {SVG: "graph.picture", "mermaid": "charts.mermaid", "dot": "charts.dot"},
        "layers and folded blocks, with the volume on each edge",
        ("direction",),
    ),
    "volumes": Style({SVG: "volumes.picture"}, "every volume to scale, with the windows", ("scale",)),
    "bars": Style({SVG: "bars.picture"}, "parameters, macs, memory and receptive field of each layer"),
}
"""The first one where none is asked for."""
FORMATS: Final = tuple(dict.fromkeys(form for style in STYLES.values() for form in style.writers))


def picture(summary: Summary, style: str, form: str, look: Look = AS_TABLE) -> str:
    """The picture as text. Raises KeyError where there is no such style or it has no such format, and TooLargeError."""
    module, _, function = STYLES[style].writers[form].partition(".")
    writer: Writer = getattr(import_module(f"cnncalc.pictures.{module}"), function)
    return writer(summary, look)


@tells_parameters
def draw(
    spec: "Spec | Summary",
    style: str = "graph",
    *,
    format: str = "svg",
    depth: int | None = None,
    direction: str = "down",
    scale: str = "linear",
    input: Input = None,
    parameters: Mapping[str, Given] | None = None,
    limits: Limits = Limits(),
) -> str:
    """A picture of a network, as text.

    `spec` is a summary, or what `summarize` takes, as do `input` and `parameters`. `style` is one of
    `cnncalc.pictures.STYLES`, and `format` one that it has: of `graph` SVG, and Mermaid and DOT, from
    which other programs draw. `depth` is how many levels of blocks are unfolded; as in the table, if
    it is None. `direction` is where the output of a graph lies, `down` or `right`; `scale` is `linear` or
    `log`, for volumes.

    A network with errors is drawn as far as it is known. Raises as `summarize` does, and ValueError
    for another style, format, direction, scale or depth, or one that the style does not take, and for more than one picture can show.
    """
    if style not in STYLES:
        raise ValueError(f"style is {style!r}: a network is drawn as {', '.join(STYLES)}")
    if format not in STYLES[style].writers:
        raise ValueError(f"format is {format!r}: {style} is drawn as {', '.join(STYLES[style].writers)}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is {direction!r}: it is {' or '.join(DIRECTIONS)}")
    if scale not in SCALES:
        raise ValueError(f"scale is {scale!r}: it is {' or '.join(SCALES)}")
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 0):
        raise ValueError(f"depth is {depth!r}: it is a number of levels from 0, or None")
    look = Look(depth, direction, scale)
    refused = STYLES[style].refuses(field for field in Look._fields if getattr(look, field) != getattr(AS_TABLE, field))
    if refused:
        raise ValueError(f"{style} has no {refused}")
    summary = spec if isinstance(spec, Summary) else summarize(spec, input=input, parameters=parameters, limits=limits)
    return picture(summary, style, format, look)
