"""What convolutions and `fc` share: weights and biases, learned or fixed."""

from cnncalc.layers.base import Layer, Line, attribute
from cnncalc.layers.kinds import FLAG
from cnncalc.volume import Volume


class Weighted(Layer):
    """A layer with weights and, where `bias`, biases. Where it is not `learned` they are buffers."""

    bias: bool = attribute(FLAG, default=True, also=("use_bias", "bias_term"))
    learned: bool = attribute(FLAG, default=True, also=("trainable", "requires_grad"))

    def all_weights(self, volume: Volume) -> int:
        """The weights, learned or fixed."""
        raise NotImplementedError

    def all_biases(self, volume: Volume) -> int:
        """The biases, learned or fixed."""
        raise NotImplementedError

    def weights(self, volume: Volume) -> int:
        return self.all_weights(volume) if self.learned else 0

    def biases(self, volume: Volume) -> int:
        return self.all_biases(volume) if self.learned else 0

    def buffers(self, volume: Volume) -> int:
        return 0 if self.learned else self.all_weights(volume) + self.all_biases(volume)

    @property
    def fixed_says(self) -> str:
        """What a table's row says of it behind the rest."""
        return "" if self.learned else ", not learned"

    def line_of_weights(self, working: str) -> Line:
        """The line that says how many weights and biases there are."""
        return ("parameters", working) if self.learned else ("buffers", f"{working}, not learned")
