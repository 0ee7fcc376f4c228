"""Every way of joining a mask can be undone, and a plaintext of zero shows the mask."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools.combiners import JOINS


@pytest.mark.parametrize("join", JOINS, ids=lambda join: join.name)
def test_joins_are_consistent(join) -> None:
    """put, take and mask agree on all 65536 pairs of bytes."""
    x, k = (grid.astype(np.uint8) for grid in np.indices((256, 256)))
    y = join.put(x, k)
    assert y.dtype == np.uint8
    assert np.array_equal(join.take(y, k), x)
    assert np.array_equal(join.mask(y, x), k)
    assert np.array_equal(y[0], k[0])


def test_digits_are_added_as_bases_of_dna_are() -> None:
    """Each of the four base-4 digits is added mod 4 by itself."""
    digits = next(join for join in JOINS if "+ k by base-4" in join.name)
    assert digits.put(np.array([0b11_01_00_10], np.uint8), np.array([0b01_01_11_11], np.uint8))[0] == 0b00_10_11_01
    x, k = np.indices((256, 256))
    each = sum(((x >> place & 3) + (k >> place & 3)) % 4 << place for place in (0, 2, 4, 6))
    assert np.array_equal(digits.put(x.astype(np.uint8), k.astype(np.uint8)), each)
