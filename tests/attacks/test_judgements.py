"""Judgements: levels by what attacks found, by their queries at 512x512x3, and the word of integrity."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from cryptobench.attacks.judgements import (
    INTEGRITIES,
    LEVELS,
    MINIMUM,
    MINIMUM_CCA,
    MINIMUM_FRESH,
    Evidence,
    judge,
    refuted,
    unmet,
)
from cryptobench.claims import Claims

REJECTED = Evidence("decryption_avalanche", "CCA", "fresh", "holds", 200, ("rejects",))


def held(*nonces: str) -> list[Evidence]:
    """The minimum set, which found nothing."""
    plain = [Evidence(name, "CPA", nonce, "holds") for nonce in nonces for name in MINIMUM_FRESH]
    return plain + [Evidence(name, "CCA", nonce, "n/a") for nonce in nonces for name in MINIMUM_CCA]


def extra(model: str, outcome: str, queries: int = 0, *claims: str, nonce: str = "fresh", side: int = 64) -> Evidence:
    return Evidence("new", model, nonce, outcome, queries, claims, side)


@pytest.mark.parametrize(
    ("one", "level"),
    [
        (extra("COA", "recovered", 0), 0), (extra("KPA", "recovered", 3), 0), (extra("KPA", "recovered", 4), 1),
        (extra("CPA", "recovered", 1), 1), (extra("CPA", "recovered", 1024), 1), (extra("CPA", "recovered", 1025), 2),
        (extra("CPA", "recovered", 9, side=8), 2), (extra("CPA", "leak", 4, "affine"), 2),
        (extra("CPA", "holds", 4, "affine"), 5), (extra("CPA", "leak", 4, "distinguisher"), 3),
        (extra("CPA", "leak", 2, "deterministic"), 4), (extra("CPA", "leak", 2, "deterministic", "affine"), 2),
        (extra("CPA", "leak", 2), 3), (extra("KPA", "holds", 2), 5), (extra("KPA", "failed", 2), 5),
    ],
)  # fmt: skip
def test_confidentiality_is_the_least_level_left(one: Evidence, level: int) -> None:
    assert judge([*held("fresh"), one]).confidentiality.level == level


@pytest.mark.parametrize("outcome", ["recovered", "leak"])
def test_chosen_ciphertexts_lower_no_level(outcome: str) -> None:
    judged = judge([*held("fresh"), extra("CCA", outcome, 1)])
    assert judged.confidentiality.level == 5
    assert str(judged.integrity) == "malleable"


def test_weak_keys_are_a_flag_alone() -> None:
    judged = judge([*held("fresh"), Evidence("weak_keys", "COA", "fresh", "leak", 0)])
    assert judged.confidentiality.level == 5
    assert judged.weak_keys
    assert judged.weak_key_share is None
    more = [Evidence("weak_keys", "COA", "fresh", "leak", weak_key_share=share) for share in (0.25, 0.5)]
    assert judge([*held("fresh"), *more]).weak_key_share == 0.5
    assert judge([Evidence("weak_keys", "COA", "fresh", "holds", weak_key_share=0.0)]).weak_key_share is None


def test_what_cannot_be_decrypted_leaks_nothing() -> None:
    """It is no complete cipher, which is said beside the levels."""
    judged = judge([*held("fresh"), Evidence("decryptability", "COA", "fresh", "leak", 0, ("functional",))])
    assert judged.confidentiality.level == 5
    assert judged.defects == ("decryptability",)


@pytest.mark.parametrize(("sides", "level", "only_at"), [((8,), 2, 8), ((8, 15), 2, 15), ((8, 16), 1, None)])
def test_tiny_breaks_say_so(sides: Sequence[int], level: int, only_at: int | None) -> None:
    judged = judge([*held("fresh"), *(extra("CPA", "recovered", 9, side=side) for side in sides)]).confidentiality
    assert (judged.level, judged.only_at) == (level, only_at)


def test_refuted_claims_are_those_shown_wrong() -> None:
    """A claim that was not tested is not refuted; one bound below it is enough."""
    claims = Claims.of("confidentiality=5,misuse=4,integrity=rejects")
    assert refuted(claims, judge([])) == ()
    broken = [extra("KPA", "recovered", 2), extra("CCA", "leak", 2)]
    assert refuted(claims, judge(broken)) == ("confidentiality", "integrity")
    assert refuted(Claims.of("integrity=malleable"), judge(broken)) == ()
    rejected = [REJECTED, extra("KPA", "recovered", 2, nonce="fixed")]
    assert refuted(claims, judge([*held("fresh", "fixed"), *rejected])) == ("misuse",)


def test_unmet_requirements_are_a_line_each() -> None:
    wanted = Claims.of("confidentiality=5,misuse=4,integrity=rejects")
    assert list(unmet(wanted, judge([*held("fresh", "fixed"), REJECTED]))) == []
    judged = judge([*held("fresh", "fixed"), extra("CPA", "leak", 2), extra("CCA", "leak", 2)])
    assert list(unmet(wanted, judged)) == [
        "confidentiality: level 5 is wanted, the cipher has 3 (new)",
        "integrity: rejects is wanted, the cipher has malleable (new)",
    ]
    assert list(unmet(Claims.of("confidentiality=3,integrity=malleable"), judged)) == []
    (line,) = unmet(Claims.of("misuse=1"), judge([Evidence("locality", "CPA", "fixed", "holds")]))
    assert line.startswith("misuse: level 1 is wanted, the cipher has none; not known without keystream_reuse, ")
    (line,) = unmet(Claims.of("integrity=garbles"), judge([]))
    assert line == (
        "integrity: garbles is wanted, the cipher has none; not known without decryption_avalanche, affine_cca, "
        "near_target"
    )


def test_misuse_counts_fixed_nonces_only() -> None:
    judged = judge([*held("fresh", "fixed"), extra("KPA", "recovered", 1, nonce="fixed")])
    assert (judged.confidentiality.level, judged.misuse.level) == (5, 0)
    assert judged.misuse.by == ("new",)
    assert judged.misuse.broken
    assert not judged.confidentiality.broken


def test_nothing_found_under_misuse_is_four() -> None:
    assert judge(held("fresh", "fixed")).misuse.level == 4


def test_without_a_nonce_both_levels_agree() -> None:
    judged = judge([*held("none"), Evidence("determinism", "CPA", "none", "leak", 2, ("deterministic",))])
    assert judged.confidentiality.level == judged.misuse.level == 4


def test_without_the_minimum_there_is_no_level() -> None:
    judged = judge([Evidence("locality", "CPA", "fresh", "holds"), extra("KPA", "recovered", 2)]).confidentiality
    assert judged.level is None
    assert judged.at_most == 0
    assert str(judged) == "<= 0"
    assert "determinism" in judged.missing
    assert "locality" not in judged.missing
    assert str(judge([Evidence("locality", "CPA", "fresh", "holds")]).confidentiality) == "-"


def test_an_attack_that_failed_leaves_no_level() -> None:
    found = [one for one in held("fresh") if one.attack != "codebook"]
    judged = judge([*found, Evidence("codebook", "CPA", "fresh", "failed")]).confidentiality
    assert judged.missing == ("codebook",)
    assert judged.level is None


def test_attacks_that_could_not_run_are_counted() -> None:
    more = [Evidence("a", "CPA", "fresh", "n/a"), Evidence("b", "KPA", "fresh", "failed")]
    judged = judge([*held("fresh"), *more]).confidentiality
    assert (judged.could_not_run, judged.tried) == (2, len(MINIMUM_FRESH) + 2)
    assert judged.level == 5


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ([("leak", "map")], "map recovered"), ([("recovered", "map"), ("leak", "malleable")], "map recovered"),
        ([("holds", "map")], None), ([("leak", "malleable"), ("holds", "rejects")], "malleable"),
        ([("holds", "diffuses"), ("holds", "crashes")], "garbles"), ([("holds", "crashes")], "crashes"),
        ([("holds", "rejects")], None), ([], None),
    ],
)  # fmt: skip
def test_integrity_is_the_worst_that_happens(found: Sequence[tuple[str, str]], word: str | None) -> None:
    evidence = [extra("CCA", outcome, 2, claim) for outcome, claim in found]
    assert judge([*held("fresh"), *evidence]).integrity.word == word


def test_a_map_under_one_nonce_is_malleability() -> None:
    assert judge([*held("fixed"), extra("CCA", "recovered", 2, "map", nonce="fixed")]).integrity.word == "malleable"


def test_integrity_needs_its_minimum_but_for_breaks() -> None:
    rejected = judge([REJECTED]).integrity
    assert rejected.word is None
    assert rejected.missing == MINIMUM_CCA[1:]
    assert str(rejected) == "-"
    assert judge([extra("CCA", "recovered", 2)]).integrity.word == "malleable"


def test_rejection_rests_on_200_changes() -> None:
    """What other attacks found rejected is not enough, and one change that is accepted elsewhere is too much."""
    judged = judge([*held("fresh"), REJECTED]).integrity
    assert (judged.word, judged.by) == ("rejects", ("decryption_avalanche",))
    assert judge([*held("fresh"), REJECTED, extra("CCA", "holds", 2, "diffuses")]).integrity.word == "garbles"


def test_each_level_and_word_has_a_meaning() -> None:
    assert len(set(LEVELS)) == 6
    assert INTEGRITIES == ("map recovered", "malleable", "garbles", "crashes", "rejects")


def test_documentation_has_levels_words_and_minimum() -> None:
    """As they are here: the table of levels, the words worst first, and the three sets of names."""
    page = Path("docs/attacks.md").read_text("utf-8")
    text = page.partition("## What attacks mean")[2].partition("## The attacks")[0]
    rows = re.findall(r"^\| ([0-5]|[a-z ]+) \| (.*?) \|", text, re.MULTILINE)
    assert tuple(dict(rows)[str(level)] for level in range(len(LEVELS))) == LEVELS
    assert [word for word, _ in rows if word in INTEGRITIES] == list(INTEGRITIES)
    names = re.findall(r"`(\w+)`", text.partition("must have ended")[2].partition("\n\n")[0])
    fresh = tuple(name for name in MINIMUM_FRESH if name not in MINIMUM)
    assert tuple(names) == (*fresh, *MINIMUM, *MINIMUM_CCA)
