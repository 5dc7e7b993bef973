"""One window over one matrix: the products and sums of a convolution, the maxima and means of a pool."""

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple, TypeAlias

from cnncalc import findings
from cnncalc.arithmetic import Window
from cnncalc.exact import Number, quotient
from cnncalc.findings import LayerError
from cnncalc.layers import AvgPool, Conv, MaxPool
from cnncalc.layers.base import Extents, Padding
from cnncalc.layers.window import SlidingLayer
from cnncalc.matrices import Matrix
from cnncalc.volume import Volume

MAX: Final = "max"
POOLS: Final[Mapping[str, type[SlidingLayer]]] = {MAX: MaxPool, "avg": AvgPool}
MOST: Final = 10_000_000
"""Products, or numbers that a pool reads: some seconds."""
Taps: TypeAlias = list[tuple[int, int]]
"""Of a window along one axis: the number of the tap, and of the cell that it lies on."""


class Term(NamedTuple):
    """A number that a window reads."""

    value: Number
    weight: Number
    """What the kernel multiplies it by; 1 in a pool."""
    padding: bool
    """Whether it is no number of the matrix, but a 0 beside it."""


class Convolved(NamedTuple):
    """A window on its way over a matrix, and what it makes there."""

    matrix: Matrix
    kernel: Matrix | None
    """None for a pool."""
    pool: str | None
    layer: SlidingLayer
    """What does the same in a network."""

    @property
    def volume(self) -> Volume:
        """The matrix as the volume of one channel that it is."""
        return Volume(1, self.matrix.shape)

    @property
    def windows(self) -> tuple[Window, Window]:
        """The window along the height and along the width."""
        down, across = self.layer.windows(self.volume)
        return down, across

    @property
    def shape(self) -> tuple[int, int]:
        """The rows and columns of what comes out."""
        rows, columns = self.layer.positions(self.volume)
        return rows, columns

    @property
    def taps(self) -> int:
        """How many cells the window reads."""
        return prod(window.kernel for window in self.windows)

    @property
    def output(self) -> list[list[Number]]:
        """The map that comes out, row by row, exact."""
        rows, columns = self.shape
        across = [self._taps(1, column) for column in range(columns)]
        return [[self._value(down, each) for each in across] for down in (self._taps(0, row) for row in range(rows))]

    def value(self, row: int, column: int) -> Number:
        """The number at one position of the output, both from 0.

        Of a convolution the sum over the taps of W[i, j]·X[S·row + D·i - P, S·column + D·j - P], where
        X is 0 beside the matrix: what frameworks call a convolution, without turning the kernel round.
        A pool's mean counts such cells, as PyTorch's does; its maximum does not.
        """
        return self._value(self._taps(0, row), self._taps(1, column))

    def terms(self, row: int, column: int) -> list[Term]:
        """What the window reads at one position, row by row."""
        down, across = dict(self._taps(0, row)), dict(self._taps(1, column))
        taps = product(*(range(window.kernel) for window in self.windows))
        return [self._term(down.get(i), across.get(j), i, j) for i, j in taps]

    def _term(self, y: int | None, x: int | None, i: int, j: int) -> Term:
        weight = 1 if self.kernel is None else self.kernel.at(i, j)
        return Term(0, weight, True) if y is None or x is None else Term(self.matrix.at(y, x), weight, False)

    def _value(self, down: Taps, across: Taps) -> Number:
        cells, common = self.matrix
        if self.kernel is not None:
            weights = self.kernel.cells
            total = sum([weights[i][j] * cells[y][x] for i, y in down for j, x in across])
            return quotient(total, common * self.kernel.denominator)
        read = [cells[y][x] for _, y in down for _, x in across]
        if self.pool == MAX:
            return quotient(max(read), common)
        return quotient(sum(read), common * self.taps)

    def _taps(self, axis: int, position: int) -> Taps:
        """The taps along an axis that lie on the matrix, with the cells that they lie on."""
        window = self.windows[axis]
        first = position * window.stride - window.before
        taps = [(tap, first + window.dilation * tap) for tap in range(window.kernel)]
        return [(tap, cell) for tap, cell in taps if 0 <= cell < window.size]

    def empty(self) -> tuple[int, int] | None:
        """The first position whose window lies in the padding alone, if there is one."""
        rows, columns = self.shape
        for axis, count in enumerate((rows, columns)):
            for position in range(count):
                if not self._taps(axis, position):
                    return (position, 0) if axis == 0 else (0, position)
        return None


def convolve(
    matrix: object,
    kernel: object,
    *,
    stride: Extents | None = None,
    padding: Padding = 0,
    dilation: Extents = 1,
    pool: str | None = None,
) -> Convolved:
    """One window over one matrix, with exact numbers.

        cnncalc.convolve("1 1 0; 0 1 1", "1 0; 0 1").output == [[2, 2]]
        cnncalc.convolve([[1, 2], [3, 4]], 2, pool="max").output == [[4]]

    `matrix` and `kernel` are texts such as `"1 0.5; 1/3 1"` or rows of ints, Fractions, Decimals and
    texts. With `pool`, `max` or `avg`, `kernel` is the size of the window, and the stride if none is
    given. `stride`, `padding` and `dilation` are those of a layer `conv` or `max_pool`, for two axes;
    a stride that does not fit is rounded down.

    Raises MatrixError for what is no matrix and LayerError where the window cannot be or does not go
    on the matrix, both ValueErrors, and TypeError for numbers that are not exact.
    """
    given = Matrix.of(matrix)
    shared: dict[str, Any] = {"padding": padding}
    shared |= {"stride": stride} if stride is not None else {}
    shared |= {"dilation": dilation} if dilation != 1 else {}
    if pool is None:
        weights = Matrix.of(kernel)
        layer: SlidingLayer = Conv(filters=1, kernel=weights.shape, **shared)
        found = Convolved(given, weights, None, layer)
    elif pool in POOLS:
        window: dict[str, Any] = {"kernel": kernel}
        found = Convolved(given, None, pool, POOLS[pool](**shared, **window))
    else:
        raise ValueError(f"pool is {pool!r}: it is {' or '.join(map(repr, POOLS))}, or None for a convolution")
    count = prod(found.shape) * found.taps
    if count > MOST:
        raise LayerError(findings.too_many_products(count, MOST))
    if pool == MAX and (place := found.empty()):
        raise LayerError(findings.window_of_padding(place[0] + 1, place[1] + 1))
    return found
