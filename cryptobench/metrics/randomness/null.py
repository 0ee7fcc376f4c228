"""How p-values of a sound source are distributed, exactly, for the tests whose statistic has a distribution to be had.

The standard takes p-values from a limit, so that those of short sequences take few values and are not uniform: bins of
equal width do not have equal probabilities (Haramoto 2020, "Study on upper limit of sample size for a two-level test in
NIST SP800-22", arXiv 1912.10602, where exact probabilities of the ten bins are proposed). Other tests: `null_limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.complexity import linear_complexity_classes
from cryptobench.metrics.randomness.frequency import block_frequency_size
from cryptobench.metrics.randomness.outcome import Variant
from cryptobench.metrics.randomness.rank import SIDE, rank_classes
from cryptobench.metrics.randomness.runs import longest_run_classes, longest_run_probabilities
from cryptobench.metrics.randomness.templates import (
    BLOCKS,
    OVERLAPPING_BLOCK,
    WIDTH,
    non_overlapping_moments,
    overlapping_probabilities,
)
from cryptobench.metrics.randomness.walks import largest_sum_p_value

__all__ = ["BINS", "EXACT", "Null", "class_counts", "exact_null", "of_atoms"]

BINS = 10  # of the uniformity test
# Bits up to which a null is computed. Beyond, 10 000 sequences do not show that p-values are not uniform, except where
# a variant has wrong constants.
_LONGEST = 1 << 22
_LONGEST_OF = {"runs": 1 << 18, "non_overlapping_template": 1 << 20}
_WRONG = ("longest_run", "overlapping_template", "linear_complexity")  # in the standard's variant
_FAR = 12.0  # standard deviations beyond which probabilities are below 1e-30
_FINE = 200_000  # cells of a statistic's range, where they cost little


@dataclass(frozen=True, slots=True)
class Null:
    """Of a p-value of a sound source: the probabilities of ten bins of equal width, and of less than ``alpha``."""

    bins: tuple[float, ...]
    rejected: float


@lru_cache(maxsize=256)
def exact_null(test: str, n: int, variant: Variant, alpha: float) -> Null | None:
    """The distribution of every p-value of ``test`` on ``n`` random bits; None where it is not known."""
    if test not in EXACT:
        return None
    if n > _LONGEST_OF.get(test, _LONGEST):
        return None if test in _WRONG and variant == "standard" else Null((1 / BINS,) * BINS, alpha)
    return EXACT[test](n, variant, alpha)


def of_atoms(p_values: NDArray[np.float64], weights: NDArray[np.float64], alpha: float) -> Null:
    """From the values that a p-value takes and their probabilities, which are brought to the sum 1."""
    p = np.clip(p_values, 0.0, 1.0)
    weights = np.maximum(weights, 0.0) / np.maximum(weights, 0.0).sum()
    bins = np.bincount(np.minimum((p * BINS).astype(np.int64), BINS - 1), weights, BINS)
    return Null(tuple(map(float, bins)), float(weights[p < alpha].sum()))


def _of_grid(masses: NDArray[np.float64], step: float, degrees: float, alpha: float) -> Null:
    """From the probabilities of a statistic's multiples of ``step``, p-values being chi-square's; the rest is above."""
    p_values = special.gammaincc(degrees / 2, step * np.arange(masses.size) / 2)
    masses = np.maximum(masses, 0.0)
    return of_atoms(np.append(p_values, 0.0), np.append(masses, max(0.0, 1 - float(masses.sum()))), alpha)


def _top(degrees: float, alpha: float) -> float:
    """The statistic beyond which nothing is asked for: its p-value is below ``alpha`` and in the first bin."""
    return 2 * float(special.gammainccinv(degrees / 2, min(alpha, 1 / BINS))) * 1.001


def _near(n: int) -> NDArray[np.int64]:
    """The numbers of ones among ``n`` bits that are within reach."""
    half = int(_FAR * sqrt(n) / 2) + 2
    return np.arange(max(0, n // 2 - half), min(n, n // 2 + 1 + half) + 1)


def _binomial(k: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """The probabilities of ``k`` ones among ``n`` bits."""
    logs = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1) - n * log(2)
    found: NDArray[np.float64] = np.exp(logs)
    return found


def _frequency(n: int, variant: Variant, alpha: float) -> Null:
    """The number of ones is binomial."""
    k = _near(n)
    return of_atoms(special.erfc(np.abs(2 * k - n) / sqrt(n) / sqrt(2)), _binomial(k, n), alpha)


def _block_frequency(n: int, variant: Variant, alpha: float) -> Null:
    """A power of the generating function of one block's squared excess, by Fourier transform."""
    size = block_frequency_size(n)
    blocks, odd = n // size, size % 2
    k = np.arange(size + 1)
    excess = np.abs(2 * k - size)
    index = (excess * excess - odd) // 4 // (1 + odd)  # squares of odd numbers are 1 + 8 t, of even ones 4 t
    scale = 4 * (1 + odd)
    reach = size / scale * (blocks + _FAR * sqrt(2 * blocks) + 80)
    length = 1 << int(max(reach, index.max() + 1)).bit_length()
    one = np.bincount(index, _binomial(k, size), length)
    masses = np.fft.irfft(np.fft.rfft(one) ** blocks, length)
    statistic = (scale * np.arange(length) + odd * blocks) / size
    return of_atoms(special.gammaincc(blocks / 2, statistic / 2), masses, alpha)


def _runs(n: int, variant: Variant, alpha: float) -> Null:
    """Ones and runs together: compositions of the ones and of the zeros into the runs (Wald and Wolfowitz 1940)."""
    logs = special.gammaln(np.arange(n + 1) + 1.0)
    ones = _near(n)
    allowed = ones[np.abs(ones / n - 0.5) < 2 / sqrt(n)]
    bins, rejected = np.zeros(BINS), 0.0
    for k in allowed:
        if 2 * k > n:
            break
        twice = 1.0 if 2 * k == n else 2.0  # as many zeros as now there are ones
        mean, half = 2 * k * (n - k) / n, _FAR * sqrt(n) / 2 + 2
        r = np.arange(max(2, int(mean - half)), min(2 * k + 1, int(mean + half)) + 1)
        weights = twice * np.exp(_log_runs(r, int(k), n, logs) - n * log(2))
        spread = 2 * (k / n) * (1 - k / n)
        p = special.erfc(np.abs(r - n * spread) / (sqrt(2 * n) * spread))
        bins += np.bincount(np.minimum((p * BINS).astype(np.int64), BINS - 1), weights, BINS)
        rejected += float(weights[p < alpha].sum())
    missing = max(0.0, 1 - float(bins.sum()))  # too many or too few ones: the p-value is 0
    bins[0] += missing
    return Null(tuple(map(float, bins)), rejected + missing)


def _log_runs(r: NDArray[np.int64], k: int, n: int, logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of how many sequences of ``k`` ones among ``n`` bits have ``r`` >= 2 runs."""

    def choose(a: int, b: NDArray[np.int64]) -> NDArray[np.float64]:
        inside = (b >= 0) & (b <= a)
        at = np.where(inside, b, 0)
        return np.where(inside, logs[a] - logs[at] - logs[a - at], -np.inf)

    j = r // 2
    even = log(2) + choose(k - 1, j - 1) + choose(n - k - 1, j - 1)
    odd = np.logaddexp(choose(k - 1, j) + choose(n - k - 1, j - 1), choose(k - 1, j - 1) + choose(n - k - 1, j))
    return np.where(r % 2 == 0, even, odd)


def _cumulative_sums(n: int, variant: Variant, alpha: float) -> Null:
    """The reflection principle: of the paths inside -z..z those that ended there, less those that left it."""
    k = _near(n)
    ends, below = 2 * k - n, np.append(0.0, np.cumsum(_binomial(k, n)))
    z = np.arange(max(1, int(0.2 * sqrt(n))), int(_FAR * sqrt(n)) + 2)

    def less(x: NDArray[np.int64]) -> NDArray[np.float64]:
        """P(S_n < x)."""
        return below[np.searchsorted(ends, x)]

    def at_most(x: NDArray[np.int64]) -> NDArray[np.float64]:
        return below[np.searchsorted(ends, x, "right")]

    inside = np.zeros(z.size)  # P(max |S_k| < z)
    most = int(_FAR * sqrt(n) / z[0] / 4) + 1
    for j in range(-most, most + 1):
        inside += less((4 * j + 1) * z) - at_most((4 * j - 1) * z)
        inside -= less((4 * j + 3) * z) - at_most((4 * j + 1) * z)
    masses = np.diff(np.append(inside, 1.0))
    masses[0] += inside[0]
    return of_atoms(np.array([largest_sum_p_value(int(value), n) for value in z]), masses, alpha)


def _longest_run(n: int, variant: Variant, alpha: float) -> Null:
    size, first, last, standard = longest_run_classes(n)
    true = longest_run_probabilities(size, first, last)
    return _classes(n // size, true, np.array(standard) if variant == "standard" else true, alpha)


def _rank(n: int, variant: Variant, alpha: float) -> Null:
    return _classes(n // SIDE**2, rank_classes(SIDE), rank_classes(SIDE), alpha)


def _overlapping_template(n: int, variant: Variant, alpha: float) -> Null:
    true = overlapping_probabilities(WIDTH, OVERLAPPING_BLOCK, "corrected")
    return _classes(n // OVERLAPPING_BLOCK, true, overlapping_probabilities(WIDTH, OVERLAPPING_BLOCK, variant), alpha)


def _linear_complexity(n: int, variant: Variant, alpha: float) -> Null:
    size, true, used = linear_complexity_classes(variant)
    return _classes(n // size, true, used, alpha)


def _classes(blocks: int, true: NDArray[np.float64], used: NDArray[np.float64], alpha: float) -> Null:
    """Chi-square over classes with the probabilities ``used``, which are ``true``: multinomial counts."""
    degrees = len(true) - 1
    top = _top(degrees, alpha)
    cells = _FINE // 10 if blocks <= 150 else 4000 if blocks <= 1000 else 2000
    step = top / cells
    return _of_grid(class_counts(blocks, true / true.sum(), used, cells, step), step, degrees, alpha)


@njit(cache=True, nogil=True)
def class_counts(blocks: int, true: np.ndarray, used: np.ndarray, cells: int, step: float) -> np.ndarray:
    """The probabilities of sum (f - e)^2 / e in steps of ``step``, rounded term by term: (cells + 1,).

    ``f`` are multinomial counts of ``blocks`` by ``true``, ``e`` = ``blocks`` x ``used``. Class by class: given the
    classes before, a count is binomial among what they left.
    """
    logs = np.zeros(blocks + 2)
    for i in range(2, blocks + 2):
        logs[i] = logs[i - 1] + np.log(i)  # of the factorial
    state = np.zeros((blocks + 1, cells + 1))  # [taken so far, statistic so far]
    state[0, 0] = 1.0
    held, left = np.zeros(blocks + 1, np.bool_), 1.0
    held[0] = True
    for c in range(true.size):
        expected = blocks * used[c]
        reach = np.sqrt((cells + 1) * step * expected) + 1
        lowest, highest = max(0, int(expected - reach)), min(blocks, int(expected + reach) + 1)
        following, holds = np.zeros_like(state), np.zeros_like(held)
        p = min(1.0, true[c] / left)
        for taken in range(blocks + 1):
            if not held[taken]:
                continue
            free = blocks - taken
            for f in range(lowest, min(highest, free) + 1):
                if c == true.size - 1:
                    if f != free:
                        continue
                    weight = 1.0
                else:
                    weight = np.exp(logs[free] - logs[f] - logs[free - f] + f * np.log(p) + (free - f) * np.log1p(-p))
                cell = round((f - expected) ** 2 / expected / step)
                if cell > cells or weight < 1e-18:
                    continue
                holds[taken + f] = True
                for s in range(cells + 1 - cell):
                    following[taken + f, s + cell] += weight * state[taken, s]
        state, held, left = following, holds, left - true[c]
    return np.copy(state[blocks])


def _non_overlapping_template(n: int, variant: Variant, alpha: float) -> Null:
    """The counts of eight independent blocks; of a template that cannot overlap itself they depend on length alone."""
    size = n // BLOCKS
    mean, variance = non_overlapping_moments(size)
    counts = _aperiodic_counts(size, WIDTH, int(mean + 14 * sqrt(mean) + 30))
    top = _top(BLOCKS, alpha)
    step = top / _FINE
    cells = np.rint((np.arange(counts.size) - mean) ** 2 / variance / step).astype(np.int64)
    near = cells <= _FINE
    masses = np.bincount(cells[near], counts[near], _FINE + 1).astype(np.float64)
    for _ in range(3):  # 2, 4, 8 blocks
        spectrum = np.fft.rfft(masses, 4 * (_FINE // 2 + 1))
        masses = np.maximum(np.fft.irfft(spectrum * spectrum)[: _FINE + 1], 0.0)
    return _of_grid(masses, step, BLOCKS, alpha)


@njit(cache=True, nogil=True)
def _aperiodic_counts(size: int, width: int, most: int) -> np.ndarray:
    """The probabilities of 0..most occurrences among ``size`` bits of a template that no shift brings onto itself.

    From the generating function 1 / (1 - z - (u - 1) (z / 2)^width) of Guibas and Odlyzko (1981).
    """
    chance = 0.5**width
    rows = np.zeros((width + 1, most + 1))  # of the last lengths, cyclically
    for length in range(size + 1):
        row, before, start = length % (width + 1), (length - 1) % (width + 1), (length - width) % (width + 1)
        if length == 0:
            rows[0, 0] = 1.0
            continue
        for k in range(most + 1):
            value = rows[before, k]
            if length >= width:
                value -= chance * rows[start, k]
                if k:
                    value += chance * rows[start, k - 1]
            rows[row, k] = value
    return np.copy(rows[size % (width + 1)])


EXACT: Mapping[str, Callable[[int, Variant, float], Null]] = {
    "frequency": _frequency,
    "block_frequency": _block_frequency,
    "runs": _runs,
    "longest_run": _longest_run,
    "rank": _rank,
    "non_overlapping_template": _non_overlapping_template,
    "overlapping_template": _overlapping_template,
    "linear_complexity": _linear_complexity,
    "cumulative_sums": _cumulative_sums,
}
