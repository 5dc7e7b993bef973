"""A window over a matrix against torch's, in doubles that hold every number in question exactly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import LayerError
from tests.conformance.torch_side import REFUSALS, examples, nn, torch

pytestmark = pytest.mark.conformance

SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7))


def rows(shape: tuple[int, int]) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(-64, 64), min_size=shape[1], max_size=shape[1])
    return st.lists(row, min_size=shape[0], max_size=shape[0])


def tensor(matrix: list[list[int]]) -> Any:
    return torch.tensor([[matrix]], dtype=torch.float64)


def outcome(work: Any) -> Any:
    """The map, or None where it is refused."""
    try:
        return work()
    except (*REFUSALS, LayerError):
        return None


@examples()
@given(SIZES.flatmap(rows), SIZES.flatmap(rows), st.integers(1, 4), st.integers(0, 4), st.integers(1, 3))
def test_convolutions(matrix: Any, kernel: Any, stride: int, padding: int, dilation: int) -> None:
    window: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    theirs = outcome(lambda: nn.functional.conv2d(tensor(matrix), tensor(kernel), **window)[0, 0].tolist())
    assert outcome(lambda: cnncalc.convolve(matrix, kernel, **window).output) == theirs


@examples()
@given(
    SIZES.flatmap(rows),
    st.tuples(st.sampled_from([1, 2, 4]), st.sampled_from([1, 2, 4])),
    st.none() | st.integers(1, 4),
    st.integers(0, 2),
)
def test_pools(matrix: Any, kernel: Any, stride: int | None, padding: int) -> None:
    """The means have powers of 2 below them, and so are exact."""
    window = {"kernel_size": kernel, "stride": stride, "padding": padding}
    ours: dict[str, Any] = {"stride": stride, "padding": padding}
    for pool, theirs in (("max", nn.functional.max_pool2d), ("avg", nn.functional.avg_pool2d)):
        expected = outcome(lambda theirs=theirs: theirs(tensor(matrix), **window)[0, 0].tolist())
        assert outcome(lambda pool=pool: cnncalc.convolve(matrix, kernel, pool=pool, **ours).output) == expected
