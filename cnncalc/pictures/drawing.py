"""What a picture is made of: shapes, lines and labels, as values in pixels; how wide a text is at most; the colours."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias
from unicodedata import category, east_asian_width

from cnncalc.layers import TYPES
from cnncalc.render.plain import printable

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"
"""Of pixels: exact, and rounded where it is printed."""
Point: TypeAlias = "tuple[Number, Number]"
"""To the right, and down."""
START, MIDDLE, END = "start", "middle", "end"
"""Where of a label its x is."""
FRONT, TOP, SIDE, TINT = 95, 80, 55, 25
"""How much of its colour a face has, in percent; TINT is for what a label lies on, light or dark."""


# Values


class Polygon(NamedTuple):
    """A closed shape through its points."""

    points: Sequence[Point]
    fill: str | None = None
    """A key of `COLOURS`; None for the outline alone."""
    shade: int = FRONT
    """Percent of the colour."""
    hatched: bool = False
    """For what is wrong in it, as colour alone tells nobody."""
    weight: Number = 1
    """How thick its outline is; 0 for none."""


class Rectangle(NamedTuple):
    """A box by its left upper corner and its size; otherwise as a Polygon."""

    left: Number
    top: Number
    width: Number
    height: Number
    fill: str | None = None
    shade: int = FRONT
    hatched: bool = False
    weight: Number = 1
    radius: Number = 0
    """Of its corners."""


class Line(NamedTuple):
    """A line through its points."""

    points: Sequence[Point]
    weight: Number = 1
    faint: bool = False
    dashed: bool = False
    radius: Number = 0
    """Of its corners; of a line that only runs along the axes."""
    arrow: bool = False
    """Whether its end has a head; it must run along an axis there."""


class Label(NamedTuple):
    """One line of text that stands on `y`."""

    x: Number
    y: Number
    text: str
    size: int = 10
    """Of the letters, in pixels."""
    bold: bool = False
    anchor: str = START
    faint: bool = False

    @property
    def box(self) -> "tuple[Number, Number, Number, Number]":
        """Left, top, right and bottom of what it covers at most."""
        wide = text_width(self.text, self.size, self.bold)
        left = self.x - {START: 0, MIDDLE: (wide + 1) // 2, END: wide}[self.anchor]
        return left, self.y - self.size, left + wide, self.y + (self.size + 3) // 4


class Group(NamedTuple):
    """Marks that are one thing: what it is, and the path of the layer or block that it shows."""

    marks: "Sequence[Mark]"
    says: str = ""
    """What is read when it is pointed at."""
    path: str = ""


Mark: TypeAlias = Polygon | Rectangle | Line | Label | Group


class Drawing(NamedTuple):
    """A picture: its marks, those in front last, on a canvas from (0, 0)."""

    title: str
    says: str
    """The picture in a sentence or two, for who cannot see it."""
    width: Number
    height: Number
    marks: Sequence[Mark]

    def flat(self) -> "Iterator[Mark]":
        """All marks that are no groups."""
        return flat(self.marks)


def flat(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The marks and those in groups of them, without the groups."""
    for mark in marks:
        if isinstance(mark, Group):
            yield from flat(mark.marks)
        else:
            yield mark


# Text

_USUAL, _LARGE, _WIDE = 62, 85, 110
"""Hundredths of the letters' size that a character takes at most in the usual fonts."""
_WIDE_LETTERS: Final = frozenset("mwMW@%…—")
_NO_WIDTH: Final = ("Mn", "Me")


def text_width(text: str, size: int, bold: bool = False) -> int:
    """The pixels that a text takes at most, measured generously, whatever sans-serif font there is."""
    hundredths = sum(map(_character_width, printable(text)))
    return -(-hundredths * size * (105 if bold else 100) // 10_000)


def _character_width(character: str) -> int:
    if character in _WIDE_LETTERS:
        return _WIDE
    if character.isascii():
        return _LARGE if character.isupper() else _USUAL
    if category(character) in _NO_WIDTH:
        return 0
    if east_asian_width(character) in "WF" or character > "\uffff":
        return _WIDE
    return _USUAL if character.islower() or character in "·×→" else _LARGE


def elided(text: str, width: int, size: int, bold: bool = False) -> str:
    """The text, or where it is wider than that, its two ends with `…` between them."""
    text = printable(text)
    if text_width(text, size, bold) <= width:
        return text
    # Each character has a width, so that of hostile lengths no more than this is looked at.
    kept = min(len(text) - 1, 4 * max(width, 0) // size)
    while kept > 0:
        head, tail = text[: (kept + 1) // 2], text[len(text) - kept // 2 :]
        short = f"{head.rstrip()}…{tail.lstrip()}"
        if text_width(short, size, bold) <= width:
            return short
        kept -= 1
    return "…"


def short_path(path: str, width: int) -> str:
    """A path without the outermost blocks where it is wider than that."""
    if text_width(path, 10) <= width:
        return path
    parts = path.split(".")
    inner = (f"…{'.'.join(parts[first:])}" for first in range(1, len(parts)))
    return next((name for name in inner if text_width(name, 10) <= width), elided(parts[-1], width, 10))


# Colours: Okabe and Ito, "Color Universal Design" (2008), which people of any colour vision tell apart.


class Colour(NamedTuple):
    """A colour, and what has it."""

    code: str
    says: str


BLOCK, INPUT, UNKNOWN, WINDOW = "block", "input", "unknown", "window"
COLOURS: Final = {
    INPUT: Colour("#F0E442", "input"),
    "convolution": Colour("#E69F00", "convolution"),
    "pooling": Colour("#D55E00", "pooling"),
    "dense": Colour("#0072B2", "fully connected"),
    "normalization": Colour("#999999", "normalisation"),
    "activation": Colour("#999999", "activation"),
    "joins": Colour("#009E73", "join"),
    "reshaping": Colour("#56B4E9", "reshaping"),
    BLOCK: Colour("#CC79A7", "folded block"),
    WINDOW: Colour("currentColor", "window"),
    UNKNOWN: Colour("none", "unknown, behind an error"),
}
"""By the kind of a layer, which is the module that its type is written in, and of what is no layer."""


def kind(word: str) -> str:
    """The key in `COLOURS` of a layer type; of what is no layer type, that of the unknown."""
    return TYPES[word].__module__.rpartition(".")[2] if word in TYPES else UNKNOWN
