"""The formulas against tables that others published, and against definitions counted out cell by cell."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnncalc import arithmetic
from cnncalc.arithmetic import (
    Window,
    adaptive_bins,
    convolution_weights,
    decimal,
    half_padding,
    im2col_shape,
    output_size,
    same_padding,
    transposed_output_size,
)

SIZES = st.integers(1, 60)
KERNELS = st.integers(1, 9)
STRIDES = st.integers(1, 7)


def test_examples_in_the_docstrings() -> None:
    assert doctest.testmod(arithmetic).failed == 0


# CS231n, "Convolutional Neural Networks", spatial arrangement: the 7-cell examples, and AlexNet's first layer.
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [(7, 3, 1, 0, 5), (7, 3, 2, 0, 3), (7, 3, 1, 1, 7), (32, 5, 1, 2, 32), (227, 11, 4, 0, 55)],
)
def test_output_size(size: int, kernel: int, stride: int, padding: int, expected: int) -> None:
    assert output_size(size, kernel, stride, padding, rounding="exact") == expected


def test_stride_that_does_not_fit() -> None:
    assert Window(7, 3, 3).working() == "(7 - 3 + 2·0)/3 + 1 = 2.33"
    assert output_size(7, 3, 3) == 2
    with pytest.raises(ValueError, match=r"2\.33 is not a whole number"):
        output_size(7, 3, 3, rounding="exact")


# CS231n: zero-padding that keeps the size at stride 1.
@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (5, 2), (7, 3)])
def test_padding_that_keeps_the_size(kernel: int, padding: int) -> None:
    assert half_padding(kernel) == padding
    assert same_padding(32, kernel) == (padding, padding)
    assert output_size(32, kernel, 1, padding) == 32


# PyTorch 2.x, torch.nn.functional.max_pool1d with ceil_mode=True (where the plain ceiling gives one more).
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected", "plain_ceiling"),
    [(32, 1, 2, 0, 16, 17), (9, 4, 4, 2, 3, 4), (2, 3, 3, 1, 1, 2)],
)
def test_ceil_mode(size: int, kernel: int, stride: int, padding: int, expected: int, plain_ceiling: int) -> None:
    window = Window(size, kernel, stride, padding, padding)
    assert window.positions("ceil") == expected
    assert -(-window.numerator // stride) + 1 == plain_ceiling


# TensorFlow, tf.nn "Notes on padding": out = ceil(in/stride); the odd cell goes after. The example there
# is a width of 13, a filter of 6 and a stride of 5: VALID drops the last two cells, SAME pads 1 and 2.
def test_same_padding_of_tensorflow() -> None:
    assert same_padding(13, 6, 5) == (1, 2)
    assert output_size(13, 6, 5) == 2
    assert Window(13, 6, 5).unread == 2
    assert output_size(13, 6, 5, padding=(1, 2), rounding="exact") == 3


# Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", the figures of chapters 2 and 4.
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation", "expected"),
    [
        (4, 3, 1, 0, 1, 2),  # 2.1
        (5, 4, 1, 2, 1, 6),  # 2.2
        (5, 3, 1, 1, 1, 5),  # 2.3, half padding
        (5, 3, 1, 2, 1, 7),  # 2.4, full padding
        (5, 3, 2, 0, 1, 2),  # 2.5
        (5, 3, 2, 1, 1, 3),  # 2.6
        (6, 3, 2, 1, 1, 3),  # 2.7, the last cell unread
        (7, 3, 1, 0, 2, 3),  # 5.1, dilated
    ],
)
def test_convolution_guide(size: int, kernel: int, stride: int, padding: int, dilation: int, expected: int) -> None:
    assert output_size(size, kernel, stride, padding, dilation) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "extra", "expected"),
    [
        (2, 3, 1, 0, 0, 4),  # 4.1
        (6, 4, 1, 2, 0, 5),  # 4.2
        (5, 3, 1, 1, 0, 5),  # 4.3
        (7, 3, 1, 2, 0, 5),  # 4.4
        (2, 3, 2, 0, 0, 5),  # 4.5
        (3, 3, 2, 1, 0, 5),  # 4.6
        (3, 3, 2, 1, 1, 6),  # 4.7
    ],
)
def test_transposed_convolution_guide(
    size: int, kernel: int, stride: int, padding: int, extra: int, expected: int
) -> None:
    assert transposed_output_size(size, kernel, stride, (padding, padding), extra) == expected


# CS231n: one neuron over 5x5x3 has 75 weights, over 3x3x20 180; fully connected to 32x32x3 3,072, to
# 200x200x3 120,000; ten 5x5 filters on 32x32x3 are 760 parameters; AlexNet's 96 of 11x11x3.
@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "weights"),
    [
        (3, 1, (5, 5), 75),
        (20, 1, (3, 3), 180),
        (3, 1, (32, 32), 3_072),
        (3, 1, (200, 200), 120_000),
        (3, 10, (5, 5), 750),
        (3, 96, (11, 11), 34_848),
    ],
)
def test_weights(channels: int, filters: int, kernel: tuple[int, int], weights: int) -> None:
    assert convolution_weights(channels, filters, kernel) == weights


def test_im2col_of_alexnet() -> None:
    """CS231n, "Implementation as matrix multiplication": X_col is 363 x 3025."""
    assert im2col_shape(3, (11, 11), (55, 55)) == (363, 3025)


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (7, 3, "2.33"),
        (217, 4, "54.25"),
        (219, 2, "109.5"),
        (6, 3, "2"),
        (-1, 2, "-0.5"),
        (1999, 1000, "2"),
        (0, 5, "0"),
    ],
)
def test_decimal(numerator: int, denominator: int, text: str) -> None:
    assert decimal(numerator, denominator) == text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: output_size(5, 7), "larger than 5 cells"),
        (lambda: output_size(5, 0), "start at 1"),
        (lambda: output_size(5, 3, padding=-1), "start at 1"),
        (lambda: output_size(5, 3, rounding="round"), "rounding is one of"),
        (lambda: half_padding(4), "not a whole number"),
        (lambda: transposed_output_size(1, 2, padding=(1, 1)), "leaves nothing"),
    ],
)
def test_refusals(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()


# Laws, counted out cell by cell


@given(SIZES, KERNELS, STRIDES, st.integers(0, 5), st.integers(0, 5), st.integers(1, 4))
def test_positions_are_the_windows_that_lie_inside(w: int, f: int, s: int, before: int, after: int, d: int) -> None:
    window = Window(w, f, s, before, after, d)
    assume(window.numerator >= 0)
    starts = [start for start in range(0, before + w + after, s) if start + d * (f - 1) < before + w + after]
    assert window.positions() == len(starts)
    last = starts[-1] + d * (f - 1)
    assert window.unread == sum(last < cell for cell in range(before, before + w))
    assert window.fits == (last == before + w + after - 1)


@given(SIZES, KERNELS, STRIDES, st.integers(1, 4))
def test_same_gives_ceil_of_the_quotient(w: int, f: int, s: int, d: int) -> None:
    before, after = same_padding(w, f, s, d)
    assert output_size(w, f, s, (before, after), d) == -(-w // s)
    assert 0 <= after - before <= 1


@given(SIZES, KERNELS, STRIDES, st.integers(0, 4), st.integers(1, 3))
def test_a_transposed_convolution_undoes_the_size(w: int, f: int, s: int, p: int, d: int) -> None:
    """Dumoulin and Visin, relationship 14: with output padding (W - F_eff + 2P) mod S the input size comes back."""
    window = Window(w, f, s, p, p, d)
    assume(window.numerator >= 0)
    assert transposed_output_size(window.positions(), f, s, (p, p), window.remainder, d) == w


@given(SIZES, st.integers(1, 80))
def test_adaptive_bins(w: int, n: int) -> None:
    widths = [-(-(i + 1) * w // n) - i * w // n for i in range(n)]
    assert adaptive_bins(w, n) == (min(widths), max(widths))


@given(SIZES, KERNELS, STRIDES, st.integers(0, 5), st.integers(0, 5), st.integers(1, 4))
def test_reads_are_counted_tap_by_tap(w: int, f: int, s: int, before: int, after: int, d: int) -> None:
    window = Window(w, f, s, before, after, d)
    assume(window.numerator >= 0)
    count = window.positions()
    cells = [s * o - before + d * k for o in range(count) for k in range(f)]
    assert window.reads(count) == sum(0 <= cell < w for cell in cells)
