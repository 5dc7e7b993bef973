"""The one shape type: a volume of channels over spatial axes, and how it is written."""

from collections.abc import Mapping
from math import prod
from typing import Final, NamedTuple

LAYOUTS: Final = ("hwc", "chw")
AXES: Final[dict[int, tuple[str, ...]]] = {
    0: (),
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""The names of the spatial axes of each rank, in the order in which volumes list them."""

PARTS: Final = ("channels", *AXES[1], *AXES[3])
"""What the extents of volumes are called, of any rank."""

SIDES: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    0: (),
    1: (("before", "after"),),
    2: (("top", "bottom"), ("left", "right")),
    3: (("front", "back"), ("top", "bottom"), ("left", "right")),
}
"""The two sides of each axis, for padding and cropping."""
ALL_SIDES: Final = tuple(dict.fromkeys(side for axes in SIDES.values() for axis in axes for side in axis))


class Sided(tuple[tuple[str, int], ...]):
    """Numbers for the sides that are named, in the order of `ALL_SIDES`; 0 for the others."""

    __slots__ = ()

    @classmethod
    def of(cls, sides: Mapping[str, int]) -> "Sided":
        """The numbers of a mapping, whatever its order, so that equal ones are equal."""
        order = {side: place for place, side in enumerate(ALL_SIDES)}
        return cls(tuple(sorted(sides.items(), key=lambda side: order.get(side[0], len(order)))))

    def __str__(self) -> str:
        return " ".join(f"{side} {number}" for side, number in self)


class Volume(NamedTuple):
    """Channels over 0 to 3 spatial axes (depth, height, width; length where there is one).

    A vector has no spatial axes: `Volume(1000)`. One picture: `Volume(3, (227, 227))`.
    """

    channels: int
    spatial: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Volume":
        """Read `227x227x3` (height x width x channels), `16000x1`, `16x112x112x3` or `1000`.

        Raises ValueError where the text is none of these.
        """
        extents = text.split("x")
        if not 1 <= len(extents) <= 4 or not all(
            e.isascii() and e.isdigit() and e[0] != "0" and len(e) < 40 for e in extents
        ):
            raise ValueError(f"{text!r} is no volume: write it like 227x227x3, height x width x channels")
        *spatial, channels = map(int, extents)
        return cls(channels, tuple(spatial))

    @classmethod
    def of(cls, value: object) -> "Volume":
        """The volume of a text, of a sequence of extents with the channels first, or a volume itself.

        Raises ValueError for a text that is none, TypeError for anything else that is none.
        """
        if isinstance(value, str):
            return cls.parse(value)
        extents: object = value
        if isinstance(value, Volume):
            extents = (value.channels, *value.spatial) if isinstance(value.spatial, tuple) else None
        if isinstance(extents, tuple | list) and 1 <= len(extents) <= 4 and all(map(_is_extent, extents)):
            return cls(extents[0], tuple(extents[1:]))
        raise TypeError(
            f"{value!r} is no volume: give '227x227x3', Volume(3, (227, 227)) or (3, 227, 227), the channels first"
        )

    @property
    def elements(self) -> int:
        """How many numbers the volume holds."""
        return self.channels * prod(self.spatial)

    @property
    def shape(self) -> list[int]:
        """Channels first, as PyTorch has it and as the JSON output lists it."""
        return [self.channels, *self.spatial]

    def text(self, layout: str = "hwc") -> str:
        """`227x227x3`, or `3x227x227` under the layout `chw`."""
        extents = self.shape if layout == "chw" else [*self.spatial, self.channels]
        return "x".join(map(str, extents))

    def __str__(self) -> str:
        return self.text()


def _is_extent(extent: object) -> bool:
    return isinstance(extent, int) and not isinstance(extent, bool) and extent > 0
