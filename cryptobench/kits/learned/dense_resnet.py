"""The lite dense residual network: pixel unshuffle, residual blocks of dense layers, global fusion."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["DenseResNet", "DenseResNetSize"]

SLOPE = 0.2


class DenseResNetSize(NamedTuple):
    """Numbers that fix the network: unshuffle factor, trunk width, growth, layers in a block, blocks, normalisation."""

    factor: int = 4
    width: int = 48
    growth: int = 24
    layers: int = 3
    blocks: int = 2
    norm: bool = False


class _Branch(nn.Sequential):
    """One dense layer: 3x3 convolution, instance normalisation if asked, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, norm: bool) -> None:
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 3, padding=1)]
        if norm:
            layers.append(nn.InstanceNorm2d(outputs, affine=True))
        super().__init__(*layers, nn.LeakyReLU(SLOPE, inplace=True))


class _Block(nn.Module):
    """Each layer reads the block's input and all earlier layers; a 1x1 convolution of all is added to the input."""

    def __init__(self, size: DenseResNetSize) -> None:
        super().__init__()
        widths = [size.width + i * size.growth for i in range(size.layers)]
        self.layers = nn.ModuleList(_Branch(width, size.growth, size.norm) for width in widths)
        self.merge = nn.Conv2d(size.width + size.layers * size.growth, size.width, 1)

    def forward(self, x: Tensor) -> Tensor:
        features = x
        for layer in self.layers:
            features = torch.cat([features, layer(features)], 1)
        merged: Tensor = self.merge(features)
        return x + merged


class DenseResNet(nn.Module):
    """(N, 3, H, W) in [-1, 1] to the same shape and range; H and W multiples of the unshuffle factor."""

    def __init__(self, size: DenseResNetSize) -> None:
        super().__init__()
        self.size = size
        samples = 3 * size.factor**2
        self.head = nn.Conv2d(samples, size.width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(size) for _ in range(size.blocks))
        self.fuse = nn.Conv2d((size.blocks + 1) * size.width, size.width, 1)
        self.tail = nn.Conv2d(size.width, samples, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        x = F.leaky_relu(self.head(F.pixel_unshuffle(image, self.size.factor)), SLOPE, inplace=True)
        trunk = [x]
        for block in self.blocks:
            trunk.append(block(trunk[-1]))
        x = self.tail(self.fuse(torch.cat(trunk, 1)))
        return torch.tanh(F.pixel_shuffle(x, self.size.factor))
