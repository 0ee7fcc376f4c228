"""The paragraph says what was measured, and no more."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.paragraph import paragraph
from cryptobench.results.run import RunData, load_run, run_in_memory
from tests.report.distinct_run import Numbers, distinct_run
from tests.report.synthetic import synthetic_run
from tests.results.doubles import attack_rows, judged_ciphers


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
    """Attacks are counted by outcome, with their queries; judgements without a minimum set are bounds."""
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
    assert "Confidentiality is at most level 1 of 5 (falls to at most 1,024 known pairs or chosen plaintexts)." in text
    assert "Integrity" not in text


def test_the_three_judgements_are_said() -> None:
    """Levels with their meaning, the word of integrity, weak keys, refuted claims, attacks that could not run."""
    run = run_in_memory(frame(judged_ciphers()), cards={"mapped": {"claims": "integrity=rejects"}})
    ctr, siv, broken, mapped, leaking = (paragraph(run, name) for name in ("ctr", "siv", "broken", "mapped", "leaking"))
    assert "Confidentiality is level 5 of 5 (nothing found). Nonce misuse is level 0 of 4 (falls to" in ctr
    assert "Integrity: malleable (a changed ciphertext decrypts to a predictably changed plaintext)." in ctr
    assert "Nonce misuse is level 4 of 4 (equal plaintexts give equal ciphertexts" in siv
    assert "Integrity: rejects (every changed ciphertext is rejected)." in siv
    assert "It has weak or equivalent keys." in broken
    assert "reads other ciphertexts), less than its card claims." in mapped
    assert "Of 17 attacks 1 could not run." in leaking
    for text in (ctr, siv, mapped, leaking):
        assert "weak" not in text.replace("weakness", "")


def test_chosen_ciphertexts_recover_nothing() -> None:
    """They are counted apart, and what they find is a weakness, not a recovered image."""
    text = paragraph(run_in_memory(frame(judged_ciphers())), "ctr")
    assert "Of 12 attacks with a fresh nonce or secret for each message, none recovered the image." in text
    assert (
        "(misuse), 1 recovered the image: reuse (KPA, 2 queries); at 512x512x3 reuse needs 2 queries and 0.25 s" in text
    )
    assert "Of 4 attacks with chosen ciphertexts, 1 found a weakness: flip." in text


def test_a_break_is_priced_at_a_larger_size() -> None:
    """Of several attacks the one that needs least there, with its formula; an older run does not say."""
    rows = [
        *attack_rows("a", "book", "recovered", queries=3093, formula="N + 21"),
        *attack_rows("a", "slow", "recovered", queries=9, formula="8 * (N + 1)"),
    ]  # fmt: skip
    text = paragraph(run_in_memory(frame(rows)), "a")
    assert "at 512x512x3 book needs 786,453 queries (N + 21) and 98307 s of the cipher." in text
    assert "512x512x3" not in paragraph(run_in_memory(frame(attack_rows("a", "book", "recovered"))), "a")


def test_several_images_give_a_range(full: RunData) -> None:
    """Least and largest over the images, which are counted."""
    rows = full.table.query("cipher == 'aes-256-ctr' and metric == 'global_entropy' and part == 'cipher'")
    rows = rows[rows["channel"] == "all"]
    span = f"{rows['value'].min():.5f} to {rows['value'].max():.5f} bit over 2 images"
    assert f"Global Shannon entropy was {span}" in paragraph(full, "aes-256-ctr")
    alone = replace(full, table=full.table[full.table["image"] == "camera"])
    assert "over 2 images" not in paragraph(alone, "aes-256-ctr")


def test_every_number_of_the_paragraph_is_right() -> None:
    """In a run in which no two numbers are equal, sentence by sentence."""
    whole = distinct_run()
    run = replace(whole, table=whole.table[whole.table["image"] == "coffee"])
    numbers = Numbers(run.table)

    def one(metric: str, form: str, field: str = "value", scale: float = 1.0, **where: str) -> str:
        return form.format(scale * getattr(numbers.row("rival", "coffee", metric, **where), field))

    def single(metric: str, form: str, **where: str) -> list[str]:
        return [one(metric, form, field, **where) for field in ("value", "low", "high")]

    rows = run.table[(run.table["cipher"] == "rival") & (run.table["metric"] == "correlation")]
    plain, cipher = (rows[rows["part"] == part]["value"] for part in ("plain", "cipher"))
    own = run.table[run.table["cipher"] == "rival"]
    trials = own[own["trial"].notna()].groupby(["metric", "nonce"])["value"].mean()
    places = (("npcr", "fresh"), ("npcr", "fixed"), ("uaci", "fresh"), ("uaci", "fixed"), ("key_npcr", ""))
    means = [trials[place] for place in (*places, ("key_uaci", ""))]
    text = paragraph(run, "rival")
    for words in (
        "Global Shannon entropy was {} bit (ideal: {} to {})".format(
            *single("global_entropy", "{:.5f}", part="cipher")),
        "Local Shannon entropy was {} bit (ideal: {} to {})".format(
            *single("local_entropy", "{:.5f}", statistic="corrected")),
        "chi-square was {} (ideal: {} to {})".format(*single("chi_square", "{:.1f}", part="cipher")),
        f"Of {len(cipher)} correlations of adjacent pixels (four directions, each channel) the largest in size was "
        f"{cipher.abs().max():.4f}; the plaintext's were {plain.min():.3f} to {plain.max():.3f} in size",
        f"NPCR with a fresh nonce or secret for each message was {means[0]:.3f} %",
        f"NPCR with a fixed nonce and secret was {means[1]:.3f} %",
        f"UACI with a fresh nonce or secret for each message was {means[2]:.3f} %",
        f"UACI with a fixed nonce and secret was {means[3]:.3f} %",
        f"The key has {one('nominal_key_bits', '{:.0f}')} bits, and only {one('effective_key_bits', '{:.0f}')} have",
        f"Between the ciphertexts under keys that differ in one bit, NPCR was {means[4]:.3f} %",
        f"Between the ciphertexts under keys that differ in one bit, UACI was {means[5]:.3f} %",
        "found nothing in ciphertexts of distinct images.",
        "With a quarter of the ciphertext lost the decrypted image has a PSNR of "
        f"{one('damaged_psnr', '{:.1f}', condition='occlusion', place='corner', parameter='0.25')} dB",
        "With 5 % noise (salt and pepper) the decrypted image has a PSNR of "
        f"{one('damaged_psnr', '{:.1f}', condition='salt and pepper', parameter='0.05')} dB",
        f"Decryption is not exact; its PSNR was {one('decrypted_psnr', '{:.2f}')} dB",
        f"took {one('encrypt_time', '{:.3g}', scale=1e3, statistic='median')} ms (median), "
        f"{one('encrypt_ratio', '{:.3g}')} times that of AES-256-CTR",
    ):  # fmt: skip
        assert words in text, words
    smallest = f"{one('sp800_22_corrected_adjusted', '{:.2g}', condition='distinct images', nonce='fresh')}"
    assert f"smallest p = {smallest}" in text


def test_sources_of_several_images_stand_once(full: RunData) -> None:
    """Ciphertexts of each image have the same sources."""
    assert "found nothing in ciphertexts of distinct images." in paragraph(distinct_run(), "rival")


def test_the_share_that_passed_is_counted() -> None:
    """Three of four trials, and the verdicts of no other metric."""
    card = {"cipher": "toy", "family": "chaotic", "fidelity": "A", "image": "x", "analysis": "differential"}
    verdicts = {"npcr": ("pass", "pass", "pass", "fail"), "uaci": ("fail",) * 4}
    rows = [
        card | Measurement(metric, 99.0 + trial, nonce="none", trial=trial, verdict=verdict).row()
        for metric, own in verdicts.items()
        for trial, verdict in enumerate(own)
    ]
    text = paragraph(run_in_memory(frame(rows)), "toy")
    assert "75 % of the trials passed" in text
    assert "0 % of the trials passed" in text


def _npcr(values: list[float], expected: float = 99.609375) -> list[dict[str, Any]]:
    """Trials of NPCR of one cipher, with what an ideal one gives."""
    card = {"cipher": "toy", "family": "chaotic", "fidelity": "A", "image": "x", "height": 64, "width": 64}
    card |= {"channels": 3, "status": "ok", "analysis": "differential"}
    return [
        card | Measurement("npcr", value, expected=expected, nonce="none", trial=trial, verdict="pass", unit="%").row()
        for trial, value in enumerate(values)
    ]


def test_an_interval_without_the_ideal_says_so() -> None:
    """A biased cipher's interval is never quoted alone; chance is named where no test failed."""
    text = paragraph(run_in_memory(frame(_npcr([99.55, 99.56, 99.57, 99.56]))), "toy")
    assert "(95 % CI 99.547 to 99.573 %, n = 4), an interval that excludes the ideal 99.609 %, as one in twenty" in text


def test_an_interval_with_the_ideal_says_nothing() -> None:
    """No words where there is nothing to say."""
    text = paragraph(run_in_memory(frame(_npcr([99.6, 99.62, 99.61, 99.6]))), "toy")
    assert "n = 4); 100 % of the trials passed." in text


def test_an_exclusion_shows_in_the_digits() -> None:
    """Bounds that would round to the ideal are quoted with more digits."""
    text = paragraph(run_in_memory(frame(_npcr([99.60941, 99.60942, 99.60943]))), "toy")
    assert "(95 % CI 99.6094 to 99.6094 %, n = 3)" not in text
    assert "95 % CI 99.60940 to 99.60944 %, n = 3), an interval that excludes the ideal 99.60938 %" in text


def test_every_excluding_interval_of_a_run_is_named(full: RunData) -> None:
    """Of all ciphers of a run: as many intervals miss the ideal as the words say."""
    for cipher in full.ciphers:
        text = paragraph(full, cipher)
        found = re.findall(
            r"(NPCR|UACI)\D*? was \S+ % \(95 % CI (\S+) to (\S+) %, n = \d+\)(, an interval that)?", text
        )
        assert len(found) >= 2
        for metric, low, high, said in found:
            ideal = {"NPCR": 99.609375, "UACI": 33.463542}[metric]
            assert bool(said) == (not float(low) <= ideal <= float(high)), (cipher, metric, low, high)


def test_values_outside_their_interval_are_counted() -> None:
    """Of one image the value is outside; of several, on how many; of correlations, how many of how many."""
    card = {
        "cipher": "toy",
        "family": "chaotic",
        "fidelity": "A",
        "height": 64,
        "width": 64,
        "channels": 1,
        "status": "ok",
    }
    rows = []
    for image, value in (("x", 7.9), ("y", 7.985)):
        entropy = Measurement("global_entropy", value, channel="all", part="cipher", low=7.98, high=7.99, unit="bit")
        rows.append(card | {"image": image, "analysis": "entropy"} | entropy.row())
        for direction, found in zip("HVD", (0.0, 0.03, -0.04), strict=True):
            one = Measurement("correlation", found, part="cipher", direction=direction, low=-0.02, high=0.02)
            rows.append(card | {"image": image, "analysis": "correlation"} | one.row())
    both, first = paragraph(run_in_memory(frame(rows)), "toy"), paragraph(run_in_memory(frame(rows[:4])), "toy")
    assert "over 2 images, outside the interval of an ideal cipher on 1 of 2 images, as one in twenty" in both
    assert "(ideal: 7.98000 to 7.99000), outside the interval of an ideal cipher, as one in twenty" in first
    assert "0.0400; 4 of the 6 lie outside the interval of an ideal cipher" in both
