"""What attacks found: one row for each, the worst size, and the judgements that follow."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, Outcome, frame
from cryptobench.results.attacks import (
    OUTCOMES,
    WORDS,
    attack_results,
    by_nonce_mode,
    judgements,
    worst,
)
from tests.results.doubles import attack_rows, crashed, judged_ciphers, two_ciphers


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return attack_results(frame(two_ciphers()))


def test_each_size_and_nonce_mode_is_a_row(results: pd.DataFrame) -> None:
    """Queries are the total, times and shares those of the row's own size; p is the smaller of the two."""
    found = results.set_index(["cipher", "attack", "nonce", "height"])
    assert len(found) == 9
    row = found.loc[("weak", "reuse", "none", 64)]
    assert (row["outcome"], row["queries"], row["time"], row["recovered"], row["psnr"], row["p"]) == (
        "recovered", 2, 0.0125, 0.98765, 31.25, 0.0
    )  # fmt: skip
    assert found.loc[("weak", "chain", "none", 32)]["claims"] == ("affine",)
    assert found.loc[("weak", "odd", "none", 32)]["outcome"] == "n/a"
    assert found.loc[("weak", "crashing", "", 32)]["outcome"] == "failed"


def test_every_outcome_has_a_rank() -> None:
    """All words of the measurement table, and that an attack did not finish."""
    assert set(OUTCOMES) == {*map(str, Outcome), "failed"}


def test_the_worst_size_counts(results: pd.DataFrame) -> None:
    """An image recovered at one size is recovered; of several such sizes the largest stands."""
    found = worst(results).set_index(["cipher", "attack", "nonce"])
    assert found.loc[("weak", "reuse", "none")]["height"] == 64
    assert found.index.is_unique


def test_judgements_stand_one_row_a_cipher() -> None:
    """Fresh and fixed nonces apart, chosen ciphertexts apart from both, with the attacks that set each."""
    found = judgements(attack_results(frame(judged_ciphers()))).set_index("cipher")
    three = found[["confidentiality", "misuse", "integrity"]]
    assert {cipher: tuple(row) for cipher, row in three.T.items()} == {
        "ctr": ("5", "0", "malleable"), "siv": ("5", "4", "rejects"), "broken": ("2", "2", "rejects"),
        "mapped": ("5", "4", "map recovered"), "leaking": ("3", "4", "rejects"),
    }  # fmt: skip
    assert found.loc["ctr", ["confidentiality_by", "misuse_by", "integrity_by"]].tolist() == ["", "reuse", "flip"]
    assert found["confidentiality_broken"].to_dict() == {cipher: cipher == "broken" for cipher in found.index}
    assert set(found["fidelity"]) == {"B"}


def test_no_attacks_give_no_judgements() -> None:
    """Nothing in, nothing out."""
    assert judgements(attack_results(frame(two_ciphers()).head(0))).empty


def test_a_failed_attack_outranks_holding() -> None:
    """One size crashed, another held: failed, in every mode. A cipher without other attacks keeps a row of its own."""
    rows = [
        *attack_rows("sound", "reuse", "holds", nonce="fresh"), *attack_rows("sound", "reuse", "holds", nonce="fixed"),
        crashed(attack_rows("sound", "reuse", "holds", side=64)[0]), crashed(attack_rows("alone", "reuse", "holds")[0]),
    ]  # fmt: skip
    found = worst(by_nonce_mode(attack_results(frame(rows))))
    listed = zip(found["cipher"], found["nonce"], found["outcome"], strict=True)
    assert list(listed) == [("sound", "fresh", "failed"), ("sound", "fixed", "failed"), ("alone", "", "failed")]


def test_the_smaller_p_value_and_all_queries_stand() -> None:
    """Of statistic and recovered image; queries of one kind are no total."""
    rows = attack_rows("weak", "reuse", "recovered", p=0.25, queries=7)
    for row in rows:
        if row["metric"] == "queries" and row["part"]:
            row["value"] = 5
    (found,) = attack_results(frame(rows)).itertuples()
    assert (found.p, found.queries) == (1e-30, 7)
    (found,) = attack_results(frame(attack_rows("weak", "reuse", "recovered", p=0.0))).itertuples()
    assert found.p == 0.0


@pytest.mark.parametrize(
    ("model", "outcome", "nonce", "claims", "word"),
    [
        ("CPA", "recovered", "fresh", (), "recovered"), ("KPA", "leak", "fixed", (), "leak"),
        ("CCA", "recovered", "fresh", ("malleable",), "malleable"), ("CCA", "leak", "none", (), "malleable"),
        ("CCA", "recovered", "fresh", ("map",), "map recovered"), ("CCA", "leak", "none", ("map",), "map recovered"),
        ("CCA", "recovered", "fixed", ("map",), "malleable"), ("CCA", "holds", "fresh", ("rejects",), "holds"),
        ("CCA", "n/a", "fresh", (), "n/a"),
    ],
)  # fmt: skip
def test_chosen_ciphertexts_recover_no_image(
    model: str, outcome: str, nonce: str, claims: tuple[str, ...], word: str
) -> None:
    """Reports call that malleable, or a recovered map where other ciphertexts are read with it."""
    rows = attack_rows("a", "x", outcome, nonce=nonce, model=model, claims=claims)
    (found,) = attack_results(frame(rows)).itertuples()
    assert (found.outcome, found.word) == (outcome, word)
    assert word in WORDS


def test_a_recovered_map_is_worse_than_malleable() -> None:
    """Of two sizes the one with the map counts, though the other is larger; a recovery outranks a leak."""
    common = {"nonce": "fresh", "model": "CCA"}
    rows = [
        *attack_rows("a", "x", "recovered", side=64, **common),
        *attack_rows("a", "x", "leak", side=32, claims=("map",), **common),
        *attack_rows("a", "y", "leak", side=64, **common), *attack_rows("a", "y", "recovered", side=32, **common),
    ]  # fmt: skip
    found = worst(attack_results(frame(rows))).set_index("attack")
    assert found.loc["x", ["word", "height"]].tolist() == ["map recovered", 32]
    assert found.loc["y", ["outcome", "height"]].tolist() == ["recovered", 32]


def test_costs_at_the_reference_size_are_read() -> None:
    """Queries, seconds and the formula of a recovered image; nothing of one that held."""
    rows = attack_rows("a", "x", "recovered", nonce="fresh")
    place = {"condition": "CPA", "nonce": "fresh"}
    more = (
        Measurement("extrapolated_queries", 786453.0, message="N + 21", **place),
        Measurement("extrapolated_time", 1250.0, message="512x512x3", **place),
    )
    rows += [rows[0] | row.row() for row in more]
    results = attack_results(frame([*rows, *attack_rows("a", "y", "holds", nonce="fresh")])).set_index("attack")
    columns = ["queries_at_reference", "time_at_reference", "formula"]
    assert results.loc["x", columns].tolist() == [786453.0, 1250.0, "N + 21"]
    assert results.loc["y", columns[:2]].isna().all()
    assert results.loc["y", "formula"] == ""


def test_attacks_that_could_not_run_are_counted(results: pd.DataFrame) -> None:
    """One that does not apply and one that crashed, of four of any kind; at some size is enough to have run."""
    found = judgements(results).set_index("cipher")
    assert found.loc["weak", ["tried", "not_run"]].tolist() == [4, 2]
    assert found.loc["sound", ["tried", "not_run"]].tolist() == [2, 0]
    rows = [*attack_rows("a", "x", "n/a", side=16), *attack_rows("a", "x", "holds", side=32)]
    assert judgements(attack_results(frame(rows)))["not_run"].tolist() == [0]


def test_judgements_name_what_is_wrong() -> None:
    """Levels, words, attacks and claims of a cipher that falls; weak keys with their share; old cards claim nothing."""
    rows = [
        *attack_rows("a", "x", "recovered", nonce="fresh", model="KPA", queries=2, side=8),
        *attack_rows("a", "y", "recovered", nonce="fixed", model="CPA", queries=9),
        *attack_rows("a", "z", "leak", nonce="fresh", model="CCA"),
        *attack_rows("a", "weak_keys", "leak", nonce="fresh", model="COA"),
        *attack_rows("a", "decryptability", "leak", nonce="fresh", model="COA", claims=("functional",)),
    ]
    share = Measurement("weak_key_share", 0.25, condition="COA", nonce="fresh").row()
    rows.append(rows[-1] | share | {"analysis": "attack:weak_keys"})
    results = attack_results(frame(rows))
    (found,) = judgements(results, {"a": {"claims": "confidentiality=5, misuse=1, integrity=rejects"}}).itertuples()
    assert (found.confidentiality, found.confidentiality_by, found.confidentiality_only_at) == ("<= 0", "x", 8)
    assert (found.misuse, found.misuse_broken, found.integrity, found.integrity_by) == ("<= 1", True, "malleable", "z")
    assert "affine_gf2" in found.misuse_missing
    assert "near_target" in found.integrity_missing
    assert (found.weak_keys, found.weak_key_share, found.defects) == (True, 0.25, "decryptability")
    assert found.refuted == "confidentiality, integrity"
    (found,) = judgements(results, {"a": {}}).itertuples()
    assert (found.claims, found.refuted) == ("", "")
    assert judgements(results.head(0)).empty


def test_failed_attacks_count_for_their_own_judgement() -> None:
    """One with chosen ciphertexts that crashed has not run for integrity, and was none of confidentiality."""
    failed = crashed(attack_rows("a", "near_target", "holds", model="CCA")[0]) | {"condition": "", "nonce": ""}
    rows = [*attack_rows("a", "x", "holds", nonce="fresh"), failed]
    (found,) = judgements(attack_results(frame(rows))).itertuples()
    assert (found.confidentiality_tried, found.confidentiality_not_run) == (1, 0)
    assert (found.integrity_tried, found.integrity_not_run) == (1, 1)
