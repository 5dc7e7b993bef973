"""Activation functions and dropout: number by number, in place."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc import findings
from cnncalc.findings import LayerError
from cnncalc.layers.base import LIKE, Kept, Layer, Line, attribute, value_attribute
from cnncalc.layers.kinds import FLAG, RATE, REAL, one_of
from cnncalc.volume import Volume


class _Elementwise(Layer):
    """A function of each number on its own: the volume stays as it is and needs no numbers of its own."""

    in_place = overwrites = True
    order = LIKE

    def working(self, volume: Volume) -> Iterator[Line]:
        yield "computes", (type(self).__doc__ or "").strip()
        yield "output volume", f"{volume}, number by number, in place"
        learned = self.weights(volume)
        yield "parameters", f"{learned:,}" if learned else "none"


class Relu(_Elementwise, type="relu", also=("rectified_linear", "threshold")):
    """max(0, x)"""

    keeps = Kept(output=True)  # dx = dy where y > 0


class Relu6(_Elementwise, type="relu6", also=("clipped_relu",)):
    """min(max(0, x), 6)"""

    keeps = Kept(input=True)  # dx = dy where 0 < x < 6


class LeakyRelu(_Elementwise, type="leaky_relu", also=("leakyrelu", "lrelu", "leaky")):
    """x where x > 0, otherwise slope·x"""

    keeps = Kept(input=True)  # dx = dy·(1 where x > 0, otherwise slope)

    slope: float = value_attribute(REAL, default=0.01, also=("negative_slope",))


class Elu(_Elementwise, type="elu"):
    """x where x > 0, otherwise alpha·(e^x - 1)"""

    keeps = Kept(input=True)  # dx = dy·(1 where x > 0, otherwise alpha·e^x)

    alpha: float = value_attribute(REAL, default=1)


class Celu(_Elementwise, type="celu"):
    """max(0, x) + min(0, alpha·(e^(x/alpha) - 1))"""

    keeps = Kept(input=True)  # dx = dy·(1 where x > 0, otherwise e^(x/alpha))

    alpha: float = value_attribute(REAL, default=1)

    def output(self, volume: Volume) -> Volume:
        if self.alpha == 0:
            raise LayerError(findings.divides_by_zero("alpha"))
        return volume


class Selu(_Elementwise, type="selu"):
    """a scaled elu, so that activations normalise themselves (Klambauer et al. 2017)"""

    keeps = Kept(input=True)  # as of elu


class Gelu(_Elementwise, type="gelu", also=("quick_gelu", "gelu_tanh")):
    """x times the normal distribution function of x, or what a tanh makes of it"""

    keeps = Kept(input=True)  # dx = dy·(Phi(x) + x·phi(x))

    approximate: str = value_attribute(one_of("none", "tanh"), default="none")


class Silu(_Elementwise, type="silu", also=("swish", "swish1", "silu_")):
    """x/(1 + e^-x)"""

    keeps = Kept(input=True)  # dx = dy·s(x)·(1 + x·(1 - s(x)))


class Mish(_Elementwise, type="mish"):
    """x·tanh(ln(1 + e^x))"""

    keeps = Kept(input=True)  # dx is of x alone


class Softplus(_Elementwise, type="softplus"):
    """ln(1 + e^x)"""

    keeps = Kept(input=True)  # dx = dy·s(x)


class Sigmoid(_Elementwise, type="sigmoid", also=("logistic",)):
    """1/(1 + e^-x)"""

    keeps = Kept(output=True)  # dx = dy·y·(1 - y)


class HardSigmoid(_Elementwise, type="hard_sigmoid", also=("hardsigmoid", "h_sigmoid", "hsigmoid")):
    """min(max(0, x/6 + 1/2), 1)"""

    keeps = Kept(input=True)  # dx = dy/6 where -3 < x < 3


class HardSwish(_Elementwise, type="hard_swish", also=("hardswish", "h_swish", "hswish", "hard_silu")):
    """x·min(max(0, x/6 + 1/2), 1)"""

    keeps = Kept(input=True)  # dx = dy·(x/3 + 1/2) where -3 < x < 3


class Tanh(_Elementwise, type="tanh"):
    """(e^x - e^-x)/(e^x + e^-x)"""

    keeps = Kept(output=True)  # dx = dy·(1 - y^2)


class Softmax(_Elementwise, type="softmax"):
    """e^x divided by the sum of e^x over the channels"""

    keeps = Kept(output=True)  # dx = y·(dy - sum of dy·y)


class Prelu(_Elementwise, type="prelu", also=("parametric_relu",)):
    """x where x > 0, otherwise a learned slope times x"""

    keeps = Kept(input=True)  # dx = dy·(1 where x > 0, otherwise slope); dslope = dy·x

    shared: bool = attribute(FLAG, default=False, also=("shared_axes", "channel_shared"))

    def weights(self, volume: Volume) -> int:
        return 1 if self.shared else volume.channels

    def says(self, rank: int) -> str:
        return "one slope for all channels" if self.shared else ""


class _Drop(_Elementwise):
    rate: float = attribute(RATE, default=0.5, main=True, also=("p", "prob", "drop_prob", "dropout_ratio"))

    def says(self, rank: int) -> str:
        return f"rate {self.rate}"


class Dropout(
    _Drop,
    type="dropout",
    also=(
        "dropout1d",
        "dropout2d",
        "dropout3d",
        "spatial_dropout",
        "alpha_dropout",
        "feature_alpha_dropout",
        "gaussian_dropout",
        "drop",
    ),
):
    """0 with the given rate while training, otherwise x/(1 - rate); x at inference"""

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        if self.rate == 1:
            return None
        return Kept(numbers=volume.elements * learns) if self.rate else Kept(same=True)  # dx = dy·mask


class DropPath(_Drop, type="drop_path", also=("stochastic_depth", "stochasticdepth", "droppath")):
    """drops the whole branch with the given rate while training (stochastic depth, Huang et al. 2016)"""

    def kept(self, volume: Volume, learns: bool) -> Kept | None:
        if self.rate == 1:
            return None
        return Kept(numbers=int(learns)) if self.rate else Kept(same=True)  # dx = dy·mask, one number an example
