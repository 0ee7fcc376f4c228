"""An experiment: one cipher, one image and one seed, and the keys, nonces and generators that follow from them.

Besides: the decryption of ciphertexts that were changed, on which a cipher may reject, and must not crash.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from functools import cached_property
from pathlib import Path

import numpy as np

from cryptobench.card import Card
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, ContractError, Encrypted, Image

__all__ = ["CRASHES", "DecryptionCrash", "Experiment", "decrypt_changed", "nonce_modes"]

CRASHES = "crashes: "  # so begins the message of a `DecryptionCrash`


def nonce_modes(card: Card) -> tuple[str, ...]:
    """("fresh", "fixed"), or ("none",) for a cipher with neither nonce nor per-message secret."""
    return ("fresh", "fixed") if card.uses_nonce or card.secret_bits else ("none",)


class DecryptionCrash(CipherError):
    """`decrypt` was given a changed ciphertext or a wrong key, and raised what is no rejection; one line."""


def decrypt_changed(cipher: Cipher, encrypted: Encrypted, key: bytes) -> Image:
    """Decrypt a ciphertext that was changed, or under a wrong key.

    CipherError is a rejection. Any other exception is a `DecryptionCrash`, unless memory ran out or what was
    returned is no image.
    """
    try:
        return cipher.decrypt(encrypted, key)
    except (CipherError, ContractError, MemoryError):
        raise
    except Exception as error:
        name, frames = type(error).__name__, traceback.extract_tb(error.__traceback__)
        own = [
            one for one in frames if one.filename == getattr(sys.modules.get(type(cipher).__module__), "__file__", None)
        ] or frames
        raise DecryptionCrash(
            f"{CRASHES}decrypt raised {name} ({Path(own[-1].filename).name}, line {own[-1].lineno}) on a changed "
            f'ciphertext or a wrong key; raise CipherError, or name it in the card: rejects_with=("{name}",)'
        ) from error


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

    def decrypt_changed(self, encrypted: Encrypted, key: bytes | None = None) -> Image:
        """The function of this name, under the experiment's key or another one.

        Where it crashes, the honest ciphertext is decrypted too: what that raises goes through, for then the cipher
        has failed.
        """
        try:
            return decrypt_changed(self.cipher, encrypted, self.key if key is None else key)
        except DecryptionCrash as error:
            crash = error
        _ = self._decrypts_own
        raise crash

    @cached_property
    def _decrypts_own(self) -> bool:
        """Whether the honest ciphertext is decrypted, not rejected; what else `decrypt` raises goes through."""
        own = self.ciphertext
        try:
            self.cipher.decrypt(Encrypted(np.array(own.image, order="C"), own.header, own.secret), self.key)
        except CipherError:
            return False
        return True

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
