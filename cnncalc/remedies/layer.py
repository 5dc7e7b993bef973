"""What would mend a layer: values of one attribute, each tried on the layer before it is proposed.

So a proposal holds whatever moves with the attribute (the stride of a pool and `half` with the kernel) and whatever
else may refuse it (a pool's padding over half its kernel).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from cnncalc import findings
from cnncalc.arithmetic import Window
from cnncalc.findings import Fault, LayerError
from cnncalc.layers import Layer, TransposedConv
from cnncalc.layers.base import per_axis, per_side
from cnncalc.repairs import around, far_padding
from cnncalc.volume import SIDES, Sided, Volume

CHANGED: Final = {
    "stride-does-not-fit": ("stride", "kernel", "padding"),
    "rounds-down": ("stride", "kernel", "padding"),
    "kernel-too-large": ("kernel", "padding"),
    "half-is-a-fraction": ("kernel", "padding"),
    "padding-too-large": ("padding",),
    "nothing-left": ("padding", "amount"),
    "output-padding-too-large": ("output_padding",),
}
"""The attributes that may mend a fault, by its code; the one that it is about first."""
_SHOWN: Final = {"stride": 3, "kernel": 2}
"""How many values of an attribute are proposed, where not one."""
TURNS: Final = 20
"""Of a repeated layer, that are tried."""


class Asked(NamedTuple):
    """A layer that is to be mended."""

    layer: Layer
    volume: Volume
    """What comes into its first turn."""
    turns: int
    kept: Volume | None
    """What must come out of its last one, where other branches have gone by that."""


def of_layer(fault: Fault, asked: Asked) -> Fault:
    """The fault of a layer, with the changes each of which is enough to mend it in all its turns."""
    names = [name for name in CHANGED[fault.code] if name in asked.layer.attributes]
    found = {name: values for name in names if (values := _Change(asked, name).values())}
    return fault._replace(help=(findings.would_fit(found), *fault.help)) if found else fault


def changed(layer: Layer, name: str, value: Any) -> Layer:
    """The layer with another value of one attribute, or another rounding."""
    values = {attribute: getattr(layer, attribute) for attribute in layer.attributes}
    if name == "rounding":
        return type(layer).of(values, value)
    return type(layer).of({**values, name: value}, layer.rounding)


class _Change:
    """One attribute of a layer on a volume, to be changed."""

    def __init__(self, asked: Asked, name: str) -> None:
        self.layer, self.volume, self.kept, self.name = asked.layer, asked.volume, asked.kept, name
        self.turns = min(asked.turns, TURNS)
        self.windows = self.windows_of(asked.layer)
        self.present = self.along_axes(name)
        self.anchors = self.possible()

    def values(self) -> list[Any]:
        """The nearest values with which the layer fits: one for all axes or, where that is not enough, one for each."""
        if self.name == "padding" and getattr(self.layer, self.name) == "half" and self.fits("same"):
            return ["same"]
        good = self.nearest(self.fits)
        if not good and not self.windows:  # no padding or cropping that goes at all is any worse for a misfit
            good = self.nearest(self.goes)
        found: list[Any] = sorted(good[: _SHOWN.get(self.name, 1)])
        if self.name == "stride" and len(found) < _SHOWN[self.name] and self.fits(1):
            found = sorted({1, *found})
        if self.name == "padding":
            return found or self.on_the_far_sides()
        return found if found not in ([], [1]) else [*found, *self.for_each_axis()]

    def nearest(self, good: Callable[[Any], bool]) -> list[int]:
        near = {n for anchor in self.anchors for n in around(anchor, self.layer.attributes[self.name].kind.least)}
        return sorted(filter(good, near), key=lambda n: (sum(abs(n - each) for each in self.present), n))

    def goes(self, value: Any) -> bool:
        """Whether the layer with that value goes on the volume."""
        return self.end(value, misfits=True)

    def fits(self, value: Any) -> bool:
        """Whether its strides fit then, too."""
        return self.end(value, misfits=self.layer.rounding == "ceil")

    def end(self, value: Any, misfits: bool) -> bool:
        """Whether all turns of the layer with that value go, with or without misfits."""
        layer, volume = changed(self.layer, self.name, value), self.volume
        for _ in range(self.turns):
            try:
                output = layer.output(volume)
            except LayerError:
                return False
            if not misfits and not all(window.fits for window in layer.windows(volume)):
                return False
            if output == volume:
                break
            volume = output
        return self.kept in (None, output)

    def windows_of(self, layer: Layer) -> tuple[Window, ...]:
        """The windows; none where the layer has none, or what it says makes none."""
        try:
            return layer.windows(self.volume)
        except LayerError:
            return ()

    def along_axes(self, name: str) -> tuple[int, ...]:
        """What an attribute is along each axis: of sides the larger one, of the stride of a pool perhaps the kernel."""
        value = getattr(self.layer, name)
        if name in ("padding", "amount"):
            sides = per_side(0 if isinstance(value, str) else value, self.volume, name)
            return tuple(max(pair) for pair in sides)
        return per_axis(getattr(self.layer, "kernel" if value is None else name), self.volume, name)

    def possible(self) -> Sequence[int]:
        """For each axis a value near which others may fit: the present one, or the nearest that is possible."""
        layer, windows = self.layer, self.windows
        if isinstance(layer, TransposedConv):
            axes = layer.transposed_windows(self.volume)
            if self.name == "output_padding":
                return [max(axis.stride, axis.dilation) - 1 for axis in axes]
            return [((w.size - 1) * w.stride + w.span + w.output_padding - 1) // 2 for w in axes]
        if self.name == "amount":
            return [(size - 1) // 2 for size in self.volume.spatial]
        if self.name == "padding" and not windows:  # of a pool, larger than it may be
            return [kernel // 2 for kernel in self.along_axes("kernel")]
        if self.name == "padding":
            return [max(each, (1 - w.numerator) // 2) for each, w in zip(self.present, windows, strict=True)]
        if self.name == "kernel" and windows:
            most = [(w.size + w.before + w.after - 1) // w.dilation + 1 for w in windows]
            return [min(pair) for pair in zip(self.present, most, strict=True)]
        return self.present

    def for_each_axis(self) -> list[tuple[int, ...]]:
        """A value for each axis where the axes differ: the present one where it fits, otherwise the nearest that does."""
        if len(set(self.windows)) < 2:
            return []
        chosen = [self.for_axis(axis) for axis in range(len(self.windows))]
        values = tuple([each for each in chosen if each is not None])
        return [values] if len(values) == len(chosen) and len(set(values)) > 1 and self.fits(values) else []

    def for_axis(self, axis: int) -> int | None:
        value = self.present[axis]
        near = sorted(around(self.anchors[axis]), key=lambda n: abs(n - value))
        return next((n for n in ([value] if self.windows[axis].fits else near) if self.fits_along(axis, n)), None)

    def fits_along(self, axis: int, value: int) -> bool:
        """Whether the window along one axis fits with another value there."""
        each = (*self.present[:axis], value, *self.present[axis + 1 :])
        windows = self.windows_of(changed(self.layer, self.name, each))
        return bool(windows) and windows[axis].fits

    def on_the_far_sides(self) -> list[Sided]:
        """Padding that is changed behind the last window alone."""
        pairs = [(w.before, w.after) if w.fits else far_padding(w) for w in self.windows]
        named: Iterable[Any] = zip(SIDES[len(pairs)], pairs, strict=True)
        sides = {side: n for names, pair in named for side, n in zip(names, pair, strict=True) if n}
        padding = Sided.of(sides)
        return [padding] if sides and self.fits(padding) else []
