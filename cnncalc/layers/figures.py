"""The figures of a layer: what each is called, what it says, how it is measured. `FIGURES` is the one list of them."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from cnncalc.layers.base import Layer
from cnncalc.layers.joins import Branching
from cnncalc.volume import Volume

Count: TypeAlias = Callable[[Layer, Volume, Volume], int]
"""The mult-adds of a layer that makes the second volume of the first, for one example, by some convention."""


class Placed:
    """A layer on a volume that it can be put on, and what comes out; of a join, the first of its volumes."""

    __slots__ = ("biases", "count", "layer", "output", "volume", "weights")

    def __init__(self, layer: Layer, volume: Volume, output: Volume, count: Count) -> None:
        self.layer, self.volume, self.output, self.count = layer, volume, output, count
        self.weights, self.biases = layer.weights(volume), layer.biases(volume)


class Figure(NamedTuple):
    """One figure. Its key is what JSON, CSV, `--columns` and `expect` call it."""

    heading: str
    says: str
    measure: Callable[[Placed], int]
    """Of one layer, for one example."""
    scales: bool = True
    """Whether a batch multiplies it."""
    summed: bool = False
    """Whether the totals have it."""
    stated: bool = False
    """Whether `expect` can state its total, and `compare` shows it."""
    sized: bool = False
    """Whether the totals have it in bytes too."""
    in_training: bool = False
    """Whether the totals have it of a head that only training runs."""
    owned: bool = False
    """Whether a layer that has another one's weights has none of it."""
    beside: str = ""
    """The figure where that is 0 JSON leaves this one out."""


FIGURES: Final[dict[str, Figure]] = {
    "params": Figure(
        "parameters",
        "learned numbers: weights and biases",
        lambda at: at.weights + at.biases,
        scales=False,
        owned=True,
        summed=True,
        stated=True,
        sized=True,
        in_training=True,
    ),
    "weights": Figure(
        "weights",
        "learned numbers, biases aside",
        lambda at: at.weights,
        scales=False,
        owned=True,
        beside="params",
    ),
    "biases": Figure(
        "biases",
        "learned numbers that are added",
        lambda at: at.biases,
        scales=False,
        owned=True,
        beside="params",
    ),
    "buffers": Figure(
        "buffers",
        "kept with the weights, but not learned",
        lambda at: at.layer.buffers(at.volume),
        scales=False,
        owned=True,
        summed=True,
        in_training=True,
        beside="buffers",
    ),
    "macs": Figure(
        "macs",
        "multiply-accumulates of conv and fc, weights only",
        lambda at: at.layer.macs(at.volume),
        summed=True,
        stated=True,
    ),
    "mult_adds": Figure(
        "mult-adds",
        "by the counting convention that is named",
        lambda at: 0 if isinstance(at.layer, Branching) else at.count(at.layer, at.volume, at.output),
        summed=True,
        stated=True,
    ),
    "activations": Figure(
        "activations",
        "numbers that the output needs",
        lambda at: 0 if at.layer.in_place else at.output.elements,
        summed=True,
        stated=True,
        sized=True,
        beside="activations",
    ),
    "connections": Figure(
        "connections",
        "from inputs and biases to neurons",
        lambda at: at.layer.connections(at.volume),
        scales=False,
        beside="connections",
    ),
}

SUMMED: Final = tuple(key for key, figure in FIGURES.items() if figure.summed)
"""The figures that the totals have."""
LAYER_COUNT: Final = "layers"
"""The total that no single layer has."""
DTYPES: Final = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one number, by its type."""
DTYPE: Final = "float32"
"""The type where no other is asked for."""
KEPT: Final = "kept_bytes"
"""The total of what autograd keeps for the backward pass, which can be unknown of a network without errors."""
SIZE_TOTALS: Final = ("params_bytes", "peak_bytes", KEPT)
"""The totals in bytes that `expect` can state."""
STATED: Final = (*(key for key, figure in FIGURES.items() if figure.stated), LAYER_COUNT)
"""The other totals that it can state; `compare` shows them."""
