"""Chained Feistel blocks: against plain Python, inverses, and how far a change reaches."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.feistel import feistel_chain, feistel_unchain

RNG = np.random.default_rng(5)


def plain_block(block: list[int], keys: list[int], box: list[int]) -> list[int]:
    """(L, R) <- (R, L xor F(R, k)) literally, halves exchanged in every round."""
    half = len(block) // 2
    left, right = block[:half], block[half:]
    for k in keys:
        t, f = right[-1], []
        for r in right:
            turned = (r << k % 8 | r >> 8 - k % 8) & 255
            t = box[(turned + k + t) % 256]
            f.append(t)
        left, right = right, [a ^ b for a, b in zip(left, f, strict=True)]
    return left + right


def plain_chain(blocks: np.ndarray, keys: np.ndarray, box: np.ndarray, start: np.ndarray) -> list[list[int]]:
    out, before = [], start.tolist()
    for block, k in zip(blocks.tolist(), keys.tolist(), strict=True):
        before = plain_block([a ^ b for a, b in zip(block, before, strict=True)], k, box.tolist())
        out.append(before)
    return out


def parts(n: int, size: int, rounds: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    box = RNG.permutation(256).astype(np.uint8)
    return (
        RNG.integers(0, 256, (n, size), np.uint8),
        RNG.integers(0, 256, (n, rounds), np.uint8),
        box,
        RNG.integers(0, 256, size, np.uint8),
    )


@pytest.mark.parametrize("rounds", [2, 4])
def test_the_chain_is_that_of_the_plain_steps(rounds: int):
    """Forwards as it is; backwards as the plain chain of the reversed blocks."""
    blocks, keys, box, start = parts(7, 18, rounds)
    assert feistel_chain(blocks, keys, box, start, False).tolist() == plain_chain(blocks, keys, box, start)
    backward = feistel_chain(blocks, keys, box, start, True)
    assert backward[::-1].tolist() == plain_chain(blocks[::-1], keys[::-1], box, start)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("shape", [(1, 2), (1, 256), (5, 2), (9, 256)])
def test_the_inverse_undoes_the_chain(shape: tuple[int, int], backward: bool):
    """Both ways round, and inputs stay as they were."""
    blocks, keys, box, start = parts(*shape)
    before = blocks.copy()
    chained = feistel_chain(blocks, keys, box, start, backward)
    assert np.array_equal(feistel_unchain(chained, keys, box, start, backward), before)
    unchained = feistel_unchain(blocks, keys, box, start, backward)
    assert np.array_equal(feistel_chain(unchained, keys, box, start, backward), before)
    assert np.array_equal(blocks, before)


def test_one_bit_reaches_all_that_follows():
    """Whatever byte it is in: 99.6 % of the bytes from its block on differ, and none before."""
    blocks, keys, box, start = parts(12, 256)
    one = feistel_chain(blocks, keys, box, start, False)
    for place in (0, 127, 128, 255):
        other = blocks.copy()
        other[4, place] ^= 1
        differs = one != feistel_chain(other, keys, box, start, False)
        assert not differs[:4].any()
        assert differs[4:].mean() == pytest.approx(255 / 256, abs=0.006)
