"""TensorFlow's `same` beside PyTorch's numbers: what Keras pads by hand, and where both give the same windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import Volume
from cnncalc.layers import Conv, MaxPool
from cnncalc.paddings import Beside, agreeing_inputs, beside, of_network


def along(size: int, **given: object) -> Beside:
    (found,) = beside(Conv(filters=1, **given), Volume(3, (size,)))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("size", "kernel", "sides"),
    [
        # keras.applications.imagenet_utils.correct_pad, before convolutions of stride 2: (k//2 - 1, k//2) for an even
        # size, k//2 on both sides for an odd one.
        (224, 3, (0, 1)),
        (225, 3, (1, 1)),
        (56, 5, (1, 2)),
        (57, 5, (2, 2)),
        (224, 7, (2, 3)),
        (225, 7, (3, 3)),
    ],
)
def test_tensorflow(size: int, kernel: int, sides: tuple[int, int]) -> None:
    found = along(size, kernel=kernel, stride=2, padding="half")
    assert found.other is not None
    assert (found.other.before, found.other.after) == sides
    assert found.agree == (sides[0] == sides[1])


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3))
def test_they_agree_where_the_taps_of_each_window_lie_on_the_same_cells(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    """Of `same` and of (F - 1)/2, seen from either side."""
    odd = (kernel - 1) * dilation % 2 == 0
    layers = [
        Conv(filters=1, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
        for padding in (("same", (kernel - 1) * dilation // 2) if odd else ("same",))
    ]
    volume = Volume(1, (size,))
    reads = [
        [
            [(tap, first + dilation * tap) for tap in range(kernel) if 0 <= first + dilation * tap < size]
            for first in (index * stride - window.before for index in range(layer.positions(volume)[0]))
        ]
        for layer in layers
        for window in layer.windows(volume)
    ]
    for layer in layers:
        for each in beside(layer, volume):
            assert each.agree == (odd and reads[0] == reads[1])
            assert (each.other is None) == (not odd)


def test_only_windows_with_padding() -> None:
    volume = Volume(3, (8, 8))
    assert beside(Conv(filters=1, kernel=3), volume) == []
    assert beside(Conv(filters=1, kernel=1, padding="same"), volume) == []
    assert len(beside(MaxPool(kernel=3, padding=(0, 1)), volume)) == 2


def test_sizes_on_which_a_network_agrees() -> None:
    """Where halving is by windows of odd size, all agree on 32n + 1, as TensorFlow's own ResNets have it."""
    summary = cnncalc.summarize("resnet50")
    assert [str(volume) for volume in agreeing_inputs(summary.network)] == ["193x193x3", "225x225x3"]
    assert all(each.agree for each in of_network(cnncalc.summarize("resnet50", input="225x225x3")))
    assert sum(not each.agree for each in of_network(summary)) == 5
