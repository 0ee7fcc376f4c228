"""Periodic keystream: does it repeat within an image, so that the challenge's ciphertext alone gives it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.keystream.periodic_keystream.key_recovery import recover_image
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import BYTE_COMBINERS
from cryptobench.attacks.tools.shapes import other_shape
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["PeriodicKeystream", "recurrence"]

_FEWEST = 32
_LAGS_CHECKED = 32
_NEAR_BEST = 0.9  # of the greatest share: the shortest lag above it is the period
_ANGLE = 2j * np.pi / 256


@dataclass(frozen=True)
class PeriodicKeystream(Attack):
    """Looks in C XOR P, C - P and C + P of a known pair for the lag at which most bytes recur, up to half the image.

    The keystream of the challenge is another one, but has the same period. Where the period fits into the image
    ``least_repeats`` times or more, the challenge is decrypted without any known plaintext of its own, as Vigenere's
    cipher is: with the keystream that makes neighbouring samples most similar. ``pairs`` known plaintexts are the
    prior of natural images.
    """

    name: ClassVar[str] = "periodic_keystream"
    title: ClassVar[str] = "Periodic keystream"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 64
    formula: ClassVar[str] = "8"

    pairs: int = 8
    least_repeats: int = 16

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = [oracle.known_pair()]
        plain, ciphertext = pairs[0]
        if unusable := other_shape(oracle.shape, ciphertext.image, oracle.challenge.image):
            return unusable
        if plain.size < _FEWEST:
            return AttackResult.inapplicable(f"the image has {plain.size} samples, wanted at least {_FEWEST}")
        found = [(recurrence(one.mask(ciphertext.image, plain).ravel()), one) for one in BYTE_COMBINERS]
        (lag, share, least), combiner = min(found, key=lambda one: (one[0][2], -one[0][1]))
        p_value = min(1.0, least * len(BYTE_COMBINERS))
        recovered, notes = None, ""
        if p_value < LEAK_LEVEL:
            notes = f"{combiner.equation}: {share:.1%} of the keystream recurs at lag {lag}"
            if share > ALMOST_ALL and plain.size >= self.least_repeats * lag:
                pairs += [oracle.known_pair() for _ in range(self.pairs - 1)]
                plains = np.stack([one for one, _ in pairs])
                recovered = recover_image(oracle.challenge.image, lag, combiner, plains)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="keystream samples equal at one lag",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=notes,
            formula=f"{self.pairs}",
        )


def recurrence(stream: Image) -> tuple[int, float, float]:
    """The lag, up to half of a flat ``stream``, at which bytes recur most significantly; their share, its p-value.

    The shortest lag counts if others do as well. The autocorrelation of the bytes as points on a circle names the lags
    to look at; the p-value is corrected for all lags.
    """
    lags = stream.size // 2
    checked = _strongest(stream, lags)
    found = []
    for lag in checked:
        hits = int(np.count_nonzero(stream[lag:] == stream[:-lag]))
        pairs = stream.size - int(lag)
        found.append((int(lag), hits / pairs, binomial_sf(hits, pairs, tries=lags)))
    best = max(share for _, share, _ in found)
    if best > 0.5:
        return next(one for one in found if one[1] > _NEAR_BEST * best)
    return min(found, key=lambda one: (one[2], -one[1]))


def _strongest(stream: Image, lags: int) -> NDArray[np.int64]:
    """The lags whose autocorrelation is strongest, in order."""
    size = 1 << (2 * stream.size - 1).bit_length()
    # Bytes in a random order, so that only equal ones are near each other on the circle.
    points = np.exp(_ANGLE * np.random.default_rng(0).permutation(256))[stream]
    spectrum = np.fft.fft(points, size)
    correlation = np.fft.ifft(np.abs(spectrum) ** 2).real[1 : lags + 1]
    correlation /= np.sqrt(np.arange(stream.size - 1, stream.size - 1 - lags, -1))
    # The multiples of a period are as strong as it is: the shortest of those near the best, and the best.
    near = np.flatnonzero(correlation > 0.5 * correlation.max())[:_LAGS_CHECKED]
    best = np.argsort(-correlation)[:_LAGS_CHECKED]
    checked: NDArray[np.int64] = np.unique(np.concatenate([near, best])) + 1
    return checked
