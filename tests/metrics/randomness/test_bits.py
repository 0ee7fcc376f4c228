"""Bit sequences and the passes over their words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cryptobench.metrics.randomness import Bits, SequenceError, as_bits
from cryptobench.metrics.randomness._windows import all_ones_counts, window_histograms
from cryptobench.metrics.randomness.bits import (
    block_ones,
    count_changes,
    count_ones,
    leading_zeros,
    longest_runs,
    popcount,
    trailing_zeros,
    word_at,
)
from cryptobench.metrics.randomness.complexity import linear_complexities
from cryptobench.metrics.randomness.rank import matrix_ranks
from tests.metrics.randomness import plain


def unpacked(bits: Bits) -> np.ndarray:
    return np.unpackbits(bits.words.astype(">u8").view(np.uint8), count=bits.n)


@st.composite
def sequences(draw: st.DrawFn) -> np.ndarray:
    """Zeros and ones: random, or one pattern over and over with a few bits changed."""
    n = draw(st.integers(20, 400))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    bits = generator.integers(0, 2, n, dtype=np.uint8)
    if draw(st.booleans()):
        bits = np.resize(bits[: draw(st.integers(1, 70))], n)
        bits[generator.integers(0, n, draw(st.integers(0, 3)))] ^= 1
    return bits


@pytest.mark.parametrize("n", [1, 7, 8, 9, 63, 64, 65, 1000])
def test_bits_behind_the_last_are_zero(n) -> None:
    """The sequence ends where it should, whatever the bytes hold behind."""
    packed = np.full(125, 0xFF, np.uint8)
    bits = as_bits(packed, n)
    assert unpacked(bits).all()
    assert count_ones(bits.words) == n
    assert (packed == 0xFF).all()


def test_bytes_and_arrays_are_the_same_sequence() -> None:
    """Bytes, bytearray, memoryview, read-only and strided arrays give the same words."""
    packed = np.arange(100, dtype=np.uint8)
    frozen = packed.copy()
    frozen.flags.writeable = False
    expected = as_bits(packed).words
    spaced = np.repeat(packed, 2)[::2]
    for other in (packed.tobytes(), bytearray(packed), memoryview(packed.tobytes()), frozen, spaced):
        assert (as_bits(other).words == expected).all()
    ready = as_bits(packed)
    assert as_bits(ready) is ready


@pytest.mark.parametrize(
    ("sequence", "n", "said"),
    [
        (np.zeros((4, 4), np.uint8), None, r"not uint8 of shape \(4, 4\); use image.ravel"),
        (np.zeros(4), None, "float64"),
        ([0, 1], None, "list"),
        (b"ab", 17, "2 bytes hold 16 bits, wanted 17"),
        (b"ab", 0, "wanted 0"),
        (b"", None, "0 bytes hold 0 bits"),
        (as_bits(b"abc"), 8, "has 24 bits, not 8"),
    ],
)
def test_what_is_no_sequence_is_refused(sequence, n, said) -> None:
    """One line says what was given and what is wanted."""
    with pytest.raises(SequenceError, match=said):
        as_bits(sequence, n)


def test_words() -> None:
    """Population count, zeros at both ends, and unaligned words."""
    assert [int(popcount_of(w)) for w in (0, 1, 2**64 - 1, 0xF0F0)] == [0, 1, 64, 8]
    assert [int(leading_of(w)) for w in (0, 1, 2**63, 0xFF)] == [64, 63, 0, 56]
    assert [int(trailing_of(w)) for w in (0, 1, 2**63, 0xF0)] == [64, 0, 63, 4]
    bits = as_bits(np.random.default_rng(0).integers(0, 256, 40, dtype=np.uint8))
    for position in (0, 1, 63, 64, 65, 200):
        expected = int("".join(map(str, unpacked(bits)[position : position + 64])), 2)
        assert int(word_at(bits.words, position)) == expected


@given(sequences(), st.integers(1, 100), st.integers(1, 9))
@settings(max_examples=120, deadline=None)
def test_passes_agree_with_counting_bit_by_bit(bits, size, width) -> None:
    """Ones, changes, longest runs, all-ones windows and histograms, for blocks of any size."""
    n = bits.size
    words = as_bits(np.packbits(bits), n).words
    assert count_ones(words) == bits.sum()
    assert count_changes(words, n) == np.sum(bits[1:] != bits[:-1])
    blocks = bits[: n // size * size].reshape(-1, size)
    assert block_ones(words, len(blocks), size).tolist() == blocks.sum(axis=1).tolist()
    assert longest_runs(words, len(blocks), size).tolist() == [plain.longest_of(block) for block in blocks]
    if width <= size:
        found = all_ones_counts(words, len(blocks), size, width)
        assert found.tolist() == plain.overlapping_counts(bits, width, size)


@given(sequences(), st.integers(1, 9), st.integers(0, 7), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_histograms_agree_with_counting_bit_by_bit(bits, prefix, more, blocks) -> None:
    """Circular windows, and shorter ones inside blocks, from one pass."""
    n, width = bits.size, min(prefix + more, bits.size)
    table, inside = window_histograms(as_bits(np.packbits(bits), n).wrapped(), n, width, prefix, blocks)
    codes = plain.windows(bits, width, circular=True)
    assert (table == np.bincount(codes, minlength=1 << width)).all()
    for i, counts in enumerate(inside):
        block = bits[i * (n // blocks) : (i + 1) * (n // blocks)]
        if block.size >= prefix:
            expected = np.bincount(plain.windows(block, prefix, circular=False), minlength=1 << prefix)
            assert (counts == expected).all()


@pytest.mark.parametrize("period", [1, 2, 3])
def test_histograms_hold_counts_beyond_a_byte(period: int) -> None:
    """Few patterns that occur thousands of times, in the whole sequence and in blocks."""
    bits = np.resize(np.array([0, 1, 1][-period:], np.uint8), 5003)
    table, inside = window_histograms(as_bits(np.packbits(bits), bits.size).wrapped(), bits.size, 11, 4, 3)
    assert (table == np.bincount(plain.windows(bits, 11, circular=True), minlength=2048)).all()
    for i, counts in enumerate(inside):
        block = bits[i * 1667 : (i + 1) * 1667]
        assert (counts == np.bincount(plain.windows(block, 4, circular=False), minlength=16)).all()


@given(sequences(), st.integers(2, 130))
@settings(max_examples=80, deadline=None)
def test_complexities_agree_with_berlekamp_and_massey(bits, size) -> None:
    """Registers are as short as the textbook algorithm makes them, in periodic sequences too."""
    blocks = bits[: bits.size // size * size].reshape(-1, size)
    found = linear_complexities(as_bits(np.packbits(bits), bits.size).words, len(blocks), size)
    assert found.tolist() == [plain.berlekamp_massey(block.tolist()) for block in blocks]


@given(sequences(), st.integers(2, 19))
@settings(max_examples=60, deadline=None)
def test_ranks_agree_with_elimination(bits, side) -> None:
    """Ranks of square matrices of any side, of low rank too."""
    matrices = bits.size // (side * side)
    found = matrix_ranks(as_bits(np.packbits(bits), bits.size).words, matrices, side, side)
    assert found.tolist() == plain.ranks(bits, side).tolist()


def _compiled(operation):
    from numba import njit

    @njit
    def apply(word):
        return operation(word)

    return lambda word: apply(np.uint64(word))


popcount_of, leading_of, trailing_of = map(_compiled, (popcount, leading_zeros, trailing_zeros))
