"""The chain by words against the one by bytes."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.chains import rotating_chain
from cryptobench.primitives.chaos.diffusion.word_chain import word_chain, word_unchain

RNG = np.random.default_rng(33)


@pytest.mark.parametrize("n", [0, 1, 2, 1000, 2048, 5000])
@pytest.mark.parametrize("backward", [False, True])
def test_words_hold_the_rotating_chain_s_keys(n: int, backward: bool):
    """k, z and r are its first, second and third byte; of r three bits count, and the fourth byte does not."""
    p, k, z, r, rest = RNG.integers(0, 256, (5, n), np.uint8)
    words = k | z.astype(np.uint32) << 8 | r.astype(np.uint32) << 16 | rest.astype(np.uint32) << 24
    c = word_chain(p, words, 99, backward)
    assert np.array_equal(c, rotating_chain(p, k, r, z, 99, backward))
    assert np.array_equal(word_unchain(c, words, 99, backward), p)


def test_all_rotations_of_all_sums():
    """Exhaustive over the sum and the rotation, in one step, against shifts of plain integers."""
    sums, turns = np.repeat(np.arange(256, dtype=np.uint8), 8), np.tile(np.arange(8, dtype=np.uint32), 256)
    for total, turn in zip(sums, turns, strict=True):
        c = word_chain(np.array([total]), np.array([turn << 16], np.uint32), 0, False)
        assert c[0] == (int(total) << int(turn) | int(total) >> 8 - int(turn)) & 255
