"""The formulas of convolutional networks, in whole numbers: one quantity a function.

Symbols, as the textbooks have them: W the size of the input along one axis, F the kernel, S the
stride, P the padding on each side, D the dilation, C the channels coming in, K the filters, g the
groups. Sizes count cells along one axis. Nothing here knows layers, files or floats: every
argument and every result is an int, or the error is a ValueError that shows the working.

Sources:
  Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
  Stanford CS231n, course notes, "Convolutional Neural Networks".
  Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from math import gcd, prod
from typing import Final, NamedTuple

ROUNDINGS: Final = ("exact", "floor", "ceil")
"""What to do with a stride that does not fit; see `Window.positions`."""


def effective_kernel(kernel: int, dilation: int = 1) -> int:
    """Cells that a dilated kernel spans: F_eff = D·(F - 1) + 1 (Dumoulin and Visin, 5.1)."""
    return dilation * (kernel - 1) + 1


class Window(NamedTuple):
    """A window sliding along one axis: W, F, S, the padding before and after, and D.

    The one place that decides whether a stride fits and how many positions there are.
    """

    size: int
    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """F_eff, the cells from the window's first tap to its last."""
        return effective_kernel(self.kernel, self.dilation)

    @property
    def numerator(self) -> int:
        """W - F_eff + P_before + P_after: how far the window can travel. Negative: it is too large."""
        return self.size - self.span + self.before + self.after

    @property
    def remainder(self) -> int:
        """Cells left over at the far side after whole strides; 0 where the stride fits."""
        return self.numerator % self.stride

    @property
    def fits(self) -> bool:
        """Whether (W - F_eff + P_before + P_after)/S + 1 is a whole number of at least 1."""
        return self.numerator >= 0 and self.remainder == 0

    @property
    def unread(self) -> int:
        """Real cells (not padding) at the far side that lie behind the last whole window."""
        return min(self.size, max(0, self.remainder - self.after))

    @property
    def skipped(self) -> int:
        """Cells that the stride skips between one window and the next: max(0, S - F_eff)."""
        return max(0, self.stride - self.span)

    def positions(self, rounding: str = "floor") -> int:
        """The output size, (W - F_eff + P_before + P_after)/S + 1.

        `floor` drops the cells left over. `ceil` is PyTorch's ceil_mode: one more, partial window,
        unless it would start in the padding after the input (torch.nn.MaxPool2d, note on
        ceil_mode). `exact` refuses a fraction.

        Raises ValueError where no window fits, not even a partial one under `ceil`, or where `exact` meets a fraction.
        """
        numerator, stride = self.numerator, self.stride
        if rounding == "ceil":
            count = -(-numerator // stride) + 1
            if numerator % stride and (count - 1) * stride >= self.size + self.before:
                count -= 1
        else:
            count = numerator // stride + 1
            if rounding == "exact" and numerator % stride and count > 0:
                raise ValueError(f"{self.working()} is not a whole number")
        if count < 1:
            raise ValueError(f"a window of {self.span} is larger than {self.size + self.before + self.after} cells")
        return count

    def reads(self, count: int) -> int:
        """How often `count` positions read a real cell, all taps together; padding is not counted."""
        return self._reads_below(self.before + self.size, count) - self._reads_below(self.before, count)

    def _reads_below(self, end: int, count: int) -> int:
        """The pairs of a position p and a tap t with S·p + D·t < `end`, in steps that do not grow with either."""
        # Below `whole` all positions of a tap are pairs, from `none` on no position is.
        none = min(self.kernel, max(0, -(-end // self.dilation)))
        whole = min(none, max(0, -(-(end - (count - 1) * self.stride) // self.dilation)))
        # In between they are ceil((end - D·t)/S) for each tap t; summed from the last tap down.
        least = end - self.dilation * (none - 1) + self.stride - 1
        return whole * count + _floor_sum(none - whole, self.stride, self.dilation, least)

    def working(self) -> str:
        """The formula with the numbers put in: "(7 - 3 + 2·0)/3 + 1 = 2.33"."""
        padding = f"2·{self.before}" if self.before == self.after else f"{self.before} + {self.after}"
        result = decimal(self.numerator + self.stride, self.stride)
        return f"({self.size} - {self.span} + {padding})/{self.stride} + 1 = {result}"


def _floor_sum(terms: int, divisor: int, step: int, first: int) -> int:
    """The sum of (first + step·i) // divisor over `terms` numbers i from 0, by Euclid's algorithm.

    Graham, Knuth and Patashnik, "Concrete Mathematics", 3.5.
    """
    total = 0
    while terms > 0:
        total += terms * (terms - 1) // 2 * (step // divisor) + terms * (first // divisor)
        step, first = step % divisor, first % divisor
        top = step * terms + first
        # Seen from the other axis the lattice points under the line are those of a steeper one.
        terms, divisor, step, first = top // divisor, step, divisor, top % divisor
    return total


def decimal(numerator: int, denominator: int) -> str:
    """A quotient to two decimals, rounded half up, without a float: 7/3 is "2.33", 217/4 "54.25"."""
    hundredths = (200 * numerator + denominator) // (2 * denominator)
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    rounding: str = "floor",
) -> int:
    """(W - F + 2P)/S + 1 along one axis, F dilated. `padding` is per side, or (before, after).

    Raises ValueError where the kernel is larger than the padded input (`ceil` may still have a
    partial window), where a number is out of range, and, under `rounding="exact"`, where the stride
    does not fit.

    >>> output_size(227, 11, stride=4)
    55
    >>> output_size(7, 3, stride=3, rounding="exact")
    Traceback (most recent call last):
    ValueError: (7 - 3 + 2·0)/3 + 1 = 2.33 is not a whole number
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding is one of {', '.join(ROUNDINGS)}, not {rounding!r}")
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    _whole(size=size, kernel=kernel, stride=stride, padding=before, dilation=dilation)
    _whole(padding=after)
    if min(size, kernel, stride, dilation) < 1 or min(before, after) < 0:
        raise ValueError("sizes, kernels, strides and dilations start at 1, paddings at 0")
    return Window(size, kernel, stride, before, after, dilation).positions(rounding)


def _whole(**numbers: object) -> None:
    """Raises TypeError for what is no whole number, with what would be."""
    for name, number in numbers.items():
        if not isinstance(number, int):
            hint = ": same_padding() and half_padding() give the cells" if number in ("same", "half") else ""
            raise TypeError(f"{name} is {number!r}, and not a whole number{hint}")


def half_padding(kernel: int, dilation: int = 1) -> int:
    """P = (F_eff - 1)/2, which keeps the size at stride 1 (Dumoulin and Visin, 2.3).

    Raises ValueError where F_eff is even, as no symmetric padding keeps the size then.

    >>> [half_padding(kernel) for kernel in (3, 5, 7)]
    [1, 2, 3]
    """
    padding, odd = divmod(effective_kernel(kernel, dilation) - 1, 2)
    if odd:
        raise ValueError(f"({effective_kernel(kernel, dilation)} - 1)/2 is not a whole number")
    return padding


def same_padding(size: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) that gives ceil(W/S) positions, the odd cell after.

    TensorFlow's rule for padding="SAME" (tf.nn, "Notes on padding"): the total is
    max((ceil(W/S) - 1)·S + F_eff - W, 0).
    """
    total = max((-(-size // stride) - 1) * stride + effective_kernel(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def transposed_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: tuple[int, int] = (0, 0),
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """(W - 1)·S - P_before - P_after + F_eff + output_padding (torch.nn.ConvTranspose2d).

    Raises ValueError where nothing would be left.
    """
    result = (size - 1) * stride - sum(padding) + effective_kernel(kernel, dilation) + output_padding
    if result < 1:
        raise ValueError(f"({size} - 1)·{stride} - {sum(padding)} + … = {result} leaves nothing")
    return result


def adaptive_bins(size: int, bins: int) -> tuple[int, int]:
    """The smallest and largest window of an adaptive pool.

    Bin i reads the cells from floor(i·W/n) to ceil((i + 1)·W/n) (torch.nn.AdaptiveAvgPool2d).
    """
    # The width depends on i·W mod n alone, which takes every multiple of gcd(W, n) below n.
    step = gcd(size, bins)
    widths = [-(-(rest + size) // bins) for rest in (0, bins - step)]
    return min(widths), max(widths)


def convolution_weights(channels: int, filters: int, kernel: tuple[int, ...], groups: int = 1) -> int:
    """F·…·F·(C/g)·K, biases not counted. `groups` divides both counts.

    >>> convolution_weights(3, 96, (11, 11))
    34848
    """
    return prod(kernel) * (channels // groups) * filters


def im2col_shape(
    channels: int, kernel: tuple[int, ...], positions: tuple[int, ...], groups: int = 1
) -> tuple[int, int]:
    """Rows and columns of X_col for one group: F·…·F·(C/g) and the output positions (CS231n).

    >>> im2col_shape(3, (11, 11), (55, 55))
    (363, 3025)
    """
    return prod(kernel) * (channels // groups), prod(positions)
