"""Metrics with trials: rank and exact tests that need no null distribution, for flawed ciphers too."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.check.result import Finding
from cryptobench.check.rows import Cell, Row

__all__ = ["FAMILIES", "FISHER", "RANKS", "WITH_TRIALS", "compare_trials", "failing_p_value", "rank_p_value"]

RANKS, FISHER = "Mann-Whitney", "Fisher's exact test"
FAMILIES = {
    "npcr": ("NPCR", "lowest"), "uaci": ("UACI", "distance"), "baci": ("BACI", "distance"),
    "plaintext_avalanche": ("avalanche", "distance"),
}  # fmt: skip
"""By metric, the check's name and what is bad: the lowest value, or the one farthest from an ideal cipher's."""
WITH_TRIALS = ("differential", "avalanche")
"""The analyses whose trials each have their own key and nonce."""


def rank_p_value(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """One-sided p-value for "after is larger", Mann-Whitney with ties, normal with continuity correction."""
    from scipy.stats import mannwhitneyu

    if len({*before.tolist(), *after.tolist()}) == 1:
        return 1.0
    return float(mannwhitneyu(after, before, alternative="greater", method="asymptotic").pvalue)


def failing_p_value(failed_before: int, before: int, failed_after: int, after: int) -> float:
    """One-sided p-value for "a larger share fails": Fisher's exact test."""
    from scipy.stats import hypergeom

    return float(hypergeom.sf(failed_after - 1, before + after, failed_before + failed_after, after))


def compare_trials(baseline: Iterable[Row], new: Iterable[Row], checks: Counter[tuple[str, str]]) -> Iterator[Finding]:
    """Two findings with raw p-values for each metric, image and nonce mode: ranks, and the share that fails.

    Every trial has its own key and nonce, so those of two runs of an unchanged cipher are exchangeable whatever their
    distribution.
    A trial in which the cipher failed is worse than any that has a value.
    """
    groups = _grouped(new)
    for (cell, metric, nonce), before in _grouped(baseline).items():
        if (after := groups.get((cell, metric, nonce))) is None:
            continue
        cipher = cell.cipher
        title = f"{FAMILIES[metric][0]}, {'fresh' if nonce == 'fresh' else 'fixed'} nonce"
        where = str(cell) + ("" if nonce == "none" else f", {nonce} nonce")
        checks[cipher, title] += 2
        counts = f"{len(before.badness)} and {len(after.badness)} trials"
        ranks = rank_p_value(before.badness, after.badness)
        share = failing_p_value(before.failed, len(before.badness), after.failed, len(after.badness))
        yield Finding(
            "regression", cipher, title, f"{metric} of single changes, median", where, before.median, after.median, "%",
            after.expected, ranks, None, f"{RANKS} over {counts}",
        )  # fmt: skip
        yield Finding(
            "regression", cipher, title, f"{metric}: trials that fail", where, before.failed, after.failed, "", None,
            share, None, f"{FISHER} over {counts}",
        )  # fmt: skip


@dataclass(frozen=True)
class _Sample:
    """The trials of one metric: how bad each is, how many fail, their median and what an ideal cipher gives."""

    badness: NDArray[np.float64]
    failed: int
    median: float | None
    expected: float | None


def _grouped(rows: Iterable[Row]) -> dict[tuple[Cell, str, str], _Sample]:
    groups: dict[tuple[Cell, str, str], list[Row]] = {}
    for row in rows:
        if row.trial is not None and row.metric in FAMILIES and row.cell.analysis in WITH_TRIALS and _counts(row):
            groups.setdefault((row.cell, row.metric, row.nonce), []).append(row)
    return {key: _sample(key[1], trials) for key, trials in groups.items()}


def _counts(row: Row) -> bool:
    """Whether a trial says something: it has a value and an ideal to compare with, or the cipher failed."""
    if row.status == "ok":
        return row.value is not None and (row.expected is not None or row.metric == "npcr")
    return row.status == "failed"


def _sample(metric: str, trials: Sequence[Row]) -> _Sample:
    done = [(row.value or 0.0, row.expected or 0.0) for row in trials if row.status == "ok"]
    failed = sum(row.verdict == "fail" or row.status == "failed" for row in trials)
    bad = [-value if FAMILIES[metric][1] == "lowest" else abs(value - expected) for value, expected in done]
    bad += [math.inf] * (len(trials) - len(done))
    median = statistics.median(value for value, _ in done) if done else None
    expected = next((row.expected for row in trials if row.expected is not None), None)
    return _Sample(np.array(bad), failed, median, expected)
