"""What pictures come to: tests by Holm's correction, notes, and what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cryptobench.measurement import frame
from cryptobench.measuring.judged import OVERALL, missing, notes, pooled, too_good
from cryptobench.measuring.pictures import PictureSet, picture_set
from cryptobench.measuring.rows import rows_of
from cryptobench.metrics.statistics import holm
from cryptobench.results.run import run_in_memory
from tests.measuring.ciphered import CIPHER, experiment, other_key, under, wrong_key


def pictures(**given: Any) -> PictureSet:
    return picture_set("picture", {role: [one] for role, one in given.items()})


def table(*sets: PictureSet) -> pd.DataFrame:
    return frame(row for s in sets for row in rows_of(s, name=CIPHER, lossless=True, alpha=0.05, seed=3))


def test_tests_are_pooled_as_a_run_pools_them() -> None:
    """The tests that a run's overview has too give the same answer to the last digit."""
    run = experiment(64, 48, 3)
    rows = table(pictures(plain=run.image, cipher=run.ciphertext.image, decrypted=run.image))
    ours, theirs = pooled(rows), run_in_memory(rows).pooled
    shared = [title for cipher, title in theirs if cipher == CIPHER and title in ours]
    assert len(shared) == 8
    assert all(ours[title] == theirs[CIPHER, title] for title in shared)


def test_further_tests_correct_within_themselves() -> None:
    """NPCR by channel, key sensitivity over its three metrics, and all tests together by their smallest."""
    run = experiment(64, 48, 3)
    rows = table(
        pictures(
            plain=run.image, cipher=run.ciphertext.image, changed=under(run, run.random_key("changed")),
            other_key=under(run, other_key(run)), wrong_key=wrong_key(run),
        )
    )  # fmt: skip
    answers = pooled(rows)
    for title, metrics, count in (
        ("NPCR", ["npcr"], 4),
        ("key sensitivity", ["key_npcr", "key_uaci", "key_avalanche"], 12),
        ("wrong key", ["wrong_key_psnr", "wrong_key_correlation", "wrong_key_entropy"], 3),
    ):
        p_values = rows.loc[rows["metric"].isin(metrics), "p_value"].dropna().tolist()
        assert len(p_values) == count
        assert answers[title].adjusted == min(holm(p_values))
    smallest = [one.adjusted for title, one in answers.items() if title != OVERALL and one.adjusted is not None]
    assert answers[OVERALL].adjusted == min(holm(smallest))
    assert answers[OVERALL].state == "pass"


@pytest.mark.parametrize("role", ["changed", "other_key", "wrong_key", "decrypted"])
def test_every_kind_of_picture_can_fail(role: str) -> None:
    """One changed sample in a cipher image, a wrong key that decrypts, a decryption with an error."""
    run = experiment(48, 40)
    near = (run.ciphertext.image if role in ("changed", "other_key") else run.image).copy()
    near[2, 3] ^= 4
    answers = pooled(table(pictures(plain=run.image, cipher=run.ciphertext.image, **{role: near})))
    assert answers[OVERALL].state == "fail"


def test_notes_say_what_readers_must_know() -> None:
    """The same picture twice, pictures in the wrong order, and that NPCR needs one nonce."""
    run = experiment(64, 48)
    cipher = run.ciphertext.image
    assert notes([pictures(plain=run.image, cipher=cipher)], lossless=True) == []
    (order,) = notes([pictures(plain=cipher, cipher=run.image)], lossless=True)
    assert "looks random" in order
    same, nonce = notes([pictures(plain=run.image, cipher=cipher, changed=cipher.copy())], lossless=True)
    assert "is the same picture as" in same
    assert "one nonce" in nonce
    (lossy,) = notes([pictures(plain=run.image, cipher=cipher, wrong_key=cipher)], lossless=False)
    assert "no verdict" in lossy


def test_npcr_above_the_ideal_is_a_question() -> None:
    """Where every sample changes, which an ideal cipher does not do; small pictures are not asked."""
    run = experiment(64, 48, 3)
    cipher = run.ciphertext.image
    rows = table(pictures(plain=run.image, cipher=cipher, changed=cipher ^ np.uint8(1))).to_dict("records")
    assert len(too_good(rows)) == 1
    assert too_good(rows)[0].startswith("picture, all: NPCR of 100.0000 % is implausible (too good), z +6.0; ")
    assert pooled(frame(rows))["NPCR"].state == "pass"
    ideal = table(pictures(plain=run.image, cipher=cipher, changed=under(run, run.random_key("changed"))))
    assert too_good(ideal.to_dict("records")) == []
    tiny = cipher[:8, :8, 0]
    assert too_good(table(pictures(cipher=tiny, changed=~tiny)).to_dict("records")) == []


def test_what_is_missing_is_named() -> None:
    """What further pictures would allow, by option, and what needs the cipher."""
    run = experiment(16, 16)
    cipher = run.ciphertext.image
    lines = missing([pictures(plain=run.image, cipher=cipher)])
    for option in ("--changed", "--other-key", "--wrong-key", "--decrypted", "--damaged"):
        assert sum(option in line for line in lines) == 1
    assert any("a fixed XOR pad scores 99.6 % too" in line for line in lines)
    assert all(word in lines[-1] for word in ("key space", "nonces", "time", "attack"))
    everything = pictures(
        plain=run.image, cipher=cipher, changed=cipher, other_key=cipher, wrong_key=cipher, decrypted=run.image,
        damaged=run.image,
    )  # fmt: skip
    assert missing([everything]) == lines[-2:]
    assert "plaintext first" in missing([pictures(cipher=np.zeros((8, 8), np.uint8))])[0]
