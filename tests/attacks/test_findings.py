"""What an attack finds depends on neither the clock nor the attacks that are run beside it."""

from __future__ import annotations

import dataclasses
import itertools
import time

import pytest

from cryptobench.attacks.base import Attack
from cryptobench.attacks.experiment import AttackExperiment, Mode
from cryptobench.attacks.runner import attack_target, modes_of, rows_of_run, run_attack
from cryptobench.measurement import Artifact, Measurement
from cryptobench.registry import attack_names, load_attack, load_cipher
from tests.attacks.toys import smooth

ALONE = ("bit_plane_lifting", "codebook", "key_search", "length_leak", "near_target", "affine_cca", "key_mask")


def test_findings_do_not_depend_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where an hour passes at every look at the clock all attacks ask, count and find the same."""
    smaller = {
        "class_distinguisher": {"train": 96, "test": 32}, "known_pairs_regression": {"pairs": 128},
        "weak_keys": {"keys": 256, "bases": 1}, "key_search": {"keys": 512},
    }  # fmt: skip

    def findings() -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for name in attack_names():
            attack = dataclasses.replace(load_attack(name), **smaller.get(name, {}))
            run = attack_target(attack, load_cipher("key-sum"), smooth(12, 12, 3))
            found[name] = (str(run), run.result.p_value, dict(run.result.numbers), run.result.notes)
        return found

    usual = findings()
    hours = itertools.count(0.0, 3600.0)
    with monkeypatch.context() as slow:
        for clock in ("process_time", "perf_counter", "monotonic", "thread_time", "time"):
            slow.setattr(time, clock, lambda: next(hours))
        assert findings() == usual
    assert next(hours) > 0


@pytest.mark.parametrize("name", ["hua2021", "aes-256-ctr"])
def test_an_attack_alone_finds_the_same(name: str) -> None:
    """Rows of attacks that share one experiment are those of each in each mode in its own, times aside."""
    cipher, target = load_cipher(name), smooth(8, 8)

    def rows(attack: Attack, experiment: AttackExperiment, mode: Mode) -> list[Measurement | Artifact]:
        found = rows_of_run(run_attack(attack, experiment, mode), experiment)
        times = ("attack_time", "extrapolated_time")
        return [row for row in found if isinstance(row, Measurement) and row.metric not in times]

    together = AttackExperiment(cipher, target, 3)
    for one in ALONE:
        attack = load_attack(one, **({"keys": 8} if one == "key_search" else {}))
        for mode in modes_of(attack, cipher.card):
            assert rows(attack, together, mode) == rows(attack, AttackExperiment(cipher, target, 3), mode)
