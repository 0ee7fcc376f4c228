"""What the tests of single schemes share: keys, the ramp image of the golden values, round trips, and flip rates."""

import hashlib
from collections.abc import Iterable

import numpy as np

from cryptobench.cipher import Cipher, Encrypted
from cryptobench.metrics import npcr, uaci

NONCE = bytes(16)
RAMP = (np.arange(768) % 251).astype(np.uint8).reshape(16, 16, 3)
GOLDEN_KEY = hashlib.sha256(b"cryptobench").digest()
GREY = ((1, 1), (1, 7), (1, 263), (263, 1), (16, 16), (257, 263))
COLOUR = ((1, 1, 3), (1, 9, 3), (33, 47, 3), (16, 16, 3))
OTHERS = ((5, 4, 1), (9, 31, 2), (31, 8, 4))


def key_for(label: object) -> bytes:
    return hashlib.sha256(f"key {label}".encode()).digest()


def digest(image: np.ndarray) -> str:
    """The first 16 hex digits of the SHA-256 of the samples."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()[:16]


def fractions(seed: bytes, n: int) -> list[float]:
    """The 52 low bits, plus a half, over 2^52 of each big-endian 8-byte word of SHAKE-256."""
    stream = hashlib.shake_256(seed).digest(8 * n)
    return [(int.from_bytes(stream[8 * i : 8 * i + 8], "big") % 2**52 + 0.5) / 2**52 for i in range(n)]


def planes_of(image: np.ndarray) -> np.ndarray:
    return np.concatenate(np.moveaxis(image, -1, 0), axis=1)


def image_of(planes: np.ndarray) -> np.ndarray:
    return np.stack(np.split(planes, 3, axis=1), axis=-1)


def assert_round_trips(cipher: Cipher, shapes: Iterable[tuple[int, ...]]) -> None:
    """Random, black and white images come back; noise decrypts to what encrypts to it; a wrong key gives an image."""
    rng = np.random.default_rng(7)
    for shape in shapes:
        key = key_for(shape)
        for image in (rng.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
            image.flags.writeable = False
            encrypted = cipher.encrypt(image, key, NONCE)
            assert encrypted.image.shape == shape
            assert np.array_equal(cipher.decrypt(encrypted, key), image)
        noise = Encrypted(rng.integers(0, 256, shape, np.uint8), encrypted.header, encrypted.secret)
        plain = cipher.decrypt(noise, key)
        assert np.array_equal(cipher.encrypt(plain, key, NONCE, secret=noise.secret or None).image, noise.image)
        assert cipher.decrypt(noise, key_for("wrong")).shape == shape


def flip_rates(
    cipher: Cipher, image: np.ndarray, trials: int, *, mask: int = 1, held: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """NPCR and UACI in percent when ``mask`` flips bits of one random sample; ``held`` holds the secret still."""
    rng, rates = np.random.default_rng(11), []
    for trial in range(trials):
        key, other = key_for(trial), image.copy()
        other.flat[rng.integers(image.size)] ^= mask
        one = cipher.encrypt(image, key, NONCE)
        two = cipher.encrypt(other, key, NONCE, secret=one.secret if held else None)
        rates.append((npcr(one.image, two.image).value, uaci(one.image, two.image).value))
    return np.array(rates)[:, 0], np.array(rates)[:, 1]
