"""The distribution of p-values where none is exact, and the number of sequences that it is good enough for.

`null_counts.csv` counts in ten bins the p-values of 10 000 to 50 000 sequences of random bits, and those below 0.01;
`docs/make_null_counts.py` made it. If m p-values are tested by chi-square against bins that are a little wrong, the
statistic has the noncentrality m d, d = sum (b - e)^2 / e over the bins (Haramoto 2020, arXiv 1912.10602, calls it the
discrepancy). m is limited so that it is at most one half, which at most doubles a false alarm rate of 1e-4.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt
from pathlib import Path

import numpy as np
from scipy import special

from cryptobench.metrics.randomness.null import BINS, Null, of_atoms
from cryptobench.metrics.randomness.outcome import ALPHA, Variant
from cryptobench.metrics.randomness.spectral import DIVISOR

__all__ = ["Limit", "approximate_null", "binned_chi_square", "sequence_limit"]

_FILE = Path(__file__).with_name("null_counts.csv")
_NONCENTRALITY = 0.5
_MARGIN = 2.0  # standard errors of the simulation, added to what it found
_FEWEST_EXPECTED = 5.0  # in a bin of a chi-square test


@lru_cache(maxsize=64)
def approximate_null(test: str, n: int, variant: Variant, alpha: float) -> Null:
    """What p-values of ``test`` on ``n`` random bits are like, nearly: uniform, or of the spectral test, whole counts.

    The number of peaks below the threshold is a rounded normal number, its variance the corrected one.
    """
    if test != "spectral":
        return Null((1 / BINS,) * BINS, alpha)
    mean, deviation = 0.95 * n / 2, sqrt(n * 0.95 * 0.05 / DIVISOR["corrected"])
    peaks = np.arange(max(0, int(mean - 12 * deviation)), min(n // 2, int(mean + 12 * deviation) + 1) + 1)
    weights = special.ndtr((peaks + 0.5 - mean) / deviation) - special.ndtr((peaks - 0.5 - mean) / deviation)
    used = sqrt(n * 0.95 * 0.05 / DIVISOR[variant])
    return of_atoms(special.erfc(np.abs(peaks - mean) / used / sqrt(2)), weights, alpha)


def binned_chi_square(found: Iterable[float], expected: Iterable[float]) -> tuple[float, list[float]]:
    """Chi-square of counts, and what is expected in each of its bins.

    Neighbours are joined until at least five are expected in each.
    """
    counts, means = [0.0], [0.0]
    for count, mean in zip(found, expected, strict=True):
        if means[-1] >= _FEWEST_EXPECTED:
            counts.append(0.0)
            means.append(0.0)
        counts[-1] += float(count)
        means[-1] += float(mean)
    if means[-1] < _FEWEST_EXPECTED and len(means) > 1:
        counts[-2:], means[-2:] = [sum(counts[-2:])], [sum(means[-2:])]
    return sum((c - m) ** 2 / m for c, m in zip(counts, means, strict=True)), means


@dataclass(frozen=True, slots=True)
class Limit:
    """The most sequences that the proportion and the uniformity of p-values can be judged for."""

    proportion: int
    uniformity: int


def sequence_limit(test: str, variant: Variant, part: str, n: int) -> Limit:
    """Of one statistic on ``n`` bits: by the longest sequences counted that are no longer; 0 if there are none.

    ``test`` and ``part`` as in a `SequenceOutcome`.
    """
    known = _limits().get((test, variant, part), {})
    bits = max((bits for bits in known if bits <= n), default=None)
    return Limit(0, 0) if bits is None else known[bits]


@cache
def _limits() -> dict[tuple[str, str, str], dict[int, Limit]]:
    found: dict[tuple[str, str, str], dict[int, Limit]] = {}
    with _FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            test, bits, sequences = row["test"], int(row["bits"]), int(row["sequences"])
            variant: Variant = "corrected" if row["variant"] == "corrected" else "standard"
            null = approximate_null(test, bits, variant, ALPHA)
            uniformity = _for_bins([int(row[f"bin_{i}"]) for i in range(BINS)], null, sequences)
            limit = Limit(_for_proportion(int(row["rejected"]), null, sequences), uniformity)
            found.setdefault((test, variant, row["part"]), {})[bits] = limit
    return found


def _for_bins(counts: list[int], null: Null, sequences: int) -> int:
    """Chi-square over simulated sequences has the mean f + m d and the variance 2 (f + 2 m d), f its degrees."""
    seen, means = binned_chi_square(counts, (sequences * p for p in null.bins))
    degrees = len(means) - 1
    excess = max(0.0, seen - degrees)
    return int(_NONCENTRALITY * sequences / (excess + _MARGIN * sqrt(2 * (degrees + 2 * excess))))


def _for_proportion(rejected: int, null: Null, sequences: int) -> int:
    variance = null.rejected * (1 - null.rejected)
    off = abs(rejected / sequences - null.rejected) + _MARGIN * sqrt(variance / sequences)
    return int(_NONCENTRALITY * variance / off**2)
