"""What the algebraic attacks, A1 to A14, cost besides the cipher's own time, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.runner import attacks_grey, modes_of, photographs_for, run_attack
from cryptobench.cipher import NONCE_BYTES, Cipher
from cryptobench.images import load_image
from cryptobench.registry import attack_names, load_attack, load_cipher

NUMBERS = {f"A{number}" for number in range(1, 15)}
SIDE, SMALL_SIDE = 64, 8  # with and without measuring
# A cipher that all but A13 leave at once, one whose state A13 walks through to the end, one that is affine.
CIPHERS = ("aes-256-siv", "zhou2020", "hua2021")


def timed(cipher: Cipher) -> list[float]:
    """Let the cipher add the processor seconds of every call to the list's one number."""
    spent = [0.0]

    def adding(call: Callable[..., Any]) -> Callable[..., Any]:
        def added(*given: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return call(*given, **named)
            finally:
                spent[0] += time.process_time() - start

        return added

    cipher.encrypt, cipher.decrypt = adding(cipher.encrypt), adding(cipher.decrypt)  # type: ignore[method-assign]
    return spent


def battery(name: str, side: int) -> tuple[float, float]:
    """Processor seconds of A1 to A14 on a fresh challenge, (attacks, cipher), in the mode that costs more."""
    cipher, photographs = load_cipher(name), photographs_for("astronaut")
    image = load_image("astronaut", side)
    spent = timed(cipher)
    found = {}
    for mode in ("fresh", "fixed"):
        attacks = [attack for attack in map(load_attack, attack_names()) if attack.identifier in NUMBERS]
        attacks = [attack for attack in attacks if not attack.against and mode in modes_of(attack, cipher.card)]
        start, before = time.process_time(), spent[0]
        experiments: dict[tuple[int, bool], AttackExperiment] = {}
        for attack in attacks:
            small, grey = min(side, attack.largest_side or side), attacks_grey(attack, cipher.card)
            target = image[:small, :small, 1] if grey else image[:small, :small]
            if (small, grey) not in experiments:
                experiments[small, grey] = AttackExperiment(
                    cipher, np.ascontiguousarray(target), photographs=photographs
                )
            run_attack(attack, experiments[small, grey], mode)
        inside = spent[0] - before
        found[mode] = time.process_time() - start - inside, inside
    return max(found.values())


@pytest.mark.parametrize("name", CIPHERS)
def test_battery_in_query_times(benchmark, name) -> None:
    """At 64 x 64 x 3; extra_info has its cost in encryptions of a megabyte by AES-256-CTR, and over its queries'."""
    side = SIDE if benchmark.enabled else SMALL_SIDE
    aes, megabyte = load_cipher("aes-256-ctr"), np.zeros((1000, 1000), np.uint8)
    key, nonce = bytes(aes.card.key_bytes), bytes(NONCE_BYTES)
    rounds, encryptions = [], []

    def measure() -> None:
        rounds.append(battery(name, side))
        for _ in range(20):
            start = time.process_time()
            aes.encrypt(megabyte, key, nonce)
            encryptions.append(time.process_time() - start)

    benchmark.pedantic(measure, rounds=3, warmup_rounds=1)
    attacks, queries = min(rounds)
    assert attacks > 0
    assert queries > 0
    benchmark.extra_info |= {"AES megabytes": attacks / min(encryptions), "over its queries": attacks / queries}
