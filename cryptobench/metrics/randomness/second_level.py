"""Many sequences: proportion and uniformity of the p-values (SP 800-22 rev. 1a, 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.battery import Battery
from cryptobench.metrics.randomness.bits import SequenceError
from cryptobench.metrics.randomness.outcome import ALPHA, Variant
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import holm

__all__ = [
    "FEWEST_FOR_UNIFORMITY",
    "UNIFORMITY_LEVEL",
    "SecondLevel",
    "Statistic",
    "proportion_test",
    "second_level",
    "uniformity_test",
]

BINS = 10
FEWEST_FOR_UNIFORMITY = 55
UNIFORMITY_LEVEL = 1e-4


def proportion_test(p_values: Sequence[float] | NDArray[np.float64], alpha: float = ALPHA) -> Result:
    """The share of p-values that reach ``alpha``, with the standard's interval of three standard deviations (4.2.1).

    ``p_value`` is the exact two-sided binomial one, the smaller tail doubled. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    m = p.size
    failed = int((p < alpha).sum())
    half_width = 3 * sqrt(alpha * (1 - alpha) / m)
    upper = 1.0 if failed == 0 else float(special.bdtrc(failed - 1, m, alpha))
    tail = min(upper, float(special.bdtr(failed, m, alpha)))
    return Result(1 - failed / m, 1 - alpha, 1 - alpha - half_width, 1 - alpha + half_width, min(1.0, 2 * tail))


def uniformity_test(p_values: Sequence[float] | NDArray[np.float64]) -> Result:
    """Chi-square of the p-values over ten bins; its p-value is the standard's P_T, to be at least 0.0001 (4.2.2).

    Without interval and p-value below 55 sequences, the standard's limit. `SequenceError` without p-values.
    """
    p = _checked(p_values)
    found = np.bincount(np.minimum((p * BINS).astype(np.int64), BINS - 1), minlength=BINS)
    statistic = float(((found - p.size / BINS) ** 2).sum()) / (p.size / BINS)
    if p.size < FEWEST_FOR_UNIFORMITY:
        return Result(statistic, BINS - 1.0)
    critical = 2 * float(special.gammainccinv((BINS - 1) / 2, UNIFORMITY_LEVEL))
    return Result(statistic, BINS - 1.0, None, critical, float(special.gammaincc((BINS - 1) / 2, statistic / 2)))


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic over ``sequences`` sequences; ``adjusted`` is the smaller of its two p-values after Holm."""

    name: str
    sequences: int
    proportion: Result
    uniformity: Result
    adjusted: float

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
        """Fail if any adjusted p-value is below ``alpha``; none without any statistic."""
        if not self.statistics:
            return "none"
        return "fail" if min(s.adjusted for s in self.statistics) < alpha else "pass"


def second_level(found: Sequence[Battery], variant: Variant = "standard", alpha: float = ALPHA) -> SecondLevel:
    """Proportion and uniformity of every statistic over the batteries of many sequences, at level ``alpha``.

    The statistics depend on one another, and an ideal source fails a few of 188 taken singly; `SecondLevel.verdict` is
    the one to judge by.
    """
    by_name: dict[str, list[float]] = {}
    for one in found:
        for name, p_value in one.p_values(variant).items():
            by_name.setdefault(name, []).append(p_value)
    tests = {name: (proportion_test(p, alpha), uniformity_test(p)) for name, p in by_name.items()}
    family = [(name, result.p_value) for name, pair in tests.items() for result in pair if result.p_value is not None]
    adjusted: dict[str, float] = {}
    for (name, _), value in zip(family, holm([p for _, p in family]), strict=True):
        adjusted[name] = min(adjusted.get(name, 1.0), float(value))
    statistics = tuple(
        Statistic(name, len(by_name[name]), proportion, uniformity, adjusted[name])
        for name, (proportion, uniformity) in tests.items()
    )
    return SecondLevel(len(found), variant, statistics)


def _checked(p_values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.asarray(p_values, np.float64)
    if p.ndim != 1 or p.size == 0 or not ((p >= 0) & (p <= 1)).all():
        raise SequenceError("wanted one or more p-values between 0 and 1, in one dimension")
    return p
