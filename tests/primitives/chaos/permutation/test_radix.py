"""The integer argsort against numpy's stable one."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.radix import argsort_words

RNG = np.random.default_rng(3)


def spreads(n: int) -> dict[str, np.ndarray]:
    """Keys of several distributions: even, few values, all equal, both ends crowded, one part of 256 only."""
    x = np.sin(np.pi * RNG.random(n) / 2) ** 2
    return {
        "even": RNG.integers(0, 2**32, n, dtype=np.uint32),
        "ties": RNG.integers(0, 50, n).astype(np.uint32),
        "equal": np.full(n, 2**32 - 1, np.uint32),
        "arcsine": np.floor(x * 2.0**32).clip(0, 2**32 - 1).astype(np.uint32),
        "one part": RNG.integers(0, 2**24, n).astype(np.uint32) | np.uint32(0x5A000000),
    }


@pytest.mark.parametrize("n", [0, 1, 2, 263, 8192, 8193, 100_003])
def test_order_is_that_of_a_stable_sort(n: int):
    """For all distributions, below and above the size from which digits are used."""
    for name, keys in spreads(n).items():
        before = keys.copy()
        order = argsort_words(keys)
        assert order.dtype == np.int32
        assert np.array_equal(order, np.argsort(keys, kind="stable")), name
        assert np.array_equal(keys, before)
