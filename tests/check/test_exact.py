"""Exact comparisons: what is worse than before, by how much it may be, and speed."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.check.exact import compare_exact, compare_speed
from cryptobench.check.result import Finding, Options
from cryptobench.check.rows import Row
from cryptobench.measurement import Measurement
from tests.check.made_up import made_up_rows


def key_space(dead: int, weak: int) -> list[Row]:
    """The rows of a key of 128 bits."""
    bits = {"nominal": 128, "effective": 128 - dead, "dead": dead, "weak": weak}
    return made_up_rows({"keyspace": [Measurement(f"{name}_key_bits", count) for name, count in bits.items()]})


def worse(before: list[Row], after: list[Row], same_seed: bool) -> set[str]:
    found = (finding for one in compare_exact(before, after, Options(), same_seed) for finding in one.findings)
    return {finding.what for finding in found if finding.level == "regression"}


@pytest.mark.parametrize(
    ("dead", "same_seed", "found"),
    [
        (3, False, set()),
        (3, True, {"effective_key_bits", "dead_key_bits"}),
        (4, False, {"effective_key_bits", "dead_key_bits"}),
    ],
)
def test_weak_bits_may_be_dead_under_other_keys(dead: int, same_seed: bool, found: set[str]) -> None:
    """As many as were weak before, and not one more; one seed draws the same keys, so that none may."""
    assert worse(key_space(0, 3), key_space(dead, 0), same_seed) == found


@pytest.mark.parametrize("same_seed", [True, False])
def test_a_shorter_key_is_found_under_any_seed(same_seed: bool) -> None:
    """How long the key is depends on no key that is drawn, however many bits were weak before."""
    before = key_space(0, 3)
    after = [row._replace(value=127.0) if row.metric == "nominal_key_bits" else row for row in before]
    assert worse(before, after, same_seed) == {"nominal_key_bits"}


def test_a_p_value_of_0_is_a_bound() -> None:
    """Nothing has probability 0."""
    finding = Finding("regression", "toy", "NPCR", "npcr", p_value=0.0, adjusted=0.0, test="a test")
    assert "p = <1e-300, Holm <1e-300, a test" in str(finding)


def found(
    before: Measurement, after: Measurement, analysis: str = "quality", same_seed: bool = True, **options: Any
) -> list[tuple[str, str, str, float | None, float | None]]:
    """Level, check and numbers of what is worse in ``after``."""
    old, new = (made_up_rows({analysis: [row]}) for row in (before, after))
    compared = compare_exact(old, new, Options(**options), same_seed)
    return [(f.level, f.title, f.what, f.before, f.after) for one in compared for f in one.findings]


@pytest.mark.parametrize(
    ("level", "title", "analysis", "metric", "good", "bad"),
    [
        ("regression", "round trip", "quality", "exact", 1.0, 0.0),
        ("regression", "round trip", "quality", "decrypted_psnr", 40.0, 39.0),
        ("regression", "network", "network", "network_psnr", 40.0, 39.0),
        ("regression", "header", "quality", "header_leak_bytes", 0.0, 1.0),
        ("notice", "size", "quality", "header_bytes", 16.0, 17.0),
        ("notice", "size", "quality", "secret_bytes", 0.0, 1.0),
        ("notice", "size", "quality", "expansion", 1.0, 1.5),
        ("regression", "key space", "keyspace", "nominal_key_bits", 128.0, 127.0),
        ("regression", "key space", "keyspace", "effective_key_bits", 128.0, 127.0),
        ("regression", "key space", "keyspace", "dead_key_bits", 0.0, 1.0),
        ("notice", "key space", "keyspace", "weak_key_bits", 0.0, 1.0),
    ],
)
def test_each_rule_has_one_direction(
    level: str, title: str, analysis: str, metric: str, good: float, bad: float
) -> None:
    """The step to the worse is found, at its level; the way back and standing still are not."""
    better, worse_one = Measurement(metric, good), Measurement(metric, bad)
    assert found(better, worse_one, analysis) == [(level, title, metric, good, bad)]
    assert found(worse_one, better, analysis) == []
    assert found(worse_one, worse_one, analysis) == []


@pytest.mark.parametrize(
    ("drop", "same_seed", "options", "count"),
    [
        (0.5, True, {}, 0), (0.6, True, {}, 1), (2.9, False, {}, 0), (3.1, False, {}, 1),
        (3.1, False, {"psnr_drop": 4.0}, 0),
    ],
)  # fmt: skip
def test_decibels_may_drop_a_little(drop: float, same_seed: bool, options: dict[str, float], count: int) -> None:
    """By 0.5 dB under one seed, by 3 dB under two, or by more if that was asked for."""
    before, after = Measurement("decrypted_psnr", 40.0), Measurement("decrypted_psnr", 40.0 - drop)
    assert len(found(before, after, same_seed=same_seed, **options)) == count


def test_a_decryption_that_now_fails_is_worse() -> None:
    """No PSNR is worse than any."""
    before, after = Measurement("decrypted_psnr", 8.0), Measurement("decrypted_psnr", None, message="boom")
    assert found(before, after) == [("regression", "round trip", "decrypted_psnr", 8.0, None)]


@pytest.mark.parametrize(
    ("analysis", "metric", "level"),
    [("key_sensitivity", "wrong_key_psnr_worst", ""), ("robustness", "damaged_psnr", "0.25")],
)
@pytest.mark.parametrize("same_seed", [True, False])
def test_lost_authentication_is_a_regression(analysis: str, metric: str, level: str, same_seed: bool) -> None:
    """What was rejected, a wrong key or a damaged ciphertext, now decrypts; the other ways are no finding."""
    rejected = Measurement(metric, None, message="rejected", parameter=level)
    decrypted = Measurement(metric, 8.0, parameter=level)
    lost = [("regression", "authentication", metric, None, None)]
    assert found(rejected, decrypted, analysis, same_seed) == lost
    assert found(rejected, rejected, analysis, same_seed) == []
    assert found(decrypted, rejected, analysis, same_seed) == []


@pytest.mark.parametrize(
    ("same_seed", "golden", "levels"),
    [(True, False, ["notice"]), (True, True, ["regression"]), (False, False, []), (False, True, [])],
)
def test_digests_are_compared_under_one_seed(same_seed: bool, golden: bool, levels: list[str]) -> None:
    """The whole digest: another last digit is another ciphertext."""
    before, after = (Measurement("ciphertext_sha256", 7.0, message="0" * 63 + digit) for digit in "01")
    assert [one[0] for one in found(before, after, same_seed=same_seed, golden=golden)] == levels
    assert found(before, before, same_seed=same_seed, golden=golden) == []


def timed(encrypt: tuple[float, float, float], reference: float = 1.0, decrypt: float = 5.0) -> list[Row]:
    """The rows of timing: quartiles of encryption, the medians of AES and of decryption, and a larger image."""
    rows = [
        Measurement("encrypt_time", value, statistic=statistic)
        for statistic, value in zip(("q25", "median", "q75"), encrypt, strict=True)
    ]
    rows += [Measurement("decrypt_time", decrypt, statistic=statistic) for statistic in ("q25", "median", "q75")]
    rows += [Measurement("encrypt_time", 99.0, statistic=q, parameter="512") for q in ("q25", "median", "q75")]
    return made_up_rows({"timing": [*rows, Measurement("reference_time", reference, statistic="median")]})


@pytest.mark.parametrize(
    ("after", "slower"),
    [
        (timed((1.7, 1.8, 1.9)), True),
        (timed((1.15, 1.8, 1.9)), False),  # its fastest quarter is as fast as the slowest one was
        (timed((1.3, 1.4, 1.5)), False),  # less than half as slow again
        (timed((3.4, 3.6, 3.8), reference=2.0, decrypt=10.0), True),
        (timed((1.7, 1.8, 1.9), reference=1.8, decrypt=9.0), False),  # the machine is slower, AES is too
    ],
)
def test_slower_means_beyond_the_quartiles(after: list[Row], slower: bool) -> None:
    """In units of AES's time, by more than half, and no overlap of the middle halves; decryption is another number."""
    before = timed((0.9, 1.0, 1.2))
    for timing, level in ((True, "regression"), (False, "warning")):
        compared = list(compare_speed(before, after, Options(timing=timing)))
        findings = [(f.level, f.what) for one in compared for f in one.findings]
        assert findings == [(level, "encrypt time over AES-256-CTR's")] * slower
        assert len(compared) == 2
