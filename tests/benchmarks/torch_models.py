"""AlexNet and ResNets as torch modules, for setting torchinfo beside cnncalc.

As a script, `python -m tests.benchmarks.torch_models`, it prints torchinfo's summary of AlexNet:
what a person without cnncalc would run.
"""

from __future__ import annotations

import torch
import torchinfo
from torch import nn


def alexnet() -> nn.Module:
    """The one-tower AlexNet of specs/alexnet.yaml."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000), nn.Softmax(1),
    )  # fmt: skip


class Bottleneck(nn.Module):  # type: ignore[misc]  # for mypy torch may not be there
    """He et al. 2016, figure 5, right, with the stride on the 3x3 convolution."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width),
        )  # fmt: skip
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or channels != 4 * width:
            conv = nn.Conv2d(channels, 4 * width, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(4 * width))
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The sum of both ways."""
        total: torch.Tensor = self.relu(self.body(x) + self.shortcut(x))
        return total


def resnet(*depths: int) -> nn.Module:
    """The network of specs/resnet152.yaml for 3, 8, 36, 3; of specs/resnet50.yaml for 3, 4, 6, 3."""
    blocks: list[nn.Module] = []
    channels = 64
    for width, depth, stride in zip((64, 128, 256, 512), depths, (1, 2, 2, 2), strict=True):
        for turn in range(depth):
            blocks.append(Bottleneck(channels, width, stride if turn == 0 else 1))
            channels = 4 * width
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000))


def counted(model: nn.Module, size: int = 224) -> int:
    """What torchinfo counts on the meta device, where no number is computed."""
    found = torchinfo.summary(model, (1, 3, size, size), device="meta", verbose=0)
    return int(found.total_mult_adds)


if __name__ == "__main__":
    print(torchinfo.summary(alexnet(), (1, 3, 227, 227), verbose=0))
