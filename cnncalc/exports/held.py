"""What is known of a volume, and of what has been made, while a list of layers becomes a program."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeAlias

from cnncalc.exports.algebra import Term
from cnncalc.exports.traces import Turn
from cnncalc.language.document import Item
from cnncalc.network import Edge

Edges: TypeAlias = tuple[Edge, ...]
"""The edge of one place, each time that its list is written out."""


class Through(NamedTuple):
    """The channels of an input, which nothing has asked for so far."""

    place: int


Channels: TypeAlias = "Term | Through | None"
"""How many channels a volume has; None where there is no term for that."""


class Held(NamedTuple):
    """A volume that a variable holds."""

    variable: int
    edges: Edges
    channels: Channels


class Made(NamedTuple):
    """An item that was put into a step, to find what is within it or shares its weights."""

    item: Item
    turns: Sequence[Sequence[Turn]]
    step: int
    key: Hashable
    """Of the form that it calls; None of a layer."""
