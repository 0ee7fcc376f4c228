"""How many keys act differently: equal ciphertexts among random keys, by the birthday bound."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from cryptobench.attacks.oracle import Offline
from cryptobench.cipher import NONCE_BYTES, Image

__all__ = ["Bench", "Collisions", "find_collisions", "tiny_shape"]

_TINY = 8


@dataclass(frozen=True)
class Collisions:
    """Of ``keys`` different random keys, ``pairs`` pairs gave equal cipher images."""

    keys: int
    pairs: int

    @property
    def bits(self) -> float | None:
        """The effective key bits, as -log2 of the share of pairs that agree; None if none did."""
        return math.log2(self.keys * (self.keys - 1) / 2 / self.pairs) if self.pairs else None


class Bench:
    """One random plaintext of a shape, one nonce, and one per-message secret: under them, keys are compared."""

    def __init__(self, offline: Offline, shape: tuple[int, ...], generator: np.random.Generator) -> None:
        self.image: Image = generator.integers(0, 256, shape, np.uint8)
        self._offline = offline
        self._nonce = generator.bytes(NONCE_BYTES)
        first = offline.encrypt(self.image, generator.bytes(offline.cipher.card.key_bytes), self._nonce)
        self._secret = first.secret or None

    def body(self, key: bytes) -> bytes:
        """The cipher image under a key, and its shape."""
        return self.message(key)[0]

    def message(self, key: bytes) -> tuple[bytes, bytes]:
        """The cipher image and the header under a key."""
        sealed = self._offline.encrypt(self.image, key, self._nonce, self._secret)
        return repr(sealed.image.shape).encode() + sealed.image.tobytes(), sealed.header


def tiny_shape(offline: Offline, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The smallest shape that is of use: 8 pixels a side, or what the cipher wants, with the target's channels."""
    side = max(_TINY, offline.cipher.card.min_side)
    return (side, side, *shape[2:])


def find_collisions(offline: Offline, shape: tuple[int, ...], generator: np.random.Generator, keys: int) -> Collisions:
    """Encrypt one tiny image under random keys; where keys collide, again at the full ``shape``, which counts.

    Keys are drawn until they differ, so that in an ideal cipher none collide, however short the key is.
    """
    found = Collisions(0, 0)
    for size in dict.fromkeys((tiny_shape(offline, shape), shape)):
        bench = Bench(offline, size, generator)
        tried: set[bytes] = set()
        bodies: Counter[bytes] = Counter()
        wanted = min(keys, 1 << min(offline.cipher.card.key_bits, 30))
        while len(tried) < wanted:
            key = generator.bytes(offline.cipher.card.key_bytes)
            if key not in tried:
                tried.add(key)
                bodies[bench.body(key)] += 1
        found = Collisions(len(tried), sum(count * (count - 1) // 2 for count in bodies.values()))
        if not found.pairs:
            break
    return found
