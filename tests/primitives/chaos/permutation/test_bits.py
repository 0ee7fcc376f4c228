"""Rotations of an image's bits against numpy.roll on the array of bits, and what undoes them."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.rotations import (
    rotate_columns_by_plane,
    rotate_depth,
    rotate_rows_by_plane,
)

RNG = np.random.default_rng(3)
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
