"""Words of orbit states against plain integers."""

import numpy as np

from cryptobench.primitives.chaos.key_schedule.keystream import sort_keys, word_bytes

RNG = np.random.default_rng(8)
STATES = np.concatenate([RNG.random(1000), [0.0, 2.0**-36, 1.0 - 2.0**-53, 1e-12, 0.5]])


def test_word_bytes_are_those_of_the_36_bit_word():
    """All four bytes, written from a place in the middle on; what lies before and after stays."""
    out = np.full((4, 10 + len(STATES) + 5), 7, np.uint8)
    word_bytes(STATES, 10, out)
    for f in range(4):
        expected = [int(x * 2**36) >> 8 * f & 255 for x in STATES.tolist()]
        assert out[f].tolist() == [7] * 10 + expected + [7] * 5


def test_sort_keys_are_the_leading_32_bits():
    """Floor of 2^32 x, without overflow just below 1."""
    out = np.empty(len(STATES), np.uint32)
    sort_keys(STATES, out)
    assert out.tolist() == [int(x * 2**32) for x in STATES.tolist()]
