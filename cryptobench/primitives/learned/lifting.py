"""A lossless network for training: two halves of the pixels, to each in turn a network of the other is added mod 256.

The arithmetic is that of `inference.lifting`, in float32 numbers that are whole; rounding, cuts and the wrap pass
gradients as if they were not there.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.cipher import Image
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.inference.forward import HALF
from cryptobench.primitives.learned.sizes import (
    ACTIVATION_LEAK,
    BIAS_UNIT,
    WEIGHT_UNIT,
    LiftingSize,
    require_lifting,
)  # fmt: skip

__all__ = ["LiftingResNet", "circular_distance", "score_lifting"]

_LAGS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (2, 2), (2, -2), (0, 4), (4, 0), (4, 4), (0, 8), (8, 0))
_HARMONICS = 8  # of the histogram; the other terms take the first two


class LiftingResNet(nn.Module):
    """(N, C, H, W) in [-1, 1], cut to the 256 levels of a byte, to the same; H and W even, C that of the size."""

    def __init__(self, size: LiftingSize) -> None:
        super().__init__()
        require_lifting(size)
        self.size = size
        self.blocks = nn.ModuleList(_Block(size) for _ in range(size.couplings))

    def forward(self, image: Tensor) -> Tensor:
        levels = ((image + 1) * HALF).round().clamp(0, 255) - 128
        return (self.levels(levels) + 128) / HALF - 1

    def levels(self, image: Tensor) -> Tensor:
        """Of whole numbers from -128 to 127, to such."""
        n, c, h, w = image.shape
        x = F.pixel_unshuffle(image, 2).reshape(n, c, 4, h // 2, w // 2)
        halves = [x[:, :, places].transpose(1, 2).flatten(1, 2) for places in ([0, 3], [1, 2])]
        for i, block in enumerate(self.blocks):
            halves[i % 2] = _wrapped(halves[i % 2] + block(halves[1 - i % 2]))
        (a, d), (b, e) = (half.reshape(n, 2, c, h // 2, w // 2).unbind(1) for half in halves)
        return F.pixel_shuffle(torch.stack([a, b, e, d], 2).flatten(1, 2), 2)


class _Block(nn.Module):
    """Each layer reads the block's input and all earlier layers; a 1x1 convolution of all of them."""

    def __init__(self, size: LiftingSize) -> None:
        super().__init__()
        half = 2 * size.channels
        widths = [half + i * size.growth for i in range(size.layers)]
        self.gain = size.gain
        self.layers = nn.ModuleList(nn.Conv2d(width, size.growth, 3, padding=1) for width in widths)
        self.merge = nn.Conv2d(half + size.layers * size.growth, half, 1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            total = _whole_convolution(layer, x, 1) / WEIGHT_UNIT
            made = torch.maximum(total, total / ACTIVATION_LEAK).clamp(-128, 127)
            x = torch.cat([x, _floored(made)], 1)
        return _floored(_whole_convolution(self.merge, x, 0) * (self.gain / WEIGHT_UNIT))


def _whole_convolution(layer: nn.Module, x: Tensor, padding: int) -> Tensor:
    assert isinstance(layer, nn.Conv2d)
    assert layer.bias is not None
    weight = (layer.weight * WEIGHT_UNIT).clamp(-127, 127)
    bias = layer.bias * BIAS_UNIT
    return F.conv2d(x, weight + (weight.round() - weight).detach(), bias + (bias.round() - bias).detach(), 1, padding)


def _floored(x: Tensor) -> Tensor:
    return x + (x.floor() - x).detach()


def _wrapped(x: Tensor) -> Tensor:
    return x - 256 * ((x.detach() + 128) / 256).floor()


def circular_distance(encoded: Tensor) -> dict[str, Tensor]:
    """Four terms, each 0 in expectation (up to sampling) for uniform noise; ``encoded`` is (N, C, H, W) in [-1, 1].

    A byte y counts as the point exp(2 pi i k y / 256) of a circle, for harmonics k: so that 255 is beside 0, and the
    gradient knows of no wrap. ``histogram``: sum over k = 1 to 8 of the squared mean of each plane, which is what
    they take of its entropy in nats. ``correlation``: mean squared circular autocorrelation at 13 lags, ``channels``:
    the same between channels, both also of sums; ``patches``: mean square of means of 8x8 patches.
    """
    angle = encoded * (HALF * 2 * math.pi / 256)
    points = [torch.complex((k * angle).cos(), (k * angle).sin()) for k in range(1, _HARMONICS + 1)]
    histogram = sum((_power(z.mean((-2, -1))) for z in points), encoded.new_zeros(()))
    correlation, channels, patches = (encoded.new_zeros(()) for _ in range(3))
    for z in points[:2]:
        for down, right in _LAGS:
            height, width = z.shape[-2:]
            a = z[..., : height - down, max(0, -right) : width - max(0, right)]
            b = z[..., down:, max(0, right) : width + min(0, right)]
            correlation = correlation + (_power((a * b.conj()).mean((-2, -1))) + _power((a * b).mean((-2, -1)))) / 2
        for c in range(1, z.shape[1]):
            for other in (z.roll(c, 1), z.roll(c, 1).conj()):
                channels = channels + _power((z * other).mean((-2, -1)))
        patches = patches + sum(_power(F.avg_pool2d(part, 8)) for part in (z.real, z.imag))
    return {
        "histogram": histogram,
        "correlation": correlation / len(_LAGS),
        "channels": channels / 2,
        "patches": patches,
    }


def _power(z: Tensor) -> Tensor:
    return (z.real.square() + z.imag.square()).mean() if z.is_complex() else z.square().mean()


def score_lifting(colour: nn.Module, grey: nn.Module, pictures: PictureSet) -> dict[str, float]:
    """Entropy in bits, mean and least, of what the first network makes of colours, and the second of green.

    Through the kernels that a cipher runs, so that pictures with odd sides are whole.
    """
    from cryptobench.primitives.learned.inference.lifting import Lifting

    scores = {}
    for network, channels, suffix in ((colour, slice(None), ""), (grey, slice(1, 2), "_grey")):
        assert isinstance(network, LiftingResNet)
        arrays = {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
        run = Lifting(network.size, arrays)
        entropies = [_entropy(run(np.ascontiguousarray(image[..., channels]))) for image in pictures.images]
        scores[f"entropy{suffix}"] = float(np.mean(entropies))
        scores[f"entropy{suffix}_min"] = float(np.min(entropies))
    return scores


def _entropy(image: Image) -> float:
    share = np.bincount(image.ravel(), minlength=256) / image.size
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())
