"""Generated layers: a type, its attributes and a volume to put it on. Most are sound, some are not."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from cnncalc import Volume
from tests.conformance.torch_side import ACTIVATIONS, SIDES
from tests.networks import MODES

LARGEST: Final = {0: 0, 1: 24, 2: 12, 3: 7}
"""The largest extent by the number of axes, so that all volumes are small."""

KERNELS, STRIDES, DILATIONS = st.integers(1, 6), st.integers(1, 4), st.integers(1, 3)
FEW, EXTRA, SIZES = st.integers(0, 3), st.integers(0, 2), st.integers(1, 16)
FLAGS = st.booleans()
MOSTLY = st.sampled_from([True, True, True, False])
REALS = st.sampled_from([0, 1, 0.5, 0.001, 1e-3, 2e-7, 1])


class Case(NamedTuple):
    word: str
    given: dict[str, Any]
    volume: Volume


@st.composite
def volumes(draw: st.DrawFn, ranks: tuple[int, ...] = (1, 2, 2, 3)) -> Volume:
    rank = draw(st.sampled_from(ranks))
    return Volume(draw(st.integers(1, 8)), tuple(draw(st.integers(1, LARGEST[rank])) for _ in range(rank)))


@cache
def per_axis(numbers: st.SearchStrategy[int], rank: int) -> st.SearchStrategy[Any]:
    return st.one_of(numbers, st.tuples(*[numbers] * rank))


@cache
def sides(rank: int) -> st.SearchStrategy[Any]:
    """A number, one for each axis, or some sides by name."""
    names = [side for pair in SIDES[rank] for side in pair]
    return st.one_of(per_axis(FEW, rank), st.dictionaries(st.sampled_from(names), FEW, min_size=1))


@cache
def paddings(rank: int) -> st.SearchStrategy[Any]:
    return st.one_of(sides(rank), st.sampled_from(["valid", "half", "same"]))


def grouped(draw: st.DrawFn, volume: Volume) -> tuple[Volume, int, int]:
    """A volume, filters and groups. The groups divide both, but for a tenth of the cases."""
    groups, filters = draw(st.sampled_from([1, 1, 2, 3, 4])), draw(st.integers(1, 6))
    if draw(st.integers(0, 9)):
        volume, filters = volume._replace(channels=groups * min(volume.channels, 3)), groups * filters
    return volume, filters, groups


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    volume = draw(volumes())
    rank = len(volume.spatial)
    given = {
        "kernel": draw(per_axis(KERNELS, rank)),
        "stride": draw(per_axis(STRIDES, rank)),
        "padding": draw(paddings(rank)),
        "dilation": draw(per_axis(DILATIONS, rank)),
        "bias": draw(FLAGS),
        "learned": draw(MOSTLY),
        "rounding": draw(st.sampled_from([None, "floor", "ceil"])),
    }
    if draw(st.integers(0, 3)) == 0:
        return Case("depthwise_conv", given | {"multiplier": draw(st.integers(1, 3))}, volume)
    volume, filters, groups = grouped(draw, volume)
    return Case("conv", given | {"filters": filters, "groups": groups}, volume)


@st.composite
def transposed_convolutions(draw: st.DrawFn) -> Case:
    volume = draw(volumes())
    rank = len(volume.spatial)
    volume, filters, groups = grouped(draw, volume)
    given = {
        "filters": filters,
        "kernel": draw(per_axis(KERNELS, rank)),
        "stride": draw(per_axis(STRIDES, rank)),
        "padding": draw(st.one_of(sides(rank), sides(rank), st.sampled_from(["valid", "same"]))),
        "output_padding": draw(per_axis(EXTRA, rank)) if draw(FLAGS) else 0,
        "dilation": draw(per_axis(DILATIONS, rank)),
        "groups": groups,
        "bias": draw(FLAGS),
        "learned": draw(MOSTLY),
    }
    return Case("transposed_conv", given, volume)


@st.composite
def sliding_pools(draw: st.DrawFn) -> Case:
    volume = draw(volumes())
    rank = len(volume.spatial)
    word = draw(st.sampled_from(["max_pool", "max_pool", "avg_pool", "lp_pool"]))
    rounding = draw(st.sampled_from([None, "floor", "ceil"]))
    given = {
        "kernel": draw(per_axis(KERNELS, rank)),
        "stride": draw(per_axis(STRIDES, rank)) if draw(FLAGS) else None,
        "padding": draw(paddings(rank)),
        "rounding": rounding,
    }
    if word == "avg_pool":
        given["count_padding"] = draw(FLAGS)
    if word == "max_pool":
        given["dilation"] = draw(per_axis(DILATIONS, rank))
    if rounding == "ceil" and (word == "lp_pool" or isinstance(given["padding"], str | dict)):
        # Rounding up goes by torch's own padding; explicit padding counts as input there.
        given["padding"] = 0
    return Case(word, given, volume)


@st.composite
def other_pools(draw: st.DrawFn) -> Case:
    volume = draw(volumes())
    word = draw(st.sampled_from(["global_avg_pool", "global_max_pool", "adaptive_avg_pool", "adaptive_max_pool"]))
    size = {"size": draw(per_axis(SIZES, len(volume.spatial)))} if "adaptive" in word else {}
    return Case(word, size, volume)


NORMS: Final = [
    *("batch_norm", "layer_norm", "group_norm", "instance_norm", "local_response_norm", "global_response_norm"),
]


@st.composite
def normalisations(draw: st.DrawFn) -> Case:
    word = draw(st.sampled_from(NORMS))
    volume = draw(volumes((1, 2, 3) if word in ("instance_norm", "local_response_norm") else (0, 1, 2, 3)))
    if word == "local_response_norm":
        return Case(word, {"size": draw(st.integers(1, 9)), "alpha": draw(REALS), "k": draw(REALS)}, volume)
    given: dict[str, Any] = {"eps": draw(REALS)}
    if word == "global_response_norm":
        return Case(word, given, volume)
    given["affine"] = draw(FLAGS)
    if word in ("batch_norm", "instance_norm"):
        given["momentum"] = draw(REALS)
    if word == "group_norm":
        volume, _, given["groups"] = grouped(draw, volume)
    return Case(word, given, volume)


@st.composite
def dense_layers(draw: st.DrawFn) -> Case:
    volume = draw(volumes((0, 1, 2, 3)))
    return Case("fc", {"units": draw(st.integers(1, 40)), "bias": draw(FLAGS), "learned": draw(MOSTLY)}, volume)


@st.composite
def activations(draw: st.DrawFn) -> Case:
    volume = draw(volumes((0, 1, 2, 3)))
    others = ["leaky_relu", "elu", "celu", "gelu", "softmax", "prelu", "prelu", "dropout", "drop_path", "scale"]
    word = draw(st.sampled_from([*ACTIVATIONS, *others]))
    own: dict[str, Any] = {
        "prelu": {"shared": draw(FLAGS)},
        "leaky_relu": {"slope": draw(REALS)},
        "elu": {"alpha": draw(REALS)},
        "celu": {"alpha": draw(REALS)},
        "gelu": {"approximate": draw(st.sampled_from(["none", "tanh"]))},
    }
    return Case(word, own.get(word, {}), volume)


SHUFFLES: Final = ("channel_shuffle", "channel_slice", "pixel_shuffle", "pixel_unshuffle")


@st.composite
def rearrangements(draw: st.DrawFn) -> Case:
    word = draw(st.sampled_from(["upsample", "upsample", "pad", "crop", *SHUFFLES, "flatten", "reshape"]))
    volume = draw(volumes((0, 1, 2, 3) if word in (*SHUFFLES, "flatten", "reshape") else (1, 2, 2, 3)))
    rank = len(volume.spatial)
    given: dict[str, Any] = {}
    if word == "upsample":
        given["mode"] = draw(st.sampled_from(MODES[rank]))
        given["align_corners"] = draw(FLAGS)
        if draw(st.integers(0, 9)) == 0:  # both or neither
            given |= draw(st.sampled_from([{}, {"factor": 2, "size": 4}]))
        elif draw(FLAGS):
            given["factor"] = draw(per_axis(STRIDES, rank))
        else:
            given["size"] = draw(per_axis(SIZES, rank))
    elif word in ("pad", "crop"):
        given["amount"] = draw(sides(rank))
        if word == "pad":
            given["mode"] = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    elif word == "channel_slice":
        given |= {"start": draw(st.integers(0, 3)), "size": draw(st.integers(1, 6))}
    elif word == "channel_shuffle":
        volume, _, given["groups"] = grouped(draw, volume)
    elif word in SHUFFLES:
        factor = given["factor"] = draw(st.integers(1, 3))
        if word == "pixel_shuffle" and draw(st.integers(0, 3)):
            volume = volume._replace(channels=factor**2 * min(volume.channels, 3))
    elif word == "reshape":
        axes = draw(st.permutations([volume.elements, 1, 1, *([2] if draw(FLAGS) else [])]))
        given["volume"] = Volume(axes[0], tuple(axes[1 : draw(st.integers(1, 4))]))
    return Case(word, given, volume)


def text(case: Case) -> str:
    """The specification of a network of this layer alone."""
    given = ", ".join(f"{name}: {_written(value)}" for name, value in case.given.items() if value is not None)
    return f"input: {case.volume}\nlayers:\n  - {case.word}: {{{given}}}\n"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and not isinstance(value, Volume):
        return str(list(value)) if sum(value) % 2 else "x".join(map(str, value))  # either form, for want of a draw
    if isinstance(value, dict):
        return "{" + ", ".join(f"{side}: {n}" for side, n in value.items()) + "}"
    return str(value)


CASES = st.one_of(
    convolutions(),
    transposed_convolutions(),
    sliding_pools(),
    other_pools(),
    normalisations(),
    dense_layers(),
    activations(),
    rearrangements(),
)
"""Layers of every type."""
