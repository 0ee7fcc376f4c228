"""What the new run lacks: cells, numbers and trials that the baseline has."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.check.compare import compare
from cryptobench.check.missing import compare_presence
from cryptobench.check.result import Options
from cryptobench.measurement import Measurement
from tests.check.made_up import Rows, made_up_rows, made_up_run, number, together, trials

HISTOGRAM = [number(0.5, channel=channel) for channel in "RGB"]
QUALITY = [
    Measurement("exact", 1.0), Measurement("header_leak_bytes", 0.0), Measurement("ciphertext_sha256", 7.0),
]  # fmt: skip
REJECTED = Measurement("wrong_key_psnr_worst", None, message="rejected")
BASELINE: Rows = {"histogram": HISTOGRAM, "quality": QUALITY, "differential": trials([99.6] * 8)}


def gaps(new: Rows, baseline: Rows = BASELINE, **cell: Any) -> list[tuple[str, str, str]]:
    compared = compare_presence(made_up_rows(baseline), made_up_rows(new, **cell))
    return [(finding.level, finding.what, finding.message) for one in compared for finding in one.findings]


def test_a_whole_run_has_no_gap() -> None:
    """Every cell is compared once."""
    compared = list(compare_presence(made_up_rows(BASELINE), made_up_rows(BASELINE)))
    assert [(one.title, one.count, one.findings) for one in compared] == [("measured", 1, ())] * 3


def test_a_missing_cell_is_a_gap() -> None:
    """It is named, with its image, although the same analysis was run on another one; the comparison ends with 2."""
    new = {name: rows for name, rows in BASELINE.items() if name != "quality"}
    assert gaps(new) == [("gap", "quality", "is missing from the new run")]
    other = made_up_run({"quality": QUALITY}, image="coffee")
    result = compare(together(made_up_run(new), other), together(made_up_run(BASELINE), other))
    assert (result.exit_code, [str(finding) for finding in result.findings]) == (
        2, ["quality (astronaut 32x32): is missing from the new run"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "level"), [("failed", "regression"), ("timeout", "gap"), ("crashed", "gap"), ("unsupported", "gap")]
)
def test_a_cell_that_ended_otherwise_is_found(status: str, level: str) -> None:
    """A failure comes from the cipher, everything else may come from the machine."""
    ended = Measurement("", None, status=status, message="why")
    assert gaps({**BASELINE, "quality": [ended]}) == [(level, "quality", f"{status}: why")]


def test_cells_that_fail_alike_share_a_finding() -> None:
    """A breach of the interface, which fails every cell, is said once with how many more; another reason apart."""
    breach = Measurement("", None, status="failed", message="mine: encrypt returned float64")
    late = Measurement("", None, status="failed", message="late")
    new = {"histogram": [breach], "quality": [breach], "differential": [late]}
    compared = list(compare_presence(made_up_rows(BASELINE), made_up_rows(new)))
    assert [str(finding) for one in compared for finding in one.findings] == [
        "histogram (astronaut 32x32 and 1 more): failed: mine: encrypt returned float64",
        "differential (astronaut 32x32): failed: late",
    ]
    assert sum(one.count for one in compared) == 3


@pytest.mark.parametrize("lost", [row.metric for row in QUALITY])
def test_each_exact_number_is_missed(lost: str) -> None:
    """Round trip, header and digest."""
    rows = [row for row in QUALITY if row.metric != lost]
    message = f"1 numbers of the baseline are missing ({lost}): no such row"
    assert gaps({**BASELINE, "quality": rows}) == [("gap", "quality", message)]


def test_each_tested_number_is_missed() -> None:
    """One channel of three; one that did not finish; one that has no p-value any more."""
    for third, why in (
        ([], "no such row"),
        (
            [Measurement("chi_square", None, channel="B", part="cipher", status="failed", message="boom")],
            "failed: boom",
        ),
        ([Measurement("chi_square", None, channel="B", part="cipher", message="too small")], "too small"),
        ([Measurement("chi_square", 200.0, channel="B", part="cipher")], "it has no p-value now"),
    ):
        message = f"1 numbers of the baseline are missing (chi_square): {why}"
        assert gaps({**BASELINE, "histogram": [*HISTOGRAM[:2], *third]}) == [("gap", "histogram", message)]


def test_a_new_refusal_is_no_gap() -> None:
    """A wrong key that decrypted to noise and is now rejected leaves no number, and is better."""
    before = {"key_sensitivity": [Measurement("wrong_key_psnr_worst", 8.0, p_value=0.5)]}
    assert gaps({"key_sensitivity": [REJECTED]}, before) == []


def test_a_lost_refusal_is_a_gap() -> None:
    """Without its row nobody knows whether wrong keys are still rejected."""
    kept = Measurement("key_npcr_mean", 99.6, p_value=0.5)
    message = "1 numbers of the baseline are missing (wrong_key_psnr_worst): no such row"
    found = gaps({"key_sensitivity": [kept]}, {"key_sensitivity": [kept, REJECTED]})
    assert found == [("gap", "key_sensitivity", message)]


@pytest.mark.parametrize("left", [0, 7])
def test_fewer_trials_are_a_gap(left: int) -> None:
    """All of them gone, or a single one; a trial in which the cipher failed is a trial."""
    kept = Measurement("npcr_mean", 99.6, nonce="none")
    baseline = {"differential": [kept, *trials([99.6] * 8)]}
    message = f"1 numbers of the baseline are missing (trials of npcr): {left} of 8 trials"
    assert gaps({"differential": [kept, *trials([99.6] * left)]}, baseline) == [("gap", "differential", message)]
    assert gaps({"differential": [kept, *trials([99.6] * 7 + [None])]}, baseline) == []


def test_fewer_key_bits_are_a_gap() -> None:
    """Trials of any analysis count, by nonce mode."""
    rows = [Measurement("key_npcr", 99.6, part="x0", trial=bit) for bit in range(6)]
    message = "1 numbers of the baseline are missing (trials of key_npcr): 4 of 6 trials"
    assert gaps({"key_sensitivity": rows[:4]}, {"key_sensitivity": rows}) == [("gap", "key_sensitivity", message)]
    modes = [*trials([99.6] * 3, nonce="fresh"), *trials([99.6] * 3, nonce="fixed")]
    message = "1 numbers of the baseline are missing (trials of npcr): 2 of 3 trials with a fixed nonce"
    assert gaps({"differential": modes[:-1]}, {"differential": modes}) == [("gap", "differential", message)]


def test_numbers_that_nobody_compares_may_go() -> None:
    """Those without p-value and rule, and those of single key fields."""
    extra = [Measurement("histogram_variance", 5.0), Measurement("exact", 1.0, part="x0")]
    assert gaps(BASELINE, {**BASELINE, "histogram": [*HISTOGRAM, *extra]}) == []


def test_a_missing_cipher_is_noted() -> None:
    """Ciphers that the new run lacks are named; with --ciphers nobody asked for them."""
    one = made_up_run(BASELINE)
    both = together(one, made_up_run(BASELINE, cipher="other"))
    note = "the new run lacks other, which the baseline has: not compared"
    assert note in compare(one, both).notes
    assert note not in compare(one, both, Options(ciphers=("toy",))).notes
