"""Which cells of the input each cell of a network's layers depends on, as torch has it.

Every layer is linear here: weights are positive, biases zero, a maximum and a product are sums. So a cell depends on
those cells of the input whose impulses reach it. Rows of cells go on beyond a volume, so that padding cells are cells
of the input too; but beside what an upsampling or a transposed convolution reads and makes there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from cnncalc import Volume
from tests.conformance.networks import Run, Scope
from tests.conformance.torch_side import Given, each_axis, module, nn, sides_of, torch, window_of
from tests.networks import File, Item

Extent: TypeAlias = tuple[int, int]
"""Cells of the input from the first to behind the last."""
Reads: TypeAlias = dict[str, list[Extent | None]]
"""What each cell along an axis depends on, by a layer's path; None where that is nothing."""

MARGINS: Final = {1: (16, 32, 64, 128, 256, 512), 2: (10, 20, 40), 3: (5, 10)}
"""How many cells of the input to have around it, by its axes; the next where that is too few."""
NOISE: Final = 1e-12
"""What rounding leaves of a weight of 0, relative to the largest."""


class NarrowError(Exception):
    """There are too few cells around the input."""


@dataclass(frozen=True, eq=False)
class Row:
    """A volume among the cells around it, along each axis. A vector has none."""

    x: Any
    """For each impulse the channels of these cells."""
    before: tuple[int, ...]
    """How many there are before the volume."""
    spatial: tuple[int, ...]
    margin: int
    """How many to have around what ends."""

    def __post_init__(self) -> None:
        cells = zip(self.before, self.spatial, self.x.shape[2:], strict=True)
        if any(before < 0 or before + size > there for before, size, there in cells):
            raise NarrowError

    @property
    def shape(self) -> tuple[int, ...]:
        """The volume's, as of a tensor."""
        return (*self.x.shape[:2], *self.spatial)

    @property
    def volume(self) -> Volume:
        return Volume(self.x.shape[1], self.spatial)

    def real(self, axes: Sequence[int] | None = None) -> Any:
        """The volume's own cells along these axes, or along all."""
        x = self.x
        for axis in range(len(self.spatial)) if axes is None else axes:
            x = x.narrow(axis + 2, self.before[axis], self.spatial[axis])
        return x

    def split(self, sizes: Any, dim: int) -> list[Row]:
        return [replace(self, x=part) for part in self.x.split(sizes, dim)]


class Rows(Run):
    """A run on rows."""

    def layer(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        return self.ran(path, item.word, step(item.word, item.given, x))

    def joined(self, word: str, ways: list[Any]) -> Any:
        return joined(word, ways)


def linear(word: str, given: Given, volume: Volume) -> Any:
    """The module, with other weights for every tap, so that no two cancel."""
    built = module(word, given, volume).double()
    for parameter in built.parameters():
        nn.init.uniform_(parameter, 0.5, 1.5) if parameter.dim() > 1 else nn.init.zeros_(parameter)
    return built


def step(word: str, given: Given, row: Row) -> Row:
    """The row behind a layer."""
    if word in ("max_pool", "avg_pool", "lp_pool"):
        word, given = "depthwise_conv", {"stride": given["kernel"], **given}
    if word in ("conv", "depthwise_conv"):
        return slid(word, given, row)
    if word in ("upsample", "transposed_conv", "pixel_shuffle"):
        return ended(linear(word, given, row.volume)(row.real()), row, range(len(row.spatial)))
    if word in ("pad", "crop"):
        return framed(word, given, row)
    if "global" in word or "adaptive" in word:
        return pooled(each_axis(given.get("size", 1), len(row.spatial)), row)
    if word == "pixel_unshuffle":
        factor = given["factor"]
        x = module(word, given, row.volume)(tiled(row, (factor, factor))[0])
        before = tuple(cells // factor for cells in row.before)
        return replace(row, x=x, before=before, spatial=output(word, given, row))
    if word in ("fc", "flatten"):
        return replace(row, x=linear(word, given, row.volume)(row.real()), before=(), spatial=())
    return replace(row, x=linear(word, given, row.volume)(row.x))  # it works cell by cell


def output(word: str, given: Given, row: Row) -> tuple[int, ...]:
    """The extents that the layer gives the volume."""
    x = torch.zeros(1, *row.volume.shape, device="meta")
    return tuple(module(word, given, row.volume, "meta")(x).shape[2:])


def slid(word: str, given: Given, row: Row) -> Row:
    """A window over the row, from the first place that lies in it."""
    kernel, stride, dilation, sides = window_of({"stride": 1, **given}, row.spatial)
    x, places = row.x, []
    for axis, (step, (padding, _)) in enumerate(zip(stride, sides, strict=True)):
        places.append((row.before[axis] - padding) // step)
        x = behind(x, axis, row.before[axis] - padding - places[-1] * step)
    if any(there <= d * (k - 1) for there, k, d in zip(x.shape[2:], kernel, dilation, strict=True)):
        raise NarrowError
    plain = {name: value for name, value in given.items() if name not in ("padding", "rounding")}
    x = linear(word, plain, row.volume)(x)
    return replace(row, x=x, before=tuple(places), spatial=output(word, given, row))


def behind(x: Any, axis: int, begin: int) -> Any:
    """The cells along an axis from `begin`."""
    if begin > x.shape[axis + 2]:
        raise NarrowError
    return x.narrow(axis + 2, begin, x.shape[axis + 2] - begin)


def tiled(row: Row, sizes: Sequence[int]) -> tuple[Any, list[int]]:
    """What there is of the row in whole tiles, of which one starts with the volume, and how many these are."""
    x, counts = row.x, []
    for axis, size in enumerate(sizes):
        x = behind(x, axis, row.before[axis] % size)
        counts.append(x.shape[axis + 2] // size)
        x = x.narrow(axis + 2, 0, counts[-1] * size)
    if not all(counts):
        raise NarrowError
    return x, counts


def pooled(bins: Sequence[int], row: Row) -> Row:
    """So many bins of the volume, and of every piece of the row that is as long."""
    x, counts = tiled(row, row.spatial)
    size = tuple(n * count for n, count in zip(bins, counts, strict=True))
    before = tuple(b // w * n for b, w, n in zip(row.before, row.spatial, bins, strict=True))
    return replace(
        row, x=module("adaptive_avg_pool", {"size": size}, row.volume)(x), before=before, spatial=tuple(bins)
    )


def framed(word: str, given: Given, row: Row) -> Row:
    """More cells of the row, or fewer; or cells that repeat the volume's own, so that it ends."""
    sides = sides_of(given["amount"], len(row.spatial))
    if given.get("mode", "zeros") != "zeros":
        axes = [axis for axis, pair in enumerate(sides) if any(pair)]
        return ended(module(word, given, row.volume)(row.real(axes)), row, axes)
    sign = 1 if word == "pad" else -1
    before = tuple(there - sign * cells for there, (cells, _) in zip(row.before, sides, strict=True))
    return replace(row, before=before, spatial=output(word, given, row))


def ended(x: Any, row: Row, axes: Sequence[int]) -> Row:
    """A row that is all there is along these axes. Cells around it read nothing."""
    around, before, spatial = [], list(row.before), list(row.spatial)
    for axis in range(len(spatial)):
        if axis in axes:
            before[axis], spatial[axis] = row.margin, x.shape[axis + 2]
        around.append((row.margin,) * 2 if axis in axes else (0, 0))
    x = nn.functional.pad(x, [cells for pair in reversed(around) for cells in pair])
    return replace(row, x=x, before=tuple(before), spatial=tuple(spatial))


def joined(word: str, ways: list[Row]) -> Row:
    """The ways one above the other, or added up."""
    for axis in range(len(ways[0].spatial)):
        ways = aligned(ways, axis)
    xs = [way.x for way in ways]
    return replace(ways[0], x=torch.cat(xs, dim=1) if word in ("concat", "split") else sum(xs))


def aligned(ways: list[Row], axis: int) -> list[Row]:
    """The cells along an axis that all ways have. One of extent 1 is repeated wherever another one reads something."""
    most = max(way.spatial[axis] for way in ways)
    full = [way for way in ways if way.spatial[axis] == most]
    before = min(way.before[axis] for way in full)
    count = before + min(way.x.shape[axis + 2] - way.before[axis] for way in full)
    rows = [way.x.narrow(axis + 2, way.before[axis] - before, count) for way in full]
    others = [other + 2 for other in range(len(ways[0].spatial)) if other != axis]
    there = sum(x.abs().sum((0, 1, *others), keepdim=True) for x in rows) > 0
    return [
        replace(
            way,
            x=rows[full.index(way)] if way in full else way.real([axis]) * there,
            before=(*way.before[:axis], before, *way.before[axis + 1 :]),
            spatial=(*way.spatial[:axis], most, *way.spatial[axis + 1 :]),
        )
        for way in ways
    ]


def reads(network: File, axis: int) -> Reads | None:
    """What the cells depend on along an axis. None where they read more than can be looked at."""
    for margin in MARGINS[len(network.volume.spatial)]:
        try:
            run = Rows(network, impulses(network.volume, axis, margin))
            return {layer.path: reached(run.ends[layer.path], axis) for layer in run.layers}
        except NarrowError:
            pass
    return None


def impulses(volume: Volume, axis: int, margin: int) -> Row:
    """An impulse in each cell along an axis: in all that have one place on it."""
    torch.manual_seed(0)
    sizes = [size + 2 * margin for size in volume.spatial]
    x = torch.eye(sizes[axis], dtype=torch.float64)
    x = x.view(-1, 1, *[size if other == axis else 1 for other, size in enumerate(sizes)])
    return Row(x.expand(-1, volume.channels, *sizes), (margin,) * len(sizes), volume.spatial, margin)


def reached(row: Row, axis: int) -> list[Extent | None]:
    """What each cell along an axis depends on; of a vector each number."""
    y = row.real().abs()
    y = y.movedim(axis + 2, 1) if row.spatial else y
    y = y.flatten(2).amax(2) if y.dim() > 2 else y
    found: list[Extent | None] = []
    for impulse in (y > NOISE * y.max()).T:
        where = impulse.nonzero()
        found.append((int(where[0]) - row.margin, int(where[-1]) + 1 - row.margin) if len(where) else None)
        if len(where) and (where[0] == 0 or where[-1] == len(impulse) - 1):
            raise NarrowError
    return found
