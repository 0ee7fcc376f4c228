"""A lite dense residual network with an inverse: to each half of the channels a dense block of the other is added."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.primitives.learned.sizes import SLOPE, CouplingSize, require_halves

__all__ = ["CouplingResNet", "bounded"]


class CouplingResNet(nn.Module):
    """(N, 3, H, W) in [-1, 1] to the same shape and range; H and W multiples of the unshuffle factor.

    Pixel unshuffle; then, twice or more: a 1x1 convolution of all channels, a dense block of the second half added to
    the first, a dense block of the first half added to the second; a last 1x1 convolution, pixel shuffle, clamp. The
    additions can be undone whatever the blocks are (additive couplings, Dinh et al., "NICE", 2015), so the decoder is
    the same network from end to start, with the inverse matrices: what is lost is lost by rounding and clamp alone.
    """

    def __init__(self, size: CouplingSize) -> None:
        super().__init__()
        require_halves(size)
        self.size = size
        self.channels = 3 * size.factor**2
        half = self.channels // 2
        self.blocks = nn.ModuleList(_DenseBlock(half, size) for _ in range(size.couplings))
        self.mixes = nn.ModuleList(_mix(self.channels) for _ in range(size.couplings // 2 + 1))

    def inverse(self) -> CouplingResNet:
        """The network from end to start (or back from start to end), on the same weights."""
        other = CouplingResNet(self.size._replace(backwards=not self.size.backwards))
        other.blocks, other.mixes = self.blocks, self.mixes
        return other

    def forward(self, image: Tensor) -> Tensor:
        x = F.pixel_unshuffle(image, self.size.factor)
        x = self._undo(x) if self.size.backwards else self._do(x)
        return bounded(F.pixel_shuffle(x, self.size.factor))

    def _do(self, x: Tensor) -> Tensor:
        *mixes, last = self.mixes
        for i, mix in enumerate(mixes):
            first, second = mix(x).chunk(2, 1)
            first = first + self.blocks[2 * i](second)
            x = torch.cat([first, second + self.blocks[2 * i + 1](first)], 1)
        return last(x)  # type: ignore[no-any-return]

    def _undo(self, x: Tensor) -> Tensor:
        *mixes, last = self.mixes
        x = _unmix(last, x)
        for i, mix in reversed(list(enumerate(mixes))):
            first, second = x.chunk(2, 1)
            second = second - self.blocks[2 * i + 1](first)
            x = _unmix(mix, torch.cat([first - self.blocks[2 * i](second), second], 1))
        return x


class _DenseBlock(nn.Module):
    """Each layer reads the block's input and all earlier layers; a 1x1 convolution of all, which starts as zero.

    It has no bias: that of the 1x1 convolution of all channels which follows does the same.
    """

    def __init__(self, channels: int, size: CouplingSize) -> None:
        super().__init__()
        widths = [channels + i * size.growth for i in range(size.layers)]
        self.layers = nn.ModuleList(nn.Conv2d(width, size.growth, 3, padding=1) for width in widths)
        self.merge = nn.Conv2d(channels + size.layers * size.growth, channels, 1, bias=False)
        nn.init.zeros_(self.merge.weight)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, F.leaky_relu(layer(x), SLOPE)], 1)
        return self.merge(x)  # type: ignore[no-any-return]


def _mix(channels: int) -> nn.Conv2d:
    mix = nn.Conv2d(channels, channels, 1)
    nn.init.orthogonal_(mix.weight)
    assert mix.bias is not None
    nn.init.zeros_(mix.bias)
    return mix


def _unmix(mix: nn.Module, x: Tensor) -> Tensor:
    assert isinstance(mix, nn.Conv2d)
    assert mix.bias is not None
    with torch.autocast(x.device.type, enabled=False):
        inverse = torch.linalg.inv(mix.weight[:, :, 0, 0].float())
    return F.conv2d(x - mix.bias[:, None, None], inverse[..., None, None])


def bounded(x: Tensor) -> Tensor:
    """``x`` cut to [-1, 1]; outside, the gradient passes if a step against it leads back in, so that none is stuck."""
    result: Tensor = _Bounded.apply(x)  # type: ignore[no-untyped-call]
    return result


class _Bounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        passed: Tensor = gradient * ~((x > 1) & (gradient < 0) | (x < -1) & (gradient > 0))
        return passed
