"""Turned columns against numpy's roll."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.rotations import opposite, turn_columns

RNG = np.random.default_rng(31)


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (7, 1), (33, 47), (6, 64), (257, 263)], ids=str)
def test_each_column_goes_up_by_its_own_shift(shape: tuple[int, int]):
    """As numpy rolls each column by the negative shift; widths off the strips are no exception."""
    a, up = RNG.integers(0, 256, shape, np.uint8), RNG.integers(0, shape[0], shape[1]).astype(np.int32)
    out = np.empty_like(a)
    turn_columns(a, up, out)
    assert np.array_equal(out, np.stack([np.roll(column, -shift) for column, shift in zip(a.T, up, strict=True)], 1))
    back = np.empty_like(a)
    turn_columns(out, opposite(up, shape[0]), back)
    assert np.array_equal(back, a)


def test_opposite_shifts_stay_below_the_modulus():
    """0 stays 0, and a shift and its opposite add up to the modulus."""
    assert opposite(np.array([0, 1, 4], np.int32), 5).tolist() == [0, 4, 1]
