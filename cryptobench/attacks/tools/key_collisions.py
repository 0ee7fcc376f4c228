"""How many keys act differently: equal ciphertexts among random keys, by the birthday bound."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from cryptobench.attacks.oracle import LocalCipher
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["Collisions", "KeyComparison", "find_collisions", "tiny_shape"]

_TINY = 8
_SOME = 16


@dataclass(frozen=True)
class Collisions:
    """Among ``keys`` different random keys, ``pairs`` pairs gave equal cipher images: ``colliding`` keys in all.

    ``alike`` are some of the pairs, 16 at most, and ``comparison`` is what they are equal in.
    """

    keys: int
    pairs: int
    colliding: int = 0
    alike: tuple[tuple[bytes, bytes], ...] = ()
    comparison: KeyComparison | None = field(default=None, compare=False, repr=False)

    @property
    def bits(self) -> float | None:
        """The effective key bits, as -log2 of the share of pairs that are equal; None if none is."""
        return math.log2(self.keys * (self.keys - 1) / 2 / self.pairs) if self.pairs else None


class KeyComparison:
    """Compares keys under one random plaintext of a shape, one nonce, and one per-message secret."""

    def __init__(self, local_cipher: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator) -> None:
        self.image: Image = generator.integers(0, 256, shape, np.uint8)
        self._local_cipher = local_cipher
        self._nonce = generator.bytes(NONCE_BYTES)
        first = local_cipher.encrypt(self.image, generator.bytes(local_cipher.cipher.card.key_bytes), self._nonce)
        self._secret = first.secret or None

    def cipher_image(self, key: bytes) -> bytes:
        """The cipher image under a key, and its shape."""
        return self.ciphertext(key)[0]

    def ciphertext(self, key: bytes) -> tuple[bytes, bytes]:
        """The cipher image, with its shape, and the header under a key."""
        ciphertext = self.message(key)
        return repr(ciphertext.image.shape).encode() + ciphertext.image.tobytes(), ciphertext.header

    def message(self, key: bytes) -> Encrypted:
        """The encryption under a key, with its secret."""
        return self._local_cipher.encrypt(self.image, key, self._nonce, self._secret)

    def decrypts(self, message: Encrypted, key: bytes) -> bool:
        """Whether a message is not rejected under a key."""
        try:
            self._local_cipher.decrypt(message, key)
        except CipherError:
            return False
        return True


def tiny_shape(local_cipher: LocalCipher, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape of 8 pixels a side, or the least side that the cipher takes, with the target's channels."""
    side = local_cipher.cipher.card.side_from(_TINY)
    return (side, side, *shape[2:])


def find_collisions(
    local_cipher: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, keys: int
) -> Collisions:
    """Encrypt one tiny image under random keys; if keys collide, again at the full ``shape``, which counts.

    Random keys are drawn until they are different, so that in an ideal cipher none collide, however short the key is.
    """
    found = Collisions(0, 0)
    for size in dict.fromkeys((tiny_shape(local_cipher, shape), shape)):
        comparison = KeyComparison(local_cipher, size, generator)
        tried: set[bytes] = set()
        images: Counter[bytes] = Counter()
        first: dict[bytes, bytes] = {}
        alike: list[tuple[bytes, bytes]] = []
        wanted = min(keys, 1 << min(local_cipher.cipher.card.key_bits, 30))
        while len(tried) < wanted:
            key = generator.bytes(local_cipher.cipher.card.key_bytes)
            if key not in tried:
                tried.add(key)
                image = comparison.cipher_image(key)
                images[image] += 1
                if (other := first.setdefault(image, key)) != key:
                    alike.append((other, key))
        groups = [count for count in images.values() if count > 1]
        pairs = sum(count * (count - 1) // 2 for count in groups)
        found = Collisions(len(tried), pairs, sum(groups), tuple(alike[:_SOME]), comparison)
        if not found.pairs:
            break
    return found
