"""The networks of learned ciphers: the dense residual one, the CycleGAN generator, the patch critic and its losses."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.primitives.learned.coupling import CouplingResNet
from cryptobench.primitives.learned.sizes import (
    BYTE_CHANNELS,
    SLOPE,
    BackboneSize,
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DenseResNetSize,
    Objective,
)  # fmt: skip

__all__ = [
    "ByteResNet", "CycleGanGenerator", "DenseResNet", "PatchCritic", "critic_loss", "deceive_loss", "network_of",
]  # fmt: skip


def network_of(size: BackboneSize) -> CouplingResNet | DenseResNet | CycleGanGenerator | ByteResNet:
    """A new network of that size; random initial weights come from torch's global generator."""
    match size:
        case CouplingSize():
            return CouplingResNet(size)
        case DenseResNetSize():
            return DenseResNet(size)
        case CycleGanSize():
            return CycleGanGenerator(size)
        case ByteResNetSize():
            return ByteResNet(size)


class DenseResNet(nn.Module):
    """(N, 3, H, W) in [-1, 1] to the same shape and range; H and W multiples of the unshuffle factor.

    Pixel unshuffle, residual blocks of dense layers, a 1x1 fusion of all blocks, pixel shuffle.
    """

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


class _Branch(nn.Sequential):
    """One dense layer: 3x3 convolution, instance normalisation if asked, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, norm: bool) -> None:
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 3, padding=1)]
        if norm:
            layers.append(nn.InstanceNorm2d(outputs, affine=True))
        super().__init__(*layers, nn.LeakyReLU(SLOPE, inplace=True))


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


class ByteResNet(nn.Module):
    """(N, 3, H, W) in [-1, 1] to the same shape and range; H and W even. For images without redundancy.

    Nothing is lost on the way: pixel unshuffle by 2, residual branches on the 12 channels (1x1, 3x3 and 1x1
    convolutions), pixel shuffle, and a clamp in place of tanh; no pooling, no normalisation. It starts as the identity.
    """

    def __init__(self, size: ByteResNetSize) -> None:
        super().__init__()
        self.size = size
        self.branches = nn.ModuleList(_ByteBranch(BYTE_CHANNELS, size.width) for _ in range(size.blocks))

    def forward(self, image: Tensor) -> Tensor:
        x = F.pixel_unshuffle(image, 2)
        for branch in self.branches:
            x = x + branch(x)
        return F.pixel_shuffle(x, 2).clamp(-1, 1)


class _ByteBranch(nn.Sequential):
    def __init__(self, channels: int, width: int) -> None:
        last = nn.Conv2d(width, channels, 1)
        nn.init.zeros_(last.weight)
        assert last.bias is not None
        nn.init.zeros_(last.bias)
        super().__init__(
            nn.Conv2d(channels, width, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(SLOPE, inplace=True),
            last,
        )


class PatchCritic(nn.Sequential):
    """(N, 3, H, W) to a score for each overlapping patch: 4x4 convolutions, strides 2, 2, 1, 1 (Isola et al. 2017)."""

    def __init__(self, width: int = 16) -> None:
        super().__init__(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.InstanceNorm2d(2 * width, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 4 * width, 4, 1, 1),
            nn.InstanceNorm2d(4 * width, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(4 * width, 1, 4, 1, 1),
        )


def critic_loss(real: Tensor, fake: Tensor, objective: Objective) -> Tensor:
    """What the critic lowers: real patches scored 1, fake ones 0."""
    if objective == "lsgan":
        return (real - 1).square().mean() + fake.square().mean()
    return F.binary_cross_entropy_with_logits(real, torch.ones_like(real)) + F.binary_cross_entropy_with_logits(
        fake, torch.zeros_like(fake)
    )


def deceive_loss(fake: Tensor, objective: Objective) -> Tensor:
    """What the generator lowers: its patches scored 1 (for ``bce`` the non-saturating form)."""
    if objective == "lsgan":
        return (fake - 1).square().mean()
    return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
