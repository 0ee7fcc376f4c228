"""The paragraph says what was measured, and no more."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.paragraph import paragraph
from cryptobench.results.run import RunData, load_run, run_in_memory
from tests.report.synthetic import synthetic_run


@pytest.fixture(scope="module")
def small(small_folder: Path) -> RunData:
    return load_run(small_folder)


def test_npcr_is_quoted_with_its_interval_and_trials(small: RunData) -> None:
    """Mean, 95 % interval and n are those of the trials, by Student's distribution."""
    from scipy import stats

    values = small.table.query("metric == 'npcr' and nonce == 'fresh' and trial == trial")["value"].to_numpy()
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    wanted = f"{values.mean():.3f} % (95 % CI {low:.3f} to {high:.3f} %, n = {len(values)})"
    assert f"NPCR with a fresh nonce or secret for each message was {wanted}" in paragraph(small, "hua2021")


def test_a_failed_test_is_said_to_have_failed(full: RunData) -> None:
    """Caesar's entropy and NPCR are no ideal cipher's, and the paragraph says it in words."""
    sentences = paragraph(full, "caesar").split(". ")
    for start in ("Global Shannon entropy", "NPCR"):
        sentence = next(one for one in sentences if one.startswith(start))
        assert "which an ideal cipher would not give" in sentence
        assert sentence.endswith("the test failed")


def test_dead_key_bits_are_counted(full: RunData) -> None:
    """Of the truncated key only half has an effect."""
    assert "The key has 256 bits, and only 128 have an effect" in paragraph(full, "truncated-key")


def test_rejections_and_unfinished_analyses_are_named(full: RunData) -> None:
    """Authentication refuses damage; what crashed is not measured."""
    assert "Decryption refuses a ciphertext with a quarter of it lost" in paragraph(full, "aes-256-siv")
    assert "did not finish: avalanche." in paragraph(full, "chen2004")


def test_only_what_was_measured_is_named(tmp_path: Path) -> None:
    """A run of entropy alone gives entropy alone."""
    run = load_run(synthetic_run(tmp_path, ["hua2021"], ["entropy"], pictures=False))
    text = paragraph(run, "hua2021")
    assert "entropy" in text
    assert not re.search("NPCR|key|correlation|attack|Encryption|SP 800", text)


def test_successful_attacks_are_named() -> None:
    """Attacks are counted by outcome, with their queries, and the security levels are given."""
    card = {"cipher": "toy", "family": "chaotic", "fidelity": "A", "image": "x", "height": 32, "width": 32}
    card |= {"channels": 3, "status": "ok"}
    rows = []
    for name, outcome in (("affine_gf2", "recovered"), ("locality", "leak"), ("determinism", "holds")):
        place = {"condition": "CPA", "nonce": "none"}
        for row in (Measurement("outcome", None, outcome=outcome, **place), Measurement("queries", 5.0, **place)):
            rows.append(card | {"analysis": f"attack:{name}"} | row.row())
    text = paragraph(run_in_memory(frame(rows)), "toy")
    assert "Of 3 attacks, 1 recovered the image: affine_gf2 (CPA, 5 queries)" in text
    assert "1 found a leak: locality" in text
    assert text.endswith("The security level is 1 of 5 without chosen ciphertexts.")


def test_several_images_give_a_range(full: RunData) -> None:
    """Least and largest over the images, which are counted."""
    rows = full.table.query("cipher == 'aes-256-ctr' and metric == 'global_entropy' and part == 'cipher'")
    rows = rows[rows["channel"] == "all"]
    span = f"{rows['value'].min():.5f} to {rows['value'].max():.5f} bit over 2 images"
    assert f"Global Shannon entropy was {span}" in paragraph(full, "aes-256-ctr")
    alone = replace(full, table=full.table[full.table["image"] == "camera"])
    assert "over 2 images" not in paragraph(alone, "aes-256-ctr")
