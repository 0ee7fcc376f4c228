"""Power: how often each test catches each planted defect."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptobench.attacks.runner import LEAK_LEVEL
from cryptobench.calibration.groups import ALPHA, Test, is_attack, power_test
from cryptobench.calibration.sources import Source
from cryptobench.calibration.statistics import binomial_interval
from cryptobench.calibration.store import Outcome, Unit
from cryptobench.calibration.tasks import BATTERY
from cryptobench.metrics.randomness import ALPHA as BATTERY_LEVEL

__all__ = ["Power", "blind", "level_of", "measure_power", "uncaught"]


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
