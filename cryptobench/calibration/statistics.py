"""Shares of alarms with exact intervals, also where several verdicts come from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Share", "binomial_interval", "binomial_p_value", "clustered_share"]


@dataclass(frozen=True)
class Share:
    """``alarms`` of ``verdicts``, and the number of independent verdicts that they are worth."""

    alarms: int
    verdicts: int
    worth: float

    @property
    def value(self) -> float:
        return self.alarms / self.verdicts

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Clopper and Pearson's interval of the share."""
        return binomial_interval(self.value * self.worth, self.worth, level)

    def p_value(self, stated: float) -> float:
        """The two-sided p-value of as many alarms where ``stated`` is their probability."""
        return binomial_p_value(self.value * self.worth, self.worth, stated)


def binomial_interval(successes: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval for a probability (1934, Biometrika 26:404-413), also of fractional numbers."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return low, high


def binomial_p_value(successes: float, trials: float, probability: float) -> float:
    """Twice the smaller tail of the binomial distribution, at most 1, also of fractional numbers."""
    from scipy.special import betainc

    if not 0 < probability < 1:
        return float(successes == probability * trials)
    above = float(betainc(successes, trials - successes + 1, probability)) if successes > 0 else 1.0
    below = float(betainc(trials - successes, successes + 1, 1 - probability)) if successes < trials else 1.0
    return min(1.0, 2 * min(above, below))


def clustered_share(alarms: Sequence[int], verdicts: Sequence[int], wider: float = 1.0) -> Share:
    """The share of alarms where one cluster (a seed) gives several verdicts that may depend on one another.

    The verdicts are worth n / d independent ones, d the design effect of the ratio estimator, not below ``wider``
    (Korn and Graubard 1998, Survey Methodology 24:193-201). One verdict a cluster is the plain binomial case; without
    any alarm a cluster counts as one verdict.
    """
    a, k = np.asarray(alarms, float), np.asarray(verdicts, float)
    total, count = float(a.sum()), float(k.sum())
    if not count:
        raise ValueError("no verdicts are given, wanted at least one")
    clusters = int(np.count_nonzero(k))
    if k.max() == 1:
        worth = count
    elif total in (0.0, count) or clusters < 2:
        worth = float(clusters)
    else:
        share = total / count
        variance = clusters / (clusters - 1) * float(((a - share * k) ** 2).sum()) / count**2
        worth = count / max(variance / (share * (1 - share) / count), wider, 1.0)
    return Share(int(total), int(count), worth)
