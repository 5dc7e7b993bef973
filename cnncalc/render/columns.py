"""The columns that tables, CSV and markdown can show: each described once."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from cnncalc.arithmetic import decimal
from cnncalc.figures.analysis import LayerSummary
from cnncalc.layers.figures import FIGURES
from cnncalc.volume import Volume

Cell: TypeAlias = int | str | None


class Column(NamedTuple):
    """One column: its heading, what it says, and its cell for a layer under a layout."""

    heading: str
    says: str
    cell: Callable[[LayerSummary, str], Cell]
    number: bool = False
    folded: Callable[[Iterable[int]], int] = sum
    """What of the numbers of several layers one row has."""


def what(layer: LayerSummary) -> str:
    """`96 of 11x11, stride 4`, after the type where the layer's own name does not tell it."""
    words = (
        []
        if layer.path.startswith(layer.type) or layer.path.rpartition(".")[2].startswith(layer.type)
        else [layer.type]
    )
    if layer.layer is not None:
        said = layer.layer.says(len(layer.input.spatial) if layer.input else 2)
        words += [said] if said else []
    beside = [f"from {layer.inputs[0]}"] if layer.chosen else []
    beside += [f"weights of {layer.shares}"] if layer.shares else []
    return ", ".join([" ".join(words), *beside] if words else beside)


def misfit(layer: LayerSummary) -> str | None:
    """`54.25 -> 54` for the axes where the stride does not fit; None where it does."""
    if layer.figures is None or layer.output is None or not any(w.remainder for w in layer.figures.windows):
        return None
    parts = [
        f"{decimal(window.numerator + window.stride, window.stride)} -> {count}"
        for window, count in zip(layer.figures.windows, layer.output.spatial, strict=True)
        if window.remainder
    ]
    return ", ".join(dict.fromkeys(parts))


def _volume(volume: Volume | None, layout: str) -> str | None:
    return None if volume is None else volume.text(layout)


def _axes(name: str) -> Callable[[LayerSummary, str], Cell]:
    def cell(layer: LayerSummary, _: str) -> Cell:
        if layer.figures is None:
            return None
        return "x".join(str(getattr(window, name)) for window in layer.figures.windows)

    return cell


def _padding(layer: LayerSummary, _: str) -> Cell:
    if layer.figures is None:
        return None
    return "x".join(str(w.before) if w.before == w.after else f"{w.before}+{w.after}" for w in layer.figures.windows)


def _figure(key: str) -> Callable[[LayerSummary, str], Cell]:
    return lambda layer, _: layer.figure(key)


def _lengths(name: str) -> Callable[[LayerSummary, str], Cell]:
    def cell(layer: LayerSummary, _: str) -> Cell:
        lengths = getattr(layer, name)
        return None if lengths is None else "x".join(map(str, lengths))

    return cell


COLUMNS: Final[dict[str, Column]] = {
    "path": Column("layer", "the layer's path", lambda layer, _: layer.path),
    "type": Column("type", "the layer's type", lambda layer, _: layer.type),
    "what": Column("what it is", "its attributes in a few words", lambda layer, _: what(layer)),
    "line": Column("line", "the line of the file that it stands on", lambda layer, _: layer.line, True),
    "file": Column("file", "the file that it stands in", lambda layer, _: layer.place.file),
    "inputs": Column("inputs", "the layers that it reads", lambda layer, _: " ".join(layer.inputs)),
    "input": Column("input", "the volume that comes in", lambda layer, layout: _volume(layer.input, layout)),
    "output": Column("output", "the volume that comes out", lambda layer, layout: _volume(layer.output, layout)),
    "kernel": Column("kernel", "the window along each axis", _axes("kernel")),
    "stride": Column("stride", "the stride along each axis", _axes("stride")),
    "padding": Column("padding", "cells added on each side, before+after where they differ", _padding),
    "dilation": Column("dilation", "the dilation along each axis", _axes("dilation")),
    "fit": Column(
        "fit", "the fraction where a stride does not fit, and what it became", lambda layer, _: misfit(layer)
    ),
    "training": Column(
        "training", "`yes` in a head that only training runs", lambda layer, _: "yes" if layer.training else ""
    ),
    **{key: Column(figure.heading, figure.says, _figure(key), True) for key, figure in FIGURES.items()},
    "live": Column(
        "live", "numbers in memory while it runs; of several layers the most", lambda layer, _: layer.live, True, max
    ),
    "receptive_field": Column(
        "receptive field", "cells of the input that one cell depends on", _lengths("receptive_field")
    ),
    "jump": Column("jump", "cells of the input between neighbouring cells", _lengths("jump")),
}

CSV_DEFAULT: Final = (
    "path",
    "type",
    "input",
    "output",
    "params",
    "macs",
    "mult_adds",
    "activations",
    "receptive_field",
    "jump",
    "training",
)
TABLE_DEFAULT: Final = ("path", "what", "output", "params", "mult_adds")
