"""Ciphers made of a few parts, each with one weakness, that no attack was written for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

State = Callable[[Image], bytes]
Body = Callable[[Image, bytes], Image]


def stream(seed: bytes, size: int) -> Image:
    """``size`` bytes that only the seed gives."""
    return np.frombuffer(hashlib.shake_256(seed).digest(size), np.uint8)


def order(seed: bytes, size: int) -> np.ndarray:
    """A permutation of range(size) that only the seed gives."""
    return np.random.default_rng(list(hashlib.sha256(seed).digest())).permutation(size)


class Toy(Cipher):
    """c = body(image, key + state(image)); the header is the state if ``in_header``, the secret if ``in_secret``."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=False)

    def __init__(
        self, body: Body, inverse: Body | None = None, *, state: State | None = None, in_header: bool = False,
        in_secret: bool = False, nonce: bool = False,
    ) -> None:  # fmt: skip
        self.body, self.inverse, self.state, self.in_header, self.nonce = body, inverse, state, in_header, nonce
        if nonce or in_secret:
            self.card = Card(
                name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=nonce,
                secret_bits=64 if in_secret else 0,
            )  # fmt: skip
        self.in_secret = in_secret

    def encrypt(self, image, key, nonce, *, secret=None):
        state = self.state(image) if self.state else b""
        if self.in_secret and secret is not None:
            state = secret
        header = (nonce if self.nonce else b"") + (state if self.in_header else b"")
        seed = key + (nonce if self.nonce else b"") + state
        return Encrypted(self.body(image, seed), header, state if self.in_secret else b"")

    def decrypt(self, encrypted, key):
        if self.inverse is None:
            raise CipherError("toy: it cannot be decrypted")
        return self.inverse(encrypted.image, key + encrypted.header + encrypted.secret)


def xored(image: Image, seed: bytes) -> Image:
    return image ^ stream(seed, image.size).reshape(image.shape)


def added(image: Image, seed: bytes) -> Image:
    return image + stream(seed, image.size).reshape(image.shape)


def subtracted(image: Image, seed: bytes) -> Image:
    return image - stream(seed, image.size).reshape(image.shape)


def permuted_and_xored(image: Image, seed: bytes) -> Image:
    return xored(image.ravel()[order(seed, image.size)], seed + b"x").reshape(image.shape)


def xored_and_restored(image: Image, seed: bytes) -> Image:
    restored = np.empty_like(image.ravel())
    restored[order(seed, image.size)] = xored(image.ravel(), seed + b"x")
    return restored.reshape(image.shape)


def ideal(image: Image, seed: bytes) -> Image:
    """Every image its own keystream: what an ideal deterministic cipher looks like to one who cannot decrypt."""
    return xored(image, seed + image.tobytes())


def photograph(*shape: int) -> Image:
    """A real photograph, thinned to the shape."""
    from skimage import data

    picture = data.astronaut()
    picture = picture[..., 1] if len(shape) == 2 else picture[..., : shape[2]]
    rows, columns = 512 // shape[0], 512 // shape[1]
    return np.ascontiguousarray(picture[::rows, ::columns][: shape[0], : shape[1]])


def chained(rule: Callable[[int, int, int], int], *, lag: int = 1, plain: bool = False, back: bool = False) -> Body:
    """c = rule(p, f, k), f the ciphertext (or plaintext) byte ``lag`` before, or after if ``back``.

    The keystream k depends on the key alone; what comes before the first bytes on all of the seed, as an IV does.
    """

    def body(image: Image, seed: bytes) -> Image:
        samples = image.ravel()[::-1] if back else image.ravel()
        mask = stream(seed[:16], image.size)
        earlier = list(stream(seed + b"iv", lag))
        out = np.empty_like(samples)
        for place, (p, k) in enumerate(zip(samples.tolist(), mask.tolist(), strict=True)):
            out[place] = rule(p, int(earlier[place]), k) & 255
            earlier.append(p if plain else out[place])
        return (out[::-1] if back else out).reshape(image.shape)

    return body


def permuted(body: Body) -> Body:
    """``body`` of the image with its samples permuted."""
    return lambda image, seed: body(image.ravel()[order(seed[:16], image.size)].reshape(image.shape), seed)


def xor_of(image: Image) -> int:
    return int(np.bitwise_xor.reduce(image, axis=None))


def tables(image: Image, seed: bytes) -> Image:
    box = order(seed + b"box", 256).astype(np.uint8)
    return box[permuted_and_xored(image, seed)]
