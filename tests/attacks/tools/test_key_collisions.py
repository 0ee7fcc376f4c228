"""Colliding keys are counted, and keys of an ideal cipher never collide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cryptobench.attacks.oracle import LocalCipher
from cryptobench.attacks.tools.key_collisions import Collisions, KeyComparison, find_collisions, tiny_shape
from cryptobench.cipher import KeyField
from tests.attacks.keyed_toys import Toy, ideal, xored


def _collisions(body, keys=256) -> Collisions:
    return find_collisions(LocalCipher(Toy(body)), (12, 10, 3), np.random.default_rng(1), keys)


def test_effective_bits_follow_from_collisions() -> None:
    """A cipher that uses one byte of its key has about eight."""
    found = _collisions(lambda image, seed: xored(image, seed[:1]))
    assert found.keys == 256
    assert found.bits == pytest.approx(8, abs=0.5)


def test_ideal_ciphers_have_no_collisions() -> None:
    """Then nothing is known of the effective bits."""
    assert _collisions(ideal) == Collisions(256, 0)
    assert _collisions(ideal).bits is None


def test_a_short_key_does_not_collide_with_itself() -> None:
    """All 256 keys of one byte are tried, each once, however often they are drawn."""
    cipher = Toy(ideal)
    cipher.card = replace(cipher.card, key=(KeyField("key", 8),))
    assert find_collisions(LocalCipher(cipher), (4, 5), np.random.default_rng(1), 1024) == Collisions(256, 0)


def test_collisions_of_tiny_images_are_confirmed() -> None:
    """Keys that collide at 8 pixels a side and not at the full size do not count."""
    assert _collisions(lambda image, seed: image if image.shape[0] == 8 else xored(image, seed)).pairs == 0


def test_keys_are_compared_under_one_message() -> None:
    """One plaintext, nonce and secret: equal keys give equal ciphertexts, with the header."""
    local_cipher = LocalCipher(Toy(xored, xored, state=lambda image: b"ab", in_header=True))
    comparison = KeyComparison(local_cipher, tiny_shape(local_cipher, (64, 64, 3)), np.random.default_rng(2))
    assert comparison.image.shape == (8, 8, 3)
    assert comparison.ciphertext(bytes(16)) == comparison.ciphertext(bytes(16)) != comparison.ciphertext(b"x" * 16)
    assert comparison.ciphertext(bytes(16)) == (comparison.cipher_image(bytes(16)), b"ab")
