"""What a specification says, typed and with places, before any volume is known."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cnncalc.findings import Finding
from cnncalc.language.expression import Expression
from cnncalc.layers import Branching, Layer
from cnncalc.layers.base import Kind
from cnncalc.volume import Volume

Number: TypeAlias = int | Expression
Extents: TypeAlias = tuple[Number, ...]
Template: TypeAlias = bool | float | str | Volume | Number | Extents | dict[str, Number]
"""An attribute's value as read: a constant, or with expressions where numbers will stand."""


class Place(NamedTuple):
    """A position in a file, counted from 1."""

    file: str
    line: int
    column: int


class Spec:
    """What one item of a list of layers says. Items that say the same may share one."""

    __slots__ = ("broken", "expect", "name", "repeat", "rounding", "word")

    def __init__(self, word: str) -> None:
        self.word = word
        """The layer type, or the block's name."""
        self.name: str | None = None
        self.repeat: Number = 1
        self.rounding: str | None = None
        self.expect: Volume | Extents | None = None
        self.broken = False
        """Whether a fault in it has been reported, so that nothing is known of its output."""


class LayerSpec(Spec):
    """A layer with one input."""

    __slots__ = ("pending", "type", "values")

    def __init__(self, word: str, type: type[Layer] | None) -> None:
        super().__init__(word)
        self.type = type
        self.values: dict[str, object] = {}
        """The attributes that are known, defaults included."""
        self.pending: dict[str, tuple[Kind, Template]] = {}
        """The attributes that await an expression's value."""


class CallSpec(Spec):
    """A block of the file's own, with arguments for its parameters."""

    __slots__ = ("arguments",)

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.arguments: dict[str, Number | Extents] = {}


class ForkSpec(Spec):
    """A join of branches that start here, or of volumes that exist already; or a head."""

    __slots__ = ("branches", "inside", "layer", "references", "training")

    def __init__(self, word: str, layer: Branching) -> None:
        super().__init__(word)
        self.layer = layer
        self.branches: list[tuple[str | None, list[Item]]] = []
        self.references: list[tuple[str, Place]] = []
        self.training = False
        """Whether only training runs it."""
        self.inside = 0
        """The faults that its branches' layers have for themselves."""


class Item(NamedTuple):
    """One item of a list of layers and where its parts stand."""

    spec: Spec
    start: Place
    place: Callable[[str | None], Place]
    """The place of an attribute's value; of the layer itself for None or where it is not written."""


class Block(NamedTuple):
    """A layer type of the file's own."""

    name: str
    parameters: dict[str, tuple[Number | Extents | None, Place]]
    """Each with its default, which may use those before it; None where it is required."""
    items: list[Item]
    place: Place
    broken: bool = False
    """Whether its layers could not be read, so that nothing is known of what it gives."""


class Claim(NamedTuple):
    """One line of `expect`: a figure of the totals, or the output volume."""

    key: str
    relation: str
    value: Number | Volume | Extents
    place: Place


class Document(NamedTuple):
    """A whole specification, with what it extends."""

    file: str
    name: str | None
    source: str | None
    input: Volume | Extents | None
    input_place: Place | None
    rounding: str | None
    parameters: dict[str, tuple[Number | Extents | None, Place]]
    """Each with its value; None where an error leaves it unknown."""
    blocks: dict[str, Block]
    items: list[Item]
    claims: list[Claim]
    findings: list[Finding]
