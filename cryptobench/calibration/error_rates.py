"""How often each test raises an alarm: a false one on sources for which its null holds, and on controls a detection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptobench.calibration.sources import Source
from cryptobench.calibration.store import SeedResult, TaskOnSource
from cryptobench.calibration.tests import (
    CalibratedTest,
    alarm_levels,
    detection_level,
    detection_test,
    false_alarm_test,
    is_known_wrong,
    why_conservative,
)
from cryptobench.metrics.statistics import Share, binomial_interval, clustered_share, holm

__all__ = [
    "POOLED", "SIGNIFICANT", "DetectionRate", "FalseAlarmRate", "at_stated_level", "detection_rates",
    "false_alarm_rates", "too_high", "undetected_controls", "undetecting_tests",
]  # fmt: skip

POOLED = "all"
SIGNIFICANT = 0.05
_MOST_SEEDS = 0.5  # a control is detected where more than this share of the seeds has an alarm
_Results = Mapping[TaskOnSource, Iterable[SeedResult]]
_Values = dict[tuple[str, int], list[float]]  # by source and seed


@dataclass(frozen=True)
class FalseAlarmRate:
    """The share of false alarms of one test at one level on one source, or `POOLED` over all of them.

    ``stated`` says that ``level`` is the one that the test claims; others are its tail. ``adjusted`` is the two-sided
    p-value of the share under ``level``, by Holm's method over all of the table; ``verdict`` is "ok", "too high",
    "conservative", or "known wrong" for a test that is there for comparison.
    """

    test: CalibratedTest
    source: str
    image: str
    level: float
    stated: bool
    seeds: int
    share: Share
    known_wrong: bool
    adjusted: float = 1.0

    @property
    def p_value(self) -> float:
        return self.share.p_value(self.level)

    @property
    def verdict(self) -> str:
        if self.known_wrong:
            return "known wrong"
        if self.adjusted >= SIGNIFICANT:
            return "ok"
        return "too high" if self.share.value > self.level else "conservative"

    @property
    def note(self) -> str:
        return why_conservative(self.test) if self.verdict == "conservative" else ""


@dataclass(frozen=True)
class DetectionRate:
    """Under how many of the seeds one test raised an alarm on one source."""

    test: CalibratedTest
    source: Source
    seeds: int
    detections: int

    @property
    def value(self) -> float:
        return self.detections / self.seeds

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's 95 % interval of the rate."""
        return binomial_interval(self.detections, self.seeds)


def false_alarm_rates(results: _Results, apart: bool = False) -> list[FalseAlarmRate]:
    """The false alarm rate of every test that has verdicts: pooled over sources, and by source if there are several."""
    grouped: defaultdict[tuple[CalibratedTest, bool, bool, tuple[float, ...]], _Values] = defaultdict(dict)
    images: dict[str, str] = {}
    for unit, seeds in results.items():
        label, source = unit.task.label, unit.source
        images[label] = unit.task.size(source.card)
        for result in seeds:
            for found in result.findings:
                if source.under_null(label, found.key):
                    test, levels = false_alarm_test(label, found.key, apart), alarm_levels(label, found.key)
                    values = grouped[test, found.key.rule, is_known_wrong(label, found.key), levels]
                    values.setdefault((source.name, result.seed), []).extend(found.values)
    rates = [
        rate
        for (test, rule, known_wrong, levels), values in sorted(grouped.items(), key=lambda item: item[0][:2])
        for rate in _rates(test, images[test.task], rule, known_wrong, levels, values)
    ]
    judged = [index for index, rate in enumerate(rates) if not rate.known_wrong]
    for index, adjusted in zip(judged, holm(rates[index].p_value for index in judged), strict=True):
        rates[index] = replace(rates[index], adjusted=adjusted)
    return rates


def too_high(rates: Sequence[FalseAlarmRate]) -> list[FalseAlarmRate]:
    """The rates of tests that raise more false alarms than they state."""
    return [rate for rate in rates if rate.verdict == "too high"]


def at_stated_level(rates: Sequence[FalseAlarmRate]) -> list[FalseAlarmRate]:
    """One rate of each test: at its stated level, pooled over sources if there are several."""
    pooled = {rate.test for rate in rates if rate.source == POOLED}
    return [rate for rate in rates if rate.stated and (rate.source == POOLED or rate.test not in pooled)]


def detection_rates(results: _Results) -> list[DetectionRate]:
    """Detections of every test on every source that it applies to; on sound sources these are false alarms.

    A seed counts where the smallest p-value of the test's rows is below its level after Bonferroni's correction for
    their number (the first step of Holm's), or where a rule without a p-value is violated.
    """
    rates = []
    for unit, run in results.items():
        seeds, detections = Counter[CalibratedTest](), Counter[CalibratedTest]()
        for result in run:
            for test, alarm in _alarms(unit, result).items():
                seeds[test] += 1
                detections[test] += alarm
        rates += [DetectionRate(test, unit.source, count, detections[test]) for test, count in sorted(seeds.items())]
    return rates


def undetecting_tests(rates: Iterable[DetectionRate]) -> list[CalibratedTest]:
    """Tests that were run on controls and detect none of them under most seeds."""
    best: dict[CalibratedTest, float] = {}
    for rate in rates:
        if not rate.source.sound:
            best[rate.test] = max(best.get(rate.test, 0.0), rate.value)
    return sorted(test for test, value in best.items() if value <= _MOST_SEEDS)


def undetected_controls(rates: Iterable[DetectionRate]) -> list[str]:
    """Controls that no test detects under most seeds."""
    best: dict[str, float] = {}
    for rate in rates:
        if not rate.source.sound:
            best[rate.source.name] = max(best.get(rate.source.name, 0.0), rate.value)
    return sorted(name for name, value in best.items() if value <= _MOST_SEEDS)


def _rates(
    test: CalibratedTest, image: str, rule: bool, known_wrong: bool, levels: Sequence[float], values: _Values
) -> Iterator[FalseAlarmRate]:
    names = list(dict.fromkeys(name for name, _ in values))
    for source in (POOLED, *names) if len(names) > 1 else names:
        clusters = [found for (name, _), found in values.items() if source in (POOLED, name)]
        wider = 1.0
        for level in levels:
            alarms = [sum(value < (0.5 if rule else level) for value in found) for found in clusters]
            share = clustered_share(alarms, [len(found) for found in clusters], wider)
            wider = max(wider, share.verdicts / share.worth if sum(alarms) else 1.0)
            yield FalseAlarmRate(test, source, image, level, level == levels[0], len(clusters), share, known_wrong)


def _alarms(unit: TaskOnSource, result: SeedResult) -> dict[CalibratedTest, bool]:
    task, source = unit.task.label, unit.source
    p_values: defaultdict[CalibratedTest, list[float]] = defaultdict(list)
    violated: defaultdict[CalibratedTest, bool] = defaultdict(bool)
    for found in result.findings:
        test = detection_test(task, found.key)
        if test is None or (source.sound and not source.under_null(task, found.key)):
            continue
        if found.key.rule:
            violated[test] |= min(found.values) < 0.5
        else:
            p_values[test] += found.values
    return {
        test: violated[test] or (bool(p := p_values[test]) and len(p) * min(p) < detection_level(test))
        for test in {*p_values, *violated}
    }
