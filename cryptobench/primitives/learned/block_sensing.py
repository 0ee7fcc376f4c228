"""Learned compressed sensing of image blocks: a compression and a reconstruction network, and their training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.primitives.learned.crops import PictureSet, crop_batch
from cryptobench.primitives.learned.inference.forward import round_through
from cryptobench.primitives.learned.losses import score_pair
from cryptobench.primitives.learned.recipe import Player, Recipe

__all__ = ["CODES", "SIDE", "BlockDecoder", "BlockEncoder", "SensingRecipe"]

SIDE = 33  # of a block, in pixels
CODES = {0.18: (24, 24), 0.08: (17, 16), 0.03: (10, 11), 0.01: (6, 7), 0.003: (3, 3)}  # sampling rate -> a block's code
BATCH = 64  # blocks that are handled at a time, which bounds the memory
GAIN = 0.1  # of the matrix: Adam moves each of its hundreds of inputs as far as a convolution's few


class _Block(nn.Sequential):
    """Convolutions that keep the size, with ReLU between them."""

    def __init__(self, widths: tuple[int, ...], kernels: tuple[int, ...]) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs, kernel in zip(widths[:-1], widths[1:], kernels, strict=True):
            layers += [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU(inplace=True)]
        super().__init__(*layers[:-1])
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU


class BlockEncoder(nn.Module):
    """(N, 3, 33 h, 33 w) to the codes of its blocks side by side, (N, 1, a h, b w), both in [-1, 1]; (a, b) = ``code``.

    A block is reduced to a x b by bilinear interpolation, then goes through convolutions of 9, 3, 3 and 1 pixels.
    """

    def __init__(self, code: tuple[int, int]) -> None:
        super().__init__()
        self.code = code
        self.merge = _Block((3, 64, 32, 16, 1), (9, 3, 3, 1))

    def forward(self, image: Tensor) -> Tensor:
        blocks = _cut(image, SIDE, SIDE)
        return _tile(torch.cat([self._sense(part) for part in torch.split(blocks, BATCH)]), image, SIDE, SIDE)

    def _sense(self, blocks: Tensor) -> Tensor:
        small = F.interpolate(blocks, self.code, mode="bilinear", align_corners=False)
        return 2 * torch.sigmoid(self.merge(small)) - 1


class BlockDecoder(nn.Module):
    """The blocks of such codes, (N, 1, a h, b w) to (N, 3, 33 h, 33 w): the sum of two branches.

    One enlarges the code bilinearly and has convolutions of 5, 3, 3 and 1 pixels; the other is one matrix without bias.
    """

    def __init__(self, code: tuple[int, int]) -> None:
        super().__init__()
        self.code = code
        self.contours = _Block((1, 64, 32, 16, 3), (5, 3, 3, 1))
        self.colours = nn.Linear(code[0] * code[1], 3 * SIDE * SIDE, bias=False)

    def forward(self, codes: Tensor) -> Tensor:
        blocks = _cut(codes, *self.code)
        return _tile(torch.cat([self._rebuild(part) for part in torch.split(blocks, BATCH)]), codes, *self.code)

    def _rebuild(self, codes: Tensor) -> Tensor:
        large = F.interpolate(codes, (SIDE, SIDE), mode="bilinear", align_corners=False)
        flat: Tensor = self.colours(codes.flatten(1))
        contours: Tensor = self.contours(large)
        return contours + GAIN * flat.view(-1, 3, SIDE, SIDE)


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


@dataclass(frozen=True)
class SensingRecipe(Recipe):
    """Both networks together, by the mean squared error of the reconstruction, with 8-bit rounding of the code.

    ``rate`` is the share of a block's 33 x 33 x 3 bytes that its code has, one of `CODES`.
    """

    name: ClassVar[str] = "sensing"
    stored: ClassVar[str] = "float16"

    rate: float = 0.18
    learning_rate: float = 1e-3
    blocks: int = 32

    def networks(self) -> nn.ModuleDict:
        code = CODES.get(self.rate)
        if code is None:
            raise ValueError(f"rate is {self.rate}, wanted one of {', '.join(map(str, CODES))}")
        return nn.ModuleDict({"encoder": BlockEncoder(code), "decoder": BlockDecoder(code)})

    def players(self) -> tuple[Player, ...]:
        return (Player("pair", ("encoder", "decoder"), self.learning_rate),)

    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        return crop_batch(pictures, seed, step, self.blocks, SIDE)

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        return {"plain": batch, "decoded": networks["decoder"](round_through(networks["encoder"](batch)))}

    def loss(
        self, player: Player, networks: nn.ModuleDict, state: Any, progress: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        error = F.mse_loss(state["decoded"], state["plain"])
        return error, {"error": error}

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        return score_pair(networks["encoder"], networks["decoder"], pictures, SIDE)
