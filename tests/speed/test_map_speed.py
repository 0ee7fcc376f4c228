"""Map ciphers at 512x512x3 against their bare serial orbits, as ratios within one run.

An orbit waits for its own last state, so that no implementation is faster than its latency; what a scheme does besides
fits partly into that time.
"""

from collections.abc import Callable
from time import thread_time
from typing import Any

import numpy as np
import pytest

from cryptobench.baselines.chaotic.liu2022 import Liu2022
from cryptobench.baselines.chaotic.qian2021 import Qian2021
from cryptobench.baselines.chaotic.wang2021_pcml import Lattice, Wang2021Pcml
from cryptobench.baselines.chaotic.wang2021_truth import Orbits, Wang2021Truth
from cryptobench.baselines.chaotic.yousif2022 import HyperchaoticChen, Yousif2022
from cryptobench.baselines.chaotic.zhou2020 import Zhou2020
from cryptobench.cipher import Cipher
from cryptobench.primitives.chaos.maps.classic import logistic_tent_orbits
from cryptobench.primitives.chaos.maps.three_dimensional import iqm3d_orbit, logistic3d_orbit
from tests.speed.ratios import ratio

KEY, NONCE, SESSION = bytes(range(32)), bytes(16), bytes(32)
IMAGE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
N = IMAGE.size
BLOCK = 2048  # steps


def in_blocks(advance: Callable[[np.ndarray], None], steps: int, width: int) -> Callable[[], None]:
    """``steps`` steps of an orbit into a block that stays in the cache."""
    out = np.empty((BLOCK, width))

    def run() -> None:
        for _ in range(steps // BLOCK):
            advance(out)

    return run


def orbit_of(cipher: Cipher) -> Callable[[], None]:
    """All steps of the orbits, or sets of orbits, that one encryption takes."""
    start = np.array([0.31, 0.57, 0.83])
    if isinstance(cipher, Zhou2020):
        return in_blocks(lambda out: logistic_tent_orbits(start[:2], np.array([3.93, 3.97]), out), N, 2)
    if isinstance(cipher, Liu2022):
        return in_blocks(lambda out: iqm3d_orbit(start, 31.3, 44.1, out), 2 * N // 3, 3)
    if isinstance(cipher, Qian2021):
        return in_blocks(lambda out: logistic3d_orbit(start, 3.77, 0.0157, 0.0125, out), N // 3, 3)
    if isinstance(cipher, Yousif2022):
        return in_blocks(HyperchaoticChen.of(KEY, SESSION).run, N, 4)
    if isinstance(cipher, Wang2021Truth):
        return in_blocks(Orbits(KEY, SESSION).run, 3 * N // 16, 16)
    return in_blocks(Lattice(KEY, SESSION).run, 3 * N // 16, 16)


CIPHERS = [Zhou2020(), Liu2022(), Qian2021(), Wang2021Pcml(), Wang2021Truth(), Yousif2022()]


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: cipher.card.name)
def test_encryption_against_its_orbits(benchmark: Any, cipher: Cipher) -> None:
    """Encryption and decryption as multiples of the bare orbits."""
    key = KEY[: cipher.card.key_bytes]
    encrypted = benchmark(lambda: cipher.encrypt(IMAGE, key, NONCE))
    orbits = orbit_of(cipher)
    benchmark.extra_info["encrypt / orbits"] = round(
        ratio(lambda: cipher.encrypt(IMAGE, key, NONCE), orbits, rounds=5, clock=thread_time), 2
    )
    benchmark.extra_info["decrypt / orbits"] = round(
        ratio(lambda: cipher.decrypt(encrypted, key), orbits, rounds=5, clock=thread_time), 2
    )
    assert np.array_equal(cipher.decrypt(encrypted, key), IMAGE)
