"""Outcomes of attacks and judgements of two runs."""

from __future__ import annotations

import pytest

from cryptobench.check.attack_outcomes import compare_attacks, judgements_of
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


def test_other_seeds_leave_the_judgements() -> None:
    """Another key may be weaker by chance: the outcome is a notice, the level a regression."""
    findings = found(attacked("holds"), attacked("recovered"), same_seed=False)
    assert [(finding.level, finding.title) for finding in findings] == [
        ("notice", "attacks (CPA)"), ("regression", "judgements of attacks"),
    ]  # fmt: skip
    assert (findings[1].what, findings[1].before, findings[1].after) == ("nonce misuse", 4, 1)


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
        ("toy", "attacks (CPA)", 1, ()), ("toy", "judgements of attacks", 1, ()),
    ]  # fmt: skip


def test_claims_count_for_the_level() -> None:
    """An affine cipher has level 2 without a recovered image."""
    assert judgements_of(attacked("leak", claims=("affine",)))["toy"].misuse.at_most == 2


def test_queries_count_at_the_reference_size() -> None:
    """A recovery with 100 queries here that takes 786453 at 512x512x3 is level 2; tiny images are level 2 as well."""
    more = Measurement("extrapolated_queries", 786453.0, condition="CPA", nonce="fixed")
    rows = attacked("recovered")
    assert judgements_of(rows)["toy"].misuse.at_most == 1
    assert judgements_of([*rows, *rows_of(frame([CELL | more.row()]))])["toy"].misuse.at_most == 2
    tiny = [row._replace(cell=row.cell._replace(height=8)) for row in rows]
    assert judgements_of(tiny)["toy"].misuse.at_most == 2


@pytest.mark.parametrize(("outcome", "gaps"), [("recovered", 1), ("holds", 1), ("n/a", 0)])
def test_a_lost_outcome_is_a_gap(outcome: str, gaps: int) -> None:
    """An outcome of the baseline that the new run lacks cannot be compared; one that never applied is no loss."""
    before = attacked(outcome)
    lost = [row for row in before if row.metric != "outcome"]
    assert sum(len(one.findings) for one in compare_presence(before, lost)) == gaps


@pytest.mark.parametrize(("nonce", "what"), [("fresh", "confidentiality"), ("fixed", "nonce misuse")])
def test_each_level_falls_by_itself(nonce: str, what: str) -> None:
    """With a fixed and with fresh nonces; the other mode stays as it was."""

    def rows(outcome: str) -> list[Row]:
        fallen = [row._replace(nonce=nonce) for row in attacked(outcome)]
        other = {"fresh": "fixed", "fixed": "fresh"}[nonce]
        return [*fallen, *(row._replace(nonce=other) for row in attacked("holds"))]

    fallen = [f.what for f in found(rows("holds"), rows("recovered")) if f.title == "judgements of attacks"]
    assert fallen == [what]
    assert [f for f in found(rows("recovered"), rows("holds")) if f.level == "regression"] == []


@pytest.mark.parametrize(
    ("claims", "message"),
    [((), "holds -> malleable"), (("map",), "holds -> map recovered")],
)
def test_chosen_ciphertexts_lower_integrity_alone(claims: tuple[str, ...], message: str) -> None:
    """What they recover is titled so, and a worse word of integrity is a regression; no level falls."""

    def rows(outcome: str, *claims: str) -> list[Row]:
        return [row._replace(nonce="fresh") for row in attacked(outcome, model="CCA", claims=claims)]

    findings = found(rows("holds", "diffuses"), rows("recovered", *claims))
    assert [(one.title, one.what, one.message) for one in findings] == [
        ("attacks (CCA)", "codebook", message),
        ("judgements of attacks", "integrity", f"garbles -> {message.partition('> ')[2]}"),
    ]
    assert found(rows("recovered", *claims), rows("holds", "diffuses")) == []
