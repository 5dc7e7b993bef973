"""The cells beside the axes of a volume that a window reaches over, which every target in Python pads with."""

from __future__ import annotations

from typing import Any

from cnncalc.exports.algebra import Term, combined
from cnncalc.exports.sites import Site
from cnncalc.volume import Volume


def padded_sides(layer: Any, volume: Volume) -> tuple[tuple[int, int], ...]:
    """The padding on both sides of each axis; more behind where a window is rounded up and reaches over it."""
    sides = []
    for window, count in zip(layer.windows(volume), layer.positions(volume), strict=True):
        behind = (count - 1) * window.stride + window.span - window.size - window.before
        sides.append((window.before, max(window.after, behind) if layer.rounding == "ceil" else window.after))
    return tuple(sides)


def padding_term(site: Site) -> Term | None:
    """How the padding on each side is worked out, where it is the same on all sides."""
    padding: object = site.layer.padding  # type: ignore[attr-defined]
    if padding != "half":
        return None if isinstance(padding, str) else site.term("padding")
    kernel, dilation = site.term("kernel"), site.term("dilation") if "dilation" in site.layer.attributes else 1
    if kernel is None or dilation is None:
        return None
    return combined("//", kernel if dilation == 1 else combined("*", dilation, combined("-", kernel, 1)), 2)
