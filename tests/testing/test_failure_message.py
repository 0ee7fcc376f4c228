"""The message of a failed test, from plain tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cryptobench.measurement import Measurement, frame
from cryptobench.testing.failure_message import failure_message

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "analysis": "attack:codebook", "seed": 1, "seconds": 0.0,
}  # fmt: skip
NOTHING = frame([])


def failed_tests(**columns: Any) -> pd.DataFrame:
    """One test that fails, with a p-value and no interval above."""
    row = {
        "test": "histogram", "state": "fail", "counted": True, "numbers": 1, "measured": 300.5, "expected": 255.0,
        "low": 210.0, "high": None, "p_value": 1e-9, "p_holm": 1e-9, "p_family": 2e-9, "where": "chi_square, astronaut",
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def test_a_failed_test_has_its_numbers() -> None:
    """One line for each test: measured, expected, interval, p-value before and after Holm's correction, where."""
    head, _, titles, line = failure_message("toy", "seed 1", failed_tests(), NOTHING, 0.001).splitlines()
    assert head == "toy does not pass: 1 of 1 tests fail at level 0.001 (seed 1)"
    assert titles.split() == ["test", "measured", "expected", "interval", "p", "Holm", "p", "where"]
    assert line.split() == ["histogram", "300.5", "255", "from", "210", "1e-09", "2e-09", "chi_square,", "astronaut"]


def test_no_answer_is_the_first_line() -> None:
    """Nothing was measured, and the message does not say that 0 of 0 tests fail."""
    message = failure_message("toy", "seed 1", failed_tests(state="none"), NOTHING, 0.001)
    assert message == "toy does not pass: no test has an answer (seed 1)"


def test_attacks_say_what_they_gave() -> None:
    """Share and queries of a recovered image; a leak without a share; an attack that holds is left out."""

    def attack(name: str, outcome: str, *more: Measurement) -> list[dict[str, Any]]:
        rows = [Measurement("outcome", None, condition="CPA", nonce="fixed", outcome=outcome, message="why"), *more]
        return [CELL | row.row() | {"analysis": f"attack:{name}"} for row in rows]

    queries = Measurement("queries", 4, condition="CPA", nonce="fixed")
    share = Measurement("recovered", 0.5, condition="CPA", nonce="fixed")
    table = frame(
        [*attack("codebook", "recovered", share, queries), *attack("locality", "leak"), *attack("affine_gf2", "holds")]
    )
    message = failure_message("toy", "seed 1", failed_tests(), table, 0.001)
    assert message.splitlines()[-2:] == [
        "  codebook (CPA, fixed nonce): recovered 50.0 % of the image with 4 queries: why",
        "  locality (CPA, fixed nonce): leak found: why",
    ]


def test_what_is_required_is_told() -> None:
    """After the tests, a line each."""
    unmet = ["misuse: level 4 is wanted, the cipher has 0 (new)", "integrity: rejects is wanted, the cipher has none"]
    message = failure_message("toy", "seed 1", failed_tests(), NOTHING, 0.001, unmet=unmet)
    assert message.endswith("\n\nrequired:\n  " + "\n  ".join(unmet))


def test_only_the_first_gaps_are_listed() -> None:
    """Twelve lines, and how many more there are."""
    message = failure_message("toy", "seed 1", failed_tests(), NOTHING, 0.001, not_run=[f"gap {n}" for n in range(15)])
    assert "\n  gap 11\n  and 3 more: see .not_run" in message
    assert "gap 12" not in message
