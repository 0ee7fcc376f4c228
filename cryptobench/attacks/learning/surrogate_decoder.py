"""Surrogate decoder: can a network trained on known pairs decrypt, as for ciphers that process an image locally?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.attacks.tools.tile_network import Floats, TileNetwork, one_cycle, tiled, untiled
from cryptobench.cipher import Image

__all__ = ["SurrogateDecoder", "fit_linear", "train_network"]

Pair = tuple[Image, Image]  # plaintext, cipher image
Reals = NDArray[np.float64]
_TILES = (2, 4)  # strides of networks' downsampling
_ENOUGH_PAIRS = 5  # fewer determine too little of a map that is not linear
_ENOUGH_PIXELS = 1 << 14
_HELD_OUT = 4
_RELATED = 0.1
_PENALTY = 0.01  # beside variances of cipher samples of a third
_CROP, _CROPS = 32, 8  # side in pixels, and how many make a batch
_RATE = 4e-3


@dataclass(frozen=True)
class SurrogateDecoder(Attack):
    """Trains a decoder of its own on 1, 5 and 20 pairs, without knowledge of key, weights or architecture.

    A convolutional cipher has the same local map at every place, so that one image is thousands of training samples.
    First a linear map from the 3x3 tiles around each tile of plaintext is fitted to a few pairs; where it explains less
    than a tenth of the variance of others, there is no local relation to learn, and the attack ends. Otherwise a small
    network is trained, for ``steps`` steps at each number of pairs, on the residual of the linear map. The guess is the
    challenge decoded after the largest number; the numbers are PSNRs of held-out pairs after each of them.
    """

    name: ClassVar[str] = "surrogate_decoder"
    title: ClassVar[str] = "Surrogate decoder from known pairs"
    identifier: ClassVar[str] = "A21"
    model: ClassVar[Model] = "KPA"
    formula: ClassVar[str] = "24"

    pairs: Sequence[int] = (1, 5, 20)
    steps: int = 150
    width: int = 32

    def __post_init__(self) -> None:
        if not self.pairs or min(self.pairs) < 1:
            raise ValueError(f"pairs is {self.pairs}, wanted numbers of known pairs, each at least 1")
        if self.steps < 2 or self.width < 1:
            raise ValueError(f"steps and width are {self.steps} and {self.width}, wanted at least 2 and 1")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.challenge.image.shape[:2] != oracle.shape[:2] or min(oracle.shape[:2]) < 2 * max(_TILES):
            return AttackResult.inapplicable(
                f"needs a cipher image as wide and high as the plaintext, {2 * max(_TILES)} at least"
            )
        enough = max(_ENOUGH_PAIRS, -(-_ENOUGH_PIXELS // (oracle.shape[0] * oracle.shape[1])))
        held_out = [_pair(oracle) for _ in range(_HELD_OUT)]
        known = [_pair(oracle) for _ in range(enough)]
        if unusable := shapes_differ(oracle.challenge.image, *(cipher_image for _, cipher_image in held_out + known)):
            return unusable
        explained = {tile: _explained(fit_linear(known, tile), held_out) for tile in _TILES}
        tile = max(_TILES, key=explained.__getitem__)
        best = AttackResult(
            statistic=explained[tile],
            statistic_name="share of other plaintexts' variance that a local linear map explains",
            expected=0.0,
            notes="no local relation" if explained[tile] < _RELATED else "",
        )
        if explained[tile] < _RELATED:
            return best
        numbers = {"psnr_mean_image": _psnr([np.full(p.shape, _mean(known)) for p, _ in held_out], held_out)}
        unknown = [cipher_image for _, cipher_image in held_out] + [oracle.challenge.image]
        decoded: list[NDArray[np.float64]] = []
        for count in sorted(self.pairs):
            known += [_pair(oracle) for _ in range(count - len(known))]
            start = fit_linear(known[:count], tile)
            seed = int(generator.integers(1 << 31))
            decoded = train_network(known[:count], start, unknown, steps=self.steps, width=self.width, seed=seed)
            numbers[f"psnr_from_{count}"] = _psnr([_image(guess) for guess in decoded[:-1]], held_out)
        return AttackResult(
            recovered=_image(decoded[-1]).reshape(oracle.shape),
            statistic=best.statistic,
            statistic_name=best.statistic_name,
            expected=best.expected,
            numbers=numbers,
            formula=f"{_HELD_OUT + max(self.pairs)}",
        )


def _pair(oracle: Oracle) -> Pair:
    plain, encrypted = oracle.known_pair()
    return plain, encrypted.image


def _mean(known: Sequence[Pair]) -> float:
    return float(np.mean([plain.mean() for plain, _ in known]))


def _explained(decoder: LinearDecoder, held_out: Sequence[Pair]) -> float:
    """1 minus the decoder's squared error on ``held_out`` over the variance within their channels."""
    error = total = 0.0
    for plain, cipher_image in held_out:
        truth = plain.reshape(*plain.shape[:2], -1).astype(np.float64)
        guess = (decoder(cipher_image, truth.shape[2]) + 1) * 127.5
        error += float(np.mean((guess - truth) ** 2))
        total += float(np.mean(np.var(truth, axis=(0, 1))))
    return 1 - error / total if total else 0.0


def _image(decoded: NDArray[np.float64]) -> Image:
    image: Image = np.rint(np.clip((decoded + 1) * 127.5, 0, 255)).astype(np.uint8)
    return image


def _psnr(guesses: Sequence[NDArray[np.uint8] | NDArray[np.float64]], held_out: Sequence[Pair]) -> float:
    """Mean over the pairs, dB."""
    errors = [
        np.mean((np.asarray(guess, np.float64).reshape(plain.shape) - plain) ** 2)
        for guess, (plain, _) in zip(guesses, held_out, strict=True)
    ]
    return float(np.mean([10 * np.log10(255**2 / max(float(error), 1e-3)) for error in errors]))


@dataclass(frozen=True, eq=False)
class LinearDecoder:
    """Plaintext tiles of ``tile`` x ``tile`` pixels from the 3x3 tiles of the cipher image around them."""

    tile: int
    weights: Reals
    offset: Reals

    def __call__(self, cipher_image: Image, channels: int) -> Reals:
        """(H, W, channels) float, -1 to 1 for 0 to 255, from a cipher image (H, W) or (H, W, C)."""
        height, width = cipher_image.shape[:2]
        t = self.tile
        whole = np.pad(_scaled(cipher_image), ((0, -height % t), (0, -width % t), (0, 0)), mode="symmetric")
        rows, columns = whole.shape[0] // t, whole.shape[1] // t
        tiles = _around(_tiles(whole, t)) @ self.weights + self.offset
        pixels = tiles.reshape(rows, columns, t, t, channels).transpose(0, 2, 1, 3, 4)
        decoded: Reals = pixels.reshape(rows * t, columns * t, channels)[:height, :width]
        return decoded


def fit_linear(pairs: Sequence[Pair], tile: int) -> LinearDecoder:
    """Ridge regression over all whole tiles of all pairs."""
    inputs = np.concatenate([_around(_tiles(_scaled(cipher_image), tile)) for _, cipher_image in pairs])
    outputs = np.concatenate([_flat(_tiles(_scaled(plain), tile)) for plain, _ in pairs])
    centre, offset = inputs.mean(axis=0), outputs.mean(axis=0)
    centred = inputs - centre
    normal = centred.T @ centred + _PENALTY * len(inputs) * np.eye(inputs.shape[1])
    weights = np.linalg.solve(normal, centred.T @ (outputs - offset))
    return LinearDecoder(tile, weights, offset - centre @ weights)


def train_network(
    pairs: Sequence[Pair], start: LinearDecoder, cipher_images: Sequence[Image], *, steps: int, width: int, seed: int
) -> list[Reals]:
    """Decode cipher images with the linear decoder plus a network trained on its residual.

    The network works on tiles: 3x3 convolutions from cipher image and first guess to a correction. L1 loss, Adam, a
    learning rate that rises and falls once; batches are 8 random crops of 32 pixels.
    """
    tile = start.tile
    channels = 1 if pairs[0][0].ndim == 2 else pairs[0][0].shape[2]

    def inputs_of(image: Image) -> Floats:
        """(H, W, C + channels): the cipher image and the first guess."""
        return np.concatenate([_scaled(image), start(image, channels)], axis=2).astype(np.float32)

    inputs = [inputs_of(image) for _, image in pairs]
    wanted = [_scaled(plain).astype(np.float32) for plain, _ in pairs]
    missing = [y - x[..., -channels:] for x, y in zip(inputs, wanted, strict=True)]
    height, breadth = inputs[0].shape[:2]
    crop = [max(tile, min(_CROP, side) // tile * tile) for side in (height, breadth)]
    generator = np.random.default_rng(seed)
    places, weights = generator.spawn(2)
    network = TileNetwork(inputs[0].shape[2] * tile**2, channels * tile**2, width, weights)
    for step in range(steps):
        batch = []
        for _ in range(_CROPS):
            which = int(places.integers(len(inputs)))
            top = tile * int(places.integers((height - crop[0]) // tile + 1))
            left = tile * int(places.integers((breadth - crop[1]) // tile + 1))
            batch.append((which, np.s_[top : top + crop[0], left : left + crop[1]]))
        x, y = (np.stack([images[which][place] for which, place in batch]) for images in (inputs, missing))
        network.learn(tiled(x, tile), tiled(y, tile), *one_cycle(step, steps, _RATE))
    return [_decode(network, inputs_of(image), channels, tile) for image in cipher_images]


def _decode(network: TileNetwork, inputs: Floats, channels: int, tile: int) -> Reals:
    height, width = inputs.shape[:2]
    whole = np.pad(inputs, ((0, -height % tile), (0, -width % tile), (0, 0)), mode="edge")
    more = untiled(network(tiled(whole[None], tile)), tile)[0]
    pixels: Reals = (whole[..., -channels:] + more)[:height, :width].astype(np.float64)
    return pixels


def _scaled(image: Image) -> Reals:
    scaled: Reals = image.reshape(*image.shape[:2], -1) / 127.5 - 1
    return scaled


def _tiles(values: Reals, tile: int) -> Reals:
    """(H / tile, W / tile, tile * tile * C), of the whole tiles."""
    rows, columns = values.shape[0] // tile, values.shape[1] // tile
    cut = values[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile, -1)
    return cut.transpose(0, 2, 1, 3, 4).reshape(rows, columns, -1)


def _around(tiles: Reals) -> Reals:
    """(tiles, 9 * depth): each tile with its eight neighbours, repeated at the border."""
    rows, columns = tiles.shape[:2]
    padded = np.pad(tiles, ((1, 1), (1, 1), (0, 0)), mode="edge")
    near = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return _flat(np.concatenate(near, axis=2))


def _flat(tiles: Reals) -> Reals:
    return tiles.reshape(-1, tiles.shape[2])
