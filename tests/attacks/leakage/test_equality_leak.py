"""What equal images have in common under fresh nonces is found: in headers, cipher images and their invariants."""

from __future__ import annotations

import hashlib
import zlib

import numpy as np
import pytest

from cryptobench.attacks.leakage.equality_leak import EqualityLeak
from cryptobench.attacks.runner import attack_target, modes_of
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, xored
from tests.attacks.toys import smooth

TARGET = smooth(12, 11, 3)


class Tagged(Cipher):
    """A good keystream; after the nonce the header has ``tag(image, key, nonce)``."""

    card = Card(name="toy-tagged", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))

    def __init__(self, tag):
        self.tag = tag

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(xored(image, key + nonce), nonce + self.tag(image, key, nonce))

    def decrypt(self, encrypted, key):
        return xored(encrypted.image, key + encrypted.header[:16])


def keyed(image, key, nonce):
    return hashlib.sha256(key + image.tobytes()).digest()[:8]


def mean(image, key, nonce):
    return bytes([int(image.mean()) ^ key[0]])


def checksum(image, key, nonce):
    return bytes(a ^ b for a, b in zip(zlib.crc32(image.tobytes()).to_bytes(4, "big"), nonce[3:], strict=False))


def plus_nonce(image, key, nonce):
    return bytes([(int(image[0, 0, 0]) * 7 + key[0] + nonce[5]) % 256])


@pytest.mark.parametrize(
    ("tag", "what", "queries"),
    [
        (keyed, "bits of the header, in bytes 16 to 23", 55),
        (mean, "bits of the header, in bytes 16 to 16", 51),
        (checksum, "XORs of two header bytes", 51),
        (plus_nonce, "differences of two header bytes", 51),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_tags_of_the_plaintext_leak(tag, what, queries) -> None:
    """A MAC or a property that the key masks, and one that a byte of the nonce masks."""
    run = attack_target(EqualityLeak(), Tagged(tag), TARGET)
    assert run.outcome == "leak"
    assert what in run.result.notes
    assert run.queries.total == queries


def summed(image, key, nonce):
    """A MAC of the sum and of the histogram, and nothing else."""
    return keyed(np.sort(image, axis=None), key, nonce)


def xor_of_all(image, key, nonce):
    return keyed(np.bitwise_xor.reduce(image, axis=None), key, nonce)


def sum_of_all(image, key, nonce):
    return keyed(image.sum(), key, nonce)


@pytest.mark.parametrize(
    ("tag", "claims"),
    [
        (keyed, ("deterministic",)), (mean, ()), (checksum, ()), (summed, ()), (xor_of_all, ()), (sum_of_all, ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_digests_tell_equal_images_alone(tag, claims) -> None:
    """A MAC of the whole image; one of its sum, XOR or histogram, or a mean, tells more."""
    for seed in range(3):
        assert attack_target(EqualityLeak(times=16), Tagged(tag), TARGET, seed).result.claims == claims


def shuffled(image, seed):
    return xored(image, seed[:16]).ravel()[order(seed, image.size)].reshape(image.shape)


def shuffled_bits(image, seed):
    bits = np.unpackbits(xored(image, seed[:16]).ravel())
    return np.packbits(bits[order(seed, bits.size)]).reshape(image.shape)


def substituted(image, seed):
    """Shuffled, and then every level substituted: only the sorted histogram is preserved."""
    return order(seed + b"levels", 256).astype(np.uint8)[shuffled(image, seed)]


def lower_half_synthetic(image, seed):
    """The lower half is masked by a function of itself and the key."""
    half = image.shape[0] // 2
    return np.concatenate([xored(image[:half], seed), ideal(image[half:], seed[:16])])


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (shuffled, "the histogram"),
        (shuffled_bits, "the number of ones"),
        (substituted, "the counts of levels"),
        (lower_half_synthetic, "bits of the cipher image, in bytes"),
    ],
)
def test_invariants_of_the_cipher_image_leak(body, what) -> None:
    """Samples masked by the key are permuted by the nonce; or half of the cipher image does not depend on the nonce."""
    run = attack_target(EqualityLeak(), Toy(body, nonce=True), TARGET)
    assert run.outcome == "leak"
    assert what in run.result.notes


def test_fewer_ciphertexts_prove_less() -> None:
    """With two ciphertexts each, every one of thousands of properties has a chance of one in three: no evidence."""
    run = attack_target(EqualityLeak(times=2), Tagged(keyed), TARGET)
    assert (run.outcome, run.result.p_value) == ("holds", 1.0)


@pytest.mark.parametrize("name", ["xor-pad", "aes-256-ecb"])
def test_deterministic_ciphers_are_left_to_another_attack(name) -> None:
    """Two encryptions suffice for that."""
    run = attack_target(EqualityLeak(), load_cipher(name), photograph(16, 16, 3))
    assert (run.outcome, run.queries.total) == ("n/a", 2)
    assert "determinism" in run.result.notes


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_hold(name) -> None:
    """Under 40 keys, with fresh nonces, and headers with nonces and tags."""
    cipher = load_cipher(name)
    assert {attack_target(EqualityLeak(), cipher, TARGET, seed).outcome for seed in range(40)} == {"holds"}


def test_a_header_that_counts_messages_holds() -> None:
    """A message counter depends on the order of encryption, and that is random."""
    count = iter(range(10**6))
    run = attack_target(EqualityLeak(), Tagged(lambda image, key, nonce: next(count).to_bytes(4, "big")), TARGET)
    assert (run.outcome, run.result.p_value) == ("holds", 1.0)


def test_a_header_that_tells_late_from_early_holds() -> None:
    """The bit separates the first 24 of 48 messages, and they are not those of one image."""
    count = iter(range(10**6))
    run = attack_target(EqualityLeak(), Tagged(lambda image, key, nonce: bytes([next(count) >= 28])), TARGET)
    assert (run.queries.total, run.outcome, run.result.p_value) == (51, "holds", 1.0)


def test_headers_of_several_lengths_are_cut() -> None:
    """Lengths are another attack's; a tag at a fixed place is found all the same."""
    tag = lambda image, key, nonce: keyed(image, key, nonce) + bytes(nonce[0] % 5)  # noqa: E731
    run = attack_target(EqualityLeak(), Tagged(tag), TARGET)
    assert "in bytes 16 to 23" in run.result.notes


def test_it_needs_fresh_nonces() -> None:
    """With a fixed nonce every cipher gives equal ciphertexts."""
    assert modes_of(EqualityLeak(), load_cipher("aes-256-siv").card) == ("fresh",)
