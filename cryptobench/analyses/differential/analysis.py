"""The differential analysis: what a change of one plaintext sample does to the cipher image.

Each trial changes one sample (`changes`); NPCR, UACI and BACI of its two cipher images are scores, which are summed
up over all trials, by place and by kind of change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from cryptobench.analyses.base import (
    Analysis,
    attempt,
    channel_names,
    result_row,
    shape_difference,
    unjudged,
    unsupported,
)
from cryptobench.analyses.differential.changes import Change, applied, plan_changes
from cryptobench.cipher import CipherError, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import baci, npcr, uaci
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import (
    binomial_cdf,
    binomial_ppf,
    binomial_share,
    distinct_counts,
    extreme_p_value,
    mean_interval,
    normal_mean,
    percent,
    sidak_level,
)

__all__ = ["Differential", "compared"]

_METRICS = {"npcr": npcr, "uaci": uaci, "baci": baci}
_UNITS = {"inside": "share", "distinct": "count"}  # of summaries; all others are in percent
_CHANGED_SHARE = 255 / 256  # the probability that two independent uniform bytes differ
_TAIL_SAMPLES = 1024  # fewer are too few for the normal approximation far out in the tails


def compared(first: Image, second: Image, alpha: float) -> dict[str, Result | str]:
    """NPCR, UACI and BACI of two cipher images of one shape, in percent, by metric; a text says why there is none."""
    return {metric: attempt(partial(function, first, second, alpha=alpha)) for metric, function in _METRICS.items()}


@dataclass(frozen=True)
class _Trial:
    """What one change did: each metric's result, or why it has none; changed samples in each cipher channel."""

    change: Change
    results: Mapping[str, Result | str]
    changed: Mapping[str, int]
    samples: int


@dataclass(frozen=True)
class Differential(Analysis):
    """NPCR, UACI and BACI over ``trials`` one-sample changes, each under its own key and nonce, by nonce mode.

    Trials of one number have one key and one first encryption in both nonce modes.
    """

    name: ClassVar[str] = "differential"
    title: ClassVar[str] = "Differential analysis"
    images: ClassVar[str] = "photographs and flat"
    reads_pixels: ClassVar[bool] = True
    shares_trials: ClassVar[bool] = True

    trials: int = 100

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise ValueError(f"trials is {self.trials}, wanted at least 1")

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        plan = plan_changes(experiment.image, self.trials, experiment.generator("one-sample changes"))
        changed = experiment.image.copy()
        trials: dict[str, list[_Trial]] = {mode: [] for mode in experiment.nonce_modes}
        rows: dict[str, list[Measurement]] = {mode: [] for mode in experiment.nonce_modes}
        for number, change in enumerate(plan):
            for mode in experiment.nonce_modes:  # one after the other, as they share the trial's first encryption
                try:
                    trial = self._trial(experiment, changed, change, mode, number)
                except CipherError as error:
                    rows[mode] += self._failures(change, mode, number, str(error))
                    continue
                trials[mode].append(trial)
                rows[mode] += self._rows(trial, mode, number)
        for mode in experiment.nonce_modes:
            yield from rows[mode]
            yield from self._summaries(trials[mode], mode)
            if experiment.image.ndim == 3 and experiment.image.shape[2] > 1:
                yield from self._reach(experiment.image, trials[mode], mode)
        yield from self._plain_against_cipher(experiment)

    def _trial(self, experiment: Experiment, changed: Image, change: Change, mode: str, number: int) -> _Trial:
        with applied(change, changed):
            first, second = experiment.encrypt_pair(changed, mode, number, self.name)
            if first.shape != second.shape:
                raise CipherError(f"the two cipher images differ in shape: {first.shape} and {second.shape}")
            first, second = experiment.constant_places.picture(first, second)
            results = compared(first, second, self.alpha)
            names = channel_names(first)
            by_column = (first != second).reshape(len(first), -1).sum(axis=0, dtype=np.uint32)
            counts = dict(zip(names, by_column.reshape(-1, len(names)).sum(axis=0).tolist(), strict=True))
        return _Trial(change, results, counts, first.size)

    def _rows(self, trial: _Trial, mode: str, number: int) -> Iterator[Measurement]:
        change = trial.change
        for metric, result in trial.results.items():
            yield result_row(
                metric, result, self.alpha, channel=change.channel, place=change.place, condition=change.kind,
                nonce=mode, trial=number, unit="%",
            )  # fmt: skip

    def _failures(self, change: Change, mode: str, number: int, message: str) -> Iterator[Measurement]:
        for metric in _METRICS:
            yield Measurement(
                metric, None, channel=change.channel, place=change.place, condition=change.kind,
                nonce=mode, trial=number, unit="%", status="failed", message=message,
            )  # fmt: skip

    def _summaries(self, trials: Sequence[_Trial], mode: str) -> Iterator[Measurement]:
        for metric in _METRICS:
            scores = [
                _Score(trial.change, result, trial.samples)
                for trial in trials
                if isinstance(result := trial.results[metric], Result)
            ]
            yield from _summaries(metric, scores, self.trials, self.alpha, nonce=mode)
            yield from _by_place_and_kind(metric, scores, self.alpha, nonce=mode)

    def _reach(self, plain: Image, trials: Sequence[_Trial], mode: str) -> Iterator[Measurement]:
        """How much of each cipher channel changes, by the plaintext channel in which the change was made."""
        for source in channel_names(plain):
            here = [trial for trial in trials if trial.change.channel == source]
            for target in dict.fromkeys(name for trial in here for name in trial.changed):
                reached = [trial for trial in here if target in trial.changed]
                changed = sum(trial.changed[target] for trial in reached)
                samples = sum(trial.samples // len(trial.changed) for trial in reached)
                share = percent(binomial_share(changed, samples, _CHANGED_SHARE, self.alpha))
                yield result_row(
                    "channel_reach", share, self.alpha, channel=source, other_channel=target, nonce=mode, unit="%",
                )  # fmt: skip

    def _plain_against_cipher(self, experiment: Experiment) -> Iterator[Measurement]:
        """NPCR and UACI between plain and cipher image, as some papers report them: a fixed XOR pad scores well."""
        plain, (cipher,) = experiment.image, experiment.constant_places.picture(experiment.ciphertext.image)
        difference = shape_difference(plain, cipher)
        for metric in ("npcr", "uaci"):
            name = f"{metric}_plain_cipher"
            if difference:
                yield unsupported(name, difference, unit="%")
                continue
            result = attempt(partial(_METRICS[metric], plain, cipher, alpha=self.alpha))
            yield unjudged(
                result_row(
                    name, result, self.alpha, unit="%",
                    message="plain against cipher image: no measure of diffusion",
                )
            )  # fmt: skip


@dataclass(frozen=True)
class _Score:
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


def _summaries(
    metric: str, scores: Sequence[_Score], trials: int, alpha: float, **columns: Any
) -> Iterator[Measurement]:
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


def _by_place_and_kind(metric: str, scores: Sequence[_Score], alpha: float, **columns: Any) -> Iterator[Measurement]:
    """Mean and minimum of ``metric`` at each place, and for each kind of change, that has trials."""
    for column, attribute in (("place", "place"), ("condition", "kind")):
        groups: dict[str, list[_Score]] = {}
        for score in scores:
            groups.setdefault(getattr(score.change, attribute), []).append(score)
        for name, group in groups.items():
            yield _row(metric, "mean", _mean(metric, group, alpha), alpha, columns | {column: name})
            yield _row(metric, "min", _smallest(metric, group, alpha), alpha, columns | {column: name})


def _row(metric: str, name: str, result: Result | str, alpha: float, columns: dict[str, Any]) -> Measurement:
    columns = {"unit": _UNITS.get(name, "%")} | columns
    if isinstance(result, str):
        columns.pop("message", None)
    return result_row(f"{metric}_{name}", result, alpha, **columns)


def _mean(metric: str, scores: Sequence[_Score], alpha: float) -> Result:
    """NPCR: an exact test on the low side. UACI and BACI: normal, on both sides."""
    if metric == "npcr":
        total = sum(score.samples for score in scores)
        return percent(binomial_share(sum(score.changed for score in scores), total, _CHANGED_SHARE, alpha))
    values, deviations = [score.value for score in scores], [_deviation(score, alpha) for score in scores]
    expected = scores[0].result.expected
    known = [deviation for deviation in deviations if deviation is not None]
    if expected is None or len(known) < len(values):
        return Result(math.fsum(values) / len(values), expected)
    return normal_mean(values, expected, known, alpha)


def _smallest(metric: str, scores: Sequence[_Score], alpha: float) -> Result:
    """The smallest value, tested as the smallest of so many."""
    if metric != "npcr":
        return _extreme(min(scores, key=lambda score: score.value), len(scores), alpha, side=-1)
    tails = [binomial_cdf(score.changed, score.samples, _CHANGED_SHARE) for score in scores]
    lowest = scores[int(np.argmin(tails))]
    low = binomial_ppf(sidak_level(alpha, len(scores)), lowest.samples, _CHANGED_SHARE) / lowest.samples
    return Result(lowest.value, None, 100 * low, None, extreme_p_value(min(tails), len(scores)))


def _largest(metric: str, scores: Sequence[_Score], alpha: float) -> Result:
    """The largest value, tested as the largest of so many; too many changed samples are no defect."""
    largest = max(scores, key=lambda score: score.value)
    return Result(largest.value) if metric == "npcr" else _extreme(largest, len(scores), alpha, side=1)


def _extreme(score: _Score, trials: int, alpha: float, side: int) -> Result:
    expected, deviation = score.result.expected, _deviation(score, alpha)
    if expected is None or deviation is None or score.samples < _TAIL_SAMPLES:
        return Result(score.value)
    p = extreme_p_value(float(ndtr(-side * (score.value - expected) / deviation)), trials)
    limit = expected - side * float(ndtri(sidak_level(alpha, trials))) * deviation
    return Result(score.value, None, limit if side < 0 else None, limit if side > 0 else None, p)


def _inside(metric: str, scores: Sequence[_Score], alpha: float) -> Result | str:
    """The share of trials that pass their own test, against the share that an ideal cipher passes."""
    p_values = [score.result.p_value for score in scores if score.result.p_value is not None]
    if len(p_values) < len(scores):
        return "the cipher image is too small for a test of each trial"
    passing = sum(p >= alpha for p in p_values)
    share = min(_passing_npcr(n, alpha) for n in {score.samples for score in scores}) if metric == "npcr" else 1 - alpha
    return binomial_share(passing, len(scores), share, alpha)


def _passing_npcr(samples: int, alpha: float) -> float:
    """The exact probability that an ideal cipher passes the NPCR test, at least 1 - alpha since counts are whole."""
    return 1 - binomial_cdf(binomial_ppf(alpha, samples, _CHANGED_SHARE) - 1, samples, _CHANGED_SHARE)


def _distinct(metric: str, scores: Sequence[_Score], alpha: float) -> Result:
    distinct = len({score.value for score in scores})
    if metric != "npcr":
        return Result(float(distinct))
    return distinct_counts(distinct, len(scores), max(score.samples for score in scores), _CHANGED_SHARE, alpha)


def _deviation(score: _Score, alpha: float) -> float | None:
    """The standard deviation under an ideal cipher, from the two-sided normal interval that the result holds."""
    low, high = score.result.low, score.result.high
    return None if low is None or high is None else (high - low) / (-2 * float(ndtri(alpha / 2)))
