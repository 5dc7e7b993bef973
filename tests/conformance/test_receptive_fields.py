"""Receptive fields and jumps, held against gradients: a cell depends on what its gradient reaches.

Every weight is 1 and every window a convolution (a maximum passes its gradient to one cell of its window, but can
depend on all of them), so that no gradient vanishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any, Final, NamedTuple, TypeAlias

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import cnncalc
from cnncalc import LayerSummary, Volume
from tests.conformance.networks import Run
from tests.conformance.torch_side import examples, module, torch
from tests.networks import Expression, File, Item, spec

pytestmark = pytest.mark.conformance


MARGIN: Final = 20
"""Cells to keep from the border: more than lie between the taps of any window here."""


class Linear(Run):
    """A run in which every layer is linear and adds up what it reads."""

    def built(self, word: str, given: dict[str, Any], volume: Volume) -> Any:
        if word in ("max_pool", "avg_pool"):
            word, given = "depthwise_conv", {"stride": given["kernel"]} | given
        elif word == "global_max_pool":
            word = "global_avg_pool"
        elif word == "adaptive_max_pool":
            word = "adaptive_avg_pool"
        built = module(word, given, volume).double()
        for parameter in built.parameters():
            torch.nn.init.ones_(parameter)
        return built


class Reach(NamedTuple):
    """The first and the last cell along one axis that a cell depends on."""

    first: int
    last: int


def gradient(x: Any, y: Any) -> Any:
    """For each cell of the input whether any of these depends on it."""
    return torch.autograd.grad(y.sum(), x, retain_graph=True)[0].ne(0)


def reached(x: Any, y: Any, axis: int, cells: range) -> list[Reach | None]:
    """What the cells at these places of an axis depend on along it. None where they read nothing.

    Of a vector, what these numbers depend on.
    """
    found = []
    for cell in cells:
        chosen = y[0, cell] if y.dim() == 2 else y.select(axis + 2, cell)
        read = gradient(x, chosen).any([other for other in range(x.dim()) if other != axis + 2]).nonzero()
        found.append(Reach(int(read[0]), int(read[-1])) if len(read) else None)
    return found


def file(volume: Volume, items: list[Item]) -> File:
    return File(volume, {}, {}, {}, items, {})


def run(network: File) -> tuple[Any, Linear, list[LayerSummary]]:
    """The input, torch's run on it and cnncalc's layers."""
    note(spec(network))
    x = torch.ones(1, *network.volume.shape, dtype=torch.float64, requires_grad=True)
    summary = cnncalc.summarize(spec(network))
    assert summary.ok
    return x, Linear(network, x), summary.layers


def check(network: File) -> None:
    """Each layer's field is the largest of its cells in the middle, and they lie a jump apart.

    Behind an upsampling by f neighbours differ in what they reach, and every f-th is alike again.
    """
    x, torchs, layers = run(network)
    for layer in layers:
        y = torchs.ends[layer.path]
        if layer.receptive_field is None:  # only the gaps that a transposed convolution leaves
            assert not gradient(x, y).any()
            continue
        assert layer.jump is not None
        for axis, (size, jump) in enumerate(zip(layer.receptive_field, layer.jump, strict=True)):
            phases, cells = prod(enlarged(item, axis) for item in network.items), y.shape[2 + axis]
            middle = range((cells - phases) // 2, (cells - phases) // 2 + 2 * phases)
            reaches = reached(x, y, axis, middle)
            known = [reach for reach in reaches if reach is not None]
            if any(first < MARGIN or last >= x.shape[2 + axis] - MARGIN for first, last in known):
                # Near the border cells reach padding that has no gradient.
                wider = network.volume._replace(spatial=tuple(2 * extent for extent in network.volume.spatial))
                return check(network._replace(volume=wider))
            assert max(last - first + 1 for first, last in known) == size, layer.path
            for here, there in zip(reaches, reaches[phases:], strict=False):
                if here is not None and there is not None:
                    assert there.first - here.first == there.last - here.last == phases * jump, layer.path
    return None


def enlarged(item: Item, axis: int) -> int:
    """How many cells of the output stand for one of the input."""
    word = {"upsample": "factor", "pixel_shuffle": "factor", "transposed_conv": "stride"}.get(item.word, "")
    factor = item.given.get(word) or 1
    return factor if isinstance(factor, int) else int(factor[axis])


def check_whole(network: File) -> None:
    """The same on every cell, for networks without padding: what a cell reads is all there in the input."""
    x, torchs, layers = run(network)
    for layer in layers:
        y = torchs.ends[layer.path]
        assert layer.receptive_field is not None
        for axis, size in enumerate(layer.receptive_field):
            cells = range(y.shape[2 + axis] if y.dim() > 2 else y.shape[1])
            reaches = [reach for reach in reached(x, y, axis, cells) if reach is not None]
            assert max(last - first + 1 for first, last in reaches) == size, layer.path
            # What a gate has multiplied reads the same everywhere, yet its cells lie as far apart as before; so do the
            # cells behind a pad, where those at the ends read what others do.
            if layer.jump is None or "multiply1" in torchs.ends or "pad1" in torchs.ends:
                continue
            # Cells that see alike lie a period apart, a jump of 6/5 being one of 6 to the fifth; those at the ends see less.
            period = len(layer.field[axis].phases) if layer.field else 1
            for here, there in zip(reaches, reaches[period:], strict=False):
                if here.last - here.first == there.last - there.first == size - 1:
                    assert there.first - here.first == period * layer.jump[axis], layer.path


# Networks. One axis can be long; two show that axes are kept apart.

VOLUMES: Final = {1: Volume(1, (256,)), 2: Volume(1, (112, 96))}
SIDES: Final = {1: ["before", "after"], 2: ["top", "bottom", "left", "right"]}
RANKS: Final = st.integers(1, 2)
WORDS: Final = ["conv", "conv", "depthwise_conv", "max_pool", "avg_pool"]


@cache
def each(numbers: st.SearchStrategy[int], rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[numbers] * rank)


@st.composite
def windows(draw: st.DrawFn, rank: int, *, stride: int = 2, padded: bool = True) -> Item:
    """A convolution or a pool of any kind."""
    word, few = draw(st.sampled_from(WORDS)), st.integers(1, 2)
    given_: dict[str, Any] = {"kernel": draw(each(st.integers(1, 4), rank))}
    given_["stride"] = draw(each(st.integers(1, stride), rank))
    if word != "avg_pool":
        given_["dilation"] = draw(each(few, rank))
    if word == "conv":
        given_["filters"] = draw(few)
    if padded and "pool" in word:
        given_["padding"] = draw(st.sampled_from(["valid", "same"]))
    elif padded:
        side = draw(st.sampled_from(SIDES[rank]))
        given_["padding"] = draw(st.sampled_from(["valid", "same", 1, 2, {side: 1}, {side: 3}]))
    return Item(word, given_)


@st.composite
def keeping(draw: st.DrawFn, rank: int, stride: int = 1) -> Item:
    """A window of odd or even width with padding around it or, as causal ones have it, before it."""
    kernel, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    all_of_it, sides = dilation * (kernel - 1), draw(st.sampled_from([SIDES[rank][::2], SIDES[rank][1::2]]))
    padding = draw(st.sampled_from(["same", dict.fromkeys(sides, all_of_it)]))
    filters = Expression("channels")
    return Item(
        "conv", {"filters": filters, "kernel": kernel, "dilation": dilation, "padding": padding, "stride": stride}
    )


@st.composite
def forks(draw: st.DrawFn, rank: int) -> Item:
    """Ways with windows of different widths; sometimes all of them stride."""
    word, stride = draw(st.sampled_from(["residual", "add", "concat"])), draw(st.integers(1, 2))

    def way() -> list[Item]:
        return draw(st.lists(keeping(rank), max_size=2))

    pointwise = Item("conv", {"filters": 2, "kernel": 1})
    if word == "residual":
        return Item(word, branches={"layers": [draw(keeping(rank)), *way()]})
    ways = [[draw(keeping(rank, stride)), *way(), replace(pointwise)] for _ in range(draw(st.integers(1, 2)))]
    if stride == 1:
        ways.append([replace(pointwise)] if word == "add" else [])
    else:
        ways.append([Item("max_pool", {"kernel": 2, "padding": "same"}), replace(pointwise)])
    return Item(word, branches={f"way{index}": items for index, items in enumerate(ways)})


@st.composite
def enlarging(draw: st.DrawFn, rank: int) -> Item:
    """A transposed convolution or an upsampling."""
    if draw(st.booleans()):
        mode = draw(st.sampled_from([["nearest", "linear"], ["nearest", "bilinear"]][rank - 1]))
        return Item("upsample", {"factor": draw(each(st.integers(2, 3), rank)), "mode": mode})
    given_ = {
        "filters": 1,
        "kernel": draw(each(st.integers(1, 5), rank)),
        "stride": draw(each(st.integers(1, 3), rank)),
    }
    given_ |= {"dilation": draw(each(st.integers(1, 2), rank)), "padding": draw(st.integers(0, 1))}
    return Item("transposed_conv", given_)


@st.composite
def chains(draw: st.DrawFn, kinds: Callable[[int], st.SearchStrategy[Item]], most: int) -> File:
    rank = draw(RANKS)
    return file(VOLUMES[rank], draw(st.lists(kinds(rank), min_size=1, max_size=max(1, most - (rank > 1)))))


@st.composite
def framed(draw: st.DrawFn, rank: int) -> Item:
    """Cells around the volume, or fewer."""
    side = draw(st.sampled_from(SIDES[rank]))
    return Item(draw(st.sampled_from(["pad", "crop"])), {"amount": draw(st.sampled_from([1, {side: 2}]))})


@examples(1)
@given(chains(lambda rank: st.one_of(windows(rank), windows(rank), framed(rank)), 4))
def test_windows(network: File) -> None:
    check(network)


@examples(1)
@given(chains(lambda rank: st.one_of(windows(rank), forks(rank)), 3))
def test_branches(network: File) -> None:
    check(network)


@st.composite
def aligned(draw: st.DrawFn, rank: int) -> dict[str, Any]:
    """Attributes of an upsampling that puts corners on corners."""
    size = draw(each(st.one_of(st.just(1), st.integers(1, 70)), rank))
    mode = draw(st.sampled_from([["linear"], ["bilinear", "bicubic"]][rank - 1]))
    return {"size": size, "mode": mode, "align_corners": True}


@st.composite
def unpadded(draw: st.DrawFn, *, gated: bool = False) -> File:
    """Windows, then what reads a volume as a whole; or a gate that does so, then a window."""
    rank = draw(RANKS)
    volume = Volume(1, tuple(draw(st.integers(48, 60)) for _ in range(rank)))
    items = draw(st.lists(windows(rank, padded=False), max_size=2))
    gate = [Item("global_avg_pool"), Item("conv", {"filters": Expression("channels"), "kernel": 1})]
    whole = [
        Item("global_avg_pool"),
        Item("global_max_pool"),
        Item("adaptive_avg_pool", {"size": draw(each(st.integers(1, 5), rank))}),
        Item("adaptive_max_pool", {"size": draw(st.integers(1, 5))}),
        Item("upsample", {"size": draw(each(st.integers(2, 70), rank)), "mode": ["linear", "bilinear"][rank - 1]}),
        Item("upsample", draw(aligned(rank))),
        Item("fc", {"units": 2}),
        Item("flatten"),
        Item("multiply", branches={"features": [], "gate": gate}),
    ]
    items.append(whole[-1] if gated else draw(st.sampled_from(whole)))
    return file(volume, [*items, draw(windows(rank, padded=False))] if gated else items)


@examples(1)
@given(unpadded())
def test_what_reads_everything(network: File) -> None:
    check_whole(network)


@examples(1)
@given(unpadded(gated=True))
def test_windows_behind_a_gate(network: File) -> None:
    """Without padding no field is larger than the input."""
    check_whole(network)


@examples(1)
@given(chains(enlarging, 1))
def test_one_upsampling(network: File) -> None:
    check(network)


@examples(1)
@given(chains(lambda rank: st.one_of(enlarging(rank), windows(rank)), 4))
def test_windows_around_upsampling(network: File) -> None:
    check(network)


Kinds: TypeAlias = list[tuple[str, dict[str, Any]]]

DOWN: Final[Kinds] = [
    ("max_pool", {"kernel": 2}),
    ("conv", {"filters": 2, "kernel": 2, "stride": 2}),
    ("conv", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1}),
]
"""Layers that halve an even size."""

UP: Final[Kinds] = [
    ("upsample", {"factor": 2}),
    ("transposed_conv", {"filters": 2, "kernel": 2, "stride": 2}),
    ("transposed_conv", {"filters": 2, "kernel": 4, "stride": 2, "padding": 1}),
    ("transposed_conv", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}),
]
"""Layers that double a size."""


@st.composite
def skips(draw: st.DrawFn) -> File:
    """As in U-Net: half the size and back again, joined with what was there before."""
    rank = draw(RANKS)
    before = Item("conv", {"filters": 2, "kernel": draw(st.sampled_from([1, 3])), "padding": "half"}, named=True)
    down = draw(st.sampled_from(DOWN))
    up = draw(st.sampled_from([*UP, ("upsample", {"factor": 2, "mode": ["linear", "bilinear"][rank - 1]})]))
    way = [Item(*down), *draw(st.lists(keeping(rank), max_size=1)), Item(*up)]
    join = Item("concat", joins=(before, "previous"))
    return file(VOLUMES[rank], [before, *way, join, *draw(st.lists(windows(rank), max_size=1))])


@examples(1)
@given(skips())
def test_skips_across_sizes(network: File) -> None:
    check(network)


@st.composite
def repeating(draw: st.DrawFn) -> File:
    """Windows that reach cells around a volume which repeat some of its own; sometimes behind what enlarges it."""
    rank = draw(RANKS)
    volume = Volume(1, tuple(draw(st.integers(24, 40)) for _ in range(rank)))
    sized = Item("upsample", draw(aligned(rank)) | {"size": draw(each(st.integers(30, 50), rank))})
    items = draw(st.sampled_from([[], [], [sized], [draw(enlarging(rank))]]))
    for _ in range(draw(st.integers(1, 2))):
        amount = draw(st.one_of(st.integers(1, 5), st.just({draw(st.sampled_from(SIDES[rank])): 4})))
        mode = draw(st.sampled_from(["reflect", "replicate", "circular"]))
        items = [*items, Item("pad", {"amount": amount, "mode": mode}), draw(windows(rank, padded=False))]
    return file(volume, [*items, *draw(st.sampled_from([[], [draw(enlarging(rank))], [Item("global_avg_pool")]]))])


@examples(1)
@given(repeating())
def test_cells_that_repeat_others(network: File) -> None:
    check_whole(network)


@st.composite
def shuffles(draw: st.DrawFn) -> File:
    """Squares of cells to channels and back, with windows around."""
    kinds: list[list[Item]] = []
    for _ in range(draw(st.integers(1, 3))):
        factor = draw(st.integers(2, 3))
        shuffle = [Item("conv", {"filters": factor**2, "kernel": 1}), Item("pixel_shuffle", {"factor": factor})]
        kinds.append(draw(st.sampled_from([shuffle, [Item("pixel_unshuffle", {"factor": 2})], [draw(keeping(2))]])))
    return file(VOLUMES[2], [item for kind in kinds for item in kind])


@examples(1)
@given(shuffles())
def test_squares_of_cells(network: File) -> None:
    check(network)
