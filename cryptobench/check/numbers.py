"""Single numbers with a null distribution: a two-sample test on the scale of their own p-values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cryptobench.check.result import Finding, Level
from cryptobench.check.rows import Row, beside, finished, where
from cryptobench.check.trials import WITH_TRIALS
from cryptobench.report.attacks import PREFIX
from cryptobench.report.verdicts import ALPHA_FAIL, TESTS, Test, holm

__all__ = ["TEST", "compare_numbers", "is_judged", "takes", "worse_p_value"]

TEST = "two-sample z test"
_SMALLEST, _LARGEST = 1e-300, 0.5
_MUCH_FARTHER = 2.0


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


def compare_numbers(
    baseline: Iterable[Row], new: Iterable[Row], same_seed: bool, checks: Counter[tuple[str, str]]
) -> Iterator[Finding]:
    """A finding with a raw p-value for each number of the overview's tests that both runs have, counted in ``checks``.

    Where the baseline already contradicts an ideal cipher (Holm-adjusted p of the cipher's whole check below 0.001) its
    sampling distribution is not known from one number, and numbers that moved far are a notice without a p-value. With
    different seeds, summaries over trials are left out: the trials themselves are compared (`compare_trials`).
    """
    tests = [test for test in TESTS if same_seed or test.analysis not in WITH_TRIALS]
    groups: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
    for before, after in beside(filter(is_judged, finished(baseline)), filter(is_judged, finished(new))):
        for test in tests:
            if takes(test, before):
                groups.setdefault((before.cipher, test.title), []).append((before, after))
    for (cipher, title), pairs in groups.items():
        checks[cipher, title] += len(pairs)
        old, latest = ([row.p_value or 0.0 for row in rows] for rows in zip(*pairs, strict=True))
        if min(holm(old)) < ALPHA_FAIL:
            yield from _already_failing(cipher, title, pairs)
            continue
        for (before, after), p_value in zip(pairs, worse_p_value(old, latest).tolist(), strict=True):
            yield _finding("regression", cipher, title, before, after, p_value=p_value)


def is_judged(row: Row) -> bool:
    """Whether a row is a number of a cipher, not of an attack on it, that has a null distribution."""
    return row.p_value is not None and row.value is not None and not row.cell.analysis.startswith(PREFIX)


def takes(test: Test, row: Row) -> bool:
    """Whether the overview's test pools this row."""
    return (
        row.cell.analysis == test.analysis
        and row.metric in test.metrics
        and (not test.variants or row.variant in test.variants)
        and (not test.nonces or row.nonce in test.nonces)
        and (not test.whole or not (row.direction or row.variant))
    )


def _already_failing(cipher: str, title: str, pairs: Sequence[tuple[Row, Row]]) -> Iterator[Finding]:
    """One notice for the numbers that are now more than twice as far from ideal, with the one that moved farthest."""

    def growth(pair: tuple[Row, Row]) -> float:
        before, after = (abs((row.value or 0.0) - (row.expected or 0.0)) for row in pair)
        return after / before if before > 0 and pair[1].expected is not None else 0.0

    farther = [
        pair for pair in pairs if growth(pair) > _MUCH_FARTHER and (pair[1].p_value or 0.0) < (pair[0].p_value or 0.0)
    ]
    if farther:
        count = f"{len(farther)} of {len(pairs)} numbers {'is' if len(farther) == 1 else 'are'}"
        message = f"{count} more than twice as far from ideal; the baseline failed already"
        yield _finding("notice", cipher, title, *max(farther, key=growth), message=message)


def _finding(
    level: Level, cipher: str, title: str, before: Row, after: Row, *, p_value: float | None = None, message: str = ""
) -> Finding:
    return Finding(
        level, cipher, title, after.metric, where(after), before.value, after.value, after.unit, after.expected,
        p_value, None, TEST, message,
    )  # fmt: skip
