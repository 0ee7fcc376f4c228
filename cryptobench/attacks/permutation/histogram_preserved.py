"""Histogram preserved: does the ciphertext have the plaintext's grey levels, or its counts under other levels?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle

__all__ = ["HistogramPreserved"]

_FEWEST = 256
_SIMULATED = 200


@dataclass(frozen=True)
class HistogramPreserved(Attack):
    """Compares the histograms of a known pair: level by level, as a permutation of samples would leave them, and by
    sorted counts, as a substitution of levels would.

    The statistic is the overlap, the sum of the lesser counts over the number of samples. Its null distribution is
    simulated: Student's t over 200 histograms of uniform images, two tests.
    """

    name: ClassVar[str] = "histogram_preserved"
    seed_name: ClassVar[str] = "histogram_kept"
    title: ClassVar[str] = "Histogram preserved"
    identifier: ClassVar[str] = "A9"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        plain, ciphertext = oracle.known_pair()
        samples = plain.size
        if samples != ciphertext.image.size:
            return AttackResult.inapplicable(f"the cipher image has {ciphertext.image.size} samples, wanted {samples}")
        if samples < _FEWEST:
            return AttackResult.inapplicable(f"the image has {samples} samples, wanted at least {_FEWEST}")
        before, after = (np.bincount(image.ravel(), minlength=256) for image in (plain, ciphertext.image))
        uniform = generator.multinomial(samples, np.full(256, 1 / 256), _SIMULATED)
        overlap, expected, p_levels = _overlap(before, after, uniform)
        counts, _, p_counts = _overlap(np.sort(before), np.sort(after), np.sort(uniform, axis=1))
        notes = ""
        if overlap == 1:
            notes = "every level has the same count"
        elif counts == 1:
            notes = "the same counts, at other levels"
        return AttackResult(
            statistic=overlap,
            statistic_name="overlap of plaintext and ciphertext histogram",
            expected=expected,
            p_value=min(1.0, 2 * p_levels, 2 * p_counts),
            notes=notes,
            numbers={"sorted_histogram_overlap": counts},
        )


def _overlap(before: NDArray[Any], after: NDArray[Any], uniform: NDArray[Any]) -> tuple[float, float, float]:
    """Overlap of two histograms; its mean and p-value with rows of ``uniform`` in the place of ``after``."""
    from scipy.special import stdtr

    samples = int(before.sum())
    seen = float(np.minimum(before, after).sum())
    simulated = np.minimum(before, uniform).sum(axis=1)
    mean, spread = float(simulated.mean()), max(float(simulated.std(ddof=1)), 0.5)
    t = (seen - mean) / (spread * np.sqrt(1 + 1 / len(simulated)))
    return seen / samples, mean / samples, float(stdtr(len(simulated) - 1, -t))
