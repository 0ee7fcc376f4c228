"""Extended visual cryptography: overlays show the secret, single shares only their covers."""

from collections import Counter

import numpy as np
import pytest

from cryptobench.primitives.optics.visual import overlaid, sample, shares

CASES = [(s, a, b) for s in (False, True) for a in (False, True) for b in (False, True)]


def blocks(share: np.ndarray) -> list[tuple[int, ...]]:
    height, width = share.shape[0] // 2, share.shape[1] // 2
    return [
        tuple(map(int, block.ravel())) for block in share.reshape(height, 2, width, 2).swapaxes(1, 2).reshape(-1, 2, 2)
    ]


def made(secret: bool, one: bool, two: bool, count: int = 4800) -> tuple[np.ndarray, np.ndarray]:
    shape = (1, count)
    chance = np.random.default_rng(11).integers(0, 65536, shape, np.uint16)
    return shares(np.full(shape, secret), (np.full(shape, one), np.full(shape, two)), chance)


@pytest.mark.parametrize(("secret", "one", "two"), CASES)
def test_blocks_have_their_covers_sub_pixels(secret, one, two):
    """2 clear of 4 in a white cover's block, 1 in a black one's; 1 in the overlay of a white secret, else none."""
    first, second = made(secret, one, two, 300)
    assert {sum(block) for block in blocks(first)} == {1 + one}
    assert {sum(block) for block in blocks(second)} == {1 + two}
    assert {sum(block) for block in blocks(first & second)} == {int(secret)}
    assert (overlaid((first & second).astype(float)) == secret).all()


@pytest.mark.parametrize(("one", "two"), [(a, b) for a in (False, True) for b in (False, True)])
def test_a_single_share_says_nothing_about_the_secret(one: bool, two: bool):
    """Every placement that a cover allows is as frequent for a black secret as for a white one: five sigma."""
    for place in (0, 1):
        counts = [Counter(blocks(made(secret, one, two)[place])) for secret in (False, True)]
        cover = (one, two)[place]
        assert len(counts[0]) == len(counts[1]) == (6 if cover else 4)
        mean = 4800 / len(counts[0])
        assert all(abs(count - mean) < 5 * np.sqrt(mean) for counter in counts for count in counter.values())


def test_any_number_of_leading_axes_is_taken():
    """Three channels at odd sides come back from the overlay."""
    rng = np.random.default_rng(12)
    secret, one, two = rng.random((3, 3, 5, 7)) < 0.5
    first, second = shares(secret, (one, two), rng.integers(0, 65536, secret.shape, np.uint16))
    assert first.shape == (3, 10, 14)
    assert np.array_equal(overlaid((first & second).astype(float)), secret)


def test_a_sample_is_its_two_shares():
    """One share as amplitude, the other as phase, for all placements."""
    rng = np.random.default_rng(3)
    secret, one, two = (rng.random((3, 40, 31)) < 0.5 for _ in range(3))
    chance = rng.integers(0, 65536, secret.shape, np.uint16)
    first, second = shares(secret, (one, two), chance)
    found = sample(secret, (one, two), chance)
    assert found.dtype == np.complex64
    assert np.array_equal(found, first * np.where(second, 1j, 1))
