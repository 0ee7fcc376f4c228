"""Linear equations over GF(2), against products worked out with integers."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools.gf2 import left_inverse, null_space, pack_rows, solve_gf2, undetermined, unpack_rows


def bits(*shape: int, seed: int = 1):
    return np.random.default_rng(seed).integers(0, 2, shape, np.uint8)


def product(matrix, x):
    return (matrix.astype(int) @ x.astype(int) % 2).astype(np.uint8)


@pytest.mark.parametrize("shape", [(150, 100), (64, 64), (200, 65), (5, 1)])
@pytest.mark.parametrize("sides", [(), (1,), (70,)])
def test_solutions_are_exact(shape, sides) -> None:
    """Of matrices of full rank, for one right side or many."""
    matrix = bits(*shape)
    matrix[: shape[1]] = np.tril(matrix[: shape[1]], -1) | np.eye(shape[1], dtype=np.uint8)
    x = bits(shape[1], *sides, seed=2)
    solved = solve_gf2(matrix, product(matrix, x))
    assert solved is not None
    assert np.array_equal(solved, x)


def test_unknowns_in_no_equation_are_zero() -> None:
    """The others are solved."""
    matrix = np.concatenate([np.eye(6, dtype=np.uint8)[:, :3], np.zeros((6, 2), np.uint8)], axis=1)
    solved = solve_gf2(matrix, np.array([1, 0, 1, 0, 0, 0], np.uint8))
    assert solved is not None
    assert solved.tolist() == [1, 0, 1, 0, 0]


def test_what_is_not_determined_is_refused() -> None:
    """Unless any solution will do; where there is none, then too."""
    ones = np.ones((3, 2), np.uint8)
    assert solve_gf2(ones, np.ones(3, np.uint8)) is None
    some = solve_gf2(ones, np.ones(3, np.uint8), free=True)
    assert some is not None
    assert some.sum() % 2 == 1
    assert solve_gf2(ones, np.array([1, 1, 0], np.uint8), free=True) is None


def test_null_spaces_are_whole() -> None:
    """All products are 0, and rank and nullity add up to the number of columns."""
    matrix = product(bits(40, 30), bits(30, 90, seed=2))
    basis = null_space(matrix)
    assert basis.shape == (60, 90)
    assert not product(matrix, basis.T).any()
    assert null_space(basis).shape == (30, 90)


def test_left_inverses_give_the_identity() -> None:
    """Of tall matrices, whose higher bits do not count; None where columns are dependent."""
    matrix = bits(90, 70) + 2 * bits(90, 70, seed=2)
    inverse = left_inverse(matrix)
    assert inverse is not None
    assert np.array_equal(product(inverse.astype(int), matrix), np.eye(70, dtype=np.uint8))
    assert left_inverse(np.concatenate([matrix, matrix[:, :1]], axis=1)) is None


@pytest.mark.parametrize("columns", [1, 63, 64, 65, 130])
def test_packed_rows_are_unpacked(columns) -> None:
    """Bit j of word w is column 64 w + j."""
    rows = bits(4, columns)
    words = pack_rows(rows)
    assert words.shape == (4, -(-columns // 64))
    assert np.array_equal(unpack_rows(words, columns), rows)
    assert int(words[2, (columns - 1) // 64]) >> (columns - 1) % 64 & 1 == rows[2, -1]


@pytest.mark.parametrize("grids", [3, 9, 20])
def test_undetermined_samples_have_functions_with_even_sums(grids: int):
    """Random values, values behind tables, few and rare ones, and a constant: as the null space says it."""
    rng = np.random.default_rng(grids)
    sums = rng.integers(0, 256, (grids, 9, 1), np.uint8) ^ rng.integers(0, 256, (grids, 1, 9), np.uint8)
    samples = [rng.integers(0, high, (grids, 9, 9)).astype(np.uint8) for high in (256, 256, 256, 100, 7, 2, 1)]
    samples += list(rng.poisson(20, (2, grids, 9, 9)).astype(np.uint8))
    samples += [sums, rng.permutation(256).astype(np.uint8)[sums], sums & 31, sums % 5]
    for cells, found in zip(samples, undetermined(np.stack(samples)), strict=True):
        corners = np.stack(np.broadcast_arrays(cells[:, 1:, 1:], cells[:, :1, 1:], cells[:, 1:, :1], cells[:, :1, :1]))
        values = np.unique(cells)
        equations = np.zeros((corners[0].size, values.size), np.uint8)
        for corner in np.searchsorted(values, corners.reshape(4, -1)):
            equations[np.arange(len(equations)), corner] ^= 1
        functions = null_space(equations)
        assert found == bool(np.any(functions != functions[:, :1]))


def test_samples_of_few_values_count_as_undetermined() -> None:
    """Where a caller wants so many values before he believes it."""
    cells = np.random.default_rng(1).integers(0, 40, (1, 9, 9, 9)).astype(np.uint8)
    assert [bool(undetermined(cells, fewest)[0]) for fewest in (0, 40, 41)] == [False, False, True]
