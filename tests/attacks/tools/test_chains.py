"""One-step chains are undone, and no two of them are the same."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cryptobench.attacks.tools.combiners import CHAINS, before, lags


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
def test_a_mask_opens_what_it_closed(chain) -> None:
    """p comes back from c, f and the mask, for all kinds of bytes."""
    p, c, f = np.random.default_rng(1).integers(0, 256, (3, 4096), np.uint8)
    assert np.array_equal(chain.take(c, f, chain.mask(p, c, f)), p)


def test_chains_differ() -> None:
    """No chain takes off the masks of another."""
    p, c, f = np.random.default_rng(2).integers(0, 256, (3, 4096), np.uint8)
    for one, other in itertools.permutations(CHAINS, 2):
        assert np.mean(other.take(c, f, one.mask(p, c, f)) == p) < 0.6, (one.name, other.name)


def test_the_earlier_byte_is_that_of_the_sample_pixel_or_row() -> None:
    """In both directions, each distance once, zeros beyond the border."""
    assert list(lags((5, 4, 3))) == [1, -1, 3, -3, 12, -12]
    assert list(lags((5, 4))) == [1, -1, 4, -4]
    assert list(lags((1, 1))) == []
    flat = np.array([1, 2, 3, 4], np.uint8)
    assert before(flat, 3).tolist() == [0, 0, 0, 1]
    assert before(flat, -1).tolist() == [2, 3, 4, 0]
