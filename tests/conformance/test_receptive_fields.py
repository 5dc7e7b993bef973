"""Receptive fields and jumps of every layer of small networks, held against what torch's impulses reach."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import cnncalc
from cnncalc import LayerSummary, Volume
from cnncalc.figures.field import AxisField
from tests.conformance.impulses import Extent, reads
from tests.conformance.torch_side import examples
from tests.networks import MODES, File, Item, pointwise, spec

pytestmark = pytest.mark.conformance

SIDES: Final = {1: ["before", "after"], 2: ["top", "bottom", "left", "right"], 3: ["front", "back", "left"]}
LONGEST: Final = {1: 60, 2: 16, 3: 6}
"""Cells of an axis, by the number of axes."""


def of(volume: Volume, items: list[Item]) -> File:
    return File(volume, {}, {}, {}, items, {})


def behind(volume: Volume, items: list[Item]) -> Volume | None:
    """What the layers make of a volume. None where they cannot stand there."""
    summary = cnncalc.summarize(spec(of(volume, items)))
    return summary.output if summary.ok else None


class Chains:
    """Draws a network of which every layer moves or widens fields, on a small volume."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw
        self.rank = draw.choices((1, 2, 3), (85, 12, 3))[0]

    def file(self) -> File:
        volume = Volume(2, self.each(1, self.draw.choice((2, LONGEST[self.rank] // 3))))
        items = self.chain(volume, {1: 7, 2: 4, 3: 3}[self.rank]) or self.still()
        ended = [*items, *self.tail()]
        return of(volume, ended if behind(volume, ended) else items)

    def chance(self, percent: int) -> bool:
        return self.draw.randrange(100) < percent

    def each(self, least: int, most: int) -> tuple[int, ...]:
        return tuple(self.draw.randint(least, most) for _ in range(self.rank))

    def sides(self, most: int) -> Any:
        """The same on all sides, or on one."""
        return self.draw.choice((1, 2, {self.draw.choice(SIDES[self.rank]): self.draw.randint(1, most)}))

    def chain(self, volume: Volume, most: int, depth: int = 0) -> list[Item]:
        items: list[Item] = []
        for _ in range(self.draw.randint(1, most)):
            new = self.part(volume, depth)
            output = behind(volume, new)
            if output is not None and max(output.spatial) <= LONGEST[self.rank]:
                items, volume = items + new, output
        return items

    def part(self, volume: Volume, depth: int) -> list[Item]:
        kinds = [self.window, self.window, self.enlarged, self.enlarged, self.summed, self.framed, self.still]
        if depth < 2 and self.chance(25):
            return self.fork(volume, depth + 1)
        return self.draw.choice(kinds)()

    def tail(self) -> list[Item]:
        """What makes a vector, sometimes."""
        flat = [pointwise(2), Item("flatten")]
        ends = flat, [*flat, Item("fc", {"units": 2})], [Item("fc", {"units": 2})]
        ways = {name: [Item("crop", {"amount": self.sides(2)}), Item("fc", {"units": 2})] for name in "ab"}
        return self.draw.choice((*ends, [Item("add", branches=ways)])) if self.chance(25) else []

    # Layers

    def window(self) -> list[Item]:
        word = self.draw.choice(("conv", "conv", "depthwise_conv", "max_pool", "avg_pool", "lp_pool"))
        given: dict[str, Any] = {"kernel": self.each(1, 4), "padding": self.draw.choice(("valid", "same"))}
        given["stride"] = self.each(1, 3) if self.chance(40) else 1
        if "conv" in word:
            given |= {"padding": self.draw.choice(("valid", "same", 3, self.sides(4)))}
        if word not in ("avg_pool", "lp_pool") and self.chance(50):
            given["dilation"] = self.each(1, 3)
        if self.chance(20):
            given["rounding"] = "ceil"
        return [Item(word, given | {"filters": 2} if word == "conv" else given)]

    def enlarged(self) -> list[Item]:
        if self.rank == 2 and self.chance(20):
            return self.draw.choice(
                ([pointwise(4), Item("pixel_shuffle", {"factor": 2})], [Item("pixel_unshuffle", {"factor": 2})])
            )
        return [self.draw.choice((self.sized, self.transposed))()]

    def sized(self, size: tuple[int, ...] = ()) -> Item:
        mode = self.draw.choice(MODES[self.rank])
        given = {"factor": self.each(1, 4)} if self.chance(50) else {"size": self.each(1, 24)}
        given = {"size": size} if size else given
        return Item("upsample", {**given, "mode": mode, "align_corners": mode != "nearest" and self.chance(30)})

    def transposed(self) -> Item:
        given: dict[str, Any] = {"filters": 2, "kernel": self.each(1, 5), "stride": self.each(1, 4)}
        given["padding"] = self.draw.choice((0, "valid", "same", self.sides(4)))
        if self.chance(40):
            given["dilation"] = self.each(1, 3)
        if self.chance(30) and not isinstance(given["padding"], str):
            given["output_padding"] = self.each(0, 2)
        return Item("transposed_conv", given | {"groups": self.draw.randint(1, 2)})

    def summed(self) -> list[Item]:
        word = self.draw.choice(("adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool", "global_max_pool"))
        return [Item(word, {"size": self.each(1, 8)} if "adaptive" in word else {})]

    def framed(self) -> list[Item]:
        given = {"amount": self.sides(4)}
        if self.chance(60):
            return [Item(self.draw.choice(("pad", "crop")), given)]
        mode = self.draw.choice(("reflect", "replicate", "circular"))
        return [Item("pad", {"amount": self.draw.choice((1, given["amount"])), "mode": mode}), *self.window()]

    def still(self) -> list[Item]:
        return [Item(*self.draw.choice((("leaky_relu", {}), ("scale", {}), ("channel_shuffle", {"groups": 2}))))]

    # Branches

    def fork(self, volume: Volume, depth: int) -> list[Item]:
        """A join of ways that keep the volume, or that all stride."""
        word = self.draw.choice(("residual", "add", "concat", "multiply", "split"))
        if word == "residual":
            return [pointwise(2), Item(word, branches={"layers": self.way(word, volume, depth)})]
        count = self.draw.randint(2, 3)
        stride = self.chance(20)
        ways = [self.striding() if stride else self.way(word, volume, depth) for _ in range(count)]
        item = Item(word, branches={f"way{index}": items for index, items in enumerate(ways)})
        return [pointwise(2 * count), item]  # so that all channels of a split see alike

    def way(self, word: str, volume: Volume, depth: int) -> list[Item]:
        kind = self.draw.randrange(6)
        if kind == 0:
            items = []
        elif kind == 1 and word not in ("concat", "split"):
            items = [*self.chain(volume, 1, depth), Item("global_avg_pool")]
        elif kind < 4:
            items = [self.keeping() for _ in range(self.draw.randint(1, 2))]
        else:
            back = [self.sized(volume.spatial), Item("adaptive_avg_pool", {"size": volume.spatial})]
            items = [self.keeping(), *self.halved(), self.draw.choice(back)]
            items = items if kind == 4 else [*self.chain(volume, 3, depth), self.draw.choice(back)]
        return [*items, pointwise(2)]

    def keeping(self) -> Item:
        """A window with padding around it or, as causal ones have it, before or behind it."""
        kernel, dilation = self.draw.randint(1, 3), self.draw.randint(1, 3)
        sides = self.draw.choice((SIDES[self.rank][::2], SIDES[self.rank][1::2]))
        causal = dict.fromkeys(sides, dilation * (kernel - 1)) if self.rank < 3 else "same"
        given = {"kernel": kernel, "dilation": dilation, "padding": self.draw.choice(("same", causal))}
        return Item("conv", {"filters": 2, **given})

    def halved(self) -> list[Item]:
        """As in U-Net, and what pools over the whole."""
        strided = {"filters": 2, "kernel": 3, "stride": 2, "padding": 1}
        kinds = Item("conv", strided), Item("max_pool", {"kernel": 2, "padding": "same"}), *self.summed()
        return [self.draw.choice(kinds), *([self.keeping()] if self.chance(50) else [])]

    def striding(self) -> list[Item]:
        kernel = self.draw.randint(1, 4)
        given = {"kernel": kernel, "stride": 2, "padding": "same"}
        return [Item(self.draw.choice(("max_pool", "depthwise_conv")), given), pointwise(2)]


# The figures


def compare(network: File) -> Counter[str]:
    """Of how many layers what is known."""
    note(spec(network))
    summary = cnncalc.summarize(spec(network))
    assert summary.ok
    axes = [reads(network, axis) for axis in range(len(network.volume.spatial))]
    found = [axis for axis in axes if axis is not None]
    if len(found) < len(axes):
        return Counter({"too wide": len(summary.layers)})
    jumps: dict[str, Any] = {layer.path: layer.jump for layer in summary.layers}
    counts = Counter[str]()
    for layer in summary.layers:
        verdict = held(layer, [axis[layer.path] for axis in found])
        read = {jumps.get(path, (1,) * len(axes)) for path in layer.inputs}
        lost = verdict == "unknown" and (None in read or len(read) > 1)
        counts["behind a lost jump" if lost else verdict] += 1
    return counts


def held(layer: LayerSummary, axes: list[list[Extent | None]]) -> str:
    """The field is the largest of all cells' along each axis."""
    sizes = tuple(max((each[1] - each[0] for each in cells if each), default=0) for cells in axes)
    if layer.receptive_field is None:
        return "unknown" if all(sizes) else "nothing read"
    assert layer.receptive_field == sizes, layer.path
    assert layer.field is not None
    if len(axes) == 1:  # a row of padding can see less than the others do, where a branch ends along another axis
        check_cells(layer.field[0], axes[0])
    return "known"


def check_cells(field: AxisField, cells: list[Extent | None]) -> None:
    """Each cell's own field, and that cells which see alike lie a period apart, a jump of 6/5 being one of 6 to the fifth."""
    if field.jump is None or (field.ends is not None and not field.ends.known()):
        return
    assert [field.at(cell) for cell in range(field.cells)] == cells
    period, bounds = len(field.phases), field.ends and field.ends.bounds
    middle = cells[max(0, bounds.inner) : max(0, bounds.outer)] if bounds else cells
    for here, there in zip(middle, middle[period:], strict=False):
        if here is not None and there is not None and field.shared is None:  # a gate is the same for all
            assert [there[0] - here[0], there[1] - here[1]] == [period * field.jump] * 2


def test_receptive_fields() -> None:
    """Few are unknown but those behind branches whose jumps differ."""
    counts = Counter[str]()

    @examples(1)
    @given(st.randoms(use_true_random=False).map(lambda draw: Chains(draw).file()))
    def compare_all(network: File) -> None:
        counts.update(compare(network))

    compare_all()
    assert counts["unknown"] * 500 < counts["known"], counts
    assert counts["behind a lost jump"] * 4 < counts["known"], counts
    assert counts["too wide"] * 50 < counts["known"], counts
