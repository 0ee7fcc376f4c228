"""Block repetition: does the ciphertext of a flat image repeat, and do repeated blocks give plaintext away?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.block_book import block_book
from cryptobench.attacks.chance import BYTE_CHANCE
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import Image

__all__ = ["BlockRepetition"]

_BLOCKS = (4, 8, 16, 64)  # bytes
_MOST_LAGS = 4096
_FEWEST = 32
_PERIODIC = 0.5
_WEIGHT = 0.9  # of the lags in a weighted Bonferroni correction; equal blocks hardly ever come by chance
_LEAK = 1e-6


@dataclass(frozen=True)
class BlockRepetition(Attack):
    """Encrypts a flat image and looks for equal samples at any lag, and for equal blocks of 4, 8, 16 and 64 bytes.

    Lags go up to half the image, 4096 at most. Where the ciphertext is periodic, blocks of the shortest period are
    looked up in a book of chosen blocks: all of them if they are short, those of one grey level and of known pairs
    otherwise.
    """

    name: ClassVar[str] = "block_repetition"
    title: ClassVar[str] = "Block repetition"
    identifier: ClassVar[str] = "A12"
    model: ClassVar[Model] = "CPA"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        flat = oracle.encrypt_probe("zero").image.ravel()
        if flat.size < _FEWEST:
            return AttackResult.inapplicable(f"the cipher image has {flat.size} samples, wanted at least {_FEWEST}")
        equal, p_lags = _equal_at_lags(flat)
        repeats = {size: _repeats(flat, size) for size in _BLOCKS if flat.size >= 2 * size}
        p_repeats = min(p for _, p in repeats.values()) * len(repeats)
        p_value = min(1.0, p_lags / _WEIGHT, p_repeats / (1 - _WEIGHT))
        lag = int(np.argmax(equal)) + 1
        recovered, notes = None, ""
        if p_value < _LEAK:
            periods = np.flatnonzero(equal >= max(_PERIODIC, 0.9 * equal[lag - 1])) + 1
            notes = f"{equal[lag - 1]:.1%} of the samples are equal at lag {lag}"
            if periods.size and oracle.challenge.image.shape == oracle.shape:
                period = int(periods[0])
                recovered, read = block_book(oracle, period)
                notes += f"; period {period}; {read:.1%} of the challenge is in blocks of the book"
        return AttackResult(
            recovered=recovered,
            statistic=float(equal[lag - 1]),
            statistic_name="samples of a flat image's ciphertext equal at one lag",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=notes,
            numbers={f"repeated_blocks_{size}": share for size, (share, _) in repeats.items()},
        )


def _equal_at_lags(samples: Image) -> tuple[NDArray[np.float64], float]:
    """The share of samples equal to the one ``lag`` later, for lags 1, 2, ...; the p-value of the strangest."""
    from scipy.special import bdtrc

    lags = np.arange(1, min(samples.size // 2, _MOST_LAGS) + 1)
    hits = np.array([np.count_nonzero(samples[lag:] == samples[:-lag]) for lag in lags])
    pairs = samples.size - lags
    p_values = np.where(hits > 0, bdtrc(np.maximum(hits - 1, 0), pairs, BYTE_CHANCE), 1.0)
    return hits / pairs, min(1.0, len(lags) * float(p_values.min()))


def _repeats(samples: Image, size: int) -> tuple[float, float]:
    """The share of aligned blocks that occur more than once; the p-value of as many equal pairs (Poisson)."""
    from scipy.special import pdtrc

    blocks = samples[: samples.size // size * size].reshape(-1, size)
    _, counts = np.unique(np.ascontiguousarray(blocks).view(f"V{size}"), return_counts=True)
    pairs = int(np.sum(counts * (counts - 1) // 2))
    expected = len(blocks) * (len(blocks) - 1) / 2 / 256.0**size
    return float(counts[counts > 1].sum() / len(blocks)), float(pdtrc(pairs - 1, expected)) if pairs else 1.0
