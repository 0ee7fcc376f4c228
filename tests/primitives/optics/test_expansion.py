"""Numbers from a key: the keystream they are, and what they depend on."""

import hashlib

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cryptobench.primitives.optics.expansion import uniform_bytes, uniforms, words

KEY = bytes(range(16))


def test_bytes_are_encrypted_counters():
    """Block i is AES-256 of the 16-byte big-endian i under SHA-256(label | 0 | key)."""
    block = Cipher(algorithms.AES256(hashlib.sha256(b"mask\0" + KEY).digest()), modes.ECB()).encryptor()
    counters = b"".join(i.to_bytes(16, "big") for i in range(5))
    assert uniform_bytes(KEY, "mask", (7, 11)).tobytes() == block.update(counters)[:77]


def test_numbers_are_made_of_the_bytes_in_order():
    """Two bytes make a word, four a fraction, the first byte the highest."""
    stream = uniform_bytes(KEY, "x", (64,)).tolist()
    assert words(KEY, "x", (4, 2)).ravel().tolist() == [256 * stream[2 * i] + stream[2 * i + 1] for i in range(8)]
    first = int.from_bytes(bytes(stream[:4]), "big")
    assert uniforms(KEY, "x", (3,))[0] == (first + 0.5) / 2**32


def test_every_key_bit_and_the_label_count():
    """One flipped bit, another label, or a byte moved from label to key give other numbers."""
    base = uniform_bytes(KEY, "a", (64,))
    others = [bytes([KEY[0] ^ 1 << bit]) + KEY[1:] for bit in range(8)] + [KEY[:-1] + bytes([KEY[-1] ^ 1])]
    assert all((uniform_bytes(key, "a", (64,)) != base).mean() > 0.9 for key in others)
    assert (uniform_bytes(KEY, "b", (64,)) != base).mean() > 0.9
    assert (uniform_bytes(b"b" + KEY, "a", (64,)) != uniform_bytes(KEY, "ab", (64,))).mean() > 0.9


def test_uniforms_are_uniform():
    """Mean 1/2 and variance 1/12 within five standard errors, and never 0 or 1."""
    u = uniforms(KEY, "u", (40000,))
    assert abs(u.mean() - 0.5) < 5 * np.sqrt(1 / 12 / u.size)
    assert abs(u.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / u.size)
    assert 0 < u.min() < u.max() < 1
