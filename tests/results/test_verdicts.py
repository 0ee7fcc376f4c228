"""Pooling many p-values into pass, borderline or fail."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.metrics.statistics import holm
from cryptobench.results.verdicts import TESTS, pool, pool_all

_CARD = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "height": 8, "width": 8, "channels": 3}


def _table(analysis: str, *measurements: Measurement, **card: Any) -> pd.DataFrame:
    return frame([_CARD | card | {"analysis": analysis} | m.row() for m in measurements])


def _entropy(p: float, channel: str = "R", **columns: Any) -> Measurement:
    verdict = "fail" if p < 0.05 else "pass"
    return Measurement("global_entropy", 8.0, channel=channel, variant="cipher", p_value=p, verdict=verdict, **columns)


def test_holm_gives_the_hand_worked_example() -> None:
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02: times 4, 3, 2, 1 in rising order, never falling."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_of_nothing_is_nothing_and_never_exceeds_one() -> None:
    """No p-values give none; adjusted ones stop at 1."""
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


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


def test_a_lucky_trial_or_a_position_is_never_pooled() -> None:
    """Differential metrics enter by the summary over all positions and changes, and by nothing else."""
    common: dict[str, Any] = {"nonce": "fresh", "unit": "%"}
    table = _table(
        "differential",
        Measurement("npcr", 0.0, p_value=0.0, verdict="fail", trial=0, **common),
        Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", direction="first", **common),
        Measurement("npcr_mean", 0.0, p_value=0.0, verdict="fail", variant="lsb", **common),
        Measurement("npcr_mean", 99.6, p_value=0.5, verdict="pass", **common),
        Measurement("npcr_inside", 0.95, p_value=0.6, verdict="pass", **common),
    )
    answer = pool_all(table)["toy", "NPCR, fresh nonce"]
    assert (answer.state, answer.tests, answer.smallest) == ("pass", 2, 0.5)


def test_nonce_modes_are_never_mixed() -> None:
    """A cipher that fails with its nonce held still passes with fresh nonces; "none" counts as held still."""
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


def test_a_key_field_is_no_test_of_the_whole_key() -> None:
    """Rows of single key fields are left out: the whole key's row holds them already."""
    whole = Measurement("effective_key_bits", 256, verdict="pass")
    part = Measurement("effective_key_bits", 0, variant="x0", verdict="fail")
    assert pool_all(_table("keyspace", whole, part))["toy", "key space"].state == "pass"


def test_a_crash_on_one_image_is_no_pass() -> None:
    """What did not finish shows as an error, unless what did finish fails already."""
    crashed = Measurement("", None, status="crashed", message="signal 11")
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
    """The overview's columns can be told apart."""
    assert len({test.title for test in TESTS}) == len(TESTS)
