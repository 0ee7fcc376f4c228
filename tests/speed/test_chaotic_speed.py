"""The chaotic baselines at 512x512x3 against the cost that each cannot beat, as ratios within one run.

The floor of a scheme is what its definition forces on any implementation: its serial orbits, and its argsorts.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cryptobench.baselines.chaotic.chen2004 import Chen2004, key_schedule
from cryptobench.baselines.chaotic.hua2021 import Hua2021, fill_sequences
from cryptobench.baselines.chaotic.zhang2015 import STRIP, Lattice, Zhang2015, key_bytes
from cryptobench.cipher import Cipher, record_stages
from cryptobench.primitives.chaos.maps.basic import windowed_logistic
from cryptobench.primitives.chaos.permutation.sorting import argsort_columns, argsort_sorted_rows
from tests.speed.ratios import ratio

KEY, NONCE = bytes(range(32)), bytes(16)
IMAGE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
SAMPLES = IMAGE.size


def sequences() -> np.ndarray:
    """S1 and S2 of both rounds of hua2021: (round, sequence, row, column)."""
    matrices = np.empty((2, 2, 512, SAMPLES // 512))
    for r, (s1, s2) in enumerate(matrices):
        fill_sequences(KEY, r, s1, s2)
    return matrices


def hua_sorts(matrices: np.ndarray) -> list[np.ndarray]:
    """Every argsort that two rounds need, by leading bits."""
    orders = []
    for s1, s2 in matrices:
        columns = argsort_columns(s1)
        orders += [columns, argsort_sorted_rows(s1, columns), argsort_columns(s2)]
    return orders


def hua_sorts_in_numpy(matrices: np.ndarray) -> list[np.ndarray]:
    """The same argsorts by numpy, stable as the scheme asks."""
    orders = []
    for s1, s2 in matrices:
        column = np.argsort(s1, axis=0, kind="stable")
        row = np.argsort(np.take_along_axis(s1, column, 0), axis=1, kind="stable")
        orders += [column, row, np.argsort(s2, axis=0, kind="stable")]
    return orders


def zhang_key_stream() -> None:
    """The lattice and the key bytes of three rounds."""
    ring, states = Lattice.of(KEY).ring(SAMPLES)
    K1, K2 = np.empty((2, SAMPLES), np.uint8)
    saved = np.empty((SAMPLES // STRIP, 8))
    for _ in range(3):
        key_bytes(ring, states, K1, K2, saved)


def zhang_lattice_by_tables() -> None:
    """The lattice of as many steps by the kernel for any coupling, and nothing else."""
    lattice, states = Lattice.of(KEY), np.empty((STRIP, 8))
    for _ in range(3 * SAMPLES // STRIP):
        lattice.run(states)


def floor_of(cipher: Cipher) -> Callable[[], Any]:
    if isinstance(cipher, Chen2004):
        seed = key_schedule(KEY[:16]).L
        return lambda: windowed_logistic(seed, SAMPLES)
    if isinstance(cipher, Hua2021):
        matrices = sequences()
        return lambda: hua_sorts(matrices)
    return zhang_key_stream


@pytest.mark.parametrize("cipher", [Chen2004(), Hua2021(), Zhang2015()], ids=lambda cipher: cipher.card.name)
def test_encryption_against_its_floor(benchmark: Any, cipher: Cipher) -> None:
    """Encryption and decryption, as multiples of the key stream (Hua: of the argsorts), and the share of each stage."""
    key = KEY[: cipher.card.key_bytes]
    encrypted = benchmark(lambda: cipher.encrypt(IMAGE, key, NONCE))
    floor = floor_of(cipher)
    with record_stages() as seconds:
        cipher.encrypt(IMAGE, key, NONCE)
    benchmark.extra_info["encrypt / floor"] = round(
        ratio(lambda: cipher.encrypt(IMAGE, key, NONCE), floor, rounds=5), 2
    )
    benchmark.extra_info["decrypt / floor"] = round(ratio(lambda: cipher.decrypt(encrypted, key), floor, rounds=5), 2)
    benchmark.extra_info["share"] = {name: round(part / sum(seconds.values()), 2) for name, part in seconds.items()}
    assert np.array_equal(cipher.decrypt(encrypted, key), IMAGE)
    fused = {"keystream and permutation", "diffusion"}
    assert (fused if isinstance(cipher, Zhang2015) else {"keystream", "permutation", "diffusion"}) <= set(seconds)


def test_matrix_sorts_against_numpy(benchmark: Any) -> None:
    """The sorts of hua2021 give numpy's orders, several times faster."""
    matrices = sequences()
    orders = benchmark(lambda: hua_sorts(matrices))
    expected = hua_sorts_in_numpy(matrices)
    assert all(np.array_equal(order, other) for order, other in zip(orders, expected, strict=True))
    benchmark.extra_info["numpy / leading bits"] = round(
        ratio(lambda: hua_sorts_in_numpy(matrices), lambda: hua_sorts(matrices), rounds=3), 2
    )


def test_ring_lattice_against_tables(benchmark: Any) -> None:
    """The nine-site lattice in registers, key bytes included, against the kernel that looks its neighbours up."""
    benchmark(zhang_key_stream)
    benchmark.extra_info["tables / ring"] = round(ratio(zhang_lattice_by_tables, zhang_key_stream, rounds=3), 2)
