"""Receptive fields: which cells of the network's input one cell of a volume can depend on.

The recurrences are those of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
Neural Networks" (Distill, 2019): r' = r + (F_eff - 1)·j, j' = j·S, start' = start - P·j.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cnncalc.layers.base import FieldStep, Layer
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from fractions import Fraction

Length: TypeAlias = "int | Fraction"


class AxisField(NamedTuple):
    """The receptive fields of a volume's cells along one axis of the network's input, padding included."""

    size: Length
    """Cells of the input that one cell depends on."""
    jump: Length | None
    """Cells of the input between the fields of two neighbours; None where it is not always the same."""
    middle: Length
    """Twice the centre of the first cell's field; 1 is the middle of the input's first cell."""
    span: Length
    """Cells of the input that all cells together depend on."""


Field: TypeAlias = tuple[AxisField, ...] | None
"""One for each axis of the network's input. None where the layers in between lost track of it."""


def whole_input(volume: Volume) -> Field:
    """Every cell of the input is its own field."""
    return tuple([AxisField(1, 1, 1, size) for size in volume.spatial])


def through(field: Field, layer: Layer, volume: Volume, output: Volume) -> Field:
    """The field behind a layer that makes `output` of `volume`."""
    if field is None or (layer.in_place and output is volume):
        return field
    if layer.reads_all:
        return tuple([axis._replace(size=axis.span, jump=None) for axis in field])
    if not output.spatial:
        return tuple([axis._replace(jump=None) for axis in field])
    steps = layer.field(volume)
    if not len(steps) == len(field) == len(output.spatial):
        return None
    moved = []
    for axis, step, cells, size in zip(field, steps, output.spatial, volume.spatial, strict=True):
        following = _step(axis, step, cells, size)
        if following is None:
            return None
        moved.append(following)
    return tuple(moved)


def _apart(places: list[Length]) -> Length:
    return max(places) - min(places)


def _step(axis: AxisField, step: FieldStep, cells: int, size: int) -> AxisField | None:
    if step == _NOTHING and cells == size:
        return axis
    if axis.jump is None:
        # Without a regular grid only a window over the whole axis still has a known field.
        return axis._replace(size=axis.span) if cells == 1 and step.centre == step.reach - 1 == size - 1 else None
    reach = axis.size + (step.reach - 1) * axis.jump
    if step.step == 0:
        return AxisField(_whole(reach), None, axis.middle, axis.span)
    jump, unit = axis.jump * step.step, axis.jump
    if step.parts > 1:
        jump, unit = _divided(jump, step.parts), _divided(unit, step.parts)
    return AxisField(
        _whole(reach), _whole(jump), _whole(axis.middle + step.centre * unit), _whole(reach + (cells - 1) * jump)
    )


_NOTHING: Final = FieldStep()


def joined(fields: Sequence[Field], volumes: Sequence[Volume]) -> tuple[Field, bool]:
    """The field where ways meet, the largest extent over all of them, and whether they lie alike.

    Two ways lie alike where their cells are the same distance apart and their centres at most half
    that distance, or where they end alike, as causal convolutions do. A way of extent 1 that is
    repeated along an axis reaches as far for every cell.
    """
    known = [field for field in fields if field is not None]
    if len(known) < len(fields):
        return None, True
    axes, alike = [], True
    for index, ways in enumerate(zip(*known, strict=True)):
        extents = [volume.spatial[index] if index < len(volume.spatial) else 1 for volume in volumes]
        full = [way for way, extent in zip(ways, extents, strict=True) if extent == max(extents)]
        first = full[0]
        jump = first.jump if all(way.jump == first.jump for way in full) else None
        low = min(way.middle - way.size for way in full)
        high = max(way.middle + way.size for way in full)
        apart = min(_apart([way.middle for way in full]), _apart([way.middle + way.size for way in full]))
        alike = alike and (apart <= jump if jump is not None else all(way.jump is None for way in full))
        size = max(_divided(high - low, 2), *(way.size for way in ways))
        axes.append(AxisField(size, jump, _divided(high + low, 2), max(size, *(way.span for way in ways))))
    return tuple(axes), alike


def _divided(length: Length, parts: int) -> Length:
    if isinstance(length, int) and length % parts == 0:
        return length // parts
    from fractions import Fraction  # imports decimal, which a network without upsampling never needs

    return _whole(Fraction(length) / parts)


def _whole(length: Length) -> Length:
    return length if isinstance(length, int) else length.numerator if length.denominator == 1 else length
