"""An experiment: one cipher, one image and one seed, and the keys, nonces and generators that follow from them."""

from __future__ import annotations

import hashlib
from functools import cached_property

import numpy as np

from cryptobench.card import Card
from cryptobench.cipher import NONCE_BYTES, Cipher, Encrypted, Image

__all__ = ["Experiment", "nonce_modes"]


def nonce_modes(card: Card) -> tuple[str, ...]:
    """("fresh", "fixed"), or ("none",) for a cipher with neither nonce nor per-message secret."""
    return ("fresh", "fixed") if card.uses_nonce or card.secret_bits else ("none",)


class Experiment:
    """A cipher with an image, a key and a nonce, all of them determined by a seed and a ``label`` of the image.

    Two ways of encrypting are kept apart throughout. *Fresh*: a new nonce and, in schemes that have one, a new
    per-message secret for each message, as papers report. *Fixed*: one nonce and one secret for all messages, the
    misuse case, which shows what the cipher itself does. A cipher that has neither has one mode, "none".

    ``image`` is (H, W) or (H, W, C) uint8. ``reference`` is how another process can load the cipher, "" if it cannot.
    """

    def __init__(self, cipher: Cipher, image: Image, seed: int = 0, label: str = "", *, reference: str = "") -> None:
        self.cipher, self.image, self.seed, self.reference = cipher, image, seed, reference
        self._label = f"{seed}|{cipher.card.name}|{label}"
        self.key = self.random_key("key")
        self.nonce = self._bytes("nonce", NONCE_BYTES)

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator that depends on the seed, the cipher, the image's label and ``purpose``, and on nothing else."""
        return np.random.default_rng(int.from_bytes(self._bytes(f"generator {purpose}", 16), "big"))

    def random_key(self, purpose: str) -> bytes:
        """A uniform key, another one for each purpose."""
        return self._bytes(f"key {purpose}", self.cipher.card.key_bytes)

    def random_nonce(self, purpose: str) -> bytes:
        """A uniform nonce, another one for each purpose."""
        return self._bytes(f"nonce {purpose}", NONCE_BYTES)

    @cached_property
    def ciphertext(self) -> Encrypted:
        """The image under the experiment's key and nonce; CipherError if the cipher cannot encrypt it."""
        return self.cipher.encrypt(np.array(self.image, order="C"), self.key, self.nonce)

    @property
    def nonce_modes(self) -> tuple[str, ...]:
        """The modes in which the cipher behaves differently; see `nonce_modes`."""
        return nonce_modes(self.cipher.card)

    def encrypt_pair(self, first: Image, second: Image, mode: str, trial: str) -> tuple[Image, Image]:
        """The cipher images of two plaintexts under one key drawn for ``trial``, by nonce mode.

        Every trial draws its own key and nonce, so trials are independent of one another: with the first
        ciphertext shared, UACI values of different trials would be correlated by 0.1 even for an ideal cipher.
        """
        key, nonce = self.random_key(trial), self.random_nonce(trial)
        one = self.cipher.encrypt(first, key, nonce)
        if mode == "fresh":
            two = self.cipher.encrypt(second, key, self.random_nonce(f"{trial} second"))
        else:
            two = self.cipher.encrypt(second, key, nonce, secret=one.secret or None)
        return one.image, two.image

    def _bytes(self, purpose: str, count: int) -> bytes:
        return hashlib.shake_256(f"{self._label}|{purpose}".encode()).digest(count)
