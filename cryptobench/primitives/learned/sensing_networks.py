"""The networks of learned compressed sensing of blocks, for training."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.primitives.learned.sizes import BLOCK_SIDE, GAIN, DecoderSize, EncoderSize

__all__ = ["BlockDecoder", "BlockEncoder"]

BATCH = 64  # blocks that are handled at a time, which bounds the memory


class _Block(nn.Sequential):
    """Convolutions that keep the size, with ReLU between them."""

    def __init__(self, widths: tuple[int, ...], kernels: tuple[int, ...]) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs, kernel in zip(widths[:-1], widths[1:], kernels, strict=True):
            layers += [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU(inplace=True)]
        super().__init__(*layers[:-1])
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU


class BlockEncoder(nn.Module):
    """(N, 3, 33 h, 33 w) to the codes of its blocks side by side, (N, 1, a h, b w), both in [-1, 1]; (a, b) = ``size``.

    A block is reduced to a x b by bilinear interpolation, then goes through convolutions of 9, 3, 3 and 1 pixels.
    """

    def __init__(self, size: EncoderSize) -> None:
        super().__init__()
        self.size = size
        self.merge = _Block((3, 64, 32, 16, 1), (9, 3, 3, 1))

    def forward(self, image: Tensor) -> Tensor:
        blocks = _cut(image, BLOCK_SIDE, BLOCK_SIDE)
        codes = torch.cat([self._sense(part) for part in torch.split(blocks, BATCH)])
        return _tile(codes, image, BLOCK_SIDE, BLOCK_SIDE)

    def _sense(self, blocks: Tensor) -> Tensor:
        small = F.interpolate(blocks, tuple(self.size), mode="bilinear", align_corners=False)
        return 2 * torch.sigmoid(self.merge(small)) - 1


class BlockDecoder(nn.Module):
    """The blocks of such codes, (N, 1, a h, b w) to (N, 3, 33 h, 33 w): the sum of two branches.

    One enlarges the code bilinearly and has convolutions of 5, 3, 3 and 1 pixels; the other is one matrix without bias.
    """

    def __init__(self, size: DecoderSize) -> None:
        super().__init__()
        self.size = size
        self.contours = _Block((1, 64, 32, 16, 3), (5, 3, 3, 1))
        self.colours = nn.Linear(size.rows * size.columns, 3 * BLOCK_SIDE**2, bias=False)

    def forward(self, codes: Tensor) -> Tensor:
        blocks = _cut(codes, *self.size)
        return _tile(torch.cat([self._rebuild(part) for part in torch.split(blocks, BATCH)]), codes, *self.size)

    def _rebuild(self, codes: Tensor) -> Tensor:
        large = F.interpolate(codes, (BLOCK_SIDE, BLOCK_SIDE), mode="bilinear", align_corners=False)
        flat: Tensor = self.colours(codes.flatten(1))
        contours: Tensor = self.contours(large)
        return contours + GAIN * flat.view(-1, 3, BLOCK_SIDE, BLOCK_SIDE)


def _cut(image: Tensor, height: int, width: int) -> Tensor:
    """(N, C, height h, width w) to its blocks in reading order, (N h w, C, height, width)."""
    n, c, rows, columns = image.shape
    split = image.reshape(n, c, rows // height, height, columns // width, width)
    blocks = split.permute(0, 2, 4, 1, 3, 5).reshape(-1, c, height, width)
    return blocks.contiguous(memory_format=torch.channels_last)


def _tile(blocks: Tensor, source: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `_cut`, for blocks of any size that stand for those of ``source``."""
    n, (c, a, b) = len(source), blocks.shape[1:]
    h, w = source.shape[2] // height, source.shape[3] // width
    return blocks.reshape(n, h, w, c, a, b).permute(0, 3, 1, 4, 2, 5).reshape(n, c, h * a, w * b)
