"""Generated networks, twice: as the text of a specification, and as torch runs it on tensors without data.

The text and the run come from the same items and share nothing else: names, repeats, blocks, expressions
and joins are worked out here anew, after specs/README.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any, Final, NamedTuple, TypeAlias

from hypothesis import strategies as st

from cnncalc import Volume
from tests.conformance.cases import MODES
from tests.conformance.torch_side import ACTIVATIONS, flops_of, joined, module, torch

BATCH: Final = 2
"""Examples in a batch."""

Names: TypeAlias = dict[str, Any]
"""What an expression can name: numbers, and lists of numbers."""


class Expression(NamedTuple):
    """Arithmetic, as it stands in a specification."""

    text: str

    def value(self, names: Names) -> Any:
        """By Python's own arithmetic, every literal a fraction. A number is whole, a list a tuple."""
        python = re.sub(r"\b\d+(\.\d+)?\b", r"Fraction('\g<0>')", self.text.replace("block.channels", "block_channels"))
        result = eval(python, {"Fraction": Fraction}, names)
        assert isinstance(result, tuple) or result == int(result)
        return result if isinstance(result, tuple) else int(result)


@dataclass(eq=False)
class Item:
    """One item of a list of layers."""

    word: str
    given: dict[str, Any] = field(default_factory=dict)
    """Attributes, or the arguments of a block."""
    branches: dict[str, list[Item]] | None = None
    """The lists of a branching layer; `residual` and `head` have one, called `layers`."""
    joins: tuple[Item | str, ...] = ()
    """What a join by name joins: items before it in its list, `previous` or `input`."""
    named: bool = False
    repeat: Any = 1

    def name(self, among: list[Item]) -> str:
        """What it is called among the items of its list."""
        if self.named:
            return f"item{among.index(self)}"
        return f"{self.word}{[item for item in among if item.word == self.word].index(self) + 1}"


class Block(NamedTuple):
    parameters: dict[str, Expression | None]
    """Defaults; None where the parameter is required."""
    items: list[Item]


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
    """The specification."""
    lines = [f"input: {_input(file.volume)}", f"parameters: {_flow(file.parameters)}"]
    lines += [f"defaults: {_flow(file.defaults)}", "blocks:" if file.blocks else "blocks: {}"]
    for name, block in file.blocks.items():
        parameters = {key: "required" if value is None else value for key, value in block.parameters.items()}
        lines += [f"  {name}:", f"    parameters: {_flow(parameters)}", "    layers:"]
        lines += [f"      - {_item(item, block.items)}" for item in block.items]
    return "\n".join([*lines, "layers:", *[f"  - {_item(item, file.items)}" for item in file.items], ""])


def _input(volume: Volume) -> str:
    """A string, or a list with the channels first."""
    return str(volume) if volume.channels % 2 else str(volume.shape)


def _flow(value: Any) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    return str(list(value)) if isinstance(value, tuple) and not isinstance(value, Volume) else str(value)


def _item(item: Item, among: list[Item]) -> str:
    if item.joins:
        return f"{item.word}: [{', '.join(_reference(other, among) for other in item.joins)}]"
    own = {**item.given, **({"name": item.name(among)} if item.named else {})}
    own |= {"repeat": item.repeat} if item.repeat != 1 else {}
    parts = [f"{key}: {_flow(value)}" for key, value in own.items()]
    for name, items in (item.branches or {}).items():
        parts.append(f"{name}: [{', '.join(_item(inner, items) for inner in items)}]")
    return f"{item.word}: {{{', '.join(parts)}}}" if parts else item.word


def _reference(other: Item | str, among: list[Item]) -> str:
    return other if isinstance(other, str) else other.name(among)


# As torch runs it


class Layer(NamedTuple):
    """A layer as it was run, and the shape that it gave."""

    path: str
    type: str
    shape: list[int]


@dataclass
class Scope:
    """What the items of one list see."""

    prefix: str
    parameters: Names
    start: Any
    """The tensor that `input` means."""
    block_channels: int | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def names(self, x: Any) -> Names:
        return {**self.parameters, "channels": x.shape[1], "block_channels": self.block_channels}


class Run:
    """A run of a file, on a tensor without data if none is given."""

    def __init__(self, file: File, x: Any = None) -> None:
        self.file = file
        self.layers: list[Layer] = []
        self.heads: dict[str, list[int]] = {}
        self.ends: dict[str, Any] = {}
        self.params = self.buffers = self.training_flops = 0
        self.parameters: Names = {}
        for name, value in file.parameters.items():
            self.parameters[name] = _value(file.set.get(name, value), self.parameters)
        x = torch.zeros(BATCH, *file.volume.shape, device="meta") if x is None else x
        self.output = list(self.chain(file.items, x, Scope("", self.parameters, x)).shape[1:])

    def chain(self, items: list[Item], x: Any, scope: Scope) -> Any:
        for item in items:
            repeat = _value(item.repeat, scope.names(x))
            for turn in range(repeat):
                scope.kinds[item.word] += 1
                name = f"{item.word}{scope.kinds[item.word]}"
                if item.named:
                    name = item.name(items) + (f"_{turn + 1}" if repeat > 1 else "")
                path = scope.prefix + name
                if item.joins:
                    ways = [self.end(_reference(other, items), x, scope) for other in item.joins]
                    x = self.ran(path, item.word, self.joined(item.word, ways))
                elif item.branches is not None:
                    x = self.fork(item, path, x, scope)
                elif item.word in self.file.blocks:
                    x = self.call(item, path, x, scope)
                else:
                    x = self.layer(item, path, x, scope)
                self.ends[path] = x
        return x

    def ran(self, path: str, word: str, x: Any) -> Any:
        self.layers.append(Layer(path, word, list(x.shape[1:])))
        return x

    def end(self, name: str, x: Any, scope: Scope) -> Any:
        return {"previous": x, "input": scope.start}.get(name, self.ends.get(scope.prefix + name))

    def layer(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        given = _value({**self.file.defaults.get(item.word, {}), **item.given}, scope.names(x))
        built = self.built(item.word, given, Volume(x.shape[1], tuple(x.shape[2:])))
        self.params += sum(p.numel() for p in built.parameters())
        self.buffers += sum(b.numel() for b in built.buffers() if b.dim())  # not the counter of batches
        return self.ran(path, item.word, built(x))

    def built(self, word: str, given: dict[str, Any], volume: Volume) -> Any:
        return module(word, given, volume, "meta")

    def joined(self, word: str, ways: list[Any]) -> Any:
        return joined(word, ways)

    def call(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        block, inside = self.file.blocks[item.word], dict(self.parameters)
        for name, default in block.parameters.items():
            if name in item.given:
                inside[name] = _value(item.given[name], scope.names(x))
            else:
                inside[name] = _value(default, Scope("", inside, x, x.shape[1]).names(x))
        return self.chain(block.items, x, Scope(f"{path}.", inside, x, x.shape[1]))

    def fork(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        assert item.branches is not None
        if item.word == "head":
            outer = self.training_flops
            inner = replace(scope, prefix=f"{path}.", kinds=Counter())
            end, flops = flops_of(partial(self.chain, item.branches["layers"], x, inner))
            self.heads[path] = list(end.shape[1:])
            if item.given["training"]:
                self.training_flops = outer + flops
            return x
        ways = [x] if item.word == "residual" else []
        shares = x.chunk(len(item.branches), dim=1) if item.word == "split" else [x] * len(item.branches)
        for share, (name, items) in zip(shares, item.branches.items(), strict=True):
            prefix = f"{path}." if item.word == "residual" else f"{path}.{name}."
            ways.append(self.chain(items, share, replace(scope, prefix=prefix, kinds=Counter())))
        return self.ran(path, item.word, self.joined(item.word, ways))


def _value(value: Any, names: Names) -> Any:
    if isinstance(value, Expression):
        return value.value(names)
    return {key: _value(part, names) for key, part in value.items()} if isinstance(value, dict) else value


# Strategies. A list of layers keeps the axes as they are, so that lists can be joined; the file's
# own list changes them in between.

COUNTS, FLAGS = st.integers(1, 6), st.booleans()
CHANNELS: Final = Expression("channels")


class Around(NamedTuple):
    """Where a list of items stands."""

    names: tuple[str, ...]
    """The numbers that an expression can name, each at least 1."""
    blocks: dict[str, Block]
    """Those that can be called."""
    depth: int = 0


@cache
def arithmetic(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Any that comes to a whole number."""
    number = COUNTS.map(str)
    return st.recursive(
        st.one_of(st.sampled_from(names), number),
        lambda parts: st.one_of(
            st.builds("{} + {}".format, parts, parts),
            st.builds("{} - ({})".format, parts, parts),
            st.builds("({}) * {}".format, parts, number),
            st.builds("({}) // {}".format, parts, number),
            st.builds("({}) % {}".format, parts, number),
            st.builds("({0}) / {1} * {1}".format, parts, number),
            st.builds("0.5 * ({}) * 2".format, parts),
        ),
        max_leaves=4,
    )


@cache
def expressions(names: tuple[str, ...]) -> st.SearchStrategy[Expression]:
    """A name, or arithmetic that comes to a small whole number from 1."""
    positive = st.builds("({}) % {} + 1".format, arithmetic(names), st.integers(2, 7))
    return st.one_of(st.sampled_from(names), positive).map(Expression)


@st.composite
def convs(draw: st.DrawFn, around: Around) -> Item:
    kernel, padding = draw(
        st.sampled_from(
            [(1, 0), (1, "valid"), (3, 1), (3, "half"), (5, "half"), (4, "same"), (Expression("window"), "same")]
        )
    )
    given: dict[str, Any] = {"kernel": kernel, "padding": padding}
    if padding in ("half", "same"):
        given["dilation"] = draw(st.integers(1, 3))
    if draw(FLAGS):
        given["bias"] = draw(FLAGS)
    if draw(st.integers(0, 3)) == 0:
        return Item("depthwise_conv", given | {"multiplier": draw(st.integers(1, 2))})
    if draw(st.integers(0, 3)) == 0:
        return Item("conv", given | {"groups": CHANNELS, "filters": Expression("2 * channels")})
    return Item("conv", given | {"filters": draw(expressions(around.names))})


STILL: Final[list[tuple[str, dict[str, Any]]]] = [
    ("max_pool", {"kernel": 3, "stride": 1, "padding": 1}),
    ("avg_pool", {"kernel": 4, "stride": 1, "padding": "same"}),
    ("batch_norm", {}),
    ("batch_norm", {"affine": False}),
    ("layer_norm", {}),
    ("group_norm", {"groups": CHANNELS}),
    ("local_response_norm", {}),
    ("channel_shuffle", {"groups": CHANNELS}),
    ("prelu", {}),
    ("scale", {}),
    ("dropout", {"rate": 0.25}),
    *[(word, {}) for word in ACTIVATIONS],
]
"""Layers that leave any volume as it is."""

still = st.sampled_from(STILL).map(lambda pair: Item(pair[0], dict(pair[1])))
REPEATS = st.sampled_from([1, 1, 1, 0, 2, 3, *map(Expression, ("depth", "depth // 2", "1 - 1 // (depth + 1)"))])


@st.composite
def keeping(draw: st.DrawFn, around: Around) -> Item:
    item = draw(st.one_of(still, convs(around)))
    item.repeat = draw(REPEATS)
    return item


def pointwise(filters: Any) -> Item:
    return Item("conv", {"filters": filters, "kernel": 1})


@st.composite
def keeping_channels(draw: st.DrawFn) -> list[Item]:
    """Wider by a factor, then narrower by the same, with something in between."""
    factor = draw(st.integers(1, 3))
    middle = draw(st.lists(still, max_size=2))
    return [pointwise(Expression(f"{factor} * channels")), *middle, pointwise(Expression(f"channels / {factor}"))]


@st.composite
def forks(draw: st.DrawFn, around: Around) -> list[Item]:
    """A layer with branches, behind what it needs."""
    inner = around._replace(depth=around.depth + 1)
    word = draw(st.sampled_from(["residual", "add", "multiply", "concat", "split", "head"]))
    ways: dict[str, list[Item]]
    before, given = [], {}
    if word == "residual":
        ways = {"layers": [*([Item("global_avg_pool")] if draw(FLAGS) else []), *draw(keeping_channels())]}
    elif word == "add":
        ways = {"body": draw(keeping_channels()), "shortcut": []}
    elif word == "multiply":
        ways = {"features": [], "gate": [Item("global_avg_pool"), *draw(keeping_channels()), Item("sigmoid")]}
    elif word == "head":
        tail = [Item("global_max_pool"), Item("fc", {"units": draw(expressions(around.names))})]
        ways, given = {"layers": [*draw(lists(inner)), *tail]}, {"training": draw(FLAGS)}
    else:
        ways = {f"way{index}": draw(lists(inner)) for index in range(draw(st.integers(2, 3)))}
        before = [pointwise(len(ways) * draw(st.integers(1, 3)))] if word == "split" else []
    repeat = 1 if word == "split" else draw(st.integers(1, 2))
    return [*before, Item(word, given, ways, named=word == "head" or draw(FLAGS), repeat=repeat)]


@st.composite
def joins_by_name(draw: st.DrawFn, around: Around) -> list[Item]:
    """Layers, the first of which is joined again further on."""
    first = pointwise(draw(expressions(around.names)))
    first.named = draw(FLAGS)
    word = draw(st.sampled_from(["concat", "add", "multiply"]))
    others: list[Item | str] = [first, "previous"]
    if word != "concat":
        return [first, *draw(st.lists(still, max_size=3)), Item(word, joins=tuple(others))]
    if "block.channels" in around.names:
        others.append("input")
    return [first, *draw(st.lists(keeping(around), max_size=3)), Item(word, joins=tuple(draw(st.permutations(others))))]


@st.composite
def calls(draw: st.DrawFn, around: Around) -> list[Item]:
    word = draw(st.sampled_from(sorted(around.blocks)))
    parameters = around.blocks[word].parameters
    names = [name for name, default in parameters.items() if default is None or draw(FLAGS)]
    given = {name: draw(expressions(around.names)) for name in names}
    return [Item(word, given, named=draw(FLAGS), repeat=draw(st.sampled_from([1, 1, 2, 0])))]


@st.composite
def lists(draw: st.DrawFn, around: Around) -> list[Item]:
    kinds = [keeping(around).map(lambda item: [item])] * 2
    if around.depth < 2:
        kinds += [forks(around), joins_by_name(around)]
    if around.blocks:
        kinds += [calls(around)]
    return numbered(draw(st.lists(st.one_of(kinds), min_size=1, max_size=3)))


def numbered(parts: list[list[Item]]) -> list[Item]:
    """One list. What is joined has a name if repeats before it move its number."""
    items = [item for part in parts for item in part]
    repeated = {item.word for item in items if item.repeat != 1}
    for part in [other for item in items for other in item.joins if isinstance(other, Item)]:
        part.named = part.named or part.word in repeated
    return items


@st.composite
def halves(draw: st.DrawFn) -> list[Item]:
    """Ways that all halve the axes, an odd one rounded up, and have one number of channels."""
    first: list[tuple[str, dict[str, Any]]] = [
        ("conv", {"filters": 3, "kernel": 3, "stride": 2, "padding": 1}),
        ("conv", {"filters": 2, "kernel": 1, "stride": 2, "padding": "valid"}),
        ("conv", {"filters": 1, "kernel": 5, "stride": 2, "padding": "half"}),
        ("depthwise_conv", {"kernel": 4, "stride": 2, "padding": "same"}),
        ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}),
        ("avg_pool", {"kernel": 2, "rounding": "ceil"}),
    ]
    filters, chosen = draw(COUNTS), draw(st.lists(st.sampled_from(first), min_size=2, max_size=3))
    ways = {f"way{index}": [Item(*pair), pointwise(filters)] for index, pair in enumerate(chosen)}
    return [Item(draw(st.sampled_from(["add", "multiply", "concat"])), branches=ways)]


@st.composite
def changing(draw: st.DrawFn, rank: int) -> list[Item]:
    """A layer that changes the axes."""
    few, stride = st.integers(1, 3), draw(st.integers(1, 3))
    side = draw(st.sampled_from({1: ["before"], 2: ["top", "right"], 3: ["front", "bottom"]}[rank]))
    window = {"kernel": draw(few), "stride": stride, "padding": draw(st.sampled_from([0, {side: 1}, "same"]))}
    transposed = {"kernel": draw(COUNTS), "stride": stride, "output_padding": draw(st.integers(0, stride - 1))}
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("conv", window | {"filters": draw(COUNTS), "dilation": draw(few)}),
        ("max_pool", {"kernel": draw(few), "rounding": draw(st.sampled_from(["floor", "ceil"]))}),
        ("avg_pool", {"kernel": 3, "stride": stride, "padding": 1, "rounding": "floor"}),
        ("transposed_conv", transposed | {"filters": draw(COUNTS), "dilation": draw(few)}),
        ("upsample", {"factor": draw(few), "mode": draw(st.sampled_from(MODES[rank]))}),
        ("upsample", {"size": tuple(draw(st.integers(9, 20)) for _ in range(rank))}),
        ("pad", {"amount": {side: draw(few)}}),
        ("crop", {"amount": 1}),
        ("adaptive_avg_pool", {"size": draw(st.integers(7, 12))}),
    ]
    return [Item(*draw(st.sampled_from(kinds)))]


TAILS: Final = [
    [],
    [Item("flatten"), Item("fc", {"units": Expression("width")}), Item("relu")],
    [Item("global_avg_pool"), Item("flatten"), Item("batch_norm"), Item("fc", {"units": Expression("2 * channels")})],
    [Item("fc", {"units": 12}), Item("prelu"), Item("reshape", {"volume": Volume(3, (2, 2))}), pointwise(CHANNELS)],
]

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "conv": {"bias": False, "padding": "half"},
    "fc": {"bias": False},
    "batch_norm": {"affine": False},
    "prelu": {"shared": True},
    "local_response_norm": {"size": Expression("width + channels")},
}


@st.composite
def files(draw: st.DrawFn) -> File:
    rank = draw(st.integers(1, 3))
    extents = st.integers(*{1: (40, 90), 2: (30, 50), 3: (20, 30)}[rank])
    volume = Volume(draw(COUNTS), tuple(draw(extents) for _ in range(rank)))
    parameters = {
        "width": draw(COUNTS),
        "depth": draw(st.integers(0, 2)),
        "wide": Expression("2 * width + depth"),
        "window": tuple(draw(st.sampled_from([1, 2, 3])) for _ in range(rank)),
    }
    names: tuple[str, ...] = ("channels", "width", "wide")
    blocks: dict[str, Block] = {}
    for word in ("unit", "stage")[: draw(st.integers(0, 2))]:
        inside = (*names, "block.channels")
        own = {"filters": None, "width": draw(expressions(inside)), "inner": draw(expressions((*inside, "filters")))}
        blocks[word] = Block(own, draw(lists(Around((*inside, "filters", "inner"), dict(blocks), 1))))
    part = st.one_of(changing(rank), halves(), lists(Around(names, blocks)), lists(Around(names, blocks)))
    items = numbered(draw(st.lists(part, min_size=1, max_size=4)))
    tail = draw(st.sampled_from(TAILS))
    defaults = {word: DEFAULTS[word] for word in draw(st.sets(st.sampled_from(sorted(DEFAULTS))))}
    given = {name: draw(st.integers(1, 4)) for name in draw(st.sets(st.sampled_from(["width", "depth", "wide"])))}
    return File(volume, parameters, defaults, blocks, items + tail, given)
