"""Classes and functions that stand in the code where PyTorch has none: each only where it is used."""

from typing import Final

_CHANNEL_NORM: Final = '''
class ChannelNorm(nn.LayerNorm):
    """Normalises the channels at each position."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
'''

_CHANNEL_SLICE: Final = '''
class ChannelSlice(nn.Module):
    """Some of the channels that lie together."""

    def __init__(self, start, size):
        super().__init__()
        self.start = start
        self.size = size

    def forward(self, x):
        return x[:, self.start : self.start + self.size]
'''

_CROP: Final = '''
class Crop{rank}d(nn.ZeroPad{rank}d):
    """Takes cells away at the sides."""

    def __init__(self, cells):
        super().__init__(cells)
        self.padding = tuple(-side for side in self.padding)
'''

_DROP_PATH: Final = '''
class DropPath(nn.Module):
    """Drops the whole branch of an example with this rate while training."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        kept = 1 - self.rate
        mask = x.new_empty(x.shape[0], *[1] * (x.dim() - 1)).bernoulli_(kept)
        return x * mask / kept if kept else x * mask
'''

_GLOBAL_RESPONSE_NORM: Final = '''
class GlobalResponseNorm(nn.Module):
    """Scales each channel by its norm beside those of the others."""

    def __init__(self, channels, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        axes = tuple(range(2, x.dim()))
        weight = self.weight.reshape(-1, *[1] * len(axes))
        bias = self.bias.reshape(-1, *[1] * len(axes))
        norm = torch.linalg.vector_norm(x, dim=axes, keepdim=True)
        return x + bias + weight * x * norm / (norm.mean(1, keepdim=True) + self.eps)
'''

_MEAN_OF_CELLS: Final = '''
class MeanOfCells(nn.Module):
    """An average pool that does not count the padding, which is not the same on both sides."""

    def __init__(self, padding, pool):
        super().__init__()
        self.padding = padding
        self.pool = pool

    def forward(self, x):
        counted = self.pool(self.padding(torch.ones_like(x[:1, :1])))
        return self.pool(self.padding(x)) / counted
'''

_SCALE: Final = '''
class Scale(nn.Module):
    """A learned factor for each channel."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * self.weight.reshape(-1, *[1] * (x.dim() - 2))
'''

_FIXED: Final = '''
def fixed(module):
    """Make buffers of the weights and biases: they are to be loaded, and not learned."""
    for name, parameter in list(module.named_parameters()):
        delattr(module, name)
        module.register_buffer(name, parameter.detach())
    return module
'''

HELPERS: Final = {
    "ChannelNorm": _CHANNEL_NORM,
    "ChannelSlice": _CHANNEL_SLICE,
    **{f"Crop{rank}d": _CROP.replace("{rank}", str(rank)) for rank in (1, 2, 3)},
    "DropPath": _DROP_PATH,
    "GlobalResponseNorm": _GLOBAL_RESPONSE_NORM,
    "MeanOfCells": _MEAN_OF_CELLS,
    "Scale": _SCALE,
    "fixed": _FIXED,
}
"""The source of each, by its name."""
