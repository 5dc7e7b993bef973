"""Generated networks for all tests: drawn by a `Random`, a seeded one or hypothesis' own, and written as specifications.

A list of layers keeps the axes as they are, so that lists can be joined; the file's own list changes them in between.
Without wild layers every network is sound, and PyTorch can build it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

from cnncalc import Volume
from cnncalc.layers import TYPES, Branching, activation
from cnncalc.layers.base import REQUIRED
from cnncalc.layers.kinds import VOLUME, Kind, Real
from cnncalc.volume import ALL_SIDES, AXES, SIDES

# A network as values


class Expression(NamedTuple):
    """Text in the place of a value, as it stands in a specification."""

    text: str


@dataclass(eq=False)
class Item:
    """One item of a list of layers."""

    word: str
    given: dict[str, Any] = field(default_factory=dict)
    """Attributes, or the arguments of a block."""
    branches: dict[str, list[Item]] | None = None
    """The lists of a branching layer; `residual` and `head` have one, called `layers`."""
    joins: tuple[Reference, ...] = ()
    """What a join by name joins."""
    reads: tuple[Reference, ...] = ()
    """What it reads in the place of the item before it."""
    shares: Item | None = None
    """The item whose weights it has."""
    named: bool = False
    repeat: Any = 1

    def name(self, among: list[Item]) -> str:
        """What it is called among the items of its list."""
        if self.named:
            return f"item{among.index(self)}"
        return f"{self.word}{[item for item in among if item.word == self.word].index(self) + 1}"


class Branch(NamedTuple):
    """What one branch of an item gives."""

    item: Item
    name: str


Reference: TypeAlias = "Item | Branch | str"
"""An item before it in its list, a branch of one, `previous`, or an input of the block."""


class Block(NamedTuple):
    parameters: dict[str, Expression | None]
    """Defaults; None where the parameter is required."""
    items: list[Item]
    inputs: tuple[str, ...] = ()


class File(NamedTuple):
    volume: Volume
    parameters: dict[str, Any]
    defaults: dict[str, dict[str, Any]]
    blocks: dict[str, Block]
    items: list[Item]
    set: dict[str, int]
    """Other values for parameters in this run."""


# As text


def spec(file: File) -> str:
    """The specification. Its first line is the input, a string or a list with the channels first."""
    lines = [f"input: {file.volume if file.volume.channels % 2 else file.volume.shape}"]
    lines += [f"parameters: {_flow(file.parameters)}", f"defaults: {_flow(file.defaults)}"]
    lines += ["blocks:"] if file.blocks else []
    for name, block in file.blocks.items():
        parameters = {key: value or "required" for key, value in block.parameters.items()}
        lines += [f"  {name}:", f"    parameters: {_flow(parameters)}"]
        lines += [f"    inputs: [{', '.join(block.inputs)}]"] if block.inputs else []
        lines += ["    layers:"]
        lines += [f"      - {_item(item, block.items)}" for item in block.items]
    return "\n".join([*lines, "layers:", *[f"  - {_item(item, file.items)}" for item in file.items], ""])


def _flow(value: Any) -> str:
    if isinstance(value, Expression):
        call = "(" in value.text and "," in value.text and value.text[0] not in "[{"
        return f'"{value.text}"' if call else value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    return str(list(value)) if isinstance(value, tuple) and not isinstance(value, Volume) else str(value)


def _item(item: Item, among: list[Item]) -> str:
    if item.joins:
        return f"{item.word}: [{', '.join(reference(other, among) for other in item.joins)}]"
    own = {**item.given, **({"name": item.name(among)} if item.named else {})}
    own |= {"repeat": item.repeat} if item.repeat != 1 else {}
    own |= {"from": f"[{', '.join(reference(other, among) for other in item.reads)}]"} if item.reads else {}
    own |= {"shares": reference(item.shares, among)} if item.shares else {}
    parts = [f"{key}: {_flow(value)}" for key, value in own.items()]
    for name, items in (item.branches or {}).items():
        parts.append(f"{name}: [{', '.join(_item(inner, items) for inner in items)}]")
    return f"{item.word}: {{{', '.join(parts)}}}" if parts else item.word


def reference(other: Reference, among: list[Item]) -> str:
    """The name by which an item of this list is known in it."""
    if isinstance(other, Branch):
        return f"{other.item.name(among)}.{other.name}"
    return other if isinstance(other, str) else other.name(among)


# Sound layers

CHANNELS: Final = Expression("channels")
MODES: Final = {1: ["nearest", "linear"], 2: ["nearest", "bilinear", "bicubic"], 3: ["nearest", "trilinear"]}
"""The modes of torch.nn.Upsample by the number of axes."""

STILL: Final[list[tuple[str, dict[str, Any]]]] = [
    ("max_pool", {"kernel": 3, "stride": 1, "padding": 1}),
    ("avg_pool", {"kernel": 4, "stride": 1, "padding": "same"}),
    ("lp_pool", {"kernel": 3, "stride": 1, "padding": "half"}),
    ("batch_norm", {}),
    ("batch_norm", {"affine": False}),
    ("batch_norm", {"eps": 0.001, "momentum": 3e-05}),
    ("layer_norm", {}),
    ("layer_norm", {"affine": False}),
    ("group_norm", {"groups": CHANNELS}),
    ("local_response_norm", {}),
    ("global_response_norm", {}),
    ("channel_shuffle", {"groups": CHANNELS}),
    ("prelu", {"shared": True}),
    ("scale", {}),
    ("leaky_relu", {"slope": 0.2}),
    ("gelu", {"approximate": "tanh"}),
    ("dropout", {"rate": 0.25}),
    *[(word, {}) for word, layer in TYPES.items() if layer.__module__ == activation.__name__],
]
"""Layers that leave any volume as it is."""

HALVING: Final[list[tuple[str, dict[str, Any]]]] = [
    ("conv", {"filters": 3, "kernel": 3, "stride": 2, "padding": 1}),
    ("conv", {"filters": 2, "kernel": 1, "stride": 2, "padding": "valid"}),
    ("conv", {"filters": 1, "kernel": 5, "stride": 2, "padding": "half"}),
    ("depthwise_conv", {"kernel": 4, "stride": 2, "padding": "same"}),
    ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}),
    ("avg_pool", {"kernel": 2, "rounding": "ceil"}),
]
"""Layers that halve the axes, an odd one rounded up."""

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "conv": {"bias": False, "padding": "half"},
    "fc": {"bias": False},
    "batch_norm": {"affine": False},
    "prelu": {"shared": True},
    "local_response_norm": {"size": Expression("width + channels")},
}

KEEPING: Final = [(1, 0), (1, "valid"), (3, 1), (3, "half"), (5, "half"), (4, "same"), (Expression("window"), "same")]
"""Kernels and paddings of convolutions that keep the axes at stride 1."""

ARITHMETIC: Final = ("{0} + {1}", "{0} - ({1})", "({0}) * {n}", "({0}) // {n}", "({0}) % {n}", "({0}) / {n} * {n}",
                     "0.5 * ({0}) * 2", "(({0}) % 4) ** 2", "(({0}) > ({1})) * {n}", "(({0}) != {n}) + ({1})",
                     "min({0}, {1})", "max({0}, {1}, {n})", "floor(({0}) / {n})", "ceil(({0}) / {n})",
                     "make_divisible(max({0}, 1) / 2, {n})")  # fmt: skip
TURN: Final = "(turn + 1)"
"""For `names`: a number from 1, where something is repeated."""
REPEATS: Final = (1, 1, 1, 0, 2, 3, *map(Expression, ("depth", "depth // 2", "depth > 0")))


def pointwise(filters: Any) -> Item:
    return Item("conv", {"filters": filters, "kernel": 1})


def tails() -> list[list[Item]]:
    """What can end a network."""
    return [
        [],
        [Item("flatten"), Item("fc", {"units": Expression("width")}), Item("relu")],
        [Item("global_avg_pool"), Item("flatten"), Item("batch_norm"), Item("fc", {"units": Expression("2 * channels")})],
        [Item("fc", {"units": 12}), Item("prelu"), Item("reshape", {"volume": Volume(3, (2, 2))}), pointwise(CHANNELS)],
    ]  # fmt: skip


def numbered(parts: Sequence[list[Item]]) -> list[Item]:
    """One list. What is referred to has a name if repeats before it move its number."""
    items = [item for part in parts for item in part]
    repeated = {item.word for item in items if item.repeat != 1}
    for other in [other for item in items for other in (*item.joins, *item.reads, item.shares)]:
        part = other.item if isinstance(other, Branch) else other
        if isinstance(part, Item):
            part.named = part.named or part.word in repeated
    return items


class Around(NamedTuple):
    """Where a list of items stands."""

    names: tuple[str, ...]
    """The numbers that an expression can name, each at least 1."""
    blocks: dict[str, Block]
    """Those that can be called."""
    depth: int = 0


class Networks:
    """Draws a network on one, two or three axes.

    Of a hundred layers `wild` are of any type with any attributes. Of a hundred of their numbers `large` are near a
    power of two; for a few of the others stands one of the `odd` texts.
    """

    def __init__(self, draw: Random, *, wild: int = 0, large: int = 0, odd: tuple[str, ...] = ()) -> None:
        self.draw, self.wild, self.large, self.odd = draw, wild, large, odd
        self.rank = draw.randint(1, 3)
        self.least = 60
        """No axis is shorter: what is left for windows to take away."""

    def chance(self, percent: int) -> bool:
        return self.draw.randrange(100) < percent

    def file(self) -> File:
        draw = self.draw
        parameters = {
            "width": draw.randint(1, 6),
            "depth": draw.randrange(3),
            "wide": Expression("2 * width + depth"),
            "window": tuple(draw.randint(1, 3) for _ in range(self.rank)),
        }
        names = ("channels", "width", "wide", f"(volume.{AXES[self.rank][0]} % 5 + 1)")
        inside, blocks = (*names, "block.channels"), dict[str, Block]()
        for word in ("unit", "stage")[: draw.randrange(3)]:
            own = {"filters": None, "width": self.expression(inside), "inner": self.expression((*inside, "filters"))}
            around = Around((*inside, "filters", "inner"), dict(blocks), 1)
            blocks[word] = self.of_two(own, around) if self.chance(30) else Block(own, self.items(around))
        items = numbered([self.part(Around(names, blocks)) for _ in range(draw.randint(1, 4))])
        defaults = {word: given for word, given in DEFAULTS.items() if self.chance(30)}
        given = {name: draw.randint(1, 4) for name in ("width", "depth", "wide") if self.chance(30)}
        return File(self.volume(), parameters, defaults, blocks, items + draw.choice(tails()), given)

    def chain(self) -> File:
        """Layers that slide a window or leave the volume as it is."""
        items = [self.draw.choice((self.window, self.window, self.still))() for _ in range(self.draw.randint(1, 6))]
        return File(self.volume(), {}, {}, {}, items, {})

    def volume(self) -> Volume:
        return Volume(self.draw.randint(1, 6), tuple(self.draw.randint(60, 90) for _ in range(self.rank)))

    def arithmetic(self, names: tuple[str, ...], depth: int = 2) -> str:
        """Any that comes to a whole number."""
        number = self.draw.randint(1, 6)
        if not depth or self.chance(30):
            return self.draw.choice((*names, str(number)))
        parts = [self.arithmetic(names, depth - 1) for _ in range(2)]
        return self.draw.choice(ARITHMETIC).format(*parts, n=number)

    def expression(self, names: tuple[str, ...]) -> Expression:
        """A name, or arithmetic that comes to a small whole number from 1."""
        if self.chance(50):
            return Expression(self.draw.choice(names))
        return Expression(f"({self.arithmetic(names)}) % {self.draw.randint(2, 7)} + 1")

    def of_two(self, parameters: dict[str, Expression | None], around: Around) -> Block:
        """A block with two inputs."""
        inner = around._replace(names=(*around.names, "right.channels"))
        side = self.conv(inner)
        side.reads = ("right",)
        items = numbered([self.items(inner), [side], [Item("concat", joins=("previous", "left", "right"))]])
        return Block(parameters, items, ("left", "right"))

    # Lists

    def items(self, around: Around) -> list[Item]:
        kinds = [self.layer, self.layer]
        if around.depth < 2:
            kinds += [self.forked, self.joined, self.going_on]
        if around.blocks:
            kinds += [self.called]
        return numbered([self.draw.choice(kinds)(around) for _ in range(self.draw.randint(1, 3))])

    def part(self, around: Around) -> list[Item]:
        """A part of the file's own list. A change takes no more than a window of 7 at stride 3 does."""
        if self.least < 12 or self.chance(40):
            return self.items(around)
        self.least = min(12, (self.least - 7) // 3 + 1)
        return [self.draw.choice((self.changing, self.changing, self.changing, self.halved))()]

    def layer(self, around: Around) -> list[Item]:
        if self.chance(self.wild):
            return [self.any_layer(around)]
        repeat = self.draw.choice(REPEATS)
        within = around if repeat == 1 else around._replace(names=(*around.names, TURN))
        item = self.still() if self.chance(50) else self.conv(within)
        if self.chance(4):  # torch refuses it on a single cell, so that it is none of the still ones
            item = Item("instance_norm", {"affine": self.chance(50)})
        item.repeat = repeat
        return [item]

    def still(self) -> Item:
        word, given = self.draw.choice(STILL)
        return Item(word, dict(given))

    def conv(self, around: Around) -> Item:
        draw = self.draw
        kernel, padding = draw.choice(KEEPING)
        given: dict[str, Any] = {"kernel": kernel, "padding": padding}
        if padding in ("half", "same"):
            given["dilation"] = draw.randint(1, 3)
        if self.chance(50):
            given["bias"] = self.chance(50)
        if self.chance(10):
            given["learned"] = self.chance(30)
        if self.chance(25):
            return Item("depthwise_conv", given | {"multiplier": draw.randint(1, 2)})
        if self.chance(25):
            return Item("conv", given | {"groups": CHANNELS, "filters": Expression("2 * channels")})
        return Item("conv", given | {"filters": self.expression(around.names)})

    def keeping_channels(self) -> list[Item]:
        """Wider by a factor, then narrower by the same, with something in between."""
        factor = self.draw.randint(1, 3)
        middle = [self.still() for _ in range(self.draw.randrange(3))]
        return [pointwise(Expression(f"{factor} * channels")), *middle, pointwise(Expression(f"channels / {factor}"))]

    def forked(self, around: Around) -> list[Item]:
        """A layer with branches, behind what it needs."""
        draw, inner = self.draw, around._replace(depth=around.depth + 1)
        word = draw.choice(("residual", "add", "multiply", "concat", "split", "head"))
        repeat = 1 if word == "split" else draw.randint(1, 2)
        if repeat > 1:
            inner = inner._replace(names=(*inner.names, TURN))
        given: dict[str, Any] = {}
        if word == "residual":
            pool = [Item("global_avg_pool")] if draw.choice((True, False)) else []
            branches = {"layers": [*pool, *self.keeping_channels()]}
        elif word == "add":
            branches = {"body": self.keeping_channels(), "shortcut": []}
        elif word == "multiply":
            gate = [Item("global_avg_pool"), *self.keeping_channels(), Item("sigmoid")]
            branches = {"features": [], "gate": gate}
        elif word == "head":
            tail = [Item("global_max_pool"), Item("fc", {"units": self.expression(around.names)})]
            branches, given = {"layers": [*self.items(inner), *tail]}, {"training": self.chance(50)}
        else:
            branches = {f"way{index}": self.items(inner) for index in range(draw.randint(2, 3))}
        item = Item(word, given, branches, named=word == "head" or self.chance(50), repeat=repeat)
        return self.divided(item) if word == "split" else [item]

    def divided(self, item: Item) -> list[Item]:
        """A split into equal or unequal parts, of which one is perhaps read by itself."""
        assert item.branches is not None
        sizes = tuple(self.draw.randint(1, 3) for _ in item.branches)
        if self.chance(50):
            sizes = (sizes[0],) * len(sizes)
        else:
            item.given["sizes"] = sizes
        read = [Item("concat", joins=(Branch(item, "way1"), "previous"))] if self.chance(50) else []
        return [pointwise(sum(sizes)), item, *read]

    def joined(self, around: Around) -> list[Item]:
        """Layers, the first of which is joined again further on."""
        first = pointwise(self.expression(around.names))
        first.named = self.chance(50)
        word, count = self.draw.choice(("concat", "add", "multiply")), self.draw.randrange(4)
        others: list[Reference] = [first, "previous"]
        if word != "concat":
            return [first, *[self.still() for _ in range(count)], Item(word, joins=tuple(others))]
        others += ["input"] if "block.channels" in around.names else []
        self.draw.shuffle(others)
        between = [item for _ in range(count) for item in self.layer(around)]
        return [first, *between, Item(word, joins=tuple(others))]

    def going_on(self, around: Around) -> list[Item]:
        """A layer that goes on from an earlier one, or has its weights, or both."""
        first = Item("conv", {"filters": CHANNELS, "kernel": 3, "padding": 1}, named=self.chance(50))
        between = [self.still() for _ in range(self.draw.randrange(3))]
        last = self.conv(around)
        if self.chance(50):
            last = Item("conv", {**first.given, "padding": 2, "dilation": 2}, shares=first)
        if last.shares is None or self.chance(50):
            last.reads = (first,)
        last.repeat = self.draw.choice((1, 1, 2))
        return [first, *between, last]

    def called(self, around: Around) -> list[Item]:
        word = self.draw.choice(sorted(around.blocks))
        parameters = around.blocks[word].parameters
        names = [name for name, default in parameters.items() if default is None or self.chance(50)]
        given = {name: self.expression(around.names) for name in names}
        call = Item(word, given, named=self.chance(50), repeat=self.draw.choice((1, 1, 2, 0)))
        if not around.blocks[word].inputs:
            return [call]
        first = pointwise(self.expression(around.names))
        call.reads = ("previous", first)
        return [first, self.still(), call]

    # Layers that change the axes

    def halved(self) -> Item:
        """Branches that all halve the axes and have one number of channels."""
        chosen = [self.draw.choice(HALVING) for _ in range(self.draw.randint(2, 3))]
        filters = self.draw.randint(1, 6)
        branches = {f"way{index}": [Item(*pair), pointwise(filters)] for index, pair in enumerate(chosen)}
        return Item(self.draw.choice(("add", "multiply", "concat")), branches=branches)

    def extents(self, least: int, most: int) -> int | tuple[int, ...]:
        """One number, or one for each axis."""
        each = tuple(self.draw.randint(least, most) for _ in range(self.rank))
        return each if self.chance(50) else each[0]

    def sides(self) -> dict[str, int]:
        return {side: 1 for pair in SIDES[self.rank] for side in pair if self.chance(30)} or {SIDES[self.rank][0][0]: 2}

    def window(self) -> Item:
        """A convolution or a pool of up to 3, its taps up to 3 apart."""
        word = self.draw.choice(("conv", "depthwise_conv", "max_pool", "avg_pool", "lp_pool"))
        given: dict[str, Any] = {"kernel": self.extents(1, 3), "stride": self.extents(1, 3)}
        if "conv" in word:
            given |= {"dilation": self.extents(1, 3), "padding": self.draw.choice((0, 1, self.sides(), "same"))}
        else:
            given |= {"padding": self.draw.choice(("valid", "same"))}
        return Item(word, given | {"filters": self.draw.randint(1, 6)} if word == "conv" else given)

    def changing(self) -> Item:
        draw, stride = self.draw, self.draw.randint(1, 3)
        transposed = {"kernel": draw.randint(1, 6), "stride": stride, "output_padding": draw.randrange(stride)}
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("max_pool", {"kernel": draw.randint(1, 3), "rounding": draw.choice(("floor", "ceil"))}),
            ("max_pool", {"kernel": 2, "dilation": self.extents(1, 3), "stride": stride}),
            ("avg_pool", {"kernel": 3, "stride": stride, "padding": 1, "rounding": "floor"}),
            ("transposed_conv", transposed | {"filters": draw.randint(1, 6), "dilation": draw.randint(1, 3)}),
            ("transposed_conv", {"filters": CHANNELS, "groups": CHANNELS, "kernel": 3, "padding": 1, "bias": False}),
            ("upsample", {"factor": self.extents(1, 3), "mode": draw.choice(MODES[self.rank])}),
            ("transposed_conv", {"filters": 2, "kernel": draw.randint(1, 6), "stride": stride, "padding": "same"}),
            ("upsample", {"size": self.extents(12, 20)}),
            ("upsample", {"size": self.extents(12, 20), "mode": MODES[self.rank][1], "align_corners": True}),
            ("pad", {"amount": self.sides()}),
            ("pad", {"amount": 1, "mode": draw.choice(("reflect", "replicate", "circular"))}),
            ("crop", {"amount": draw.choice((1, self.sides()))}),
            (draw.choice(("adaptive_avg_pool", "adaptive_max_pool")), {"size": self.extents(12, 20)}),
        ]
        return self.window() if self.chance(30) else Item(*draw.choice(kinds))

    # Wild layers

    def any_layer(self, around: Around) -> Item:
        """A layer of any type, whether or not it can stand here, its values mostly of their kinds."""
        word = self.draw.choice(list(TYPES))
        cls, given = TYPES[word], {**self.attributes(word), **self.common()}
        if not issubclass(cls, Branching) or around.depth > 2:
            return Item(word, given)
        if cls.takes_references and self.chance(40):
            names = ("previous", "input", "item0", "item1", "conv1", "way0", "1b")
            return Item(word, joins=tuple(self.draw.choice(names) for _ in range(self.draw.randint(2, 3))))
        inner = around._replace(depth=around.depth + 1)
        lists = ["layers"] if cls.one_body else [f"way{index}" for index in range(self.draw.randrange(4))]
        return Item(word, given, {name: self.items(inner) for name in lists}, named=word == "head" and self.chance(90))

    def common(self) -> dict[str, Any]:
        """Attributes that every layer takes, now and then."""
        values = {
            "name": f"item{self.draw.randrange(4)}",
            "repeat": Expression(self.number(0)),
            "rounding": self.draw.choice(("exact", "floor", "ceil", "up")),
            "expect": Expression(self.any_volume()),
        }
        return {name: value for name, value in values.items() if self.chance(10)}

    def attributes(self, word: str) -> dict[str, Any]:
        """Values of their kinds for most attributes that must be given, and for some of the others."""
        return {
            name: Expression(self.value(described.kind))
            for name, described in TYPES[word].attributes.items()
            if self.chance(97 if described.default is REQUIRED else 30)
        }

    def value(self, kind: Kind) -> str:
        """What an attribute of this kind takes, mostly."""
        if kind is VOLUME:
            return self.any_volume()
        if isinstance(kind, Real):
            return self.draw.choice(("0.5", "0", "1", "1e-3", "1 / 3", "0.999999999999999999", "2", "-.5", "1e99"))
        if kind.words and (not kind.numeric or self.chance(30)):
            return self.draw.choice(kind.words)
        if kind.sided and self.chance(30):
            sides = self.draw.choice(([side for pair in SIDES[self.rank] for side in pair], ALL_SIDES))
            return _flow({self.draw.choice(sides): self.number(kind.least) for _ in range(2)})
        if kind.per_axis and self.chance(30):
            count = self.rank if self.chance(80) else self.draw.randint(1, 3)
            return f"[{', '.join(self.number(kind.least) for _ in range(count))}]"
        return self.number(kind.least)

    def number(self, least: int) -> str:
        if self.chance(self.large):
            return str(max(least, (1 << self.draw.randrange(54)) - self.draw.randrange(3)))
        if self.chance(15):
            return self.draw.choice((*self.odd, "channels", "width", "wide", "depth"))
        return str(max(least, self.draw.choice((0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12))))

    def any_volume(self) -> str:
        return f"[{', '.join(self.number(1) for _ in range(1 + self.draw.choice((0, 1, self.rank, self.rank, 3))))}]"
