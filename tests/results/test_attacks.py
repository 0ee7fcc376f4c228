"""What attacks found: one row for each, the worst size, and the security levels that follow."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.measurement import Outcome, frame
from cryptobench.results.attacks import OUTCOMES, attack_results, by_nonce_mode, cipher_levels, worst
from tests.results.doubles import attack_rows, crashed, two_ciphers


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


def test_security_levels_stand_by_nonce_mode(results: pd.DataFrame) -> None:
    """A cipher that falls with a fixed nonce only keeps its level with fresh nonces."""
    found = cipher_levels(results).set_index(["cipher", "nonce"])
    assert tuple(found.loc[("weak", "none"), ["cpa", "recovered_by", "leak_found_by"]]) == (0, "reuse", "chain")
    assert tuple(found.loc[("sound", "fresh"), ["cpa", "cca", "recovered_by"]]) == (5, 5, "")
    assert found.loc[("sound", "fixed"), "cpa"] == 0
    assert set(found["fidelity"]) == {"B"}


def test_no_attacks_give_no_levels() -> None:
    """Nothing in, nothing out."""
    assert cipher_levels(attack_results(frame(two_ciphers()).head(0))).empty


def test_a_failed_attack_outranks_holding() -> None:
    """One size crashed, another held: failed, in every mode. A cipher without other attacks keeps a row of its own."""
    rows = [
        *attack_rows("sound", "reuse", "holds", nonce="fresh"), *attack_rows("sound", "reuse", "holds", nonce="fixed"),
        crashed(attack_rows("sound", "reuse", "holds", side=64)[0]), crashed(attack_rows("alone", "reuse", "holds")[0]),
    ]  # fmt: skip
    found = worst(by_nonce_mode(attack_results(frame(rows))))
    listed = zip(found["cipher"], found["nonce"], found["outcome"], strict=True)
    assert list(listed) == [("sound", "fresh", "failed"), ("sound", "fixed", "failed"), ("alone", "", "failed")]


def test_both_levels_are_their_own() -> None:
    """A cipher that leaks to chosen ciphertexts alone keeps its level without them; of all attacks the worst counts."""
    rows = [
        *attack_rows("sound", "reuse", "holds", nonce="fresh"),
        *attack_rows("sound", "flip", "leak", nonce="fresh", model="CCA"),
        *attack_rows("sound", "reuse", "leak", nonce="fixed"), *attack_rows("sound", "chain", "holds", nonce="fixed"),
    ]  # fmt: skip
    found = cipher_levels(attack_results(frame(rows))).set_index("nonce")
    assert found.loc["fresh", ["cpa", "cca"]].tolist() == [4, 3]
    assert found.loc["fixed", "cpa"] == 3


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
