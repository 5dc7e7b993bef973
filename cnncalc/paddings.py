"""TensorFlow's `same` and PyTorch's numbers side by side: on which sizes they give the same windows, and on which not."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from cnncalc.arithmetic import Window, decimal, half_padding, same_padding
from cnncalc.figures.analysis import Summary
from cnncalc.findings import plural
from cnncalc.layers import Layer
from cnncalc.layers.base import Line
from cnncalc.layers.window import SlidingLayer
from cnncalc.limits import Limits
from cnncalc.network import Network, moved
from cnncalc.volume import AXES, Volume

_REACH: Final = 64
"""Cells by which another input may be smaller or larger."""


class Beside(NamedTuple):
    """The window of a layer with padding along one axis, and as the other framework has it."""

    here: Window
    positions: int
    """How many it has."""
    is_same: bool
    """Whether the padding is TensorFlow's, so that the other one is PyTorch's: (F - 1)/2 on both sides."""
    other: Window | None
    """None where that is no whole number."""

    @property
    def other_positions(self) -> int:
        """The positions of the other window: under `same` ceil(W/S)."""
        window = self.other
        if window is None:
            return 0
        return window.positions() if self.is_same else -(-window.size // window.stride)

    @property
    def agree(self) -> bool:
        """Whether the taps of every window lie on the same cells in both."""
        return self.other is not None and (self.other.before, self.other_positions) == (
            self.here.before,
            self.positions,
        )

    def says(self) -> str:
        """The other framework's padding with the numbers put in, and what is not the same here."""
        other, here = self.other, self.here
        if other is None:
            return (
                f"({here.span} - 1)/2 = {decimal(here.span - 1, 2)} is no number: it needs a padding layer of its own"
            )
        if self.is_same:
            text = (
                f"({here.span} - 1)/2 = {other.before} on both sides gives {plural(self.other_positions, 'position')}"
            )
        else:
            count, cells = self.other_positions, other.before + other.after
            total = f"max(({count} - 1)·{other.stride} + {other.span} - {other.size}, 0) = {cells}"
            text = (
                f"ceil({other.size}/{other.stride}) = {count}, so {total}: {other.before} before, {other.after} after"
            )
        return f"{text}; {self._compared(other)}"

    def _compared(self, other: Window) -> str:
        cells = self.here.before - other.before
        start = f"start {plural(abs(cells), 'cell')} {'earlier' if cells > 0 else 'later'}" if cells else ""
        if self.positions != self.other_positions:
            return f"here {plural(self.positions, 'position')}{start and ', which ' + start}"
        return f"here the windows {start}" if start else "the same windows as here"


def beside(layer: Layer | None, volume: Volume) -> list[Beside]:
    """Both paddings along each axis of a layer with a sliding window and padding; nothing for any other layer."""
    if not isinstance(layer, SlidingLayer):
        return []
    windows, is_same = layer.windows(volume), layer.padding == "same"
    if not any(window.before or window.after or (is_same and window.kernel > 1) for window in windows):
        return []
    return [
        Beside(window, count, is_same, _by_pytorch(window) if is_same else _by_tensorflow(window))
        for window, count in zip(windows, layer.positions(volume), strict=True)
    ]


def _by_tensorflow(window: Window) -> Window:
    before, after = same_padding(window.size, window.kernel, window.stride, window.dilation)
    return window._replace(before=before, after=after)


def _by_pytorch(window: Window) -> Window | None:
    try:
        padding = half_padding(window.kernel, window.dilation)
    except ValueError:
        return None
    return window._replace(before=padding, after=padding)


def lines(layer: Layer | None, volume: Volume) -> Iterator[Line]:
    """The other framework's padding in words, axes that are alike in one line."""
    found: dict[Beside, list[str]] = {}
    for axis, each in zip(AXES[len(volume.spatial)], beside(layer, volume), strict=False):
        found.setdefault(each, []).append(axis)
    for each, axes in found.items():
        yield f"{framework(each)}, {' and '.join(axes)}", each.says()


def framework(each: Beside) -> str:
    """What the other padding is called."""
    return "PyTorch's number" if each.is_same else "TensorFlow's same"


def of_network(summary: Summary) -> dict[Beside, list[str]]:
    """The windows with padding, each with the paths of the layers that have it."""
    found: dict[Beside, list[str]] = {}
    for layer in summary.layers:
        if layer.input is not None and layer.output is not None:
            for each in dict.fromkeys(beside(layer.layer, layer.input)):
                found.setdefault(each, []).append(layer.path)
    return found


def agreeing_inputs(network: Network, limits: Limits = Limits()) -> list[Volume]:
    """The nearest smaller and the nearest larger input on which all windows with padding are the same in both."""
    found = []
    for step in (-1, 1):
        for cells in range(1, _REACH + 1):
            volume = network.input
            if volume is None or min(volume.spatial, default=0) + step * cells < 1:
                break
            volume = volume._replace(spatial=tuple([size + step * cells for size in volume.spatial]))
            if _all_agree(moved(network, volume, limits)):
                found.append(volume)
                break
    return found


def _all_agree(network: Network | None) -> bool:
    if network is None:
        return False
    alike = {(node.layer, node.edges[0].volume) for node in network.nodes}
    return all(each.agree for layer, volume in alike if volume is not None for each in beside(layer, volume))
