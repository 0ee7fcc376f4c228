"""A decoder cloned from known pairs, for ciphers that treat an image neighbourhood by neighbourhood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.local_decoder import LinearDecoder, Pair, fit_linear, train_network
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import Image

__all__ = ["SurrogateDecoder"]

_TILES = (2, 4)  # strides of networks' downsampling
_ENOUGH_PAIRS = 5  # fewer show too little of what a map that is not linear does
_ENOUGH_PIXELS = 1 << 14
_HELD_BACK = 4
_RELATED = 0.1


@dataclass(frozen=True)
class SurrogateDecoder(Attack):
    """Trains a decoder of its own on 1, 5 and 20 pairs, without knowing key, weights or architecture.

    A convolutional cipher shows the same local map at every place, so that one image is thousands of training
    samples. First a linear map from the 3x3 tiles around each tile of plaintext is fitted to a few pairs; where it
    explains less than a tenth of what others vary, there is no local relation to learn, and the attack ends.
    Otherwise a small network is trained, for ``steps`` steps at each number of pairs, on what the linear map leaves.
    The guess is the challenge decoded after the largest number; the numbers are PSNRs, after each of them, of pairs
    that were held back.
    """

    name: ClassVar[str] = "surrogate_decoder"
    title: ClassVar[str] = "Decoder cloned from known pairs"
    identifier: ClassVar[str] = "A21"
    model: ClassVar[Model] = "KPA"

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
        held = [_pair(oracle) for _ in range(_HELD_BACK)]
        known = [_pair(oracle) for _ in range(enough)]
        if any(sealed.shape != oracle.challenge.image.shape for _, sealed in held + known):
            return AttackResult.inapplicable("cipher images differ in shape from message to message")
        explained = {tile: _explained(fit_linear(known, tile), held) for tile in _TILES}
        tile = max(_TILES, key=explained.__getitem__)
        best = AttackResult(
            statistic=explained[tile],
            statistic_name="share of other plaintexts' variance that a local linear map explains",
            expected=0.0,
            notes="no local relation" if explained[tile] < _RELATED else "",
        )
        if explained[tile] < _RELATED:
            return best
        numbers = {"psnr_mean_image": _psnr([np.full(p.shape, _mean(known)) for p, _ in held], held)}
        asked = [sealed for _, sealed in held] + [oracle.challenge.image]
        decoded: list[NDArray[np.float64]] = []
        for count in sorted(self.pairs):
            known += [_pair(oracle) for _ in range(count - len(known))]
            start = fit_linear(known[:count], tile)
            seed = int(generator.integers(1 << 31))
            decoded = train_network(known[:count], start, asked, steps=self.steps, width=self.width, seed=seed)
            numbers[f"psnr_from_{count}"] = _psnr([_image(guess) for guess in decoded[:-1]], held)
        return AttackResult(
            recovered=_image(decoded[-1]).reshape(oracle.shape),
            statistic=best.statistic,
            statistic_name=best.statistic_name,
            expected=best.expected,
            numbers=numbers,
        )


def _pair(oracle: Oracle) -> Pair:
    plain, encrypted = oracle.known_pair()
    return plain, encrypted.image


def _mean(known: Sequence[Pair]) -> float:
    return float(np.mean([plain.mean() for plain, _ in known]))


def _explained(decoder: LinearDecoder, held: Sequence[Pair]) -> float:
    """1 minus the decoder's squared error on ``held`` over the variance within their channels."""
    error = total = 0.0
    for plain, sealed in held:
        truth = plain.reshape(*plain.shape[:2], -1).astype(np.float64)
        guess = (decoder(sealed, truth.shape[2]) + 1) * 127.5
        error += float(np.mean((guess - truth) ** 2))
        total += float(np.mean(np.var(truth, axis=(0, 1))))
    return 1 - error / total if total else 0.0


def _image(decoded: NDArray[np.float64]) -> Image:
    image: Image = np.rint(np.clip((decoded + 1) * 127.5, 0, 255)).astype(np.uint8)
    return image


def _psnr(guesses: Sequence[NDArray[np.uint8] | NDArray[np.float64]], held: Sequence[Pair]) -> float:
    """Mean over the pairs, dB."""
    errors = [
        np.mean((np.asarray(guess, np.float64).reshape(plain.shape) - plain) ** 2)
        for guess, (plain, _) in zip(guesses, held, strict=True)
    ]
    return float(np.mean([10 * np.log10(255**2 / max(float(error), 1e-3)) for error in errors]))
