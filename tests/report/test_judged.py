"""Judgements as reports show them: text, words, and how good they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cryptobench.attacks.judgements import INTEGRITIES, LEVELS
from cryptobench.measurement import Measurement, frame
from cryptobench.report.judged import INTEGRITY_MEANINGS, TONES, Judged, judged_ciphers, standing, weak_keys_text
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory
from tests.results.doubles import attack_rows, minimum_rows, two_ciphers
from tests.results.doubles import judged_ciphers as judged_rows


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, Judged]]:
    cards = {"mapped": {"claims": "confidentiality=5,misuse=4,integrity=rejects"}}
    return judged_ciphers(run_in_memory(frame(judged_rows()), cards=cards))


def test_levels_read_as_their_meaning(judged: dict[str, dict[str, Judged]]) -> None:
    """With the attacks that set them; misuse 4 is as good as a 5, and said to be the best possible."""
    assert judged["broken"]["confidentiality"].says == f"{LEVELS[2]} (book)"
    assert judged["ctr"]["misuse"].says == f"{LEVELS[0]} (reuse)"
    siv = judged["siv"]["misuse"]
    assert (siv.text, siv.tone, siv.rank) == ("4", 5, 4)
    assert siv.says.startswith(f"{LEVELS[4]}, the best possible under one nonce")
    assert judged["siv"]["confidentiality"].tone == 5


def test_four_without_misuse_is_no_pass() -> None:
    """A cipher that is deterministic with fresh nonces too is not as good as one that is not."""
    rows = [*minimum_rows("a", "none"), *attack_rows("a", "determinism", "leak", claims=("deterministic",))]
    found = judged_ciphers(run_in_memory(frame(rows)))["a"]
    assert (found["confidentiality"].text, found["confidentiality"].tone) == ("4", 4)
    assert (found["misuse"].text, found["misuse"].tone) == ("4", 5)


def test_integrity_has_a_meaning_for_each_word(judged: dict[str, dict[str, Judged]]) -> None:
    """In the order of the words, worst first, and never better than what is worse."""
    assert list(INTEGRITY_MEANINGS) == list(INTEGRITIES)
    tones = [TONES[word] for word in INTEGRITIES]
    assert tones == sorted(tones)
    assert judged["mapped"]["integrity"].meaning == INTEGRITY_MEANINGS["map recovered"]
    assert [standing("integrity", word)[1] for word in INTEGRITIES] == [0, 1, 2, 3, 4]


def test_a_refuted_claim_is_marked_and_said(judged: dict[str, dict[str, Judged]]) -> None:
    """Only the one that attacks refute."""
    assert judged["mapped"]["integrity"].marked == "map recovered†"
    assert judged["mapped"]["integrity"].says.endswith("the card claims more")
    assert judged["mapped"]["confidentiality"].marked == "5"
    assert judged["ctr"]["integrity"].marked == "malleable"


def test_what_is_missing_and_idle_is_said() -> None:
    """A bound names the attacks that have not ended; attacks that could not run are counted."""
    found = judged_ciphers(run_in_memory(frame(two_ciphers())))["weak"]["confidentiality"]
    assert (found.text, found.tone, found.rank) == ("≤ 0", 0, -0.5)
    assert "not judged without determinism, " in found.says
    assert "2 of 4 attacks could not run" in found.says


def test_a_break_of_tiny_images_says_so() -> None:
    """Its size stands beside what it means."""
    rows = [*minimum_rows("a", "none"), *attack_rows("a", "book", "recovered", side=8, queries=9)]
    found = judged_ciphers(run_in_memory(frame(rows)))["a"]["confidentiality"]
    assert (found.text, found.meaning) == ("2", f"{LEVELS[2]}, shown at 8×8 only")


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("confidentiality", "5", (5, 5)), ("confidentiality", "≤ 1", (1, 0.5)), ("misuse", "4", (5, 4)),
        ("misuse", "≤ 4", (4, 3.5)), ("integrity", "malleable†", (3, 1)), ("confidentiality", "2†", (2, 2)),
        ("confidentiality", "–", (None, None)), ("integrity", "–", (None, None)),
    ],
)  # fmt: skip
def test_standing_follows_from_the_text(name: str, text: str, wanted: tuple[int | None, float | None]) -> None:
    """As a table shows it, with or without the mark of a refuted claim."""
    assert standing(name, text) == wanted


def test_weak_keys_are_a_flag_or_a_share() -> None:
    """A dash where there are none."""
    assert [weak_keys_text(True, None), weak_keys_text(True, 0.002), weak_keys_text(False, None)] == [
        "yes", "0.20% of those tried", "–",
    ]  # fmt: skip
    rows = attack_rows("a", "weak_keys", "leak", model="COA")
    share = Measurement("weak_key_share", 0.25, condition="COA", nonce="none").row()
    run = run_in_memory(frame([*rows, rows[0] | share]))
    assert make_table(run, "judgements").display()["weak keys"].tolist() == ["25.00% of those tried"]


def test_a_cipher_without_attacks_has_no_judgement(full: RunData) -> None:
    """None at all in a run without attacks; beside others a dash for each."""
    assert judged_ciphers(full) == {}
    rows = judged_rows()
    entropy = {"analysis": "entropy", "cipher": "bare"} | Measurement("global_entropy", 7.9, part="cipher").row()
    found = judged_ciphers(run_in_memory(frame([*rows, rows[0] | entropy])))["bare"]
    assert [one.text for one in found.values()] == ["–"] * 3
    assert replace(found["misuse"], name="").says == ""
