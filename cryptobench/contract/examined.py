"""The cipher that is examined: its calls, each on arrays of its own, and what no call may do."""

from __future__ import annotations

import copy
import hashlib
import math
import threading
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from cryptobench.blame import COPY_FIRST, described, place_of
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.contract.forks import OtherProcess, ReturnedForks

__all__ = ["STATE", "Breach", "Examined", "Message", "equal", "fixed_bytes", "same_shape", "size", "texture"]

STATE = (
    "what decrypt needs goes into Encrypted(header=...); if it must stay secret, return it as Encrypted(secret=...) "
    "and state secret_bits in the card"
)


_ENOUGH = 4  # calls, after which a pool of threads has no new ones


class Breach(Exception):
    """One breach of the contract; the message is its line."""


@dataclass(frozen=True, eq=False)
class Message:
    """A plaintext, its key and nonce, and the ciphertext that encryption gave."""

    image: Image
    key: bytes
    nonce: bytes
    sent: Encrypted

    def received(self) -> Encrypted:
        """The ciphertext as a receiver has it: another array, which decryption may spoil."""
        return Encrypted(self.sent.image.copy(), self.sent.header, self.sent.secret)

    def says(self) -> tuple[Any, ...]:
        """All that is sent, to be compared."""
        return self.sent.image.shape, self.sent.image.tobytes(), self.sent.header, self.sent.secret


class Examined:
    """A cipher, and another object that knows what it knew before its first call, where that can be had.

    ``first`` is the message that every look at the cipher begins with, ``elsewhere`` a process that knows nothing of
    it.
    """

    first: Message

    def __init__(self, cipher: Cipher, elsewhere: OtherProcess | None = None) -> None:
        self.cipher, self.card = cipher, cipher.card
        self.elsewhere, self._threads, self._forks = elsewhere, list[int](), ReturnedForks()
        try:
            self.other: Cipher | None = copy.deepcopy(cipher)
        except Exception:  # locks, files and models of other libraries cannot be copied
            self.other = None

    def breach(self, text: str, method: str = "encrypt") -> Breach:
        """The breach, with the cipher's name before it, and the place of its ``method`` after it."""
        return Breach(f"{self.card.name}: {text}{place_of(self.cipher, method)}")

    def close(self) -> list[str]:
        """End the look at it: lines for processes and threads that its calls have made and left."""
        if self.elsewhere is not None:
            self.elsewhere.close()
        texts = []
        if self._forks.close():
            texts.append("encrypt or decrypt forks, and both processes come back; the child has to end with os._exit")
        if len(self._threads) >= _ENOUGH and all(one < other for one, other in pairwise(self._threads)):
            texts.append("encrypt leaves a thread behind at each call; join() it, or keep one pool of threads")
        return [str(self.breach(text)) for text in texts]

    def encrypt(self, image: Image, key: bytes, nonce: bytes, secret: bytes | None = None) -> Message:
        """Encrypt the image; CipherError goes through, what else goes wrong is a `Breach`."""
        given = image.copy()
        sent: Encrypted = self._call(self.cipher, "encrypt", given, key, nonce, secret=secret)
        self._threads.append(threading.active_count())
        if not equal(given, image):
            raise self.breach(f"encrypt changes the image that it is given; {COPY_FIRST}")
        return Message(image, key, nonce, sent)

    def decrypt(self, message: Message, by: Cipher | None = None) -> Image:
        """Decrypt an honest ciphertext; what goes wrong, a refusal too, is a `Breach`."""
        given = message.received()
        try:
            image: Image = self._call(by or self.cipher, "decrypt", given, message.key)
        except CipherError as error:
            reason = " ".join(str(error).split())
            text = f"decrypt refuses what encrypt has made of an ordinary image: {reason}"
            raise self.breach(text, "decrypt") from error
        if not equal(given.image, message.sent.image):
            hint = COPY_FIRST.replace("image.copy", "encrypted.image.copy")
            raise self.breach(f"decrypt changes the cipher image that it is given; {hint}", "decrypt")
        if not same_shape(image, message.image):
            wanted = f"the plaintext's shape, {size(message.image.shape)}"
            raise self.breach(f"decrypt returned an image of {size(image.shape)}, wanted {wanted}", "decrypt")
        return image

    def _call(self, cipher: Cipher, method: str, *arguments: Any, **keywords: Any) -> Any:
        try:
            return getattr(cipher, method)(*arguments, **keywords)
        except (CipherError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise Breach(described(error, self.cipher, method)) from error
        finally:
            self._forks.end_if_one()


def equal(one: Image, other: Image) -> bool:
    """Whether two images are the same; asks nothing of NumPy that a cipher may have replaced."""
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def same_shape(decrypted: Image, plain: Image) -> bool:
    """Whether the shapes are equal, but for a last axis of one channel that a grey image may have."""
    return decrypted.shape in (plain.shape, (*plain.shape, 1), plain.shape[:2] if plain.shape[2:] == (1,) else None)


def texture(shape: tuple[int, ...]) -> Image:
    """An image that looks random and depends on its shape alone."""
    data = hashlib.shake_256(f"contract|{shape}".encode()).digest(math.prod(shape))
    return np.frombuffer(data, np.uint8).reshape(shape).copy()


def fixed_bytes(purpose: str, count: int) -> bytes:
    """Bytes that look random and depend on the purpose alone."""
    return hashlib.shake_256(f"contract|{purpose}".encode()).digest(count)


def size(shape: tuple[int, ...]) -> str:
    """The shape as messages say it: "32x48x3"."""
    return "x".join(map(str, shape))
