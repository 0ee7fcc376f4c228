"""An oracle whose answers a test writes down, so that an attack counts what is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import binom

from cryptobench.attacks.oracle import LocalCipher, Queries
from cryptobench.cipher import Encrypted, Image
from tests.attacks.keyed_toys import Toy, ideal

Answer = Callable[[Image], Image]
ONE_BYTE = 1 / 256


class Answers:
    """What an attack sees of an oracle: ``encrypt`` and ``decrypt`` answer chosen images, ``known`` are the pairs.

    The challenge is the ``challenge`` given, or uniform noise; all headers are ``header``. Queries are counted, not
    limited.
    """

    def __init__(
        self, shape: tuple[int, ...], *, encrypt: Answer | None = None, decrypt: Answer | None = None,
        known: Sequence[tuple[Image, Image]] = (), challenge: Image | None = None, header: bytes = b"",
    ) -> None:  # fmt: skip
        self._random = np.random.default_rng(20)
        self.shape, self.samples, self.remaining = shape, int(np.prod(shape)), None
        self.challenge = Encrypted(self.noise() if challenge is None else challenge, header)
        self.local_cipher = LocalCipher(Toy(ideal))
        self.cipher = self.local_cipher.cipher
        self._counts = {"known": 0, "encryptions": 0, "decryptions": 0}
        self._encrypt, self._decrypt, self._known = encrypt, decrypt, iter(known)
        self._probes = {"zero": np.zeros(shape, np.uint8), "a": self.noise(), "b": self.noise()}
        self._probes |= {"a^b": self.probe("a") ^ self.probe("b"), "a+b": self.probe("a") + self.probe("b")}

    @property
    def queries(self) -> Queries:
        return Queries(**self._counts)

    def noise(self) -> Image:
        """A uniform image."""
        return self._random.integers(0, 256, self.shape, np.uint8)

    def probe(self, name: str) -> Image:
        return self._probes[name]

    def encrypt(self, image: Image) -> Encrypted:
        self._counts["encryptions"] += 1
        return Encrypted(self._encrypt(image), self.challenge.header)

    def encrypt_probe(self, name: str) -> Encrypted:
        return self.encrypt(self.probe(name))

    def known_pair(self) -> tuple[Image, Encrypted]:
        self._counts["known"] += 1
        plain, cipher_image = next(self._known)
        return plain, Encrypted(cipher_image, self.challenge.header)

    def decrypt(self, image: Image) -> Image:
        self._counts["decryptions"] += 1
        return self._decrypt(image)

    def varying(self, *images: Image) -> list[Image]:
        return list(images)

    picture = varying


def tail(hits: int, samples: int, chance: float = ONE_BYTE) -> float:
    """P(X >= hits), exactly."""
    return float(binom.sf(hits - 1, samples, chance))


def noise(*shape: int, seed: int = 3):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def planted(image, equal: int, seed: int = 4):
    """An image that has ``equal`` samples, and no others, in common with this one."""
    other = image + np.random.default_rng(seed).integers(1, 256, image.shape, np.uint8)
    at = np.random.default_rng(seed).permutation(image.size)[:equal]
    other.flat[at] = image.flat[at]
    return other


def probed(shape, answers) -> Answers:
    """An oracle with these ciphertexts of probes."""
    oracle = Answers(shape)
    oracle.encrypt_probe = lambda name: Encrypted(answers[name])
    return oracle
