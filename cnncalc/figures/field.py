"""Receptive fields: which cells of the network's input one cell of a volume can depend on.

For plain convolutions and pools these are the recurrences of Araujo, Norris and Sim, "Computing
Receptive Fields of Convolutional Neural Networks" (Distill, 2019): r' = r + (F_eff - 1)·j,
j' = j·S, start' = start - P·j. Behind a transposed convolution or an upsampling neighbouring cells
do not see alike, but those a whole number of strides apart do; so the fields of one such period
are kept, and what is said of a volume is the largest of them.
"""

from collections.abc import Iterable, Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cnncalc.layers.base import FieldStep, Layer
from cnncalc.limits import Limits
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from fractions import Fraction

Extent: TypeAlias = tuple[int, int]
"""Cells of the input from the first to behind the last; 0 is the input's first, below it is padding."""

_MOST: Final = 256
"""Fields in a period; of a longer one nothing is said."""
_FARTHEST: Final = Limits().largest
"""Cells from one field to the next; beyond, nothing is said: strides on a single cell can grow them without end."""


class AxisField(NamedTuple):
    """The receptive fields of a volume's cells along one axis of the network's input, padding included."""

    phases: tuple[Extent | None, ...]
    """The fields of the first cells, up to the one that sees as the first does; None for one that sees nothing."""
    shift: int | None
    """How far that one's field lies from the first's; None where the cells follow no such rule."""
    span: Extent
    """What all cells together depend on."""
    shared: Extent | None = None
    """What every cell depends on beside its own field: a gate's, that is the same for all."""
    reach: int = 0
    """With something shared: the cells from the first to the last that one cell depends on, at most."""

    @property
    def size(self) -> int:
        """Cells of the input that one cell depends on, at most."""
        if self.shared is not None:
            return self.reach
        if len(self.phases) == 1 and self.phases[0]:
            return self.phases[0][1] - self.phases[0][0]
        return max((high - low for low, high in filter(None, self.phases)), default=0)

    @property
    def jump(self) -> "int | Fraction | None":
        """Cells of the input between the fields of two neighbours, on average; None where there is no rule."""
        if self.shift is None or self.shift % len(self.phases) == 0:
            return None if self.shift is None else self.shift // len(self.phases)
        from fractions import Fraction  # imports decimal, which a network without upsampling never needs

        return Fraction(self.shift, len(self.phases))

    def at(self, cell: int) -> Extent | None:
        """The field of a cell, which may lie in the padding."""
        turn, phase = divmod(cell, len(self.phases))
        field = self.phases[phase]
        assert self.shift is not None
        return None if field is None else (field[0] + turn * self.shift, field[1] + turn * self.shift)


Field: TypeAlias = tuple[AxisField, ...] | None
"""One for each axis of the network's input. None where the layers in between lost track of it."""


def whole_input(volume: Volume) -> Field:
    """Every cell of the input is its own field."""
    return tuple([AxisField(((0, 1),), 1, (0, size)) for size in volume.spatial])


def through(field: Field, layer: Layer, steps: Sequence[FieldStep], volume: Volume, output: Volume) -> Field:
    """The field behind a layer that makes `output` of `volume`, by its steps along the axes."""
    if field is None:
        return field
    if layer.reads_all:
        return tuple([_whole(axis.span) for axis in field])
    if type(layer).field is Layer.field and output.spatial == volume.spatial:
        return field  # it works cell by cell
    if not output.spatial:
        return tuple([axis._replace(shift=None) for axis in field])
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


def _step(axis: AxisField, step: FieldStep, cells: int, size: int) -> AxisField | None:
    if axis.shift is None:
        # Without a rule only a window over the whole axis still has a known field.
        whole = cells == 1 and step.before == 0 and step.taps >= size and step.dilation == step.up == 1
        return _whole(axis.span) if whole else None
    if len(axis.phases) == step.up == 1 and step.regular and axis.phases[0] and axis.shared is None:
        # The recurrences themselves. What follows comes to the same, and takes five times as long.
        low, high = axis.phases[0]
        first = low - step.before * axis.shift, high + (step.dilation * (step.taps - 1) - step.before) * axis.shift
        shift = axis.shift * step.stride
        span = first[0], first[1] + (cells - 1) * shift
        if max(shift, span[1] - span[0]) > _FARTHEST:
            return None
        return AxisField((first,), shift, span)
    period = len(axis.phases) * step.up
    period //= gcd(period, step.stride)
    shift = axis.shift * period * step.stride // (len(axis.phases) * step.up)
    if period > _MOST or shift > _FARTHEST:
        return None
    phases = tuple([_union(_read(axis, step, cell)) for cell in range(period)])
    if not step.regular:
        # Which cell a window starts at follows no rule, so of a part that all share it is known only where that is all.
        if axis.shared not in (None, axis.span):
            return None
        return AxisField(phases, None, axis.span, axis.shared, axis.reach)
    return _measured(AxisField(phases, shift, axis.span, axis.shared), cells)


def _whole(span: Extent) -> AxisField:
    """Where every cell depends on all that any of them does."""
    return AxisField((span,), None, span)


def _measured(axis: AxisField, cells: int) -> AxisField | None:
    """The field with its span and reach, over so many cells: the outermost ones bound all others."""
    period = len(axis.phases)
    ends = [axis.at(cell) for cell in {*range(min(cells, period)), *range(max(0, cells - period), cells)}]
    reached = _union([*ends, axis.shared])
    if reached is None or axis.shared is None:
        return None if reached is None else axis._replace(span=reached)
    hulls = [axis.shared if end is None else _hull(end, axis.shared) for end in ends]
    return axis._replace(span=reached, reach=max(high - low for low, high in hulls))


def _read(axis: AxisField, step: FieldStep, cell: int) -> Iterable[Extent | None]:
    """The fields of the input cells that an output cell reads: the outermost ones bound all others."""
    # Taps whose cells are alike but for whole periods come round after `round` taps.
    rounds = len(axis.phases) * step.up
    near = range(min(step.taps, rounds))
    far = range(max(0, step.taps - rounds), step.taps)
    for tap in (*near, *far):
        if step.up == 1:
            yield axis.at(cell * step.stride - step.before + step.dilation * tap)
        else:
            source, rest = divmod(cell + step.before - step.dilation * tap, step.up)
            if rest == 0:
                yield axis.at(source)


def _union(extents: Iterable[Extent | None]) -> Extent | None:
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


def _hull(one: Extent, other: Extent) -> Extent:
    return min(one[0], other[0]), max(one[1], other[1])


def joined(fields: Sequence[Field], volumes: Sequence[Volume]) -> tuple[Field, bool]:
    """The field where ways meet, the largest extent over all of them, and whether they lie alike.

    Two ways lie alike where their cells are the same distance apart and their centres at most half
    that distance, or where they end alike, as causal convolutions do. A way of extent 1 that is
    repeated along an axis reaches as far for every cell.
    """
    known = [field for field in fields if field is not None]
    if len(known) < len(fields):
        return None, True
    axes: list[AxisField] = []
    alike, before = True, None
    for index, ways in enumerate(zip(*known, strict=True)):
        extents = [volume.spatial[index] if index < len(volume.spatial) else 1 for volume in volumes]
        if (ways, extents) == before:
            axes.append(axes[-1])
            continue
        before, most = (ways, extents), max(extents)
        different = dict.fromkeys(zip(ways, extents, strict=True))
        full = [way for way, extent in different if extent == most]
        shared = _union([way.shared if extent == most else way.span for way, extent in different])
        span = _union([way.span for way, _ in different])
        assert span is not None
        period = lcm(*[len(way.phases) for way in full])
        apart = {way.shift and way.shift * period // len(way.phases) for way in full}
        shift = apart.pop() if len(apart) == 1 else None
        if shift is not None and period <= _MOST:
            phases = tuple([_union([way.at(cell) for way in full]) for cell in range(period)])
            axis = AxisField(phases, shift, span, shared)
            if shared is not None:
                measured = _measured(axis, most)
                assert measured is not None, "what is shared is seen"
                axis = measured
            axes.append(axis)
            alike = alike and (len(full) == 1 or _lie_alike(full, period, shift))
        elif any(way.phases == (span,) for way in full) or all(way.phases == (way.span,) for way in full):
            # Every cell depends on all there is.
            axes.append(_whole(span))
        elif len(different) == 1:
            axes.append(full[0])
        else:
            return None, alike and all(way.shift is None for way in full)
    return tuple(axes), alike


def _lie_alike(ways: Sequence[AxisField], period: int, shift: int) -> bool:
    """Compared over one period of all, so that each cell of it counts as much."""
    lows, highs = [], []
    for way in ways:
        low = high = 0
        for cell in range(period):
            seen = way.at(cell)
            if seen is None:
                return True  # cells that see nothing have no centre
            low += seen[0]
            high += seen[1]
        lows.append(low)
        highs.append(high)
    centres = [low + high for low, high in zip(lows, highs, strict=True)]
    return min(max(centres) - min(centres), 2 * (max(highs) - min(highs))) <= shift
