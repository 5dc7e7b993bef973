"""Receptive fields: which cells of the network's input one cell of a volume can depend on.

For plain convolutions and pools these are the recurrences of Araujo, Norris and Sim, "Computing
Receptive Fields of Convolutional Neural Networks" (Distill, 2019): r' = r + (F_eff - 1)·j,
j' = j·S, start' = start - P·j. A padding cell sees what it would if the row of cells went on.
Behind a transposed convolution or an upsampling neighbouring cells do not see alike, but those a
whole number of strides apart do; so the fields of one such period are kept, as a rule for all
cells. There a row ends with its volume, and cells near its ends see less than the rule has it.
"""

from collections.abc import Callable, Iterable, Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cnncalc.arithmetic import decimal
from cnncalc.layers.base import FieldStep, Layer, repeated
from cnncalc.limits import Limits
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from fractions import Fraction

Extent: TypeAlias = tuple[int, int]
"""Cells of the input from the first to behind the last; 0 is the input's first, below it is padding."""
Seen: TypeAlias = "Extent | None"
"""What a cell depends on; None where that is nothing."""

_MOST: Final = 256
"""Fields in a period; of a longer one no rule is kept."""
_LONGEST: Final = 2048
"""Cells of a row that are looked at one by one where the rule does not hold; of more nothing is said."""
_ALL: Final = 16_384
"""Such cells of all rows that hang on one another, likewise, so that a chain of thousands takes no longer."""
_EFFORT: Final = 2 * _MOST**2
"""Cells that these may read together, likewise."""
_FARTHEST: Final = Limits().largest
"""Cells in a field, or to the next; beyond, nothing is said: strides on a single cell can grow them without end."""


class Bounds(NamedTuple):
    """Cells of a row: from `inner` to before `outer` the rule holds, before `start` and from `stop` the row has ended."""

    start: int
    inner: int
    outer: int
    stop: int

    def without_rule(self) -> Iterable[int]:
        """The cells in between."""
        return (*range(self.start, self.inner), *range(self.outer, self.stop))

    @property
    def between(self) -> int:
        """How many these are."""
        return self.inner - self.start + self.stop - self.outer


class Ends:
    """The ends of a row, and the cells there that the rule does not hold for.

    What these see is worked out when it is first asked for: where cells in the middle see most, nobody asks.
    """

    __slots__ = ("_effort", "_see", "_sources", "bounds", "cells", "looked_at", "outside", "wider")

    def __init__(
        self,
        bounds: Bounds,
        outside: "AxisField | None",
        see: Callable[[int], Seen],
        sources: "Sequence[Ends]",
        effort: int,
    ) -> None:
        self.bounds = bounds
        self.outside = outside
        """The rule beyond both ends, of a join with a branch that goes on there; None where nothing does."""
        self.cells: dict[int, Seen] | None = None
        self.looked_at = 0
        """How many cells were looked at for it, in the longest chain of rows."""
        self.wider: bool = any(source.wider for source in sources)
        """Whether they can see more than those in the middle."""
        self._see: Callable[[int], Seen] | None = see
        self._sources = sources
        self._effort = effort

    def known(self) -> bool:
        """Whether its cells could be worked out. A loop, as each layer's hang on those of the one before."""
        waiting = [self]
        while waiting:
            last = waiting[-1]
            before = [source for source in last._sources if source._see is not None]
            waiting += before
            if not before:
                waiting.pop()._work_out()
        return self.cells is not None

    def _work_out(self) -> None:
        see, self._see = self._see, None
        sources, self._sources = self._sources, ()
        count = self.bounds.between
        self.looked_at = count + max((source.looked_at for source in sources), default=0)
        if see is None or count > _LONGEST or count * self._effort > _EFFORT or self.looked_at > _ALL:
            return
        if all(source.cells is not None for source in sources):
            self.cells = {cell: see(cell) for cell in self.bounds.without_rule()}


class AxisField(NamedTuple):
    """The receptive fields of a volume's cells along one axis of the network's input, padding included."""

    phases: tuple[Seen, ...]
    """The fields of the first cells, if the row had no ends, up to the one that sees as the first does.

    Where the cells follow no such rule, what they depend on together."""
    shift: int | None
    """How far that one's field lies from the first's; None where the cells follow no such rule."""
    cells: int
    """How many cells there are; 1 where all see the same."""
    reach: int = 0
    """The cells of the input that one cell depends on, at most; 0 where there is one field and its size is that."""
    shared: Extent | None = None
    """What every cell depends on beside its own field: a gate's, that is the same for all."""
    ends: Ends | None = None

    @property
    def size(self) -> int:
        """Cells of the input that one cell depends on, at most."""
        if self.reach or self.phases[0] is None:
            return self.reach
        low, high = self.phases[0]
        return high - low

    @property
    def jump(self) -> "int | Fraction | None":
        """Cells of the input between the fields of two neighbours, on average; None where there is no rule."""
        if self.shift is None or self.shift % len(self.phases) == 0:
            return None if self.shift is None else self.shift // len(self.phases)
        from fractions import Fraction  # imports decimal, which a network without upsampling never needs

        return Fraction(self.shift, len(self.phases))

    @property
    def span(self) -> Extent | None:
        """What all cells together depend on; None where that is unknown."""
        if self.shift is None:
            return self.phases[0]
        return _union(self.seen(range(self.cells))) if self.ends is None or self.ends.known() else None

    def rule(self, cells: Iterable[int]) -> Seen:
        """From the first to the last cell of these cells' own fields, if the row had no ends."""
        low, high, period = None, 0, len(self.phases)
        assert self.shift is not None
        for cell in cells:
            turn, phase = divmod(cell, period)
            field = self.phases[phase]
            if field is None:
                continue
            first, last = field[0] + turn * self.shift, field[1] + turn * self.shift
            if low is None:
                low, high = first, last
            low, high = min(low, first), max(high, last)
        return None if low is None else (low, high)

    def own(self, cell: int) -> Seen:
        """One cell's own field, if the row had no ends."""
        return self.phases[cell] if 0 <= cell < len(self.phases) else self.rule((cell,))

    def at(self, cell: int) -> Seen:
        """What a cell depends on, which may lie in the padding. The ends must be known."""
        if self.ends is not None:
            start, inner, outer, stop = self.ends.bounds
            if not start <= cell < stop:
                return None if self.ends.outside is None else self.ends.outside.at(cell)
            if not inner <= cell < outer:
                assert self.ends.cells is not None
                return self.ends.cells[cell]
        own = self.own(cell)
        return own if own is None or self.shared is None else _union((own, self.shared))

    def seen(self, cells: range) -> list[Seen]:
        """What these cells depend on: of those that a rule holds for the outermost, as they bound all others."""
        if self.ends is None or len(cells) <= 2 * len(self.phases):
            return [self.at(cell) for cell in _outermost(cells, len(self.phases))]
        start, inner, outer, stop = self.ends.bounds
        found = [self.at(cell) for pair in ((start, inner), (outer, stop)) for cell in _within(cells, *pair)]
        found += self._replace(ends=None).seen(_within(cells, inner, outer))
        if self.ends.outside is not None:
            for pair in ((cells[0], start), (stop, cells[-1] + 1)):
                found += self.ends.outside.seen(_within(cells, *pair))
        return found


Field: TypeAlias = tuple[AxisField, ...] | None
"""One for each axis of the network's input. None where the layers in between lost track of it."""


def whole_input(volume: Volume) -> Field:
    """Every cell of the input is its own field."""
    return tuple([AxisField(((0, 1),), 1, size) for size in volume.spatial])


def through(field: Field, layer: Layer, steps: Sequence[FieldStep], volume: Volume, output: Volume) -> Field:
    """The field behind a layer that makes `output` of `volume`, by its steps along the axes."""
    if field is None:
        return field
    if layer.reads_all:
        return _known([_whole(axis.span) for axis in field])
    if type(layer).field is Layer.field and output.spatial == volume.spatial:
        return field  # it works cell by cell
    if not output.spatial:
        return _known([_without_rule(axis) for axis in field])
    if not len(steps) == len(field) == len(output.spatial):
        return None
    moved: list[AxisField] = []
    before = None
    for each in zip(field, steps, output.spatial, volume.spatial, strict=True):
        if each == before:  # most pictures are square, and so are their windows
            moved.append(moved[-1])
            continue
        axis, step, cells, size = before = each
        following = axis if step == _NOTHING and cells == size else _step(axis, step, cells, size)
        if following is None:
            return None
        moved.append(following)
    return tuple(moved)


_NOTHING: Final = FieldStep()


def _known(axes: Sequence[AxisField | None]) -> Field:
    known = [axis for axis in axes if axis is not None]
    return tuple(known) if len(known) == len(axes) else None


def _step(axis: AxisField, step: FieldStep, cells: int, size: int) -> AxisField | None:
    if axis.shift is None:
        # Without a rule only a window over the whole axis still has a known field, and what reads its one cell.
        window = cells == 1 and step.before == 0 and step.taps == size and step.dilation == step.up == 1
        return _whole(axis.span) if window or (size == 1 and _reads_the_one(step, cells)) else None
    following = _ruled(axis, step, cells)
    if step.repeats:
        return None if following is None else _with_repeated(axis, following, step, size)
    if following is None:
        return _listed(axis, step, cells, size)
    if axis.ends is not None or step.bounded:
        ends = _ends(axis, step, cells, size)
        return None if ends is None else _measured(following._replace(ends=ends))
    return following if len(following.phases) == 1 and axis.shared is None else _measured(following)


def _reads_the_one(step: FieldStep, cells: int) -> bool:
    """Whether one of so many cells reads the only one of a row that ends: o = before - dilation·t with a tap t."""
    first = step.before - step.dilation * (step.taps - 1)
    return step.bounded and bool(_within(range(first, step.before + 1, step.dilation), 0, cells))


def _ruled(axis: AxisField, step: FieldStep, cells: int) -> AxisField | None:
    """The rule that the cells follow, if the rows had no ends. None where it takes too much to keep it."""
    assert axis.shift is not None
    if len(axis.phases) == step.up == 1 and axis.phases[0] is not None:
        # The recurrences themselves. What follows comes to the same, and takes five times as long.
        low, high = axis.phases[0]
        low, high = low - step.before * axis.shift, high + (step.dilation * (step.taps - 1) - step.before) * axis.shift
        shift = axis.shift * step.stride
        return None if max(shift, high - low) > _FARTHEST else AxisField(((low, high),), shift, cells, 0, axis.shared)
    turn = len(axis.phases) * step.up
    period = turn // gcd(turn, step.stride)
    shift = axis.shift * period * step.stride // turn
    if period > _MOST or shift > _FARTHEST:
        return None
    reads = [_outermost(step.reads(cell), len(axis.phases)) for cell in range(period)]
    return AxisField(tuple([axis.rule(each) for each in reads]), shift, cells, 0, axis.shared)


def _listed(axis: AxisField, step: FieldStep, cells: int, size: int) -> AxisField | None:
    """What is left where the rule is lost: what each cell sees that there is."""
    ends = _looked_at(axis, step, size, Bounds(0, cells, cells, cells), None)
    measured = _measured(AxisField((None,), 1, cells, ends=ends))
    return None if measured is None else _without_rule(measured)


def _ends(axis: AxisField, step: FieldStep, cells: int, size: int) -> Ends | None:
    """The ends of the row behind a step. None where the rule beyond them takes too much to keep it."""
    old = Bounds(0, 0, size, size) if axis.ends is None else axis.ends.bounds
    reach = step.dilation * (step.taps - 1)

    def first(bound: int) -> int:
        """The first cell with reads from there on."""
        return -(-(step.up * bound + step.before - reach) // step.stride)

    def clear(bound: int) -> int:
        """The first cell with no reads before that."""
        return -(-(step.up * (bound - 1) + 1 + step.before) // step.stride)

    outside = None if axis.ends is None else axis.ends.outside
    if step.bounded:
        inner, outer = max(0, clear(max(0, old.inner))), min(cells, first(min(size, old.outer)))
        return _looked_at(axis, step, size, _bounds(0, inner, outer, cells), None)
    if outside is not None:
        outside = _ruled(outside, step, cells)
        if outside is None:
            return None
    bounds = _bounds(first(old.start), clear(old.inner), first(old.outer), clear(old.stop))
    return _looked_at(axis, step, size, bounds, outside)


def _with_repeated(axis: AxisField, following: AxisField, step: FieldStep, size: int) -> AxisField | None:
    """A row between cells that see what some of its own do."""
    old = Bounds(0, 0, size, size) if axis.ends is None else axis.ends.bounds

    def see(cell: int) -> Seen:
        return axis.at(repeated(cell - step.before, size, step.repeats))

    inner, outer = max(0, old.inner) + step.before, min(size, old.outer) + step.before
    bounds = _bounds(0, inner, outer, following.cells)
    ends = Ends(bounds, None, see, [axis.ends] if axis.ends else [], 1)
    # Where all cells see alike and these repeat the nearest ones, no window sees more than one in the middle.
    ends.wider = step.repeats == "circular" or axis.ends is not None or len(axis.phases) > 1
    return _measured(following._replace(ends=ends))


def _bounds(start: int, inner: int, outer: int, stop: int) -> Bounds:
    return Bounds(start, inner, outer, stop) if inner < outer else Bounds(start, stop, stop, stop)


def _looked_at(axis: AxisField, step: FieldStep, size: int, bounds: Bounds, outside: AxisField | None) -> Ends:
    def see(cell: int) -> Seen:
        reads = step.reads(cell)
        return _union(axis.seen(_within(reads, 0, size) if step.bounded else reads))

    reads = len(range(0, step.taps, step.up // gcd(step.up, step.dilation)))
    most = 6 * len(axis.phases) + (axis.ends.bounds.between if axis.ends else 0)
    return Ends(bounds, outside, see, [axis.ends] if axis.ends else [], min(reads, most))


def _within(cells: range, low: int, high: int) -> range:
    """Those of the cells that lie from `low` to before `high`."""
    first, last = (max(0, -(-(bound - cells.start) // cells.step)) for bound in (low, high))
    return cells[first:last]


def _outermost(cells: range, period: int) -> Sequence[int]:
    """Of cells that follow a rule those that bound all others."""
    return cells if len(cells) <= 2 * period else (*cells[:period], *cells[-period:])


def _whole(span: Extent | None) -> AxisField | None:
    """Where every cell depends on all that any of them does."""
    return None if span is None or span[1] - span[0] > _FARTHEST else AxisField((span,), None, 1)


def _without_rule(axis: AxisField) -> AxisField | None:
    """Where it is no longer known which cell is which."""
    span = axis.span
    if axis.cells == 1:
        return _whole(span)
    return None if span is None else AxisField((span,), None, axis.cells, axis.size)


def _measured(axis: AxisField) -> AxisField | None:
    """The field with its reach. None where no cell sees anything, or where that takes too much to find out."""
    ends, seen = axis.ends, list(axis.phases)
    ruled = axis.cells if ends is None else min(ends.bounds.outer, axis.cells) - max(ends.bounds.inner, 0)
    if ruled < len(seen) or axis.shared is not None or (ends is not None and ends.wider):
        if ends is not None and not ends.known():
            return None
        seen = axis.seen(range(axis.cells))
    reach = max([field[1] - field[0] for field in seen if field is not None], default=0)
    return axis._replace(reach=reach) if 0 < reach <= _FARTHEST else None


def _union(extents: Iterable[Seen]) -> Seen:
    """From the first to the last cell of all. A loop, as every join asks for it: half the time of min and max."""
    low, high = None, 0
    for extent in extents:
        if extent is None:
            continue
        if low is None:
            low, high = extent
            continue
        if extent[0] < low:
            low = extent[0]
        if extent[1] > high:
            high = extent[1]
    return None if low is None else (low, high)


def joined(fields: Sequence[Field], volumes: Sequence[Volume]) -> tuple[Field, bool]:
    """The field where ways meet, the largest extent over all of them, and whether they lie alike.

    Two ways lie alike where their cells are the same distance apart and their centres at most half
    that distance, or where they end alike, as causal convolutions do. A way of extent 1 that is
    repeated along an axis reaches as far for every cell.
    """
    known = [field for field in fields if field is not None]
    if len(known) < len(fields):
        return None, True
    axes: list[AxisField | None] = []
    alike, before = True, None
    for index, ways in enumerate(zip(*known, strict=True)):
        extents = [volume.spatial[index] if index < len(volume.spatial) else 1 for volume in volumes]
        if (ways, extents) == before:
            axes.append(axes[-1])
            continue
        before = (ways, extents)
        axis, so_far = _join(ways, extents)
        axes.append(axis)
        alike = alike and so_far
    return _known(axes), alike


def _join(ways: Sequence[AxisField], extents: Sequence[int]) -> tuple[AxisField | None, bool]:
    """The same along one axis."""
    different = dict.fromkeys(zip(ways, extents, strict=True))
    if len(different) == 1:
        return ways[0], True
    most = max(extents)
    full = [way for way, extent in different if extent == most]
    period, shift = _common(full)
    if shift is None or period > _MOST:
        spans = [way.span for way, _ in different]
        return _join_without_rule(full, spans), shift is not None or any(way.shift is None for way in full)
    alike = len(full) == 1 or _lie_alike(full, period, shift)
    repeated = [way.span for way, extent in different if extent < most]
    if None in repeated:
        return None, alike
    gate = _union(repeated)
    axis = _united(full, period, shift, gate, most)
    if axis.shared is not None and any(None in way.phases for way in full):
        return None, alike  # a gap between cells may see a gate, or not
    ends = [way.ends for way in full if way.ends is not None]
    if ends:
        axis = axis._replace(ends=_joined_ends(full, ends, gate))
    return axis if period == 1 and not ends and axis.shared is None else _measured(axis), alike


def _common(ways: Sequence[AxisField]) -> tuple[int, int | None]:
    """Cells of a period of all ways, and how far it lies from the next; None where the ways differ in that."""
    period = lcm(*[len(way.phases) for way in ways])
    shifts = {way.shift and way.shift * period // len(way.phases) for way in ways}
    return period, shifts.pop() if len(shifts) == 1 else None


def _united(ways: Sequence[AxisField], period: int, shift: int, gate: Extent | None, cells: int) -> AxisField:
    """The rule that the cells of a join follow, if the rows had no ends."""
    phases = tuple([_union([way.own(cell) for way in ways]) for cell in range(period)])
    return AxisField(phases, shift, cells, 0, _union([gate, *[way.shared for way in ways]]))


def _joined_ends(ways: Sequence[AxisField], ends: Sequence[Ends], gate: Extent | None) -> Ends:
    def see(cell: int) -> Seen:
        own = _union([way.at(cell) for way in ways])
        return own if own is None or gate is None else _union((own, gate))

    starts, inners, outers, stops = zip(*[each.bounds for each in ends], strict=True)
    beyond = [way.ends.outside if way.ends else way for way in ways]
    outside = [way for way in beyond if way is not None]
    period, shift = _common(outside) if outside else (0, None)
    rule = None if shift is None else _united(outside, period, shift, gate, 0)
    return Ends(_bounds(min(starts), max(inners), min(outers), max(stops)), rule, see, ends, len(ways))


def _join_without_rule(ways: Sequence[AxisField], spans: Sequence[Extent | None]) -> AxisField | None:
    """Known where every cell depends on all there is."""
    span = None if None in spans else _union(spans)
    alike = [way for way in ways if way.cells == 1]
    return _whole(span) if len(alike) == len(ways) or any(way.span == span for way in alike) else None


def _lie_alike(ways: Sequence[AxisField], period: int, shift: int) -> bool:
    """Compared over one period of all, so that each cell of it counts as much."""
    places = [_place(way, period) for way in ways]
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return True  # cells that see nothing have no centre
    centres, ends = [low + high for low, high in known], [high for _, high in known]
    return min(max(centres) - min(centres), 2 * (max(ends) - min(ends))) <= shift


def evidence(fields: Sequence[Field]) -> list[tuple[str, tuple[str, int] | None]]:
    """Of each branch how far apart its cells lie, and where those of one period look on average, with how many they are.

    On the first axis on which branches do not lie alike; the second is None where the first tells already.
    """
    for ways in zip(*[field for field in fields if field is not None], strict=True):
        period, shift = _common(ways)
        if shift is None:
            return [(str(way.jump or "unevenly"), None) for way in ways]
        places = [_place(way, period) for way in ways]
        if not _lie_alike(ways, period, shift):
            # A field goes to behind its last cell, so the middle of all is half a cell before the mean of its ends.
            centres = [(decimal(sum(place) - period, 2 * period), period) if place else None for place in places]
            return list(zip([str(way.jump) for way in ways], centres, strict=True))
    return []


def _place(way: AxisField, period: int) -> Extent | None:
    """Both ends of the fields of so many cells, each added up."""
    low = high = 0
    for cell in range(period):
        seen = way.own(cell)
        if seen is None:
            return None
        low, high = low + seen[0], high + seen[1]
    return low, high
