"""The cells beside the axes of a volume that a window reaches over, which every target in Python pads with."""

from typing import Any

from cnncalc.volume import Volume


def padded_sides(layer: Any, volume: Volume) -> tuple[tuple[int, int], ...]:
    """The padding on both sides of each axis; more behind where a window is rounded up and reaches over it."""
    sides = []
    for window, count in zip(layer.windows(volume), layer.positions(volume), strict=True):
        behind = (count - 1) * window.stride + window.span - window.size - window.before
        sides.append((window.before, max(window.after, behind) if layer.rounding == "ceil" else window.after))
    return tuple(sides)
