"""Size: how often each test raises a false alarm on sources for which its null distribution holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptobench.calibration.groups import Test, alarm_levels, is_exhibit, size_test, why_conservative
from cryptobench.calibration.rows import RowKey
from cryptobench.calibration.statistics import Share, clustered_share
from cryptobench.calibration.store import Outcome, Unit
from cryptobench.report.verdicts import holm

__all__ = ["POOLED", "SIGNIFICANT", "Size", "measure_size", "stated", "wrong"]

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
