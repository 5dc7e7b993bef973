"""What a layer type is: its attributes and their kinds, and the figures every layer can give.

A layer type is one class. Its class keywords (`type`, `also`) and its attributes are the only
description of it: the reader, the suggestions, the reference and `explain` are drawn from them.
"""

from collections.abc import Iterator
from math import gcd
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias, dataclass_transform

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS, Window
from cnncalc.findings import LayerError
from cnncalc.layers.kinds import Kind
from cnncalc.volume import AXES, SIDES, Sided, Volume

# What an attribute holds. Every number is an int; axes come in the order of `volume.AXES`.
Extents: TypeAlias = int | tuple[int, ...]
Sides: TypeAlias = int | tuple[int, ...] | Sided
Padding: TypeAlias = Sides | str
Line: TypeAlias = tuple[str, str]
"""One line of the working: what is computed, and the computation."""

REQUIRED: Final = object()


class Attribute(NamedTuple):
    """One attribute of a layer type."""

    kind: Kind
    default: Any = REQUIRED
    main: bool = False
    """Whether a bare value means this attribute, as in `fc: 4096`."""
    also: tuple[str, ...] = ()
    """What PyTorch, Keras or Caffe call it."""
    default_says: str = ""
    """The default in words, where it is not a value of its own."""
    for_values: bool = False
    """Whether it is there for the values that the layer computes: no count depends on it, and tables leave it out."""


def attribute(
    kind: Kind, *, default: Any = REQUIRED, main: bool = False, also: tuple[str, ...] = (), default_says: str = ""
) -> Any:
    """Declare an attribute of a layer type in its class body."""
    return Attribute(kind, default, main, also, default_says)


def value_attribute(kind: Kind, *, default: Any, also: tuple[str, ...] = ()) -> Any:
    """Declare an attribute that no count depends on."""
    return Attribute(kind, default, also=also, for_values=True)


COMMON: Final = {
    "name": "what the layer is called; otherwise its type and its place among its kind, `conv1`",
    "from": "what it reads in the place of the layer before it: a name, or of several volumes a list of names",
    "repeat": "how often it stands in a row; a whole number from 0",
    "rounding": f"{', '.join(ROUNDINGS)}: what to do where the stride does not fit",
    "shares": "the earlier layer or block whose weights it has",
    "expect": "the output volume that it must have",
}
"""The attributes that every layer takes."""


_NO_DIFFERENCE: Final = "leave it away: it changes no shape and no count"
_FROM_BEFORE: Final = "leave it away: the channels are those of the volume that comes in"
_ONE_AXIS: Final = "leave it away: the channels are one axis by themselves, wherever a tool keeps them"
_WHOLE: Final = "leave it away: the whole volume becomes one vector; `reshape` gives it another shape"
_AT_INPUT: Final = "write the volume once, as `input` of the file"
_INERT: Final = (
    "eps epsilon momentum inplace padding_mode value threshold return_indices divisor_override init antialias "
    "recompute_scale_factor process_group synchronized renorm renorm_clipping renorm_momentum fused trainable training "
    "dtype device seed noise_shape autocast quantization_config _initializer _regularizer _constraint _filler"
)
FOREIGN: Final = {
    "activation": "write the activation as a layer of its own behind this one",
    "ceil_mode": "write `rounding: ceil` where it is true",
    "keepdims": "leave it away: the axes stay, each of size 1; `- flatten` behind it makes a vector",
    "bias": "leave it away; of a norm `affine` says whether it learns its factor and its bias",
    "max_value": "leave it away: it changes no shape and no count; `relu6` ends at 6",
    "num_parameters": "write `shared: true` for one slope; otherwise leave it away, it is one for each channel",
    "track_running_stats": "leave it away: `batch_norm` keeps running statistics, the other norms have none",
    "type": "leave it away: the type of a layer is its key",
    **dict.fromkeys(["input_shape", "input_dim", "input_size", "batch_input_shape", "batch_shape"], _AT_INPUT),
    **dict.fromkeys(["start_dim", "end_dim"], _WHOLE),
    **dict.fromkeys(["dim", "axis", "axes", "data_format"], _ONE_AXIS),
    **dict.fromkeys(["in_channels", "in_features", "num_features", "num_channels", "normalized_shape"], _FROM_BEFORE),
    **dict.fromkeys(_INERT.split(), _NO_DIFFERENCE),
    "padding_mode": "pad in a layer of its own before this one, as in `- pad: {amount: 1, mode: reflect}`",
}
"""What PyTorch and Keras have attributes for and cnncalc has none, and what to do instead; `_…` for all that end so."""


def foreign_remedy(word: str) -> str | None:
    """What to do instead of an attribute that other tools have."""
    ending = word.lower().rpartition("_")[2]
    return FOREIGN.get(word.lower()) or FOREIGN.get(f"_{ending}")


class Kept(NamedTuple):
    """What PyTorch's autograd keeps of a layer for its backward pass, for one example; parameters and buffers aside."""

    input: bool = False
    """The whole volume that it reads."""
    output: bool = False
    """The whole volume that it gives."""
    numbers: int = 0
    """How many numbers beside them."""
    indices: int = 0
    """How many indices, of 8 bytes each."""
    statistics: int = 0
    """How many means and deviations."""
    of_batch: int = 0
    """How many of these of the whole batch."""
    same: bool = False
    """Whether it gives the very volume that it reads."""
    cut: bool = False
    """Whether it cuts what it gives off something larger."""


ORDERED, STEADY, FLAT, PART, LIKE, PERMUTED = "ordered", "steady", "flat", "part", "like", "permuted"
"""What the order of numbers in memory has to do with what a layer keeps and gives.

An `ordered` one copies its input where that is not in order, and gives what is. The others keep the same whatever the
order is. A `steady` one's output is in order where its input is, or is some channels of one that is. A `flat` one reads
a vector, for which a volume that is not in order is copied; a `part` one gives some channels. The output of a function
of each number is `like` its input, and that of a `permuted` one in another order.
"""


@dataclass_transform(kw_only_default=True, field_specifiers=(attribute, value_attribute))
class Layer:
    """A layer: its attributes as they were given, and what follows from them for a volume.

    Attributes are keyword arguments. Raises LayerError where a value is not of its kind. A layer
    cannot be changed once it is made; two with equal attributes are equal, and hash alike.

    The methods take the volume that comes in. They raise LayerError where the layer cannot be
    put on that volume; only `output` needs to be asked first.
    """

    type: ClassVar[str] = ""
    also: ClassVar[tuple[str, ...]] = ()
    attributes: ClassVar[dict[str, Attribute]] = {}
    main: ClassVar[str | None] = None
    example: ClassVar[str] = ""
    in_place: ClassVar[bool] = False
    """Whether the output needs no numbers of its own (activation functions, dropout, renamings)."""
    overwrites: ClassVar[bool] = False
    """Whether at inference it can write each number over the one that it is made of."""
    renames: ClassVar[bool] = False
    """Whether what it gives is the volume that it reads, or some channels of it, under another name."""
    reads_all: ClassVar[bool] = False
    """Whether each number that comes out depends on every number that comes in."""
    keeps: ClassVar[Kept | None] = None
    """What autograd keeps of it, where that is the same for all; None where it is not known."""
    order: ClassVar[str] = ORDERED
    """One of the words above."""
    alternatives: ClassVar[tuple[str, ...]] = ()
    """The attributes of which it takes one."""
    rounding: str | None = None
    _given: tuple[object, ...]
    """The type, the rounding and the values of all attributes: what equal layers have in common."""
    _hash: int

    def __init_subclass__(cls, type: str = "", also: tuple[str, ...] = (), example: str = "") -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Attribute)}
        inherited = {name: a for base in cls.__bases__ for name, a in getattr(base, "attributes", {}).items()}
        merged = {**own, **{name: a for name, a in inherited.items() if name not in own}}
        cls.attributes = dict(sorted(merged.items(), key=lambda item: item[1].default is not REQUIRED))
        cls.type, cls.also, cls.example = type, also, example or f"- {type}"
        cls.main = next((name for name, a in cls.attributes.items() if a.main), None)

    def __init__(self, **values: Any) -> None:
        rounding = values.pop("rounding", None)
        if rounding not in (None, *ROUNDINGS):
            raise LayerError(findings.not_words("rounding", str(rounding), ROUNDINGS))
        kept: dict[str, Any] = {}
        for name, described in self.attributes.items():
            value = values.pop(name, described.default)
            if value is REQUIRED:
                raise LayerError(findings.missing_attribute(self.type, [name], self.example))
            kept[name] = _frozen(value)
            if value is not described.default and not described.kind.accepts(kept[name]):
                raise LayerError(findings.bad_value(name, described.kind.says, str(value)))
        if values:
            word = next(iter(values))
            raise LayerError(findings.unknown_attribute(self.type, word, None, list(self.attributes)))
        self._fill(kept, rounding)

    @classmethod
    def of(cls, values: dict[str, Any], rounding: str | None) -> "Layer":
        """A layer from values already checked, every default filled in."""
        layer = cls.__new__(cls)
        layer._fill(values, rounding)
        return layer

    def _fill(self, values: dict[str, Any], rounding: str | None) -> None:
        given = (type(self), rounding, *map(values.__getitem__, self.attributes))
        # The hash is asked for at every node that has the layer: kept, it saves a tenth of building and of analysing.
        self.__dict__.update(values, rounding=rounding, _given=given, _hash=hash(given))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a layer cannot be changed, and so not its {name}: make another one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a layer cannot be changed, and so not its {name}: make another one")

    def __repr__(self) -> str:
        given = ", ".join(
            f"{n}={getattr(self, n)!r}" for n, a in self.attributes.items() if getattr(self, n) != a.default
        )
        return f"{type(self).__name__}({given})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layer) and self._given == other._given

    def __hash__(self) -> int:
        return self._hash

    def output(self, volume: Volume) -> Volume:
        """The output volume. As it comes in, unless a type says otherwise."""
        return volume

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        """The window along each axis, for the layers that slide one forward; otherwise none."""
        return ()

    def weights(self, volume: Volume) -> int:
        """Learned numbers, biases aside."""
        return 0

    def biases(self, volume: Volume) -> int:
        """Learned numbers that are added, one to each output channel."""
        return 0

    def buffers(self, volume: Volume) -> int:
        """Numbers kept with the weights but not learned: running statistics, fixed weights."""
        return 0

    def macs(self, volume: Volume) -> int:
        """Multiply-accumulates of one forward pass of one example, weights only."""
        return 0

    def connections(self, volume: Volume) -> int:
        """Connections from inputs and biases to the output's neurons, each counted once."""
        return 0

    def gemm(self, volume: Volume) -> tuple[int, int, int, int] | None:
        """The matrix product (m x k)·(k x n) that the layer is, and its groups; None if it is none."""
        return None

    def is_depthwise(self, volume: Volume) -> bool:
        """Whether it is a convolution of each channel on its own."""
        return False

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        """What autograd keeps of it where it or what it reads has a gradient; `learns` says whether the latter has.

        None where that is not known. As the code has it that is exported for PyTorch.
        """
        return self.keeps

    def field(self, volume: Volume) -> "tuple[FieldStep, ...]":
        """What the layer does to the receptive field along each axis."""
        return tuple([FieldStep()] * len(volume.spatial))

    def says(self, rank: int) -> str:
        """Its attributes in a few words, for a table's row, on `rank` spatial axes."""
        return ""

    def described(self, volume: Volume) -> dict[str, object]:
        """What the JSON output says of it beyond its window and its figures."""
        return self.for_values

    @property
    def for_values(self) -> dict[str, object]:
        """The attributes that no count depends on."""
        return {name: getattr(self, name) for name, each in self.attributes.items() if each.for_values}

    def working(self, volume: Volume) -> Iterator[Line]:
        """The computation of its own figures with the numbers put in, line by line."""
        return iter(())


class FieldStep(NamedTuple):
    """Which input cells an output cell o reads along one axis.

    Those i for which up·i = stride·o - before + dilation·t with a tap t below `taps`: a window (`up` 1), a
    transposed convolution (`stride` 1), or a change of size from `stride` to `up` cells.
    """

    taps: int = 1
    dilation: int = 1
    stride: int = 1
    before: int = 0
    up: int = 1
    bounded: bool = False
    """Whether there are no cells beside the volume that it reads, and none beside the one that it makes."""
    exact: bool = False
    """Whether a middle tap that lies on a cell takes it as it is, and the other taps add nothing."""
    repeats: str = ""
    """`reflect`, `replicate` or `circular` where a cell beside the volume is one of its cells again."""

    def reads(self, cell: int) -> range:
        """The input cells that an output cell reads."""
        first, middle = self.stride * cell - self.before, self.dilation * (self.taps // 2)
        if self.exact and (first + middle) % self.up == 0:
            return range((first + middle) // self.up, (first + middle) // self.up + 1)
        common = gcd(self.dilation, self.up)
        if first % common:
            return range(0)
        first, step, every = first // common, self.dilation // common, self.up // common
        tap = -first * pow(step, -1, every) % every  # the first that lies on a cell
        return range((first + step * tap) // every, (first + step * self.taps + every - 1) // every, step)


def require_axes(layer: Layer, volume: Volume) -> None:
    """Raises LayerError where a layer that needs spatial axes meets a vector."""
    if not volume.spatial:
        raise LayerError(findings.needs_axes(layer.type, str(volume)))


def repeated(cell: int, size: int, how: str) -> int:
    """Which of `size` cells a cell beside them repeats."""
    if how == "circular":
        return cell % size
    beside = cell if cell < 0 else max(0, cell - size + 1)
    return cell - beside * (2 if how == "reflect" else 1)


def per_axis(value: Extents, volume: Volume, name: str) -> tuple[int, ...]:
    """One number for each axis of the volume. Raises LayerError where a list has another length."""
    rank = len(volume.spatial)
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise LayerError(findings.wrong_rank(name, len(value), rank, AXES[rank]))
    return value


def per_side(value: Sides, volume: Volume, name: str) -> tuple[tuple[int, int], ...]:
    """(before, after) for each axis of the volume. Raises LayerError as `per_axis`, and for other sides."""
    if not isinstance(value, Sided):
        return tuple((n, n) for n in per_axis(value, volume, name))
    sides, given = SIDES[len(volume.spatial)], dict(value)
    other = [side for side in given if not any(side in pair for pair in sides)]
    if other:
        raise LayerError(findings.wrong_sides(name, other, [f"`{side}`" for pair in sides for side in pair]))
    return tuple((given.get(first, 0), given.get(second, 0)) for first, second in sides)


def _frozen(value: Any) -> Any:
    """The value of an attribute as it is kept: lists as tuples, mappings of sides in their order."""
    if isinstance(value, list):
        return tuple(value)
    return Sided.of(value) if isinstance(value, dict) else value


def plain(value: object) -> str:
    """The value of an attribute as it would be written: `1e-5` and `true`."""
    return str(value).replace("e-0", "e-").lower()


def times(*factors: object) -> str:
    """`11·11·3`, leaving out nothing: the factors of a product as the textbook writes them."""
    return "·".join(f"{factor:,}" if isinstance(factor, int) else str(factor) for factor in factors)


def by(extents: Extents, rank: int) -> str:
    """`11x11` for 11 on two axes, `1x7` for a list."""
    return "x".join(map(str, extents if isinstance(extents, tuple) else (extents,) * max(rank, 1)))


def brief(extents: Padding) -> str:
    """`4` where all axes are alike, otherwise `1x2`; sides by their names, words as they are."""
    if isinstance(extents, tuple) and not isinstance(extents, Sided):
        return str(extents[0]) if len(set(extents)) == 1 else "x".join(map(str, extents))
    return str(extents)
