"""Many sequences: proportion and uniformity of the p-values (SP 800-22 rev. 1a, 4.2).

The standard judges both as if p-values of a sound source were uniform, which those of short sequences are not. Its
numbers are given as it defines them; what is judged are p-values under the distribution for the length (`null`), and
there is no verdict where that is not known well enough (`null_limits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.battery import CORRECTED, Battery
from cryptobench.metrics.randomness.bits import SequenceError
from cryptobench.metrics.randomness.null import BINS, class_counts, exact_null
from cryptobench.metrics.randomness.null_limits import approximate_null, binned_chi_square, sequence_limit
from cryptobench.metrics.randomness.outcome import ALPHA, SequenceOutcome, Variant
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import holm

__all__ = [
    "FEWEST_FOR_UNIFORMITY",
    "UNIFORMITY_LEVEL",
    "SecondLevel",
    "Statistic",
    "null_proportion",
    "null_uniformity",
    "proportion_test",
    "second_level",
    "uniformity_test",
]

FEWEST_FOR_UNIFORMITY = 55
UNIFORMITY_LEVEL = 1e-4
# The tail of chi-square is too light for few sequences, by half at 3e-5 of 100: between these p-values and up to so
# many sequences the multinomial one is taken.
_CERTAIN, _RARE = 1e-9, 1e-3
_EXACT_UP_TO = 300
_STEPS = 1500


def proportion_test(p_values: Sequence[float] | NDArray[np.float64], alpha: float = ALPHA) -> Result:
    """The share of p-values that reach ``alpha``, with the standard's interval of three standard deviations (4.2.1).

    ``p_value`` is the exact two-sided binomial one, the smaller tail doubled. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    m = p.size
    failed = int((p < alpha).sum())
    half_width = 3 * sqrt(alpha * (1 - alpha) / m)
    p_value = null_proportion(p, alpha, alpha)
    return Result(1 - failed / m, 1 - alpha, 1 - alpha - half_width, 1 - alpha + half_width, p_value)


def uniformity_test(p_values: Sequence[float] | NDArray[np.float64]) -> Result:
    """Chi-square of the p-values over ten bins; its p-value is the standard's P_T, to be at least 0.0001 (4.2.2).

    Without interval and p-value below 55 sequences, the standard's limit. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    found = _binned(p)
    statistic = float(((found - p.size / BINS) ** 2).sum()) / (p.size / BINS)
    if p.size < FEWEST_FOR_UNIFORMITY:
        return Result(statistic, BINS - 1.0)
    critical = 2 * float(special.gammainccinv((BINS - 1) / 2, UNIFORMITY_LEVEL))
    return Result(statistic, BINS - 1.0, None, critical, float(special.gammaincc((BINS - 1) / 2, statistic / 2)))


def null_proportion(p_values: Sequence[float] | NDArray[np.float64], alpha: float, chance: float) -> float:
    """The p-value of how many p-values are below ``alpha``, which each is with probability ``chance``.

    Exact binomial, two-sided: the smaller tail doubled. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    failed = int((p < alpha).sum())
    upper = 1.0 if failed == 0 else float(special.bdtrc(failed - 1, p.size, chance))
    return min(1.0, 2 * min(upper, float(special.bdtr(failed, p.size, chance))))


def null_uniformity(p_values: Sequence[float] | NDArray[np.float64], bins: Sequence[float]) -> float | None:
    """The p-value of chi-square of the p-values over ten bins that have the probabilities ``bins``.

    Neighbours are joined until at least five p-values are expected in each; below 0.001 the p-value is the multinomial
    one, up to 300 sequences. None where there is one bin, and below 55 sequences. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    if p.size < FEWEST_FOR_UNIFORMITY:
        return None
    statistic, means = binned_chi_square(_binned(p), p.size * np.asarray(bins))
    if len(means) == 1:
        return None
    p_value = float(special.gammaincc((len(means) - 1) / 2, statistic / 2))
    exact = p.size <= _EXACT_UP_TO and _CERTAIN < p_value < _RARE
    return _multinomial_tail(statistic, tuple(means), p.size) if exact else p_value


@lru_cache(maxsize=256)
def _multinomial_tail(statistic: float, means: tuple[float, ...], number: int) -> float:
    """The probability of a chi-square of multinomial counts that is as large, to the width of its steps."""
    step = statistic / _STEPS
    shares = np.array(means) / number
    masses = class_counts(number, shares, shares, _STEPS, step)
    return max(0.0, 1 - float(masses[: _STEPS - len(means) // 2].sum()))


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic over ``sequences`` sequences, as the standard has it and as it is judged.

    ``proportion`` and ``uniformity`` hold the standard's numbers, P_T as the p-value of ``uniformity``. Judged are the
    p-value of ``proportion`` and ``uniformity_p_value``, under the distribution of p-values at this length; None where
    that is not known well enough for so many sequences, which ``reason`` says. ``adjusted`` is the smaller of the two
    after Holm's correction.
    """

    name: str
    sequences: int
    proportion: Result
    uniformity: Result
    uniformity_p_value: float | None
    adjusted: float | None
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the standard accepts it by itself: proportion inside the interval, P_T at least 0.0001."""
        assert self.proportion.low is not None
        uniform = self.uniformity.p_value
        return self.proportion.value >= self.proportion.low and (uniform is None or uniform >= UNIFORMITY_LEVEL)


@dataclass(frozen=True, slots=True)
class SecondLevel:
    """All statistics over many sequences, and the battery's verdict after Holm's correction over both tests of each."""

    sequences: int
    variant: Variant
    statistics: tuple[Statistic, ...]

    def verdict(self, alpha: float = ALPHA) -> Literal["pass", "fail", "none"]:
        """Fail if any adjusted p-value is below ``alpha``; none without any statistic that can be judged."""
        smallest = self.smallest
        return "none" if smallest is None else "fail" if smallest < alpha else "pass"

    @property
    def smallest(self) -> float | None:
        """The smallest adjusted p-value; None without any."""
        return min((s.adjusted for s in self.statistics if s.adjusted is not None), default=None)

    @property
    def reasons(self) -> list[str]:
        """Why statistics are not judged, each reason once."""
        return list(dict.fromkeys(s.reason for s in self.statistics if s.reason))


def second_level(found: Sequence[Battery], variant: Variant = "standard", alpha: float = ALPHA) -> SecondLevel:
    """Proportion and uniformity of every statistic over the batteries of many sequences, at level ``alpha``.

    The statistics depend on one another, and an ideal source fails a few of 188 taken singly; `SecondLevel.verdict` is
    the one to judge by.
    """
    statistics: list[Statistic] = []
    for name, (test, part, lengths, p_values) in _by_name(found, variant).items():
        proportion, uniformity = proportion_test(p_values, alpha), uniformity_test(p_values)
        judged = _Judged(None, None, f"{test}: sequences of different lengths have no verdict")
        if len(lengths) == 1:
            judged = _judged(test, part, variant, next(iter(lengths)), p_values, alpha)
        proportion = replace(proportion, p_value=judged.proportion)
        statistics.append(
            Statistic(name, len(p_values), proportion, uniformity, judged.uniformity, None, judged.reason)
        )
    family = [
        (i, p) for i, s in enumerate(statistics) for p in (s.proportion.p_value, s.uniformity_p_value) if p is not None
    ]
    for (i, _), adjusted in zip(family, holm([p for _, p in family]), strict=True):
        held = statistics[i].adjusted
        statistics[i] = replace(statistics[i], adjusted=adjusted if held is None else min(held, adjusted))
    return SecondLevel(len(found), variant, tuple(statistics))


def _by_name(found: Sequence[Battery], variant: Variant) -> dict[str, tuple[str, str, set[int], NDArray[np.float64]]]:
    """Of every statistic: test, part, lengths of the sequences that have it, p-values."""
    by_test: dict[tuple[str, tuple[str, ...]], list[tuple[int, SequenceOutcome]]] = {}
    for one in found:
        for outcome in one.outcomes(variant):
            by_test.setdefault((outcome.test, outcome.parts), []).append((one.n, outcome))
    by_name = {}
    for (test, parts), outcomes in by_test.items():
        lengths = {n for n, _ in outcomes}
        p_values = np.array([outcome.p_values for _, outcome in outcomes])
        for number, (part, (name, _, _)) in enumerate(zip(parts, outcomes[0][1], strict=True)):
            by_name[name] = test, part, lengths, p_values[:, number].copy()
    return by_name


@dataclass(frozen=True, slots=True)
class _Judged:
    proportion: float | None
    uniformity: float | None
    reason: str


def _judged(test: str, part: str, variant: Variant, n: int, p_values: NDArray[np.float64], alpha: float) -> _Judged:
    m = len(p_values)
    null = exact_null(test, n, variant, alpha)
    if null is not None:
        return _Judged(null_proportion(p_values, alpha, null.rejected), null_uniformity(p_values, null.bins), "")
    limit = sequence_limit(test, variant if test in CORRECTED else "standard", part, n)
    most = limit.proportion if alpha == ALPHA else 0
    null = approximate_null(test, n, variant, alpha)
    proportion = null_proportion(p_values, alpha, null.rejected) if m <= most else None
    uniformity = null_uniformity(p_values, null.bins) if m <= limit.uniformity else None
    return _Judged(proportion, uniformity, _reason(test, n, m, most, limit.uniformity))


def _reason(test: str, n: int, m: int, proportion: int, uniformity: int) -> str:
    """Why one of them, or both, are not judged; empty where both are, and where uniformity asks for more sequences."""
    what = [] if m <= proportion else [("proportion", proportion)]
    what += [] if m <= uniformity or m < FEWEST_FOR_UNIFORMITY else [("uniformity", uniformity)]
    if not what:
        return ""
    most = min(most for _, most in what)
    return (
        f"{test}: {' and '.join(word for word, _ in what)} not judged, its p-values on {n} bits are known well enough "
        f"for {most} sequences, not {m}; use longer sequences"
    )


def _binned(p: NDArray[np.float64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.bincount(np.minimum((p * BINS).astype(np.int64), BINS - 1), minlength=BINS)
    return found


def _checked(p_values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.asarray(p_values, np.float64)
    if p.ndim != 1 or p.size == 0 or not ((p >= 0) & (p <= 1)).all():
        raise SequenceError("wanted one or more p-values between 0 and 1, in one dimension")
    return p
