"""A key that only adds a mask to a public map is removed with two known pairs."""

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.keystream.key_mask import KeyMask
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.images import builtin_image
from cryptobench.metrics.statistics import binomial_sf
from cryptobench.registry import load_cipher


class PublicMapThenMask(Cipher):
    """A public shuffle and S-box without a key, then a keyed mask combined by ``combine``: a toy of the class
    attacked."""

    card = Card(name="toy", title="toy", family="toy", fidelity="A", key=(KeyField("key", 64),), uses_nonce=True)
    combine = np.add
    invert = np.subtract

    def _public(self, size):
        generator = np.random.default_rng(5)
        return generator.permutation(size), generator.permutation(256).astype(np.uint8)

    def _mask(self, size, key, nonce):
        return np.random.default_rng(list(key + nonce)).integers(0, 256, size, dtype=np.uint8)

    def encrypt(self, image, key, nonce, *, secret=None):
        order, box = self._public(image.size)
        masked = type(self).combine(box[image.ravel()[order]], self._mask(image.size, key, nonce))
        return Encrypted(masked.reshape(image.shape), nonce)

    def decrypt(self, encrypted, key):
        size = encrypted.image.size
        order, box = self._public(size)
        unmasked = type(self).invert(encrypted.image.ravel(), self._mask(size, key, encrypted.header))
        plain = np.empty(size, np.uint8)
        plain[order] = np.argsort(box).astype(np.uint8)[unmasked]
        return plain.reshape(encrypted.image.shape)


class XorMask(PublicMapThenMask):
    combine = invert = np.bitwise_xor


@pytest.mark.parametrize("cipher", [PublicMapThenMask(), XorMask()], ids=["add", "xor"])
def test_a_masked_public_map_falls_to_known_pairs(cipher):
    """With a fixed nonce the target is recovered whole, by XOR and by addition; with fresh nonces nothing is."""
    target = builtin_image("astronaut", 32)
    run = attack_target(KeyMask(), cipher, target, mode="fixed")
    assert (run.outcome, run.score.share, run.queries.known) == ("recovered", 1.0, 2)
    assert attack_target(KeyMask(), cipher, target, mode="fresh").outcome == "holds"


@pytest.mark.parametrize("name", ["aes-256-siv", "chen2004", "hua2021"])
def test_ciphers_whose_key_does_more_hold(name):
    """A keyed permutation, or a tag over the plaintext, is no mask."""
    assert attack_target(KeyMask(), load_cipher(name), builtin_image("coffee", 32), mode="fixed").outcome in (
        "holds",
        "n/a",
    )


@pytest.mark.parametrize("name", ["xor-pad", "aes-256-ctr"])
def test_a_reused_keystream_is_a_mask(name):
    """Plain stream ciphers under a fixed nonce are the simplest case."""
    assert attack_target(KeyMask(), load_cipher(name), builtin_image("coffee", 32), mode="fixed").outcome == "recovered"


class TwoStreams(PublicMapThenMask):
    """c = p + A(key) + B(nonce)."""

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image + self._streams(image, key, nonce), nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image - self._streams(encrypted.image, key, encrypted.header)

    def _streams(self, image, key, nonce):
        return (self._mask(image.size, key, b"") + self._mask(image.size, b"", nonce)).reshape(image.shape)


def test_added_streams_of_key_and_nonce_are_separated():
    """Ciphertexts decrypted with a key of the attacker's own are the plaintext and one mask, whatever the nonce."""
    run = attack_target(KeyMask(), TwoStreams(), builtin_image("astronaut", 32), mode="fresh")
    assert (run.outcome, run.score.share, run.queries.known) == ("recovered", 1.0, 2)
    assert "under the attacker's key" in run.result.notes


class GreyUnderWrongKeys(PublicMapThenMask):
    """A keystream with a tag; what another key decrypts to is flat apart from noise, as a network's decoder may
    give."""

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self._pad(image, key, nonce), nonce + self._tag(key, nonce))

    def decrypt(self, encrypted, key):
        nonce, tag = encrypted.header[:16], encrypted.header[16:]
        plain = encrypted.image ^ self._pad(encrypted.image, key, nonce)
        return plain if tag == self._tag(key, nonce) else plain % 4 + 120

    def _pad(self, image, key, nonce):
        return self._mask(image.size, key, nonce).reshape(image.shape)

    def _tag(self, key, nonce):
        return hashlib.sha256(key + nonce).digest()[:8]


def test_noise_of_few_levels_is_no_mask():
    """It agrees in more than one sample of 256 by chance, under every key alike."""
    target = builtin_image("astronaut", 128)
    runs = [attack_target(KeyMask(), GreyUnderWrongKeys(), target, mode="fresh", seed=seed) for seed in range(5)]
    assert {one.outcome for one in runs} == {"holds"}
    assert min(binomial_sf(round(one.result.statistic * target.size), target.size) for one in runs) < 1e-9
