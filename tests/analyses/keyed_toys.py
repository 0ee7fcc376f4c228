"""Toy ciphers whose behaviour under wrong keys and damaged ciphertexts is known by construction."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, UnsupportedImage

__all__ = [
    "Expanding",
    "Feistel",
    "KeylessSecret",
    "Lossy",
    "Pad",
    "Permutation",
    "PermutedPad",
    "PickyPad",
    "SizedPad",
    "TaggedPad",
    "TruncatedPad",
    "WeakBitPad",
    "photograph",
    "stream",
]


def photograph(height: int = 48, width: int = 64, channels: int | None = 3) -> Image:
    """A smooth picture with some texture, (H, W, C), or (H, W) for no channels."""
    rows, columns = np.mgrid[:height, :width]
    plane = 128 + 70 * np.sin(rows / 17) * np.cos(columns / 23) + 6 * ((rows // 8 + columns // 8) % 2)
    if channels is None:
        return plane.astype(np.uint8)
    return np.stack([np.clip(plane + 15 * c, 0, 255) for c in range(channels)], axis=2).astype(np.uint8)


def stream(size: int, *seeds: bytes) -> Image:
    """``size`` bytes of SHAKE-128, a random function of the seeds."""
    digest = hashlib.shake_128(b"".join(len(seed).to_bytes(4, "big") + seed for seed in seeds)).digest(size)
    return np.frombuffer(digest, np.uint8)


def card(name: str, *fields: int, **more: Any) -> Card:
    keys = tuple(KeyField(f"k{index}", bits) for index, bits in enumerate(fields or (64,)))
    return Card(name=name, title=name, family="toy", fidelity="A", key=keys, **more)


class Pad(Cipher):
    """XOR with a pad drawn from key and nonce."""

    card = card("pad")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image ^ stream(image.size, self.used(key), nonce).reshape(image.shape), header=nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        pad = stream(encrypted.image.size, self.used(key), encrypted.header)
        return encrypted.image ^ pad.reshape(encrypted.image.shape)

    def used(self, key: bytes) -> bytes:
        return key


class TruncatedPad(Pad):
    """Reads the first 5 bytes and the last 3 bits of a key of 64 bits."""

    card = card("truncated", 40, 24)

    def used(self, key: bytes) -> bytes:
        return key[:5] + bytes([key[7] & 7])


class SizedPad(Pad):
    """Reads its last key byte only for images of more than 2000 samples."""

    card = card("sized", 16)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return super().encrypt(image, key if image.size > 2000 else key[:1] + bytes(1), nonce)


class WeakBitPad(Pad):
    """Ignores bit 9 where bit 0 is set."""

    card = card("weak-bit", 16)

    def used(self, key: bytes) -> bytes:
        return bytes([key[0], key[1] & 0b1011_1111]) if key[0] & 128 else key


class TaggedPad(Pad):
    """Pad from the first key half, 8-byte tag from the second: rejects what was changed."""

    card = card("tagged", 32, 32, authenticated=True)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext = super().encrypt(image, key, nonce)
        return Encrypted(ciphertext.image, header=nonce + self.tag(ciphertext.image, key))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        nonce, tag = encrypted.header[:16], encrypted.header[16:]
        if tag != self.tag(encrypted.image, key):
            raise CipherError("tagged: ciphertext rejected")
        return super().decrypt(Encrypted(encrypted.image, header=nonce), key)

    def used(self, key: bytes) -> bytes:
        return key[:4]

    def tag(self, image: Image, key: bytes) -> bytes:
        return hashlib.sha256(key[4:] + image.tobytes()).digest()[:8]


class KeylessSecret(Pad):
    """Draws its per-message secret from key and nonce, and encrypts with that secret alone."""

    card = card("keyless-secret", secret_bits=64, uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        secret = secret or stream(8, key, nonce).tobytes()
        return Encrypted(image ^ stream(image.size, secret).reshape(image.shape), secret=secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image ^ stream(encrypted.image.size, encrypted.secret).reshape(encrypted.image.shape)


class Permutation(Cipher):
    """Samples in another order; the picture is not masked."""

    card = card("permutation", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image.reshape(-1)[self.order(image.size, key)].reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image = np.empty(encrypted.image.size, np.uint8)
        image[self.order(image.size, key)] = encrypted.image.reshape(-1)
        return image.reshape(encrypted.image.shape)

    def order(self, size: int, key: bytes) -> np.ndarray:
        return np.random.default_rng(int.from_bytes(key, "big")).permutation(size)


class PermutedPad(Permutation):
    """Permutation, then a fixed pad."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        moved = super().encrypt(image, key, nonce).image
        return Encrypted(moved ^ stream(image.size, key).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        pad = stream(encrypted.image.size, key).reshape(encrypted.image.shape)
        return super().decrypt(Encrypted(encrypted.image ^ pad), key)


class Feistel(Cipher):
    """A wide-block cipher, four Feistel rounds of SHAKE-128: every bit reaches every bit, in both directions."""

    card = card("feistel", 64, uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(self.rounds(image, key, range(4)))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return self.rounds(encrypted.image, key, range(3, -1, -1))

    def rounds(self, image: Image, key: bytes, indices: range) -> Image:
        samples = image.reshape(-1).copy()
        halves = [samples[: samples.size // 2], samples[samples.size // 2 :]]
        for index in indices:
            target, source = halves[index % 2], halves[1 - index % 2]
            target ^= stream(target.size, key, bytes([index]), source.tobytes())
        return samples.reshape(image.shape)


class Lossy(Pad):
    """Drops the least significant bit of the plaintext, and does not say so: its card claims to be lossless."""

    card = card("lossy")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return super().encrypt(image & 254, key, nonce)


class Expanding(Pad):
    """The pad's cipher image twice, side by side; decryption reads the left one."""

    card = card("expanding")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        half = super().encrypt(image, key, nonce).image
        return Encrypted(np.concatenate([half, half], axis=1), header=nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        half = np.ascontiguousarray(encrypted.image[:, : encrypted.image.shape[1] // 2])
        return super().decrypt(Encrypted(half, header=encrypted.header), key)


class PickyPad(Pad):
    """Takes only images whose sides divide by 24, which its card cannot say."""

    card = card("picky")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if image.shape[0] % 24 or image.shape[1] % 24:
            raise UnsupportedImage(f"picky: image is {image.shape[0]}x{image.shape[1]}, wanted sides divisible by 24")
        return super().encrypt(image, key, nonce)
