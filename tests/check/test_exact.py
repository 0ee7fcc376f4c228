"""Exact comparisons under other seeds, which draw other keys."""

from __future__ import annotations

import pytest

from cryptobench.check.exact import compare_exact
from cryptobench.check.result import Finding, Options
from cryptobench.check.rows import Row, rows_of
from cryptobench.measurement import Measurement, frame

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "analysis": "keyspace", "seed": 1, "seconds": 0.0,
}  # fmt: skip


def key_space(dead: int, weak: int) -> list[Row]:
    """The rows of a key of 128 bits."""
    bits = {"nominal": 128, "effective": 128 - dead, "dead": dead, "weak": weak}
    return rows_of(frame(CELL | Measurement(f"{name}_key_bits", count).row() for name, count in bits.items()))


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


def test_a_p_value_of_0_is_a_bound() -> None:
    """Nothing has probability 0."""
    finding = Finding("regression", "toy", "NPCR", "npcr", p_value=0.0, adjusted=0.0, test="a test")
    assert "p = <1e-300, Holm <1e-300, a test" in str(finding)
