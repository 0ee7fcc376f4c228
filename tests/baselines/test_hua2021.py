"""hua2021: known answers, and that it is affine."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.hua2021 import Hua2021, seed_of_round
from cryptobench.cipher import CipherError, Encrypted, UnsupportedImage
from cryptobench.primitives.chaos.maps.basic import ltmm_orbit
from tests.baselines.scheme_checks import NONCE, RAMP, enciphered, flipped, key_of, share_changed

RNG = np.random.default_rng(1)


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 of the cipher image starts as a separate implementation's does."""
    cipher = Hua2021(rounds=2)
    image = enciphered(cipher, RAMP, key_of(cipher, "cryptobench"))
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("14d0fc25245d9fff")


def test_a_single_sample_is_refused_both_ways():
    """The closed chain needs two samples."""
    pixel, key = np.array([[77]], np.uint8), key_of(Hua2021())
    with pytest.raises(UnsupportedImage, match="1 sample"):
        Hua2021().encrypt(pixel, key, NONCE)
    with pytest.raises(UnsupportedImage, match="1 sample"):
        Hua2021().decrypt(Encrypted(pixel), key)


@pytest.mark.parametrize("cipher", [Hua2021()], ids=lambda cipher: f"{cipher.rounds} rounds")
def test_the_wrong_key_returns_noise(cipher: Hua2021):
    """One flipped bit of this key gives a decryption unlike the image."""
    image, key = np.full((64, 64), 9, np.uint8), key_of(cipher)
    encrypted = cipher.encrypt(image, key, NONCE)
    assert share_changed(cipher.decrypt(encrypted, flipped(key)), image) > 98


@pytest.mark.parametrize("rounds", [0, -1, 2.0, True, "3"])
def test_rounds_are_a_positive_integer(rounds: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        Hua2021(rounds=rounds)  # type: ignore[arg-type]


@pytest.mark.parametrize("rounds", [1, 2, 8])
@pytest.mark.parametrize("shape", [(32, 32), (33, 47, 3)])
def test_it_is_affine_over_integers_mod_256(rounds: int, shape: tuple[int, ...]):
    """E(a + b) = E(a) + E(b) - E(0) at every sample, for any number of rounds."""
    cipher, key = Hua2021(rounds=rounds), key_of(Hua2021())
    a, b = RNG.integers(0, 256, (2, *shape), np.uint8)
    zero = np.zeros(shape, np.uint8)
    of_sum, of_a, of_b, of_zero = (enciphered(cipher, image, key) for image in (a + b, a, b, zero))
    assert np.array_equal(of_sum, of_a + of_b - of_zero)


def test_every_key_bit_changes_the_ciphertext():
    """Each of the 256 bits, flipped alone, changes over 99.35 % of 64 x 64 x 3 samples (mean 99.61)."""
    cipher, image = Hua2021(), RNG.integers(0, 256, (64, 64, 3), np.uint8)
    key = key_of(cipher)
    base, number = enciphered(cipher, image, key), int.from_bytes(key, "big")
    rates = [
        share_changed(base, enciphered(cipher, image, (number ^ (1 << bit)).to_bytes(32, "big"))) for bit in range(256)
    ]
    assert min(rates) > 99.35
    assert np.mean(rates) == pytest.approx(99.6094, abs=0.02)


def test_no_sampled_key_has_a_short_cycle():
    """200 keys, both rounds: 4096 states are all different, and spread over the interval."""
    x, y = np.empty((2, 4096))
    for trial in range(200):
        for r in range(2):
            ltmm_orbit(*seed_of_round(key_of(Hua2021(), f"cycle {trial}"), r), 200, x, y)
            assert len(np.unique(x)) == len(np.unique(y)) == 4096
            assert abs(x.mean() - 0.5) < 0.03
