"""zhang2015: diffusion of its own, rounds, and lattices without short cycles."""

import numpy as np
import pytest

from cryptobench.baselines.chaotic.zhang2015 import Lattice, Zhang2015
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.primitives.chaos.maps.basic import ncml_neighbours
from tests.baselines.scheme_checks import (
    NONCE,
    changed,
    enciphered,
    flip_rates,
    flipped,
    key_of,
    one_flip_pairs,
    share_changed,
)

RNG = np.random.default_rng(1)

CIPHERS = [Zhang2015(), Zhang2015(rounds=2)]


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: f"{cipher.rounds} rounds")
def test_a_single_sample_comes_back(cipher: Zhang2015):
    """An image of 1 x 1, grey."""
    pixel, key = np.array([[77]], np.uint8), key_of(cipher)
    assert cipher.decrypt(cipher.encrypt(pixel, key, NONCE), key) == pixel


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: f"{cipher.rounds} rounds")
def test_the_wrong_key_returns_noise(cipher: Zhang2015):
    """One flipped bit of this key gives a decryption unlike the image."""
    image, key = np.full((64, 64), 9, np.uint8), key_of(cipher)
    encrypted = cipher.encrypt(image, key, NONCE)
    assert share_changed(cipher.decrypt(encrypted, flipped(key)), image) > 98


@pytest.mark.parametrize("rounds", [0, -1, 2.0, True, "3"])
def test_rounds_are_a_positive_integer(rounds: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        Zhang2015(rounds=rounds)  # type: ignore[arg-type]


def test_it_diffuses_without_a_plaintext_hash():
    """One random LSB, 20 keys: mean NPCR 99.61 and UACI 33.46, so the sensitivity is the cipher's own."""
    rates, changes = flip_rates(one_flip_pairs(Zhang2015(), 20))
    assert rates.mean() == pytest.approx(99.6094, abs=0.05)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)


def test_one_round_is_not_enough():
    """After one round a change reaches about half of the image at best."""
    rates, _ = flip_rates(one_flip_pairs(Zhang2015(rounds=1), 10, shape=(96, 96)))
    assert rates.mean() < 90


def test_memory_blocks_leave_no_trace():
    """An image longer than one block of key stream comes back, and a flip in its first block reaches its last."""
    cipher, image = Zhang2015(), RNG.integers(0, 256, (100, 183), np.uint8)
    key = key_of(cipher)
    one, two = enciphered(cipher, image, key), enciphered(cipher, changed(image, 0, 1), key)
    assert np.array_equal(cipher.decrypt(Encrypted(one), key), image)
    assert share_changed(one[-5:], two[-5:]) > 98


def repeats(lattice: Lattice) -> bool:
    """Whether the states of sites 1 to 8 together occur twice within 2048 steps: they are then in a cycle."""
    out = np.empty((2048, 8))
    lattice.run(out)
    return len(np.unique(out, axis=0)) < len(out)


def test_no_sampled_key_has_a_short_cycle():
    """300 keys: no lattice state comes twice in 2048 steps after burn-in, and no two sites run in step."""
    for trial in range(300):
        lattice = Lattice.of(key_of(Zhang2015(), f"cycle {trial}"))
        assert not repeats(lattice)
        assert len(np.unique(lattice.x[1:])) == 8


def test_wider_parameters_would_give_weak_keys():
    """With mu down to 3.9, eps up to 0.2 and any p and q, some percent of keys end in a cycle of under 2048 steps."""
    weak = 0
    for _ in range(300):
        p, q = RNG.integers(1, 1001, 2).tolist()
        lattice = Lattice(RNG.uniform(0.05, 0.95, 9), RNG.uniform(3.9, 4), RNG.uniform(0.01, 0.2), p, q, 0)
        lattice.run(np.empty((500, 8)))
        weak += repeats(lattice)
    assert 0.005 < weak / 300 < 0.08


def test_every_site_is_coupled_to_two_others():
    """But site 0; where 9 divides p and q, as its key schedule never gives, all sites would stand alone."""
    own = np.arange(9)
    for trial in range(300):
        lattice = Lattice.of(key_of(Zhang2015(), f"coupled {trial}"))
        for neighbour in ncml_neighbours(9, lattice.p, lattice.q):
            assert np.array_equal(np.flatnonzero(neighbour == own), [0])
    assert all(np.array_equal(neighbour, own) for neighbour in ncml_neighbours(9, 18, 27))
