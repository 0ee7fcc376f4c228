"""Every combiner and every one-step chain can be inverted, and no two of them are the same."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cryptobench.attacks.tools.combiners import BASE4_ADDITION, CHAINS, COMBINERS, delayed, neighbour_lags


@pytest.mark.parametrize("combiner", COMBINERS, ids=lambda combiner: combiner.name)
def test_combiners_are_consistent(combiner) -> None:
    """combine, invert and mask agree on all 65536 pairs of bytes; the mask is what zero is encrypted to."""
    x, k = (grid.astype(np.uint8) for grid in np.indices((256, 256)))
    y = combiner.combine(x, k)
    assert y.dtype == np.uint8
    assert np.array_equal(combiner.invert(y, k), x)
    assert np.array_equal(combiner.mask(y, x), k)
    assert np.array_equal(y[0], k[0])


def test_base4_digits_are_added_without_carry() -> None:
    """Each of the four base-4 digits is added mod 4 by itself, as DNA coding adds bases."""
    x, k = np.array([0b11_01_00_10], np.uint8), np.array([0b01_01_11_11], np.uint8)
    assert BASE4_ADDITION.combine(x, k)[0] == 0b00_10_11_01
    x, k = (grid.astype(np.uint8) for grid in np.indices((256, 256)))
    digits = (((x >> place & 3) + (k >> place & 3)) % 4 << place for place in (0, 2, 4, 6))
    assert np.array_equal(BASE4_ADDITION.combine(x, k), sum(digits))


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
def test_chains_are_inverted_by_their_mask(chain) -> None:
    """p comes back from c, f and the mask, for all kinds of bytes."""
    p, c, f = np.random.default_rng(1).integers(0, 256, (3, 4096), np.uint8)
    assert np.array_equal(chain.invert(c, f, chain.mask(p, c, f)), p)


def test_chains_differ() -> None:
    """No chain removes the masks of another."""
    p, c, f = np.random.default_rng(2).integers(0, 256, (3, 4096), np.uint8)
    for one, other in itertools.permutations(CHAINS, 2):
        assert np.mean(other.invert(c, f, one.mask(p, c, f)) == p) < 0.6, (one.name, other.name)


def test_lags_reach_a_sample_pixel_or_row() -> None:
    """In both directions, each distance once, zeros beyond the border."""
    assert list(neighbour_lags((5, 4, 3))) == [1, -1, 3, -3, 12, -12]
    assert list(neighbour_lags((5, 4))) == [1, -1, 4, -4]
    assert list(neighbour_lags((1, 1))) == []
    flat = np.array([1, 2, 3, 4], np.uint8)
    assert delayed(flat, 3).tolist() == [0, 0, 0, 1]
    assert delayed(flat, -1).tolist() == [2, 3, 4, 0]
