"""Outcomes of attacks and security levels of two runs."""

from __future__ import annotations

import pytest

from cryptobench.check.attack_outcomes import compare_attacks, levels_of
from cryptobench.check.missing import compare_presence
from cryptobench.check.result import Finding, Options
from cryptobench.check.rows import Row, rows_of
from cryptobench.measurement import Measurement, frame

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "analysis": "attack:codebook", "seed": 1, "seconds": 0.0,
}  # fmt: skip


def attacked(outcome: str, queries: int = 100, model: str = "CPA", claims: tuple[str, ...] = ()) -> list[Row]:
    """The rows of one attack under a fixed nonce."""
    rows = [
        Measurement("outcome", None, condition=model, nonce="fixed", outcome=outcome),
        Measurement("queries", queries, condition=model, nonce="fixed"),
        Measurement("queries", 1, condition=model, nonce="fixed", part="known"),
        *(Measurement("claim", 1, condition=model, nonce="fixed", part=claim) for claim in claims),
    ]
    return rows_of(frame(CELL | row.row() for row in rows))


def found(before: list[Row], after: list[Row], same_seed: bool = True) -> list[Finding]:
    return [finding for one in compare_attacks(before, after, Options(), same_seed) for finding in one.findings]


@pytest.mark.parametrize(
    ("was", "now", "level"),
    [
        ("holds", "leak", "regression"),
        ("holds", "recovered", "regression"),
        ("leak", "recovered", "regression"),
        ("n/a", "leak", "regression"),
        ("n/a", "holds", None),
        ("leak", "n/a", "notice"),
        ("recovered", "leak", None),
        ("leak", "holds", None),
        ("leak", "leak", None),
    ],
)
def test_an_attack_that_finds_more_is_a_regression(was: str, now: str, level: str | None) -> None:
    """The finding names both outcomes; finding less is none, and no longer being applicable is a notice."""
    single = [finding for finding in found(attacked(was), attacked(now)) if finding.title == "attacks (CPA)"]
    assert [(finding.level, finding.message) for finding in single] == ([(level, f"{was} -> {now}")] if level else [])


def test_other_seeds_leave_the_security_level() -> None:
    """Another key may be weaker by chance: the outcome is a notice, the level a regression."""
    findings = found(attacked("holds"), attacked("recovered"), same_seed=False)
    assert [(finding.level, finding.title) for finding in findings] == [
        ("notice", "attacks (CPA)"), ("regression", "security level"),
    ]  # fmt: skip
    assert (findings[1].before, findings[1].after) == (4, 1)


@pytest.mark.parametrize(("queries", "count"), [(11, 0), (9, 1)])
def test_far_fewer_queries_are_a_notice(queries: int, count: int) -> None:
    """By more than a factor of ten; all queries count, not those of one kind."""
    findings = found(attacked("recovered"), attacked("recovered", queries))
    assert [(f.level, f.what, f.before, f.after) for f in findings] == [
        ("notice", "queries of codebook", 100, queries),
    ][:count]  # fmt: skip


def test_every_comparison_is_counted() -> None:
    """One of the outcome and one of the level without chosen ciphertexts, with or without findings."""
    compared = list(compare_attacks(attacked("holds"), attacked("holds"), Options(), True))
    assert [(one.cipher, one.title, one.count, one.findings) for one in compared] == [
        ("toy", "attacks (CPA)", 1, ()), ("toy", "security level", 1, ()),
    ]  # fmt: skip


def test_claims_count_for_the_level() -> None:
    """An affine cipher has level 2 without a recovered image."""
    assert levels_of(attacked("leak", claims=("affine",))) == {("toy", "fixed"): (2, None)}


@pytest.mark.parametrize(("outcome", "gaps"), [("recovered", 1), ("holds", 1), ("n/a", 0)])
def test_a_lost_outcome_is_a_gap(outcome: str, gaps: int) -> None:
    """An outcome of the baseline that the new run lacks cannot be compared; one that never applied is no loss."""
    before = attacked(outcome)
    lost = [row for row in before if row.metric != "outcome"]
    assert sum(len(one.findings) for one in compare_presence(before, lost)) == gaps


@pytest.mark.parametrize(("model", "words"), [("CPA", "without"), ("CCA", "with")])
@pytest.mark.parametrize("nonce", ["fresh", "fixed"])
def test_each_level_falls_by_itself(model: str, words: str, nonce: str) -> None:
    """With a fixed and with fresh nonces, with and without chosen ciphertexts; the other mode stays as it was."""

    def rows(outcome: str) -> list[Row]:
        fallen = [row._replace(nonce=nonce) for row in attacked(outcome, model=model)]
        other = {"fresh": "fixed", "fixed": "fresh"}[nonce]
        return [*fallen, *(row._replace(nonce=other) for row in attacked("holds", model=model))]

    levels = [(f.what, f.where) for f in found(rows("holds"), rows("recovered")) if f.title == "security level"]
    assert (f"level {words} chosen ciphertexts", f"{nonce} nonce") in levels
    assert {where for _, where in levels} == {f"{nonce} nonce"}
    assert [f for f in found(rows("recovered"), rows("holds")) if f.level == "regression"] == []
