"""Pooling many p-values into pass, borderline or fail, for each test and over all tests of a cipher."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.results.verdicts import (
    STATISTICS,
    TESTS,
    Pooled,
    Test,
    pool,
    pool_all,
    pool_tests,
    titles_in,
    verdict_table,
)
from tests.results.doubles import attack_rows, two_ciphers

_CARD = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "height": 8, "width": 8, "channels": 3}


def _table(analysis: str, *measurements: Measurement, **card: Any) -> pd.DataFrame:
    return frame([_CARD | card | {"analysis": analysis} | m.row() for m in measurements])


def _entropy(p: float, channel: str = "R", **columns: Any) -> Measurement:
    verdict = "fail" if p < 0.05 else "pass"
    return Measurement("global_entropy", 8.0, channel=channel, part="cipher", p_value=p, verdict=verdict, **columns)


@pytest.fixture(scope="module")
def attacked() -> dict[tuple[str, str], Pooled]:
    return pool_all(frame(two_ciphers()))


@pytest.mark.parametrize(
    ("p_values", "state"),
    [
        ([0.5, 0.2], "pass"),
        ([0.03, 0.9], "pass"),  # one in twenty fails by design: 2 x 0.03 > 0.05
        ([0.02, 0.9], "borderline"),
        ([0.0006, 0.9], "borderline"),  # 2 x 0.0006 > 0.001
        ([0.0004, 0.9], "fail"),
    ],
)
def test_the_smallest_adjusted_p_decides(p_values: list[float], state: str) -> None:
    """Fail below 0.001, borderline below 0.05, after Holm's correction."""
    table = _table("entropy", *(_entropy(p, channel) for p, channel in zip(p_values, "RGB", strict=False)))
    assert pool_all(table)["toy", "global entropy"].state == state


def test_trials_and_single_places_are_never_pooled() -> None:
    """Differential metrics enter by the summary over all places and changes, and by nothing else."""
    common: dict[str, Any] = {"nonce": "fresh", "unit": "%"}
    table = _table(
        "differential",
        Measurement("npcr", 0.0, p_value=0.0, verdict="fail", trial=0, **common),
        Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", place="first", **common),
        Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", condition="lsb", **common),
        Measurement("npcr_mean", 99.6, p_value=0.5, verdict="pass", **common),
        Measurement("npcr_inside", 0.95, p_value=0.6, verdict="pass", **common),
    )
    answer = pool_all(table)["toy", "NPCR, fresh nonce"]
    assert (answer.state, answer.tests, answer.smallest) == ("pass", 2, 0.5)


def test_nonce_modes_are_never_mixed() -> None:
    """A cipher that fails with a fixed nonce passes with fresh nonces; one without nonce counts as fixed."""
    rows = [
        Measurement("npcr_mean", 99.6, p_value=0.5, verdict="pass", nonce="fresh"),
        Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", nonce="fixed"),
    ]
    pooled = pool_all(_table("differential", *rows))
    assert pooled["toy", "NPCR, fresh nonce"].state == "pass"
    assert pooled["toy", "NPCR, fixed nonce"].state == "fail"
    bare = Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", nonce="none")
    pooled = pool_all(_table("differential", bare))
    assert pooled["toy", "NPCR, fixed nonce"].state == "fail"
    assert ("toy", "NPCR, fresh nonce") not in pooled


def test_an_exact_rule_counts_without_a_p_value() -> None:
    """A key space with dead bits and a round trip that is not exact are failures."""
    bits = Measurement("effective_key_bits", 128, verdict="fail")
    assert pool_all(_table("keyspace", bits))["toy", "key space"].state == "fail"
    exact = Measurement("exact", 1, verdict="pass")
    assert pool_all(_table("quality", exact))["toy", "round trip"].state == "pass"


def test_a_key_field_is_not_the_key() -> None:
    """Rows of single key fields are left out: the whole key's row holds them already."""
    whole = Measurement("effective_key_bits", 256, verdict="pass")
    part = Measurement("effective_key_bits", 0, part="x0", verdict="fail")
    assert pool_all(_table("keyspace", whole, part))["toy", "key space"].state == "pass"


@pytest.mark.parametrize("status", ["failed", "crashed", "timeout"])
def test_what_did_not_finish_is_no_pass(status: str) -> None:
    """On one image of two it shows as an error, whatever ended it, unless what did finish fails already."""
    crashed = Measurement("", None, status=status, message="why")
    good, bad = _entropy(0.5), _entropy(1e-9)
    other = _table("entropy", crashed, image="y")
    assert pool_all(pd.concat([_table("entropy", good), other]))["toy", "global entropy"].state == "error"
    assert pool_all(pd.concat([_table("entropy", bad), other]))["toy", "global entropy"].state == "fail"


def test_an_unsupported_image_is_no_error() -> None:
    """A scheme that cannot take one image is judged by the others."""
    declined = _table("entropy", Measurement("", None, status="unsupported", message="square only"), image="y")
    assert pool_all(pd.concat([_table("entropy", _entropy(0.5)), declined]))["toy", "global entropy"].state == "pass"


def test_a_grey_image_counts_once() -> None:
    """In a grey image "grey" and "all" are the same number, so only one of them is pooled."""
    table = _table("entropy", _entropy(0.4, "grey"), _entropy(0.4, "all"), channels=1)
    assert pool_all(table)["toy", "global entropy"].tests == 1


def test_no_verdict_means_no_test() -> None:
    """Rows without p-value and verdict give the state "none"."""
    assert pool(_table("entropy", Measurement("global_entropy", 8.0))).state == "none"


def test_every_test_has_a_title_of_its_own() -> None:
    """No two columns of the overview have one name."""
    assert len({test.title for test in TESTS}) == len(TESTS)


def test_rows_of_other_analyses_are_left_out() -> None:
    """An attack that counts effective key bits says nothing about the test of the key space."""
    (test,) = (test for test in TESTS if test.title == "key space")
    bits = Measurement("effective_key_bits", 12, verdict="fail", condition="COA")
    assert test.rows(_table("attack:weak_keys", bits)).empty
    assert len(test.rows(_table("keyspace", bits))) == 1


def test_a_test_takes_only_the_named_values() -> None:
    """Columns that it names have to hold one of the values; others may hold anything."""
    test = Test("a test", "entropy", ("global_entropy",), {"part": ("cipher",)})
    rows = [
        Measurement("global_entropy", 8.0, part=part, channel=channel)
        for part in ("plain", "cipher")
        for channel in "RG"
    ]
    assert test.rows(_table("entropy", *rows))["channel"].tolist() == ["R", "G"]
    assert set(test.rows(_table("entropy", *rows))["part"]) == {"cipher"}


def test_attacks_count_by_model_and_nonce(attacked: dict[tuple[str, str], Pooled]) -> None:
    """Chosen ciphertexts and fixed nonces stand apart, and one crash makes no pass."""
    assert attacked["weak", "attacks (CPA)"].state == "fail"
    assert attacked["sound", "attacks (CPA)"].state == "pass"
    assert attacked["sound", "attacks (CCA)"].state == "pass"
    assert attacked["sound", "attacks (CPA), fixed nonce"].state == "fail"
    crashed = frame([*attack_rows("x", "a", "holds"), *(row for row in two_ciphers() if row["status"] == "crashed")])
    crashed["cipher"] = "x"
    assert pool_all(crashed)["x", "attacks (CPA)"].state == "error"


def test_chosen_ciphertexts_stand_apart() -> None:
    """With them a cipher is malleable, and fails no test of attacks without them; nor the other way round."""
    for falls, holds in (("CCA", "CPA"), ("KPA", "CCA")):
        rows = [*attack_rows("x", "a", "holds", model=holds), *attack_rows("x", "b", "recovered", model=falls, p=0.0)]
        pooled = pool_all(frame(rows))
        wanted = {"CCA": "attacks (CCA)", "KPA": "attacks (CPA)"}[falls]
        states = {name: answer.state for (_, name), answer in pooled.items() if name.startswith("attacks")}
        bad = "malleable" if falls == "CCA" else "fail"
        assert [name for name, state in states.items() if state == bad] == [wanted]
        assert sorted(states.values()) == sorted([bad, "pass"])


def test_statistics_leave_attacks_and_misuse_out() -> None:
    """A cipher passes that only attacks open, or only a test with a fixed nonce; one without nonce answers for both."""
    rows = [
        *attack_rows("broken", "reuse", "recovered", p=0.0), *attack_rows("misused", "reuse", "holds", nonce="fresh"),
        *attack_rows("bare", "reuse", "holds"),
    ]  # fmt: skip
    entropy = {"analysis": "entropy"} | Measurement("global_entropy", 8.0, part="cipher", p_value=0.5).row()
    found: dict[str, Any] = {"value": 0.0, "p_value": 0.0, "verdict": "fail"}
    npcr = {"analysis": "differential"} | Measurement("npcr_mean", **found).row()
    rows += [rows[0] | entropy | {"cipher": cipher} for cipher in ("broken", "misused", "bare")]
    rows += [rows[0] | npcr | {"cipher": cipher, "nonce": nonce} for cipher, nonce in (("misused", "fixed"),
                                                                                         ("bare", "none"))]  # fmt: skip
    pooled = pool_all(frame(rows))
    states = [pooled[cipher, STATISTICS].state for cipher in ("broken", "misused", "bare")]
    assert states == ["pass", "pass", "fail"]
    assert pooled["broken", "attacks (CPA)"].state == "fail"
    assert pooled["misused", "NPCR, fixed nonce"].state == "fail"
    assert titles_in(pooled)[0] == STATISTICS
    assert {*titles_in(pooled)} - {*titles_in(pooled, attacks=False)} == {"attacks (CPA)"}


def test_attacks_alone_give_no_statistics(attacked: dict[tuple[str, str], Pooled]) -> None:
    """A run of nothing else has no such column."""
    assert attacked["weak", STATISTICS].state == "none"
    assert titles_in(attacked, attacks=False) == []


@pytest.mark.parametrize(
    ("smallest", "state"),
    [([0.5], "pass"), ([0.02, 0.5], "borderline"), ([0.03, 0.5, 0.9], "pass"), ([0.0004, 0.9], "fail"),
     ([0.0006, 0.9], "borderline")],
)  # fmt: skip
def test_statistics_are_holm_over_the_tests(smallest: list[float], state: str) -> None:
    """The smallest adjusted p of T tests is judged T times as strictly."""
    tests = [Pooled("pass", 3, p, p) for p in smallest]
    assert pool_tests(tests).state == state
    assert pool_tests(tests).adjusted == pytest.approx(min(1, len(smallest) * min(smallest)))


def test_statistics_count_exact_rules_and_errors() -> None:
    """A violated rule fails, a test that did not finish is no pass, and no test is no answer."""
    good = Pooled("pass", 2, 0.5, 0.9)
    assert pool_tests([good, Pooled("fail", 1, exact=True)]).state == "fail"
    assert pool_tests([good, Pooled("error")]).state == "error"
    assert pool_tests([Pooled("none")]).state == "none"
    assert pool_tests([good]).tests == 1


def test_the_verdict_table_holds_every_answer(attacked: dict[tuple[str, str], Pooled]) -> None:
    """One row a cipher and test, ciphers in the order given, with the numbers behind the verdict."""
    table = verdict_table(attacked, {"weak": ("chaotic", "B"), "sound": ("chaotic", "B")})
    assert list(dict.fromkeys(table["cipher"])) == ["weak", "sound"]
    for row in table.itertuples():
        assert row.state == attacked[row.cipher, row.test].state
        assert row.tests == attacked[row.cipher, row.test].tests
    assert len(table) == sum(title in titles_in(attacked) for _, title in attacked)
    assert verdict_table({}, {}).empty
