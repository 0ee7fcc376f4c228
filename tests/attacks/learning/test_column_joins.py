"""Columns of known pairs that are the same up to names."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.learning.known_pairs_regression import join
from cryptobench.attacks.tools.known_pairs import KnownPairs

RNG = np.random.default_rng(11)
PLAIN = RNG.integers(0, 256, (200, 21), np.uint8)


def _pairs(sealed, plain=PLAIN):
    return KnownPairs(plain, sealed, [b""] * len(plain))


def test_permuted_and_masked_bits_are_found() -> None:
    """Every plaintext bit has its place and its flip, and what is read needs no estimate."""
    places, mask = RNG.permutation(8 * 21), RNG.integers(0, 2, 8 * 21, np.uint8)
    sealed = np.packbits(np.unpackbits(PLAIN, axis=1)[:, places] ^ mask, axis=1)
    joins = join(_pairs(sealed[:-9], PLAIN[:-9]))
    assert joins.joined_bits == 1
    assert joins.p_value < 1e-6
    assert np.array_equal(joins.read(sealed[-9:], np.zeros((9, 21))), PLAIN[-9:])


def test_permuted_bytes_under_tables_are_found() -> None:
    """Tables are known where a pair has shown the entry; elsewhere the estimate stands."""
    places = RNG.permutation(21)
    tables = np.stack([RNG.permutation(256) for _ in range(21)]).astype(np.uint8)
    plain = PLAIN % 64  # 190 pairs show nearly all of 64 values
    sealed = tables[np.arange(21), plain[:, places]]
    joins = join(_pairs(sealed[:-9], plain[:-9]))
    assert joins.joined_bytes == 1
    assert joins.joined_bits < 0.3  # the top two planes are constant
    read = joins.read(sealed[-9:], np.full((9, 21), 200.0))
    assert np.all((read == plain[-9:]) | (read == 200))
    assert np.mean(read == plain[-9:]) > 0.8


@pytest.mark.parametrize("mix", [np.add, np.bitwise_xor, np.subtract])
def test_masks_complete_their_tables(mix) -> None:
    """Where all entries that were shown are one mask, those that were not are it too."""
    mask = RNG.integers(0, 256, 21, np.uint8)
    joins = join(_pairs(mix(PLAIN, mask)))
    assert len(np.unique(PLAIN[:, 0])) < 200
    others = RNG.integers(0, 256, (5, 21), np.uint8)
    assert np.array_equal(joins.read(mix(others, mask), np.zeros((5, 21))), others)


def test_one_plane_is_read_and_the_rest_estimated() -> None:
    """With the lowest bit known, the nearest value with that bit is taken."""
    sealed = (RNG.integers(0, 256, PLAIN.shape, np.uint8) & 0xFE) | (PLAIN & 1)
    joins = join(_pairs(sealed))
    assert joins.joined_bits == pytest.approx(1 / 8)
    read = joins.read(sealed[:4], PLAIN[:4] + 0.6)
    assert np.array_equal(read & 1, PLAIN[:4] & 1)
    assert np.abs(read.astype(int) - PLAIN[:4]).max() <= 2


def test_unrelated_tables_are_not_joined() -> None:
    """Neither uniform ciphertexts nor constant plaintexts, and few pairs prove little."""
    assert join(_pairs(RNG.integers(0, 256, PLAIN.shape, np.uint8))).p_value == 1
    flat = np.full_like(PLAIN, 7)
    nothing = join(_pairs(flat, flat))
    assert (nothing.joined_bits, nothing.joined_bytes, nothing.p_value) == (0, 0, 1)
    assert join(_pairs(PLAIN[:12], PLAIN[:12])).p_value > 1e-6
