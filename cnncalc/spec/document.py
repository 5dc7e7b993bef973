"""What a specification says, typed and with places, before any volume is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from cnncalc.findings import Finding
from cnncalc.layers import Layer
from cnncalc.layers.base import Kind
from cnncalc.spec.expression import Expression
from cnncalc.volume import Volume

Number: TypeAlias = int | Expression
Extents: TypeAlias = tuple[Number, ...]
Template: TypeAlias = bool | float | str | Volume | Number | Extents | dict[str, Number]
"""An attribute's value as read: a constant, or with expressions where numbers will stand."""


class Place(Protocol):
    """A position in the text, counted from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class LayerSpec:
    """What one item of `layers` says. Items that say the same share one."""

    __slots__ = ("broken", "expect", "layer", "name", "pending", "repeat", "rounding", "type", "values", "word")

    def __init__(self, word: str, type: type[Layer] | None) -> None:
        self.word = word
        self.type = type
        self.layer: Layer | None = None
        """The layer, where no attribute awaits an expression's value."""
        self.values: dict[str, object] = {}
        self.pending: dict[str, tuple[Kind, Template]] = {}
        self.rounding: str | None = None
        self.name: str | None = None
        self.repeat: Number = 1
        self.expect: Volume | Extents | None = None
        self.broken = False
        """Whether a fault in it has been reported, so that nothing is known of its output."""


class Item(NamedTuple):
    """One item of `layers` and where its parts stand."""

    spec: LayerSpec
    place: Callable[[str | None], Place]
    """The place of an attribute's value; of the layer itself for None or where it is not written."""


class Claim(NamedTuple):
    """One line of `expect`: a figure of the totals, or the output volume."""

    key: str
    relation: str
    value: Number | Volume | Extents
    place: Place


class Document(NamedTuple):
    """A whole specification."""

    file: str
    name: str | None
    source: str | None
    input: Volume | Extents | None
    input_place: Place | None
    items: list[Item]
    claims: list[Claim]
    findings: list[Finding]
