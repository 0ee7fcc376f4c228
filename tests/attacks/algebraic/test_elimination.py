"""Linear systems are solved over GF(2) and Z/256, tall ones too, and singular ones are refused."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.codebook import solve_gf2, solve_z256


@pytest.mark.parametrize(("m", "n"), [(1, 1), (70, 70), (130, 65), (64, 64)])
def test_solutions_over_z256_are_exact(m, n) -> None:
    """A unit lower and a unit upper triangle make an invertible matrix."""
    generator = np.random.default_rng(m)
    lower = np.tril(generator.integers(0, 256, (n, n)), -1) + np.eye(n, dtype=int)
    upper = np.triu(generator.integers(0, 256, (n, n)), 1) + np.eye(n, dtype=int)
    rest = generator.integers(0, 256, (m - n, n))
    matrix = (np.concatenate([lower @ upper, rest]) % 256)[generator.permutation(m)]
    x = generator.integers(0, 256, n)
    solved = solve_z256(matrix.astype(np.uint8), (matrix @ x % 256).astype(np.uint8))
    assert solved is not None
    assert np.array_equal(solved, x)


def test_solutions_over_gf2_are_exact() -> None:
    """A tall random matrix has full rank."""
    generator = np.random.default_rng(1)
    matrix, x = generator.integers(0, 2, (150, 100), np.uint8), generator.integers(0, 2, 100, np.uint8)
    solved = solve_gf2(matrix, (matrix.astype(int) @ x % 2).astype(np.uint8))
    assert solved is not None
    assert np.array_equal(solved, x)


def test_singular_matrices_are_refused() -> None:
    """Equal columns, or a matrix whose columns are even, have no unique solution."""
    assert solve_gf2(np.ones((3, 2), np.uint8), np.ones(3, np.uint8)) is None
    assert solve_z256(np.eye(3, dtype=np.uint8) * 2, np.full(3, 2, np.uint8)) is None
