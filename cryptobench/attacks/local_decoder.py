"""Decoders that see a neighbourhood of the cipher image: linear ones by least squares, and a small network on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["LinearDecoder", "Pair", "fit_linear", "train_network"]

Pair = tuple[Image, Image]  # plaintext, cipher image
Reals = NDArray[np.float64]
_CROP = 32
_PENALTY = 0.01  # beside variances of cipher samples of a third


@dataclass(frozen=True, eq=False)
class LinearDecoder:
    """Plaintext tiles of ``tile`` x ``tile`` pixels from the 3x3 tiles of the cipher image around them."""

    tile: int
    weights: Reals
    offset: Reals

    def __call__(self, sealed: Image, channels: int) -> Reals:
        """(H, W, channels) float, -1 to 1 for 0 to 255, from a cipher image (H, W) or (H, W, C)."""
        height, width = sealed.shape[:2]
        t = self.tile
        whole = np.pad(_scaled(sealed), ((0, -height % t), (0, -width % t), (0, 0)), mode="symmetric")
        rows, columns = whole.shape[0] // t, whole.shape[1] // t
        tiles = _around(_tiles(whole, t)) @ self.weights + self.offset
        pixels = tiles.reshape(rows, columns, t, t, channels).transpose(0, 2, 1, 3, 4)
        decoded: Reals = pixels.reshape(rows * t, columns * t, channels)[:height, :width]
        return decoded


def fit_linear(pairs: Sequence[Pair], tile: int) -> LinearDecoder:
    """Ridge regression over all tiles of all pairs that are whole."""
    inputs = np.concatenate([_around(_tiles(_scaled(sealed), tile)) for _, sealed in pairs])
    outputs = np.concatenate([_flat(_tiles(_scaled(plain), tile)) for plain, _ in pairs])
    centre, offset = inputs.mean(axis=0), outputs.mean(axis=0)
    centred = inputs - centre
    normal = centred.T @ centred + _PENALTY * len(inputs) * np.eye(inputs.shape[1])
    weights = np.linalg.solve(normal, centred.T @ (outputs - offset))
    return LinearDecoder(tile, weights, offset - centre @ weights)


def train_network(
    pairs: Sequence[Pair], start: LinearDecoder, sealed: Sequence[Image], *, steps: int, width: int, seed: int
) -> list[Reals]:
    """Decode cipher images with the linear decoder plus a residual network trained on what it leaves.

    The network works on tiles: 3x3 convolutions from cipher image and first guess to a correction. L1 loss, Adam, a
    learning rate that rises and falls once; batches are 8 random crops of 32 pixels. One thread, seeded.
    """
    import torch
    from torch import nn

    from cryptobench.kits.learned.inference import one_thread

    tile = start.tile
    channels = 1 if pairs[0][0].ndim == 2 else pairs[0][0].shape[2]

    def given(image: Image) -> Any:
        """(C + channels, H, W): the cipher image and the first guess."""
        both = np.concatenate([_scaled(image), start(image, channels)], axis=2)
        return torch.from_numpy(np.moveaxis(both, 2, 0).astype(np.float32))

    inputs = [given(image) for _, image in pairs]
    wanted = [torch.from_numpy(np.moveaxis(_scaled(plain), 2, 0).astype(np.float32)) for plain, _ in pairs]
    height, breadth = inputs[0].shape[1:]
    crop = [max(tile, min(_CROP, side) // tile * tile) for side in (height, breadth)]
    places = np.random.default_rng(seed)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _residual_network(len(inputs[0]) * tile**2, channels * tile**2, width, tile)
        optimiser = torch.optim.Adam(network.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=max(steps, 2))
        for _ in range(steps):
            batch = []
            for _ in range(8):
                which = int(places.integers(len(inputs)))
                top = tile * int(places.integers((height - crop[0]) // tile + 1))
                left = tile * int(places.integers((breadth - crop[1]) // tile + 1))
                batch.append((which, slice(top, top + crop[0]), slice(left, left + crop[1])))
            x = torch.stack([inputs[which][:, rows, columns] for which, rows, columns in batch])
            y = torch.stack([wanted[which][:, rows, columns] for which, rows, columns in batch])
            loss = nn.functional.l1_loss(x[:, -channels:] + network(x), y)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        with torch.inference_mode():
            return [_decode(network, given(image), channels, tile) for image in sealed]


def _decode(network: Any, given: Any, channels: int, tile: int) -> Reals:
    import torch

    height, width = given.shape[1:]
    whole = torch.nn.functional.pad(given[None], (0, -width % tile, 0, -height % tile), mode="replicate")
    decoded = (whole[:, -channels:] + network(whole))[0, :, :height, :width]
    pixels: Reals = np.moveaxis(decoded.numpy().astype(np.float64), 0, 2)
    return pixels


def _residual_network(inputs: int, outputs: int, width: int, tile: int) -> Any:
    from torch import nn

    last = nn.Conv2d(width, outputs, 3, padding=1, padding_mode="replicate")
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    layers: list[nn.Module] = [nn.PixelUnshuffle(tile)]
    for k in range(4):
        layers += [nn.Conv2d(width if k else inputs, width, 3, padding=1, padding_mode="replicate"), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers, last, nn.PixelShuffle(tile))


def _scaled(image: Image) -> Reals:
    scaled: Reals = image.reshape(*image.shape[:2], -1) / 127.5 - 1
    return scaled


def _tiles(values: Reals, tile: int) -> Reals:
    """(H / tile, W / tile, tile * tile * C), of the tiles that are whole."""
    rows, columns = values.shape[0] // tile, values.shape[1] // tile
    cut = values[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile, -1)
    return cut.transpose(0, 2, 1, 3, 4).reshape(rows, columns, -1)


def _around(tiles: Reals) -> Reals:
    """(tiles, 9 * depth): each tile with its eight neighbours, those at the border repeated."""
    rows, columns = tiles.shape[:2]
    padded = np.pad(tiles, ((1, 1), (1, 1), (0, 0)), mode="edge")
    near = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return _flat(np.concatenate(near, axis=2))


def _flat(tiles: Reals) -> Reals:
    return tiles.reshape(-1, tiles.shape[2])
