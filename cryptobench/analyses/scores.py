"""Summaries of NPCR, UACI and BACI over independent trials, with what an ideal cipher gives for each summary."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from cryptobench.analyses.changes import Change
from cryptobench.analyses.rows import attempt, result_row, unsupported
from cryptobench.analyses.summary import (
    at_least,
    binomial_cdf,
    binomial_share,
    distinct_counts,
    extreme_p_value,
    mean_interval,
    normal_mean,
    percent,
    sidak_level,
)
from cryptobench.measurement import Measurement
from cryptobench.metrics.result import Result

__all__ = ["CHANGED_SHARE", "Score", "parts", "summaries"]

CHANGED_SHARE = 255 / 256
"""The probability that two independent uniform bytes differ."""


@dataclass(frozen=True)
class Score:
    """One trial's NPCR, UACI or BACI in percent, over ``samples`` samples, and the change that it follows."""

    change: Change
    result: Result
    samples: int

    @property
    def value(self) -> float:
        return self.result.value

    @property
    def changed(self) -> int:
        """The number of changed samples, for an NPCR."""
        return round(self.value * self.samples / 100)


def summaries(metric: str, scores: Sequence[Score], trials: int, alpha: float, **columns: Any) -> Iterator[Measurement]:
    """Mean with its 95 % interval, extremes, share of passing trials and number of distinct values of ``metric``.

    ``scores`` holds those of the ``trials`` trials that have a value.
    """
    if not scores:
        for name in ("mean", "ci_low", "ci_high", "min", "max", "inside", "distinct"):
            message = f"none of the {trials} trials has a value"
            yield unsupported(f"{metric}_{name}", message, unit=_UNITS.get(name, "%"), **columns)
        return
    if len(scores) < trials:
        columns["message"] = f"{trials - len(scores)} of {trials} trials have no value"
    values = [score.value for score in scores]
    yield _row(metric, "mean", _mean(metric, scores, alpha), alpha, columns)
    interval = attempt(lambda: mean_interval(values))
    for name, index in (("ci_low", 0), ("ci_high", 1)):
        bound = interval if isinstance(interval, str) else Result(interval[index])
        yield _row(metric, name, bound, alpha, columns)
    yield _row(metric, "min", _smallest(metric, scores, alpha), alpha, columns)
    yield _row(metric, "max", _largest(metric, scores, alpha), alpha, columns)
    yield _row(metric, "inside", _inside(metric, scores, alpha), alpha, columns)
    yield _row(metric, "distinct", _distinct(metric, scores, alpha), alpha, columns)


def parts(metric: str, scores: Sequence[Score], alpha: float, **columns: Any) -> Iterator[Measurement]:
    """Mean and minimum of ``metric`` at each position, and for each kind of change, that has trials."""
    for column, attribute in (("direction", "position"), ("variant", "kind")):
        groups: dict[str, list[Score]] = {}
        for score in scores:
            groups.setdefault(getattr(score.change, attribute), []).append(score)
        for name, group in groups.items():
            yield _row(metric, "mean", _mean(metric, group, alpha), alpha, columns | {column: name})
            yield _row(metric, "min", _smallest(metric, group, alpha), alpha, columns | {column: name})


_UNITS = {"inside": "share", "distinct": "count"}
_TAIL_SAMPLES = 1024  # for the normal approximation far out in the tails


def _row(metric: str, name: str, outcome: Result | str, alpha: float, columns: dict[str, Any]) -> Measurement:
    columns = {"unit": _UNITS.get(name, "%")} | columns
    if isinstance(outcome, str):
        columns.pop("message", None)
    return result_row(f"{metric}_{name}", outcome, alpha, **columns)


def _mean(metric: str, scores: Sequence[Score], alpha: float) -> Result:
    """NPCR: an exact test on the low side. UACI and BACI: normal, on both sides."""
    if metric == "npcr":
        total = sum(score.samples for score in scores)
        return percent(binomial_share(sum(score.changed for score in scores), total, CHANGED_SHARE, alpha))
    values, deviations = [score.value for score in scores], [_deviation(score, alpha) for score in scores]
    expected = scores[0].result.expected
    known = [deviation for deviation in deviations if deviation is not None]
    if expected is None or len(known) < len(values):
        return Result(math.fsum(values) / len(values), expected)
    return normal_mean(values, expected, known, alpha)


def _smallest(metric: str, scores: Sequence[Score], alpha: float) -> Result:
    """The smallest value, tested as the smallest of so many."""
    if metric != "npcr":
        return _extreme(min(scores, key=lambda score: score.value), len(scores), alpha, side=-1)
    tails = [binomial_cdf(score.changed, score.samples, CHANGED_SHARE) for score in scores]
    lowest = scores[int(np.argmin(tails))]
    low = at_least(sidak_level(alpha, len(scores)), lowest.samples, CHANGED_SHARE) / lowest.samples
    return Result(lowest.value, None, 100 * low, None, extreme_p_value(min(tails), len(scores)))


def _largest(metric: str, scores: Sequence[Score], alpha: float) -> Result:
    """The largest value, tested as the largest of so many; too many changed samples are no defect."""
    largest = max(scores, key=lambda score: score.value)
    return Result(largest.value) if metric == "npcr" else _extreme(largest, len(scores), alpha, side=1)


def _extreme(score: Score, trials: int, alpha: float, side: int) -> Result:
    expected, deviation = score.result.expected, _deviation(score, alpha)
    if expected is None or deviation is None or score.samples < _TAIL_SAMPLES:
        return Result(score.value)
    p = extreme_p_value(float(ndtr(-side * (score.value - expected) / deviation)), trials)
    limit = expected - side * float(ndtri(sidak_level(alpha, trials))) * deviation
    return Result(score.value, None, limit if side < 0 else None, limit if side > 0 else None, p)


def _inside(metric: str, scores: Sequence[Score], alpha: float) -> Result | str:
    """The share of trials that pass their own test, against the share that an ideal cipher passes."""
    p_values = [score.result.p_value for score in scores if score.result.p_value is not None]
    if len(p_values) < len(scores):
        return "the cipher image is too small for a test of each trial"
    passing = sum(p >= alpha for p in p_values)
    share = min(_passing_npcr(n, alpha) for n in {score.samples for score in scores}) if metric == "npcr" else 1 - alpha
    return binomial_share(passing, len(scores), share, alpha)


def _passing_npcr(samples: int, alpha: float) -> float:
    """The exact probability that an ideal cipher passes the NPCR test, at least 1 - alpha since counts are whole."""
    return 1 - binomial_cdf(at_least(alpha, samples, CHANGED_SHARE) - 1, samples, CHANGED_SHARE)


def _distinct(metric: str, scores: Sequence[Score], alpha: float) -> Result:
    distinct = len({score.value for score in scores})
    if metric != "npcr":
        return Result(float(distinct))
    return distinct_counts(distinct, len(scores), max(score.samples for score in scores), CHANGED_SHARE, alpha)


def _deviation(score: Score, alpha: float) -> float | None:
    """The standard deviation under an ideal cipher, from the two-sided normal interval that the result holds."""
    low, high = score.result.low, score.result.high
    return None if low is None or high is None else (high - low) / (-2 * float(ndtri(alpha / 2)))
