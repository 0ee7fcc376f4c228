"""Rotated columns, rows and bits against numpy.roll, and what undoes them."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.rotations import (
    opposite,
    rotate_columns_by_plane,
    rotate_depth,
    rotate_rows_by_plane,
    turn_columns,
)

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


SHAPES = pytest.mark.parametrize("shape", [(1, 1), (1, 19), (19, 1), (16, 48), (33, 47)], ids=str)


def _planes(p: np.ndarray) -> np.ndarray:
    """The bits of (M, L) bytes, the lowest plane first: (8, M, L)."""
    return np.stack([p >> k & 1 for k in range(8)])


@SHAPES
def test_rows_rotate_plane_by_plane(shape: tuple[int, int]):
    """Bit k of row i moves as numpy.roll moves it; the negative shifts undo it, and the input stays as it was."""
    p, shifts = RNG.integers(0, 256, shape, np.uint8), RNG.integers(-99, 99, (shape[0], 8)).astype(np.int32)
    before = p.copy()
    out = rotate_rows_by_plane(p, shifts)
    for k, (plane, rotated) in enumerate(zip(_planes(p), _planes(out), strict=True)):
        for i in range(shape[0]):
            assert np.array_equal(rotated[i], np.roll(plane[i], shifts[i, k]))
    assert np.array_equal(rotate_rows_by_plane(out, -shifts), before)
    assert np.array_equal(p, before)


@SHAPES
def test_columns_rotate_plane_by_plane(shape: tuple[int, int]):
    """Bit k of column j moves as numpy.roll moves it, and the negative shifts undo it."""
    p, shifts = RNG.integers(0, 256, shape, np.uint8), RNG.integers(-99, 99, (shape[1], 8)).astype(np.int32)
    out = rotate_columns_by_plane(p, shifts)
    for k, (plane, rotated) in enumerate(zip(_planes(p), _planes(out), strict=True)):
        for j in range(shape[1]):
            assert np.array_equal(rotated[:, j], np.roll(plane[:, j], shifts[j, k]))
    assert np.array_equal(rotate_columns_by_plane(out, -shifts), p)


@pytest.mark.parametrize(("low", "planes"), [(0, 8), (4, 4), (0, 4), (0, 7), (7, 1), (1, 3)])
def test_depth_rotates_within_its_block_of_planes(low: int, planes: int):
    """The block's bits move as numpy.roll moves them, the others stay, and ``back`` undoes it."""
    p = RNG.integers(0, 256, (33, 47), np.uint8)
    turns = RNG.integers(0, planes, p.shape).astype(np.uint8)
    out = rotate_depth(p, low, planes, turns, False)
    bits, rotated = _planes(p), _planes(out)
    for i, j in np.ndindex(p.shape):
        bits[low : low + planes, i, j] = np.roll(bits[low : low + planes, i, j], turns[i, j])
    assert np.array_equal(rotated, bits)
    assert np.array_equal(rotate_depth(out, low, planes, turns, True), p)
