"""Long sequences: the spectrum in parts has the same low peaks as the spectrum at once, in a few bytes a bit."""

import tracemalloc
from importlib import import_module

import numpy as np
import pytest

from cryptobench.metrics.randomness import spectral

module = import_module("cryptobench.metrics.randomness.spectral")


def sequence(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, count, dtype=np.uint8)


@pytest.mark.parametrize("n", [1000, 1008, 4098, 4100, 4104, 65536, 80_002])
def test_parts_agree_with_the_whole(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """Whether 16, 8, 4 or only 2 divides n, and also for a sequence with a strong period."""
    for data in (sequence(n // 8 + 1), np.tile(sequence(9, 1), n // 72 + 1)):
        whole = spectral(data, n)
        with monkeypatch.context() as patched:
            patched.setattr(module, "LONGEST", 1000)
            assert spectral(data, n).statistics.tolist() == whole.statistics.tolist()


def test_memory_is_about_a_byte_a_bit() -> None:
    """At 2^23 bits the peak is below 2.5 bytes a bit, where the whole spectrum takes 8."""
    data = sequence(module.LONGEST // 8)
    spectral(data[:2000])
    tracemalloc.start()
    spectral(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * module.LONGEST
