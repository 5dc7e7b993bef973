"""Volumes as boxes: the scales that a picture has, and where on the paper each cell is.

The front of a box is its channels wide and its rows high; its columns recede to the upper right, half as long as they
are. What has other axes has a form of its own: a sequence is a sheet without columns, a vector a bar, and of a film the
box is frames, rows and columns, and a bar below it is its channels.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

from cnncalc.arithmetic import decimal
from cnncalc.figures.analysis import LayerSummary
from cnncalc.layers.convolution import TransposedConv
from cnncalc.pictures.drawing import FRONT, SIDE, TOP, Number, Point, Polygon
from cnncalc.volume import Volume

_HIGHEST, _THICKEST, _LONGEST = 200, 96, 140
"""Pixels of the largest extent, of the most channels and of the longest vector."""
_MAGNIFIED: Final = 8
"""Pixels of one cell at most."""
LEAST: Final = 3
"""Pixels of the smallest extent."""
_RIGHT, _UP = Fraction(4, 5) / 2, Fraction(3, 5) / 2
"""Where a column recedes to: half its length, in the direction of the triangle of 3, 4 and 5, so that it is exact."""
_BAR: Final = 12
"""How thick a vector is."""


# Scales


class Scale(NamedTuple):
    """How many pixels a number of cells, channels or units has."""

    of: str
    unit: str
    per: Fraction
    """Pixels of one, or on a logarithmic scale of each doubling."""
    log: bool = False

    @classmethod
    def for_all(cls, of: str, unit: str, extents: Sequence[int], most: int, log: bool) -> "Scale":
        """The scale on which the largest extent has so many pixels, or as many as a few are magnified to."""
        largest = max(extents, default=1)
        if log:
            return cls(of, unit, most / max(doublings(largest), Fraction(1)), True)
        return cls(of, unit, min(Fraction(most, largest), Fraction(_MAGNIFIED)))

    def pixels(self, extent: int) -> Fraction:
        """The length of an extent."""
        return max(self.per * (doublings(extent) if self.log else extent), Fraction(LEAST))

    def says(self) -> str:
        """`height and width: 1 px = 1.14 cells`."""
        if self.log:
            return f"{self.of}: {_short(self.per)} px for each doubling of the {self.unit}s"
        if self.per > 1:
            return f"{self.of}: 1 {self.unit} = {_short(self.per)} px"
        return f"{self.of}: 1 px = {_short(1 / self.per)} {self.unit}s"


def doublings(number: int) -> Fraction:
    """How often 1 is doubled up to a number; between powers of 2 in proportion, so that it is exact."""
    whole = number.bit_length() - 1
    return whole + Fraction(number, 1 << whole) - 1


def _short(number: Fraction) -> str:
    return decimal(number.numerator, number.denominator)


class Scales(NamedTuple):
    """The scales of one picture."""

    cells: Scale
    channels: Scale
    units: Scale

    @classmethod
    def of(cls, volumes: Sequence[Volume], log: bool) -> "Scales":
        """Those on which all the volumes have room."""
        ranks = sorted({len(volume.spatial) for volume in volumes} - {0})
        names = {1: "length", 2: "height and width", 3: "depth, height and width"}
        cells = [extent for volume in volumes for extent in volume.spatial]
        channels = [volume.channels for volume in volumes if volume.spatial]
        units = [volume.channels for volume in volumes if not volume.spatial]
        return cls(
            Scale.for_all(names[ranks[-1]] if ranks else "", "cell", cells, _HIGHEST, log),
            Scale.for_all("the bar below" if 3 in ranks else "thickness", "channel", channels, _THICKEST, log),
            Scale.for_all("vectors", "unit", units, _LONGEST, log),
        )

    def say(self, volumes: Sequence[Volume]) -> Iterator[str]:
        """The scales that the volumes need."""
        if any(volume.spatial for volume in volumes):
            yield from (self.cells.says(), self.channels.says())
        if not all(volume.spatial for volume in volumes):
            yield self.units.says()


# Boxes


class Box(NamedTuple):
    """A volume as it is drawn, by the left upper corner of its front."""

    left: Number
    top: Number
    thick: Number
    high: Number
    deep: Number
    """Of its columns, before they recede."""
    cells: tuple[int, int, int]
    """How many there are in these three directions."""

    @classmethod
    def of(cls, volume: Volume, scales: Scales) -> "Box":
        """The box of a volume, its front's left upper corner half as high as it is above 0."""
        if not volume.spatial:
            high = scales.units.pixels(volume.channels)
            return cls(0, -high / 2, _BAR, high, 0, (1, volume.channels, 1))
        sides = [scales.cells.pixels(extent) for extent in volume.spatial]
        if len(sides) == 3:
            (thick, high, deep), (frames, rows, columns) = sides, volume.spatial
        else:
            thick, frames = scales.channels.pixels(volume.channels), 1
            high, deep = [*sides, Fraction(0)][:2]
            rows, columns = (*volume.spatial, 1)[:2]
        return cls(0, -high / 2, thick, high, deep, (frames, rows, columns))

    @property
    def right(self) -> Number:
        """Where its back ends."""
        return self.left + self.thick + _RIGHT * self.deep

    @property
    def back(self) -> Number:
        """Where its back begins, above."""
        return self.top - _UP * self.deep

    @property
    def bottom(self) -> Number:
        """Where its front ends, below."""
        return self.top + self.high

    def at(self, frame: Number, row: Number, column: Number) -> Point:
        """Where the corner of a cell is."""
        frames, rows, columns = self.cells
        far = Fraction(column) * self.deep / columns
        x = self.left + Fraction(frame) * self.thick / frames + _RIGHT * far
        return x, self.top + Fraction(row) * self.high / rows - _UP * far

    def centre(self, cell: "Cell") -> Point:
        """The middle of a cell, by its place among the frames, rows and columns; of channels, their front end."""
        frame, row, column = cell
        half = Fraction(1, 2)
        return self.at(frame + half if self.cells[0] > 1 else 0, row + half, column + half if self.deep else 0)

    def ends(self, part: "Part", left: bool) -> list[Point]:
        """The upper and the lower end of some of its cells, as they are seen from the right or from the left."""
        frames, (top, bottom), columns = part
        return [self.at(frames[not left], top, columns[not left]), self.at(frames[not left], bottom, columns[0])]

    def faces(self, part: "Part", fill: str, hatched: bool = False) -> Iterator[Polygon]:
        """What is seen of some of its cells: their side and their top, where there are columns, and their front."""
        (f0, f1), (r0, r1), (c0, c1) = part
        if self.deep:
            yield Polygon([self.at(*p) for p in ((f0, r0, c0), (f1, r0, c0), (f1, r0, c1), (f0, r0, c1))], fill, TOP)
            yield Polygon([self.at(*p) for p in ((f1, r0, c0), (f1, r1, c0), (f1, r1, c1), (f1, r0, c1))], fill, SIDE)
        corners = [self.at(*p) for p in ((f0, r0, c0), (f1, r0, c0), (f1, r1, c0), (f0, r1, c0))]
        yield Polygon(corners, fill, FRONT, hatched)

    @property
    def whole(self) -> "Part":
        """All its cells."""
        frames, rows, columns = self.cells
        return (0, frames), (0, rows), (0, columns)

    @property
    def front(self) -> "Part":
        """The cells of its front."""
        return self.whole[0], self.whole[1], (0, 0)


Part: TypeAlias = "tuple[tuple[int, int], tuple[int, int], tuple[int, int]]"
"""The first cell and the one behind the last, of frames, rows and columns."""
Cell: TypeAlias = "tuple[int, int, int]"
"""A cell, by its place among the frames, the rows and the columns."""


# Windows


class Sight(NamedTuple):
    """One position of a window: the cells in it, and the one cell that they have to do with."""

    part: Part
    cell: Cell
    made: bool = False
    """Whether the window lies on the volume that is made, of the one cell that is read."""


class _Axis(NamedTuple):
    """A window along one axis, on so many cells, with so many positions."""

    stride: int
    before: int
    span: int
    cells: int
    positions: int

    def at(self, position: int) -> tuple[int, int]:
        """The cells in it, without those in the padding."""
        start = position * self.stride - self.before
        return max(0, start), min(self.cells, start + self.span)

    @property
    def middle(self) -> int:
        """The position in the middle."""
        return (self.positions - 1) // 2

    @property
    def first(self) -> int:
        """The first position that reaches into no padding, if there is one."""
        return min(-(-self.before // self.stride), self.positions - 1)

    @property
    def last(self) -> int:
        """The last position that reaches into no padding, if there is one."""
        return max(0, min((self.cells - self.span + self.before) // self.stride, self.positions - 1))


_NONE: Final = _Axis(1, 0, 1, 1, 1)


def window_of(layer: LayerSummary, read: Volume) -> Sight | None:
    """The position of a layer's window that is seen best: half way down, at the front; of frames, the last.

    None where the layer has no window, or there lies nothing but padding in it.
    """
    axes = _axes(layer, read)
    if axes is None:
        return None
    frames, rows, columns = axes
    places = frames.last, rows.middle, columns.first
    part = frames.at(places[0]), rows.at(places[1]), columns.at(places[2])
    if any(start >= stop for start, stop in part):
        return None
    return Sight(part, places, isinstance(layer.layer, TransposedConv))


def _axes(layer: LayerSummary, read: Volume) -> tuple[_Axis, _Axis, _Axis] | None:
    """The window along frames, rows and columns."""
    assert layer.output is not None
    made = layer.output.spatial
    if isinstance(layer.layer, TransposedConv):
        turned = layer.layer.transposed_windows(read)
        axes = [_Axis(w.stride, w.before, w.span, size, w.size) for w, size in zip(turned, made, strict=True)]
    else:
        windows = layer.figures.windows if layer.figures else ()
        axes = [_Axis(w.stride, w.before, w.span, w.size, size) for w, size in zip(windows, made, strict=False)]
    if not axes:
        return None
    if len(axes) == 1:
        return _NONE, axes[0], _NONE
    frames, rows, columns = [_NONE, *axes][-3:]
    return frames, rows, columns
