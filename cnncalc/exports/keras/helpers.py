"""Classes and functions that stand in the code where Keras has none: each only where it is used."""

from typing import Final

_AVERAGE_POOL: Final = '''
def average_pool(x, size, strides, counted, rest):
    """Averages over the cells of each window that count: not the rest of the padding."""
    cells = ops.pad(ops.ones_like(x[..., :1]), counted, constant_values=1)
    cells = ops.average_pool(ops.pad(cells, rest), size, strides)
    return ops.average_pool(ops.pad(ops.pad(x, counted), rest), size, strides) / cells
'''

_CHANNEL_SHUFFLE: Final = '''
def channel_shuffle(x, groups):
    """Interleaves the channels of the groups."""
    *sizes, channels = x.shape[1:]
    x = ops.reshape(x, (-1, *sizes, groups, channels // groups))
    return ops.reshape(ops.swapaxes(x, -1, -2), (-1, *sizes, channels))
'''

_DILATED_MAX_POOL: Final = '''
def dilated_max_pool(x, size, strides, dilation):
    """The maximum of each window of cells that lie apart."""
    for axis, (taps, step, apart) in enumerate(zip(size, strides, dilation), 1):
        count = (x.shape[axis] - apart * (taps - 1) - 1) // step + 1
        starts = [apart * tap for tap in range(taps)]
        cells = [[first + step * i for i in range(count)] for first in starts]
        parts = [ops.take(x, indices, axis=axis) for indices in cells]
        x = parts[0]
        for part in parts[1:]:
            x = ops.maximum(x, part)
    return x
'''

_GLOBAL_RESPONSE_NORM: Final = '''
@keras.saving.register_keras_serializable()
class GlobalResponseNorm(layers.Layer):
    """Scales each channel by its norm beside those of the others."""

    def __init__(self, epsilon, **options):
        super().__init__(**options)
        self.epsilon = epsilon

    def build(self, shape):
        size = shape[-1:]
        self.gamma = self.add_weight(shape=size, initializer="zeros", name="gamma")
        self.beta = self.add_weight(shape=size, initializer="zeros", name="beta")

    def call(self, x):
        axes = tuple(range(1, len(x.shape) - 1))
        norm = ops.sqrt(ops.sum(ops.square(x), axis=axes, keepdims=True))
        norm = norm / (ops.mean(norm, axis=-1, keepdims=True) + self.epsilon)
        return x + self.beta + self.gamma * x * norm

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
'''

_IN_GROUPS: Final = '''
def in_groups(x, groups, layer):
    """A layer for each group of the channels."""
    parts = [layer()(part) for part in ops.split(x, groups, axis=-1)]
    return layers.Concatenate()(parts)
'''

_LOCAL_RESPONSE_NORM: Final = '''
def local_response_norm(x, size, alpha, beta, k):
    """Divides each number by a sum over neighbouring channels."""
    channels = x.shape[-1]
    sides = [(0, 0)] * (len(x.shape) - 1) + [(size // 2, (size - 1) // 2)]
    squares = ops.pad(ops.square(x), sides)
    total = squares[..., :channels]
    for first in range(1, size):
        total = total + squares[..., first : first + channels]
    return x / ops.power(k + alpha * total / size, beta)
'''

_LP_POOL: Final = '''
def lp_pool(x, norm, size, strides):
    """The p-norm of each window."""
    means = ops.average_pool(ops.power(x, norm), size, strides)
    cells = 1
    for extent in size:
        cells = cells * extent
    return ops.power(means * cells, 1 / norm)
'''

_PAD: Final = '''
def pad(x, sides, mode):
    """Repeats cells of the volume beside it."""
    for axis, (before, after) in enumerate(sides, 1):
        size = x.shape[axis]
        cells = range(-before, size + after)
        if mode == "circular":
            indices = [cell % size for cell in cells]
        elif mode == "replicate":
            indices = [min(max(cell, 0), size - 1) for cell in cells]
        else:
            indices = [size - 1 - abs(size - 1 - abs(cell)) for cell in cells]
        x = ops.take(x, indices, axis=axis)
    return x
'''

_PIXEL_SHUFFLE: Final = '''
def pixel_shuffle(x, factor):
    """Makes a square of cells of each cell, from as many channels."""
    height, width, channels = x.shape[1:]
    channels = channels // factor**2
    x = ops.reshape(x, (-1, height, width, channels, factor, factor))
    x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
    return ops.reshape(x, (-1, height * factor, width * factor, channels))
'''

_PIXEL_UNSHUFFLE: Final = '''
def pixel_unshuffle(x, factor):
    """Makes one cell of each square of cells, in as many channels."""
    height, width, channels = x.shape[1:]
    height, width = height // factor, width // factor
    x = ops.reshape(x, (-1, height, factor, width, factor, channels))
    x = ops.transpose(x, (0, 1, 3, 5, 2, 4))
    return ops.reshape(x, (-1, height, width, channels * factor**2))
'''

_RESIZE: Final = '''
@keras.saving.register_keras_serializable()
class Resize(layers.Layer):
    """Resizes each axis on its own, as a product with the weights of its cells."""

    def __init__(self, sizes, mode, align_corners=False, **options):
        super().__init__(**options)
        self.sizes = sizes
        self.mode = mode
        self.align_corners = align_corners

    def call(self, x):
        for axis, size in enumerate(self.sizes, 1):
            rows = [self.weights_of(i, x.shape[axis], size) for i in range(size)]
            rows = ops.convert_to_tensor(rows, dtype=x.dtype)
            x = ops.moveaxis(ops.tensordot(x, rows, axes=[[axis], [1]]), -1, axis)
        return x

    def weights_of(self, i, cells, size):
        weights = [0.0] * cells
        if self.mode == "nearest":
            weights[i * cells // size] = 1.0
            return weights
        if self.align_corners:
            middle = i * (cells - 1) / (size - 1) if size > 1 else 0.0
        else:
            middle = (i + 0.5) * cells / size - 0.5
        if self.mode == "linear":
            middle = max(middle, 0.0)
        first = int(middle // 1)
        t = middle - first
        if self.mode == "linear":
            taps = {0: 1 - t, 1: t}
        else:
            taps = {
                -1: -0.75 * t * (1 - t) ** 2,
                0: (1.25 * t - 2.25) * t * t + 1,
                1: (1.25 * (1 - t) - 2.25) * (1 - t) ** 2 + 1,
                2: -0.75 * (1 - t) * t**2,
            }
        for tap, weight in taps.items():
            weights[min(max(first + tap, 0), cells - 1)] += weight
        return weights

    def get_config(self):
        own = {"sizes": self.sizes, "mode": self.mode}
        return {**super().get_config(), **own, "align_corners": self.align_corners}
'''

_SCALE: Final = '''
@keras.saving.register_keras_serializable()
class Scale(layers.Layer):
    """A learned factor for each channel."""

    def build(self, shape):
        self.gamma = self.add_weight(shape=shape[-1:], initializer="ones", name="gamma")

    def call(self, x):
        return x * self.gamma
'''

HELPERS: Final = {
    "GlobalResponseNorm": _GLOBAL_RESPONSE_NORM,
    "Resize": _RESIZE,
    "Scale": _SCALE,
    "average_pool": _AVERAGE_POOL,
    "channel_shuffle": _CHANNEL_SHUFFLE,
    "dilated_max_pool": _DILATED_MAX_POOL,
    "in_groups": _IN_GROUPS,
    "local_response_norm": _LOCAL_RESPONSE_NORM,
    "lp_pool": _LP_POOL,
    "pad": _PAD,
    "pixel_shuffle": _PIXEL_SHUFFLE,
    "pixel_unshuffle": _PIXEL_UNSHUFFLE,
}
"""The source of each, by its name."""
