"""Trials of two runs: what is worse in them, and that one in which the cipher failed is the worst."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.check.compare import compare
from cryptobench.check.result import Compared
from cryptobench.check.significance import compare_trials
from cryptobench.measurement import Measurement
from tests.check.made_up import made_up_rows, made_up_run, trials

METRICS = {
    "npcr": ("differential", "NPCR"), "uaci": ("differential", "UACI"), "baci": ("differential", "BACI"),
    "plaintext_avalanche": ("avalanche", "avalanche"),
}  # fmt: skip
NOISE = np.random.default_rng(1).normal(0, 0.1, 40)


def compared(
    before: list[Measurement], after: list[Measurement], analysis: str = "differential", channels: int = 3
) -> list[Compared]:
    old, new = (made_up_rows({analysis: rows}, channels=channels) for rows in (before, after))
    return list(compare_trials(old, new))


def p_values(before: list[Measurement], after: list[Measurement], analysis: str = "differential") -> list[float]:
    """Of the ranks and of the share that fails."""
    (one,) = compared(before, after, analysis)
    return [finding.p_value or 0.0 for finding in one.findings]


@pytest.mark.parametrize(("metric", "below", "above"), [
    ("npcr", True, False), ("uaci", True, True), ("baci", True, True), ("plaintext_avalanche", True, True),
])  # fmt: skip
def test_what_is_bad_differs_by_metric(metric: str, below: bool, above: bool) -> None:
    """A low NPCR is bad and a high one is not; of the others both are as far from ideal."""
    analysis, name = METRICS[metric]
    before = trials(99.6 + NOISE, metric)
    for step, bad in ((-5.0, below), (5.0, above)):
        ranks, _ = p_values(before, trials(99.6 + step + NOISE, metric), analysis)
        assert (ranks < 1e-9) == bad
        assert ranks < 1e-9 or ranks > 0.9
    assert [one.title for one in compared(before, before, analysis)] == [f"{name}, fixed nonce"]


def test_failed_trials_are_the_worst_ranks() -> None:
    """Where the cipher fails in most trials and the others are as before, ranks and share both say so."""
    before = trials(99.6 + NOISE)
    after = trials([*(None,) * 30, *(99.6 + NOISE[:10])])
    ranks, share = p_values(before, after)
    assert ranks < 1e-6
    assert share < 1e-9
    (one,) = compared(before, after)
    assert (one.findings[1].before, one.findings[1].after) == (0, 30)
    assert one.findings[1].test == "Fisher's exact test over 40 and 40 trials"


def test_a_failed_trial_outranks_any_value() -> None:
    """Against a baseline that is bad already, failing is worse still."""
    ranks, _ = p_values(trials([0.0] * 40), trials([None] * 40))
    assert ranks < 1e-9


def test_trials_outside_their_interval_fail() -> None:
    """Verdicts count as failed trials do; the medians may be equal."""
    before = trials(99.6 + NOISE)
    after = [*before[:20], *(Measurement(**(row.row() | {"verdict": "fail"})) for row in before[20:])]
    ranks, share = p_values(before, after)
    assert ranks > 0.4
    assert share < 1e-6


def test_nonce_modes_are_apart() -> None:
    """Fresh against fresh, fixed against fixed; the title says which."""
    before = [*trials(99.6 + NOISE, nonce="fresh"), *trials(20 + NOISE, nonce="fixed")]
    titles = {one.title: min(f.p_value or 0.0 for f in one.findings) for one in compared(before, before)}
    assert set(titles) == {"NPCR, fresh nonce", "NPCR, fixed nonce"}
    assert min(titles.values()) > 0.4


def test_the_gate_is_red_for_failing_trials() -> None:
    """Through the whole comparison, with Holm's correction, and under other seeds."""
    before = made_up_run({"differential": trials(99.6 + NOISE)})
    after = made_up_run({"differential": trials([*(None,) * 30, *(99.6 + NOISE[:10])])}, seed=2)
    result = compare(after, before)
    assert result.exit_code == 1
    assert {finding.what for finding in result.of("regression")} == {
        "npcr of single changes, median", "npcr: trials that fail",
    }  # fmt: skip


def test_other_numbers_of_trials_are_refused() -> None:
    """Fewer and more, with a line that names both numbers."""
    runs = {count: made_up_run({"differential": trials(99.6 + NOISE[:count])}) for count in (20, 40)}
    for new, old in ((20, 40), (40, 20)):
        with pytest.raises(ValueError, match=f"differential has {new} trials in the new run and {old} in the baseline"):
            compare(runs[new], runs[old])
