"""The topology of SCALE-Sim, a CSV file of convolutions and matrix products (Samajdar et al. 2020).

How it is read is said by `topology_utils.py` of scalesim-project/scale-sim-v2 and of its successor SCALE-Sim: the first
line is passed over; each row ends with a comma; there is no padding, so that the size of the input is the one that the
windows reach over; one stride for both axes; a name with `DP` in it stands for a row with one channel for each of its
channels. It has no comments.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from cnncalc import findings
from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import Fault
from cnncalc.language.document import Document
from cnncalc.layers import Fc, TransposedConv
from cnncalc.network import Ledger

HEADER: Final = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
_PER_CHANNEL: Final = "DP"
_NAME: Final = "SCALE-Sim"
_ONE_CELL: Final = (1, 1)


class Row(NamedTuple):
    """What SCALE-Sim knows of a layer: ceil((I - F + S)/S) positions an axis, of `channels`·F·F products a filter."""

    ifmap: tuple[int, int]
    kernel: tuple[int, int]
    channels: int
    filters: int
    stride: int

    def text(self, name: str) -> str:
        """The row of that name."""
        numbers = (*self.ifmap, *self.kernel, self.channels, self.filters, self.stride)
        return f"{name}, {', '.join(map(str, numbers))},\n"


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterator[str]:
    """The rows of the convolutions and fully connected layers that a forward pass runs, in their order."""
    yield HEADER
    for layer in summary.layers:
        if layer.training or not layer.macs:
            continue
        fault = _fault(layer)
        if fault is not None:
            ledger.add(fault, layer.path, layer.node.places.of(fault.attribute), layer.node.caller)
        if fault is None or fault.severity != findings.ERROR:
            yield from _rows(layer.path.replace(_PER_CHANNEL, "D_P"), *_row(layer))


def _fault(layer: LayerSummary) -> Fault | None:
    """What a topology cannot have of a layer, or has otherwise."""
    known, volume = layer.layer, layer.input
    assert known is not None
    assert volume is not None
    if isinstance(known, TransposedConv):
        return findings.exported_as(_NAME, "transposed convolution", "a product of matrices, a 1x1 convolution")
    if len(volume.spatial) > 2 and not isinstance(known, Fc):
        return findings.cannot_export(_NAME, f"convolution on {len(volume.spatial)} axes")
    windows = known.windows(volume)
    if len(_strides(layer)) > 1:
        stride = "x".join(str(window.stride) for window in windows)
        return findings.cannot_export(_NAME, f"stride of {stride}", "give both axes the same `stride`", "stride")
    if any(window.dilation > 1 for window in windows):
        taps, spans = ("x".join(str(getattr(each, part)) for each in windows) for part in ("kernel", "span"))
        instead = f"the {spans} cells that {taps} taps span, with macs for each of them"
        return findings.exported_as(_NAME, "dilation", instead, "dilation")
    return None


def _strides(layer: LayerSummary) -> list[int]:
    """The strides that are taken: those of the axes that have more than one position."""
    assert layer.input is not None
    assert layer.layer is not None
    assert layer.output is not None
    windows = layer.layer.windows(layer.input)
    taken = {w.stride for w, count in zip(windows, layer.output.spatial, strict=False) if count > 1}
    return sorted(taken) or [1]


def _row(layer: LayerSummary) -> tuple[Row, int]:
    """The row of one of the groups, and how many they are."""
    known, volume, output = layer.layer, layer.input, layer.output
    assert known is not None
    assert volume is not None
    assert output is not None
    product = known.gemm(volume)
    assert product is not None, "what has macs is a product of matrices"
    filters, channels, _, groups = product
    if isinstance(known, Fc):
        return Row(_ONE_CELL, _ONE_CELL, channels, filters, 1), groups
    if isinstance(known, TransposedConv):
        return Row(_plane(volume.spatial), _ONE_CELL, channels, filters, 1), groups
    (stride,) = _strides(layer)
    spans = [window.span for window in known.windows(volume)]
    ifmap = [(count - 1) * stride + span for count, span in zip(output.spatial, spans, strict=True)]
    return Row(_plane(ifmap), _plane(spans), volume.channels // groups, filters, stride), groups


def _plane(sizes: Sequence[int]) -> tuple[int, int]:
    """Height and width; a row of cells where there is one axis."""
    height, width = (1, *sizes)[-2:]
    return height, width


def _rows(name: str, row: Row, groups: int) -> Iterator[str]:
    if groups > 1 and row.channels == 1:
        yield row._replace(channels=groups).text(f"{name}_{_PER_CHANNEL}")
    elif groups > 1:
        yield from (row.text(f"{name}_{group}") for group in range(1, groups + 1))
    else:
        yield row.text(name)
