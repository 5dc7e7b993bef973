"""Receptive fields: which cells of the network's input one cell of a volume can depend on.

The recurrences are those of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
Neural Networks" (Distill, 2019): r' = r + (F_eff - 1)·j, j' = j·S, start' = start - P·j.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
    first: Length
    """Where the first cell's field starts; 0 is the input's first cell, below it is padding."""
    last: Length
    """Where the last cell's field ends, exclusive."""


Field: TypeAlias = tuple[AxisField, ...] | None
"""One for each axis of the network's input. None where the layers in between lost track of it."""


def whole_input(volume: Volume) -> Field:
    """Every cell of the input is its own field."""
    return tuple([AxisField(1, 1, 0, size) for size in volume.spatial])


def through(field: Field, layer: Layer, volume: Volume, output: Volume) -> Field:
    """The field behind a layer that makes `output` of `volume`."""
    if field is None:
        return None
    if layer.reads_all:
        return tuple([AxisField(axis.last - axis.first, None, axis.first, axis.last) for axis in field])
    if not output.spatial:
        return tuple([axis._replace(jump=None) for axis in field])
    steps = layer.field(volume)
    if len(steps) != len(field):
        return None
    moved = []
    for axis, step, cells, size in zip(field, steps, output.spatial, volume.spatial, strict=True):
        following = _step(axis, step, cells, size)
        if following is None:
            return None
        moved.append(following)
    return tuple(moved)


def _step(axis: AxisField, step: FieldStep, cells: int, size: int) -> AxisField | None:
    if step.reach == 1 and step.step == step.parts == 1 and step.start == 0 and cells == size:
        return axis
    if step.reach == size and step.start == 0 and cells == 1:  # one window over the whole axis
        return AxisField(axis.last - axis.first, axis.jump and axis.jump * step.step, axis.first, axis.last)
    if axis.jump is None:
        return None
    reach = axis.size + (step.reach - 1) * axis.jump
    first = axis.first + step.start * axis.jump
    if step.step == 0:
        return AxisField(reach, None, axis.first, axis.last)
    jump = axis.jump * step.step
    if step.parts > 1:
        jump = _divided(jump, step.parts)
    return AxisField(reach, jump, first, _whole(first + (cells - 1) * jump + reach))


def _divided(length: Length, parts: int) -> Length:
    from fractions import Fraction  # imports decimal, which a network without upsampling never needs

    return _whole(Fraction(length) / parts)


def _whole(length: Length) -> Length:
    return length if isinstance(length, int) else length.numerator if length.denominator == 1 else length
