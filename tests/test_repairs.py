"""What is said to fit does fit, and what is sought is found."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnncalc.arithmetic import Window
from cnncalc.repairs import KERNELS, STRIDES, repairs, solve


def test_the_textbook_misfit() -> None:
    """CS231n: 7 cells, a window of 3 and a stride of 3 do not go together."""
    found = repairs(Window(7, 3, 3))
    assert found.strides == (1, 2, 4)
    assert found.sizes == (6, 9)
    assert found.kernels == (1, 4)
    assert found.symmetric == 1


@given(
    st.integers(1, 300), st.integers(1, 12), st.integers(1, 9), st.integers(0, 4), st.integers(0, 4), st.integers(1, 3)
)
def test_every_repair_fits(w: int, f: int, s: int, before: int, after: int, d: int) -> None:
    window = Window(w, f, s, before, after, d)
    assume(not window.fits and window.numerator >= 0)
    found = repairs(window)
    assert all(window._replace(size=size).fits for size in found.sizes)
    assert all(window._replace(stride=stride).fits for stride in found.strides)
    assert all(window._replace(kernel=kernel).fits for kernel in found.kernels)
    if found.symmetric is not None:
        assert window._replace(before=found.symmetric, after=found.symmetric).fits
    else:
        assert found.sides is not None
        assert window._replace(before=found.sides[0], after=found.sides[1]).fits


@given(st.integers(2, 64), st.integers(1, 8), st.integers(1, 8))
def test_symmetric_padding_is_found_where_it_exists(w: int, f: int, s: int) -> None:
    window = Window(w, f, s)
    assume(not window.fits and window.numerator >= 0)
    exists = [p for p in range(window.span) if window._replace(before=p, after=p).fits]
    assert repairs(window).symmetric == (min(exists) if exists else None)


def test_what_gives_55_on_227() -> None:
    """Krizhevsky et al. 2012: 11 cells, stride 4; every other answer is larger or padded."""
    assert solve(227, 55)[0] == Window(227, 11, 4)


@pytest.mark.parametrize(("size", "output"), [(224, 112), (32, 32), (28, 14), (7, 1)])
def test_solutions_are_all_and_only_those(size: int, output: int) -> None:
    found = solve(size, output)
    assert all(window.fits and window.positions() == output for window in found)
    every = {
        (f, s, p)
        for f in KERNELS
        for s in STRIDES
        for p in range(f // 2 + 1)
        if (size - f + 2 * p) >= 0 and (size - f + 2 * p) % s == 0 and (size - f + 2 * p) // s + 1 == output
    }
    assert {(w.kernel, w.stride, w.before) for w in found} == every


def test_what_is_given_is_kept() -> None:
    assert solve(56, 28, kernel=2) == [Window(56, 2, 2)]
    assert all(w.stride == 1 and w.dilation == 2 for w in solve(32, 32, stride=1, dilation=2))


@given(st.integers(1, 20), st.integers(2, 30), st.integers(1, 5))
def test_a_window_that_is_too_large_has_repairs_too(w: int, f: int, s: int) -> None:
    window = Window(w, f, s)
    assume(window.numerator < 0)
    found = repairs(window)
    assert found.sizes
    assert all(window._replace(size=size).fits for size in found.sizes)
    before, after = (found.symmetric,) * 2 if found.symmetric is not None else found.sides or (0, 0)
    assert window._replace(before=before, after=after).fits
