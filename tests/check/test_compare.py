"""Twelve planted regressions: each turns the gate red, by the check that is about it, under one seed and under two."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.check.compare import compare
from cryptobench.check.result import Options
from cryptobench.results.run import RunData
from tests.check.toys import measured, toy

TWO_WAYS: dict[str, Any] = {"rounds": 1, "permuted": False, "directions": "fb"}
STREAM: dict[str, Any] = {"rounds": 0}
CHAIN: dict[str, Any] = {"rounds": 2, "permuted": True, "directions": "f"}

PLANTED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "one round less": (CHAIN, {**CHAIN, "rounds": 1}, "NPCR, fixed nonce"),
    "key bits dropped": (STREAM, {**STREAM, "key_bytes": 2, "used_key_bytes": 2}, "key space"),
    "key schedule truncated": (STREAM, {**STREAM, "used_key_bytes": 2}, "key space"),
    "nonce reuse": (STREAM, {**STREAM, "nonce": False}, "judgements of attacks"),
    "weaker chain": (CHAIN, {**CHAIN, "chain": "xor"}, "judgements of attacks"),
    "channel mixing lost": (TWO_WAYS, {**TWO_WAYS, "mixing": False}, "NPCR, fixed nonce"),
    "a lossier network": ({**STREAM, "lost_bits": 1}, {**STREAM, "lost_bits": 3}, "round trip"),
    "keystream bias": (STREAM, {**STREAM, "bias": 0.75}, "UACI, fresh nonce"),
    "header leak": (STREAM, {**STREAM, "leak": 8}, "header"),
    "permutation dropped": (CHAIN, {**CHAIN, "permuted": False}, "NPCR, fixed nonce"),
    "diffusion in one direction": (TWO_WAYS, {**TWO_WAYS, "directions": "f"}, "NPCR, fixed nonce"),
    "slower": (STREAM, {**STREAM, "delay": 0.02}, "timing"),
}
_runs: dict[tuple[str, int], RunData] = {}


def run(parts: dict[str, Any], seed: int, timing: bool) -> RunData:
    key = (f"{sorted(parts.items())} {timing}", seed)
    if key not in _runs:
        _runs[key] = measured(toy(**parts), seed, timing=timing)
    return _runs[key]


@pytest.mark.parametrize("seed", [1, 2], ids=["same seed", "other seed"])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_turns_the_gate_red(name: str, seed: int) -> None:
    """The comparison ends with exit code 1 and names the check that the defect is about."""
    sound, weak, title = PLANTED[name]
    timing = name == "slower"
    result = compare(run(weak, seed, timing), run(sound, 1, timing), Options(timing=timing))
    assert result.exit_code == 1
    assert title in {finding.title for finding in result.of("regression")}


@pytest.mark.parametrize("name", PLANTED)
def test_the_way_back_is_no_regression(name: str) -> None:
    """Removing the defect leaves the gate green, so that it is red for what is worse and not for what is other."""
    sound, weak, _ = PLANTED[name]
    timing = name == "slower"
    # Decryption takes microseconds in both runs, and a busy machine may stretch those of one of them.
    result = compare(run(sound, 1, timing), run(weak, 1, timing), Options(timing=timing, slower=50.0))
    assert (result.exit_code, result.of("regression")) == (0, [])


def test_a_slower_cipher_is_a_warning_unless_asked() -> None:
    """Without --timing the same comparison is green, with a warning."""
    sound, weak, _ = PLANTED["slower"]
    result = compare(run(weak, 1, True), run(sound, 1, True))
    assert result.exit_code == 0
    assert {finding.title for finding in result.of("warning")} == {"timing"}
