"""The chain of base additions, eight bases at a time, against one base at a time."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.dna import base_chain, base_unchain

RNG = np.random.default_rng(5)
LENGTHS = [0, 1, 4, 7, 8, 9, 63, 64, 1000]


def plain_chain(D: np.ndarray, kappa: np.ndarray, right: int, start: int, backward: bool) -> list[int]:
    """The formula in Python integers."""
    places = range(len(D))
    out, previous = [0] * len(D), start
    for t in reversed(places) if backward else places:
        previous = out[t] = (int(D[t]) + (int(kappa[t]) >> right) + previous) % 4
    return out


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", LENGTHS)
def test_the_chain_is_its_formula_and_the_inverse_undoes_it(n: int, backward: bool):
    """At any length, in both directions, for every start and shift, and with all terms at their largest."""
    for right in range(7):
        for start in range(4):
            for D, kappa in (
                (RNG.integers(0, 4, n, dtype=np.uint8), RNG.integers(0, 256, n, dtype=np.uint8)),
                (np.full(n, 3, np.uint8), np.full(n, 255, np.uint8)),
            ):
                chained = D.copy()
                base_chain(chained, kappa, right, start, backward)
                assert chained.tolist() == plain_chain(D, kappa, right, start, backward)
                base_unchain(chained, kappa, right, start, backward)
                assert np.array_equal(chained, D)


def test_one_changed_base_changes_all_later_ones():
    """Addition mod 4 forgets nothing: from the change on, every base differs by it."""
    D, kappa = RNG.integers(0, 4, 100, dtype=np.uint8), RNG.integers(0, 256, 100, dtype=np.uint8)
    other = D.copy()
    other[41] ^= 2
    for chained in (D, other):
        base_chain(chained, kappa, 0, 1, False)
    assert np.array_equal((other - D) % 4, np.where(np.arange(100) < 41, 0, 2))
