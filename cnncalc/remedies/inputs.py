"""Other inputs of a network on which every layer fits: each tried by sending its volume through the layers."""

from collections.abc import Collection, Sequence
from typing import Final

from cnncalc.findings import LayerError
from cnncalc.layers import Branching, Layer
from cnncalc.network import INPUT, Edge, Network, Node
from cnncalc.volume import Volume

_REACH: Final = 64
"""How many cells an axis may be longer or shorter; it is never less than halved."""
_MOST: Final = 20_000
"""Layers that are put on a volume, in 0.2 s."""


def fitting_inputs(network: Network, mendable: Collection[str | None], largest: int) -> list[Volume]:
    """The nearest smaller and the nearest larger input on which all layers fit that are known.

    A layer without output is known where its path is among the mendable ones: the input may be all that is wrong there.
    """
    return [] if network.input is None else _Trial(network, network.input, mendable, largest).found()


def is_next_turn(nodes: Sequence[Node], index: int) -> bool:
    """Whether a node is the next turn of the one before it, so that one change is a change of both."""
    node, before = nodes[index], nodes[index - 1]
    return node.places.layer.line > 0 and node.places == before.places and node.edges[0].source == index - 1


class _Trial:
    def __init__(self, network: Network, own: Volume, mendable: Collection[str | None], largest: int) -> None:
        self.network, self.own, self.largest = network, own, largest
        self.left = _MOST
        self.layers: list[Layer | None] = []
        """The layer of each node; None where it is not known."""
        for index, node in enumerate(network.nodes):
            known = node.layer if node.output is not None or node.path in mendable else None
            if known is None and index and is_next_turn(network.nodes, index):
                known = self.layers[-1]
            self.layers.append(known)

    def found(self) -> list[Volume]:
        """Axes of one size change together, and those of another by themselves."""
        ways: list[Volume | None] = []
        for step in (-1, 1):
            volume: Volume | None = self.own
            for size in dict.fromkeys(self.own.spatial):
                axes = [axis for axis, other in enumerate(self.own.spatial) if other == size]
                near = self.nearest(size, axes, step)
                volume = None if near is None or volume is None else _resized(volume, axes, near)
            ways.append(volume)
        every = range(len(self.own.spatial))
        return [volume for volume in ways if volume and volume != self.own and self.fits(volume, every)]

    def nearest(self, size: int, axes: Sequence[int], step: int) -> int | None:
        """The nearest size for these axes, no larger or no smaller than it is, the others being as they are."""
        sizes = range(size, max(1, size // 2, size - _REACH) - 1, -1) if step < 0 else range(size, size + _REACH + 1)
        return next((each for each in sizes if self.fits(_resized(self.own, axes, each), axes)), None)

    def fits(self, volume: Volume, axes: Sequence[int]) -> bool:
        """Whether all layers go on what that input makes of their volumes, and fit along the axes."""
        outputs: list[Volume | None] = []
        for node, layer in zip(self.network.nodes, self.layers, strict=True):
            volumes = [self.carried(edge, volume, outputs) for edge in node.edges]
            known = [each for each in volumes if each is not None]
            if layer is None or len(known) < len(volumes):
                outputs.append(None)
                continue
            output = self.put(layer, known)
            if output is None or _misfits(layer, known[0], axes, len(volume.spatial)):
                return False
            outputs.append(output)
        return True

    def carried(self, edge: Edge, volume: Volume, outputs: Sequence[Volume | None]) -> Volume | None:
        """What the edge carries: a part of the channels where it carried one before."""
        now = volume if edge.source == INPUT else outputs[edge.source]
        before = self.own if edge.source == INPUT else self.network.nodes[edge.source].output
        if now is None or edge.volume is None or before is None or edge.volume.channels == before.channels:
            return now
        return now._replace(channels=edge.volume.channels)

    def put(self, layer: Layer, volumes: Sequence[Volume]) -> Volume | None:
        """The output of a layer; None where it does not go on the volumes, or it is too much work."""
        self.left -= 1
        if self.left < 0:
            return None
        try:
            if isinstance(layer, Branching):
                output = layer.join(volumes, [""] * len(volumes))
            else:
                output = layer.output(volumes[0])
        except LayerError:
            return None
        return output if output.elements <= self.largest else None


def _resized(volume: Volume, axes: Sequence[int], size: int) -> Volume:
    return volume._replace(spatial=tuple(size if axis in axes else own for axis, own in enumerate(volume.spatial)))


def _misfits(layer: Layer, volume: Volume, axes: Sequence[int], rank: int) -> bool:
    """Whether a stride does not fit along one of these axes of the input, and nothing says that this is meant."""
    if layer.rounding in ("floor", "ceil"):
        return False
    windows = layer.windows(volume)
    return any(window.remainder for axis, window in enumerate(windows) if axis in axes or len(windows) != rank)
