"""What one flipped bit of the plaintext does to the ciphertext of a hash-keyed scheme."""

import hashlib

import numpy as np

from cryptobench.cipher import Cipher
from cryptobench.metrics import npcr, uaci


def one_bit_trials(
    cipher: Cipher, count: int, *, fixed: bool, shape: tuple[int, ...] = (96, 96, 3)
) -> tuple[np.ndarray, np.ndarray]:
    """NPCR and UACI in percent, (count,) each, of random images and keys; ``fixed`` holds the image's hash still."""
    rng, rates, changes = np.random.default_rng(count), [], []
    for trial in range(count):
        key = hashlib.sha256(b"trial %d" % trial).digest()
        image = rng.integers(0, 256, shape, np.uint8)
        other = image.copy()
        other.flat[rng.integers(image.size)] ^= 1 << rng.integers(8)
        one = cipher.encrypt(image, key, bytes(16))
        two = cipher.encrypt(other, key, bytes(16), secret=one.secret if fixed else None)
        rates.append(npcr(one.image, two.image).value)
        changes.append(uaci(one.image, two.image).value)
    return np.array(rates), np.array(changes)
