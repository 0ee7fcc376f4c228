"""Size: how often each test raises a false alarm on sources for which its null distribution holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.sources import Source
from cryptobench.calibration.store import Outcome, Unit
from cryptobench.calibration.tasks import BATTERY
from cryptobench.calibration.tests import (
    ALPHA,
    Test,
    alarm_levels,
    is_attack,
    is_exhibit,
    power_test,
    size_test,
    why_conservative,
)
from cryptobench.metrics.randomness import ALPHA as BATTERY_LEVEL
from cryptobench.metrics.statistics import Share, binomial_interval, clustered_share, holm

__all__ = [
    "POOLED",
    "SIGNIFICANT",
    "Power",
    "Size",
    "blind",
    "level_of",
    "measure_power",
    "measure_size",
    "stated",
    "uncaught",
    "wrong",
]


@dataclass(frozen=True)
class Power:
    """Under how many of the seeds one test raised an alarm on one source."""

    test: Test
    source: Source
    seeds: int
    detections: int

    @property
    def share(self) -> float:
        return self.detections / self.seeds

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's 95 % interval of the share."""
        return binomial_interval(self.detections, self.seeds)


def level_of(test: Test) -> float:
    """The level of a row of the matrix, for all that is pooled into it."""
    return LEAK_LEVEL if is_attack(test.task) else BATTERY_LEVEL if test.task == BATTERY else ALPHA


def measure_power(outcomes: Mapping[Unit, Iterable[Outcome]]) -> list[Power]:
    """Detections of every test on every source that it could be played against; on sound ones, false alarms.

    A seed counts where the smallest p-value of the test's rows is below its level after Bonferroni's correction for
    their number (the first step of Holm's), or where a rule without a p-value is broken.
    """
    powers = []
    for unit, played in outcomes.items():
        seeds, detections = Counter[Test](), Counter[Test]()
        for outcome in played:
            for test, alarm in _alarms(unit, outcome).items():
                seeds[test] += 1
                detections[test] += alarm
        powers += [Power(test, unit.source, count, detections[test]) for test, count in sorted(seeds.items())]
    return powers


def blind(powers: Iterable[Power]) -> list[Test]:
    """Tests that were played against controls and caught none of them under most seeds."""
    best: dict[Test, float] = {}
    for power in powers:
        if not power.source.sound:
            best[power.test] = max(best.get(power.test, 0.0), power.share)
    return sorted(test for test, share in best.items() if share <= 0.5)


def uncaught(powers: Iterable[Power]) -> list[str]:
    """Controls that no test caught under most seeds."""
    best: dict[str, float] = {}
    for power in powers:
        if not power.source.sound:
            best[power.source.name] = max(best.get(power.source.name, 0.0), power.share)
    return sorted(name for name, share in best.items() if share <= 0.5)


def _alarms(unit: Unit, outcome: Outcome) -> dict[Test, bool]:
    task, source = unit.task.label, unit.source
    p_values: defaultdict[Test, list[float]] = defaultdict(list)
    broken: defaultdict[Test, bool] = defaultdict(bool)
    for found in outcome.findings:
        test = power_test(task, found.key)
        if test is None or (source.sound and not source.under_null(task, found.key)):
            continue
        if found.key.rule:
            broken[test] |= min(found.values) < 0.5
        else:
            p_values[test] += found.values
    return {
        test: broken[test] or (bool(p := p_values[test]) and len(p) * min(p) < level_of(test))
        for test in {*p_values, *broken}
    }


POOLED = "all"
SIGNIFICANT = 0.05
_Values = dict[tuple[str, int], list[float]]  # by source and seed


@dataclass(frozen=True)
class Size:
    """The share of false alarms of one test at one level on one source, or `POOLED` over all of them.

    ``stated`` says that ``level`` is the one that the test claims; others show its tail. ``adjusted`` is the two-sided
    p-value of the share under ``level``, by Holm's method over all of the table; ``verdict`` is "ok", "too high",
    "conservative", or "exhibit" for a test that is known to be wrong.
    """

    test: Test
    source: str
    image: str
    level: float
    stated: bool
    seeds: int
    share: Share
    exhibit: bool
    adjusted: float = 1.0

    @property
    def p_value(self) -> float:
        return self.share.p_value(self.level)

    @property
    def verdict(self) -> str:
        if self.exhibit:
            return "exhibit"
        if self.adjusted >= SIGNIFICANT:
            return "ok"
        return "too high" if self.share.value > self.level else "conservative"

    @property
    def note(self) -> str:
        return why_conservative(self.test) if self.verdict == "conservative" else ""


def measure_size(outcomes: Mapping[Unit, Iterable[Outcome]], apart: bool = False) -> list[Size]:
    """The size of every test that has verdicts: pooled over sources, and by source where there are several."""
    grouped: defaultdict[tuple[Test, bool, bool, tuple[float, ...]], _Values] = defaultdict(dict)
    images: dict[str, str] = {}
    for unit, played in outcomes.items():
        label, source = unit.task.label, unit.source
        images[label] = unit.task.size(source.card)
        for outcome in played:
            for found in outcome.findings:
                key: RowKey = found.key
                if source.under_null(label, key):
                    kind = (size_test(label, key, apart), key.rule, is_exhibit(label, key), alarm_levels(label, key))
                    grouped[kind].setdefault((source.name, outcome.seed), []).extend(found.values)
    sizes = [
        size
        for (test, rule, exhibit, levels), values in sorted(grouped.items(), key=lambda item: item[0][:2])
        for size in _sizes(test, images[test.task], rule, exhibit, levels, values)
    ]
    judged = [index for index, size in enumerate(sizes) if not size.exhibit]
    for index, adjusted in zip(judged, holm(sizes[index].p_value for index in judged), strict=True):
        sizes[index] = replace(sizes[index], adjusted=adjusted)
    return sizes


def wrong(sizes: Sequence[Size]) -> list[Size]:
    """The tests that raise more false alarms than they say."""
    return [size for size in sizes if size.verdict == "too high"]


def stated(sizes: Sequence[Size]) -> list[Size]:
    """One size of each test: at its stated level, pooled over sources where there are several."""
    pooled = {size.test for size in sizes if size.source == POOLED}
    return [size for size in sizes if size.stated and (size.source == POOLED or size.test not in pooled)]


def _sizes(
    test: Test, image: str, rule: bool, exhibit: bool, levels: Sequence[float], values: _Values
) -> Iterator[Size]:
    names = list(dict.fromkeys(name for name, _ in values))
    for source in (POOLED, *names) if len(names) > 1 else names:
        clusters = [found for (name, _), found in values.items() if source in (POOLED, name)]
        wider = 1.0
        for level in levels:
            alarms = [sum(value < (0.5 if rule else level) for value in found) for found in clusters]
            share = clustered_share(alarms, [len(found) for found in clusters], wider)
            wider = max(wider, share.verdicts / share.worth if sum(alarms) else 1.0)
            yield Size(test, source, image, level, level == levels[0], len(clusters), share, exhibit)
