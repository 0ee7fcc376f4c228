"""The cat map by shears against its definition, and the transpose that it rests on."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.cat_map import shear, unshear
from cryptobench.primitives.chaos.permutation.rotations import transposed

RNG = np.random.default_rng(4)
SHAPES = pytest.mark.parametrize(
    "shape", [(1, 1), (1, 19), (19, 1), (8, 8), (16, 48), (33, 47), (64, 72), (257, 263)], ids=str
)


@SHAPES
def test_transpose_is_numpys(shape: tuple[int, int]):
    """Contiguous, equal to p.T, for contiguous input and for a view; the input stays as it was."""
    p = RNG.integers(0, 256, shape, np.uint8)
    for matrix in (p, p[::-1], np.asfortranarray(p)):
        before = matrix.copy()
        out = transposed(matrix)
        assert np.array_equal(out, before.T)
        assert out.flags.c_contiguous
        assert np.array_equal(matrix, before)


@SHAPES
@pytest.mark.parametrize(("a", "b", "times"), [(1, 1, 1), (301, 77, 1), (5, 700, 3), (1000, 0, 2), (-3, 8, 2)])
def test_shear_moves_each_sample_where_the_map_says(shape: tuple[int, int], a: int, b: int, times: int):
    """i' = (i + a j) mod M and j' = (j + b i') mod L, ``times`` times, and `unshear` undoes it."""
    p = RNG.integers(0, 256, shape, np.uint8)
    expected = p
    i, j = np.indices(shape)
    down = (i + a * j) % shape[0]
    right = (j + b * down) % shape[1]
    for _ in range(times):
        moved = np.empty_like(expected)
        moved[down, right] = expected
        expected = moved
    out = shear(p, a, b, times)
    assert np.array_equal(out, expected)
    assert np.array_equal(unshear(out, a, b, times), p)


@pytest.mark.parametrize("side", [16, 33])
def test_on_a_square_it_is_arnolds_matrix(side: int):
    """(i, j) goes to (i + a j, b i + (ab+1) j) mod N; at a = b = 1 the map returns within 3 N steps."""
    p = np.arange(side * side, dtype=np.int64).reshape(side, side)
    a, b = 5, 11
    i, j = np.indices(p.shape)
    expected = np.empty((side, side), np.uint8)
    expected[(i + a * j) % side, (b * i + (a * b + 1) * j) % side] = p % 256
    assert np.array_equal(shear((p % 256).astype(np.uint8), a, b, 1), expected)
    image = RNG.integers(0, 256, (side, side), np.uint8)
    assert any(np.array_equal(shear(image, 1, 1, times), image) for times in range(1, 3 * side + 1))
