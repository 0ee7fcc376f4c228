"""Tests for "worse than before": two-sample tests of single numbers and of trials, one-sided.

Single numbers with a null distribution are compared on the scale of their own p-values; trials, which each have their
own key and nonce, by ranks and by the share that fails. All p-values here are raw; `compare` corrects them together.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cryptobench.check.result import Compared, Finding, Level
from cryptobench.check.rows import CellKey, Row, finished, paired_rows, where
from cryptobench.metrics.statistics import holm
from cryptobench.results.attacks import PREFIX
from cryptobench.results.verdicts import ALPHA_FAIL, TESTS, Test

__all__ = [
    "TRIAL_METRICS", "WITH_TRIALS", "compare_numbers", "compare_trials", "failing_p_value", "is_judged", "rank_p_value",
    "takes", "worse_p_value",
]  # fmt: skip

TRIAL_METRICS = {
    "npcr": ("NPCR", "lowest"), "uaci": ("UACI", "distance"), "baci": ("BACI", "distance"),
    "plaintext_avalanche": ("avalanche", "distance"),
}  # fmt: skip
"""By metric, the check's name and what is bad: the lowest value, or the one farthest from an ideal cipher's."""
WITH_TRIALS = ("differential", "avalanche")
"""The analyses whose trials each have their own key and nonce."""

_RANKS, _FISHER, _Z_TEST = "Mann-Whitney", "Fisher's exact test", "two-sample z test"
_SMALLEST, _LARGEST = 1e-300, 0.5
_MUCH_FARTHER = 2.0


def compare_numbers(baseline: Iterable[Row], new: Iterable[Row], same_seed: bool) -> Iterator[Compared]:
    """A finding with a raw p-value for each number of the overview's tests that both runs have.

    Where the baseline already contradicts an ideal cipher (Holm-adjusted p of the cipher's whole check below 0.001) its
    sampling distribution is not known from one number, and numbers that moved far are a notice without a p-value. With
    different seeds, summaries over trials are left out: the trials themselves are compared (`compare_trials`).
    """
    tests = [test for test in TESTS if same_seed or test.analysis not in WITH_TRIALS]
    groups: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
    for before, after in paired_rows(filter(is_judged, finished(baseline)), filter(is_judged, finished(new))):
        for test in tests:
            if takes(test, before):
                groups.setdefault((before.cipher, test.title), []).append((before, after))
    for (cipher, title), pairs in groups.items():
        old, latest = ([row.p_value or 0.0 for row in rows] for rows in zip(*pairs, strict=True))
        if min(holm(old)) < ALPHA_FAIL:
            findings = _already_failing(cipher, title, pairs)
        else:
            p_values = worse_p_value(old, latest).tolist()
            findings = tuple(
                _finding("regression", cipher, title, before, after, p_value=p_value)
                for (before, after), p_value in zip(pairs, p_values, strict=True)
            )
        yield Compared(cipher, title, findings, len(pairs))


def compare_trials(baseline: Iterable[Row], new: Iterable[Row]) -> Iterator[Compared]:
    """Two findings with raw p-values for each metric, image and nonce mode: ranks, and the share that fails.

    Every trial has its own key and nonce, so those of two runs of an unchanged cipher are exchangeable whatever their
    distribution. A trial in which the cipher failed is worse than any that has a value.
    """
    groups = _grouped(new)
    for (cell, metric, nonce), before in _grouped(baseline).items():
        if (after := groups.get((cell, metric, nonce))) is None:
            continue
        cipher = cell.cipher
        title = f"{TRIAL_METRICS[metric][0]}, {'fresh' if nonce == 'fresh' else 'fixed'} nonce"
        place = str(cell) + ("" if nonce == "none" else f", {nonce} nonce")
        counts = f"{len(before.badness)} and {len(after.badness)} trials"
        ranks = rank_p_value(before.badness, after.badness)
        share = failing_p_value(before.failed, len(before.badness), after.failed, len(after.badness))
        ranked = Finding(
            "regression", cipher, title, f"{metric} of single changes, median", place, before.median, after.median, "%",
            after.expected, ranks, None, f"{_RANKS} over {counts}",
        )  # fmt: skip
        failing = Finding(
            "regression", cipher, title, f"{metric}: trials that fail", place, before.failed, after.failed, "", None,
            share, None, f"{_FISHER} over {counts}",
        )  # fmt: skip
        yield Compared(cipher, title, (ranked, failing), 2)


def is_judged(row: Row) -> bool:
    """Whether a row is a number of a cipher, not of an attack on it, that has a null distribution."""
    return row.p_value is not None and row.value is not None and not row.cell.analysis.startswith(PREFIX)


def takes(test: Test, row: Row) -> bool:
    """Whether the overview's test pools this row."""
    return (
        row.cell.analysis == test.analysis
        and row.metric in test.metrics
        and all(getattr(row, column) in values for column, values in test.where.items())
    )


def worse_p_value(before: ArrayLike, after: ArrayLike) -> NDArray[np.float64]:
    """One-sided p-values for "farther from ideal than before", from the p-values of two independent runs.

    Each p-value is put on the scale of the standard normal, z = Phi^-1(p), where sampling noise has variance 1 for an
    ideal cipher and for one that is off by a constant; the difference of two has variance 2. A baseline better than
    the median of an ideal cipher counts as the median, so that discrete and conservative p-values, which may be 1,
    cannot make an ordinary new one look bad; that only makes the test milder.
    """
    from scipy.special import ndtr, ndtri

    old = ndtri(np.clip(np.asarray(before, float), _SMALLEST, _LARGEST))
    new = ndtri(np.clip(np.asarray(after, float), _SMALLEST, 1 - 1e-16))
    tail: NDArray[np.float64] = ndtr((new - old) / math.sqrt(2))
    return tail


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


def _already_failing(cipher: str, title: str, pairs: Sequence[tuple[Row, Row]]) -> tuple[Finding, ...]:
    """One notice if numbers are more than twice as far from ideal as before, with the one that moved farthest."""

    def growth(pair: tuple[Row, Row]) -> float:
        before, after = (abs((row.value or 0.0) - (row.expected or 0.0)) for row in pair)
        return after / before if before > 0 and pair[1].expected is not None else 0.0

    farther = [
        pair for pair in pairs if growth(pair) > _MUCH_FARTHER and (pair[1].p_value or 0.0) < (pair[0].p_value or 0.0)
    ]
    if not farther:
        return ()
    count = f"{len(farther)} of {len(pairs)} numbers {'is' if len(farther) == 1 else 'are'}"
    message = f"{count} more than twice as far from ideal; the baseline failed already"
    return (_finding("notice", cipher, title, *max(farther, key=growth), message=message),)


def _finding(
    level: Level, cipher: str, title: str, before: Row, after: Row, *, p_value: float | None = None, message: str = ""
) -> Finding:
    return Finding(
        level, cipher, title, after.metric, where(after), before.value, after.value, after.unit, after.expected,
        p_value, None, _Z_TEST, message,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sample:
    """The trials of one metric: how bad each is, how many fail, their median and what an ideal cipher gives."""

    badness: NDArray[np.float64]
    failed: int
    median: float | None
    expected: float | None


def _grouped(rows: Iterable[Row]) -> dict[tuple[CellKey, str, str], _Sample]:
    groups: dict[tuple[CellKey, str, str], list[Row]] = {}
    for row in rows:
        if row.trial is not None and row.metric in TRIAL_METRICS and row.cell.analysis in WITH_TRIALS and _counts(row):
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
    bad = [-value if TRIAL_METRICS[metric][1] == "lowest" else abs(value - expected) for value, expected in done]
    bad += [math.inf] * (len(trials) - len(done))
    median = statistics.median(value for value, _ in done) if done else None
    expected = next((row.expected for row in trials if row.expected is not None), None)
    return _Sample(np.array(bad), failed, median, expected)
