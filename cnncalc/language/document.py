"""What a specification says, typed and with places, before any volume is known."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from cnncalc.findings import Finding, Place, Places
from cnncalc.language.expression import Expression
from cnncalc.layers import Branching, Layer
from cnncalc.layers.kinds import Kind
from cnncalc.volume import PARTS, Sided, Volume

Number: TypeAlias = int | Expression
Extents: TypeAlias = tuple[Number, ...]
Template: TypeAlias = bool | float | str | Volume | Sided | Number | Extents | dict[str, Number]
"""An attribute's value as read: a constant, or with expressions where numbers will stand."""
Parameters: TypeAlias = dict[str, tuple[Number | Extents | None, Place]]
"""Names with what they stand for and where that is written; it may use the names before it."""


TURN: Final = "turn"
"""The number, from 0, of the turn of what is repeated."""
VOLUME: Final = "volume"
"""What comes into a layer."""
MEASURES: Final = frozenset([f"{VOLUME}.{part}" for part in PARTS])
"""`volume.height` and its like."""


class Reference(NamedTuple):
    """A path that stands for a volume given before, or for a layer whose weights are shared."""

    path: str
    place: Place | None = None
    """None for the only one of its attribute, whose place each item has."""


class Claim(NamedTuple):
    """One line of `expect`."""

    key: str
    """The figure, or `output`."""
    relation: str
    stated: Number | Volume | Extents
    place: Place
    of: str | None = None
    """The output that it speaks of, by its name; None for what comes out last."""


class Spec:
    """What one item of a list of layers says. Items that say the same may share one."""

    __slots__ = (
        "by_parts", "by_turn", "by_volume", "expect", "inherited", "invalid", "name", "reads", "repeat", "rounding",
        "shares", "word", "written",
    )  # fmt: skip

    def __init__(self, word: str) -> None:
        self.word = word
        """The layer type, or the block's name."""
        self.written: tuple[str, ...] = ()
        """The attributes that are written, in the order of the places that each item has for them; defaults last."""
        self.inherited: tuple[Place, ...] = ()
        """Where the file's defaults stand that it has."""
        self.by_parts = False
        """Whether parts of the main attribute are written in its place."""
        self.by_turn = self.by_volume = False
        """Whether a value in it names the turn, or what comes in by more than its channels."""
        self.name: str | None = None
        self.reads: tuple[Reference, ...] = ()
        """What it reads in the place of the volume before it; of a join what it joins."""
        self.shares: str | None = None
        """The path of the layer or block whose weights it has."""
        self.repeat: Number = 1
        self.rounding: str | None = None
        self.expect: Volume | Extents | None = None
        self.invalid = False
        """Whether a fault in it has been reported, so that nothing is known of its output."""

    @property
    def leaves_chain(self) -> bool:
        """Whether the chain goes on from before it."""
        return False

    def note(self, names: Collection[str]) -> None:
        """Note what its values name."""
        self.by_turn |= TURN in names
        self.by_volume |= not MEASURES.isdisjoint(names)


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

    __slots__ = ("branches", "layer", "sizes", "training")

    def __init__(self, word: str, layer: Branching) -> None:
        super().__init__(word)
        self.layer = layer
        self.branches: list[tuple[str | None, list[Item], Place]] = []
        """Each with its name, where it has one."""
        self.sizes: Number | Extents | None = None
        """The channels of each branch, where the layer divides them unequally."""
        self.training = False
        """Whether only training runs it."""

    @property
    def leaves_chain(self) -> bool:
        return self.layer.leaves_chain


class Item(NamedTuple):
    """One item of a list of layers: what it says, and where that stands."""

    spec: Spec
    places: Places


class Block(NamedTuple):
    """A layer type of the file's own."""

    name: str
    parameters: Parameters
    """None where the value is required."""
    items: list[Item]
    place: Place
    inputs: tuple[str, ...] = ()
    """What its layers call the volumes that a call hands in; none where it has one, without a name."""
    used: Collection[str] = ()
    """The names in the defaults of its parameters."""
    invalid: bool = False
    """Whether its layers could not be read, so that nothing is known of what it gives."""


class Document(NamedTuple):
    """A whole specification, with what it extends."""

    file: str
    findings: list[Finding]
    name: str | None = None
    source: str | None = None
    task: str | None = None
    input: Volume | Extents | None = None
    input_place: Place | None = None
    rounding: str | None = None
    parameters: Mapping[str, tuple[Number | Extents | None, Place]] = {}
    """None where an error leaves the value unknown."""
    blocks: Mapping[str, Block] = {}
    items: Sequence[Item] = ()
    outputs: Sequence[Reference] = ()
    """What the network gives, where that is not the last layer's volume alone."""
    claims: Sequence[Claim] = ()
    own_claims: bool = False
    """Whether the file has an `expect` of its own, so that nothing is held to what those that it extends expect."""
    comments: Mapping[tuple[str, int, int], str] = {}
    """What comments say, read where they are asked for: by the file, the line that they stand on or right above, and
    the column behind what else is on it."""
