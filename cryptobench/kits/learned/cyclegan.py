"""The CycleGAN generator: down by 4, residual blocks, up by 4 (Zhu, Park, Isola & Efros, ICCV 2017)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["CycleGanGenerator", "CycleGanSize", "Norm"]

Norm = Literal["everywhere", "branches", "none"]


class CycleGanSize(NamedTuple):
    """Numbers that fix the network: width at full resolution, residual blocks, where instance norm stands, leak.

    ``norm`` is "everywhere" (the published form), "branches" (within residual branches only, so that the trunk keeps
    an image's mean and contrast) or "none". ``slope`` is that of the activation's negative side, 0 for ReLU.
    """

    width: int = 16
    blocks: int = 6
    norm: Norm = "branches"
    slope: float = 0.0


class _Residual(nn.Module):
    """x plus two 3x3 convolutions of it, an activation between them."""

    def __init__(self, channels: int, size: CycleGanSize) -> None:
        super().__init__()
        first = nn.Conv2d(channels, channels, 3, padding=1)
        second = nn.Conv2d(channels, channels, 3, padding=1)
        if size.norm == "none":
            nn.init.zeros_(second.weight)  # without a norm the blocks start as the identity
            self.branch = nn.Sequential(first, _activation(size), second)
        else:
            norms = [nn.InstanceNorm2d(channels, affine=True) for _ in range(2)]
            self.branch = nn.Sequential(first, norms[0], _activation(size), second, norms[1])

    def forward(self, x: Tensor) -> Tensor:
        residual: Tensor = self.branch(x)
        return x + residual


class CycleGanGenerator(nn.Sequential):
    """(N, 3, H, W) in [-1, 1] to the same shape and range; H and W multiples of 4.

    c7s1-c, d2c, d4c, residual blocks at 4c, u2c, uc, c7s1-3, tanh. The last layer starts small: with wide initial
    outputs tanh saturates before the losses have any say.
    """

    def __init__(self, size: CycleGanSize) -> None:
        c = size.width
        layers = [
            *_layer(nn.Conv2d(3, c, 7, padding=3), size),
            *_layer(nn.Conv2d(c, 2 * c, 3, stride=2, padding=1), size),
            *_layer(nn.Conv2d(2 * c, 4 * c, 3, stride=2, padding=1), size),
            *(_Residual(4 * c, size) for _ in range(size.blocks)),
            *_layer(nn.ConvTranspose2d(4 * c, 2 * c, 3, stride=2, padding=1, output_padding=1), size),
            *_layer(nn.ConvTranspose2d(2 * c, c, 3, stride=2, padding=1, output_padding=1), size),
            _last(nn.Conv2d(c, 3, 7, padding=3)),
            nn.Tanh(),
        ]
        super().__init__(*layers)
        self.size = size


def _layer(convolution: nn.Conv2d | nn.ConvTranspose2d, size: CycleGanSize) -> list[nn.Module]:
    norm = [nn.InstanceNorm2d(convolution.out_channels, affine=True)] if size.norm == "everywhere" else []
    if not norm:
        nn.init.orthogonal_(convolution.weight, nn.init.calculate_gain("leaky_relu", size.slope))
        assert convolution.bias is not None
        nn.init.zeros_(convolution.bias)
    return [convolution, *norm, _activation(size)]


def _activation(size: CycleGanSize) -> nn.Module:
    return nn.LeakyReLU(size.slope, inplace=True) if size.slope else nn.ReLU(inplace=True)


def _last(convolution: nn.Conv2d) -> nn.Conv2d:
    with torch.no_grad():
        convolution.weight.mul_(0.5)
    return convolution
