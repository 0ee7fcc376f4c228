"""The one interface that every image cipher implements, and the card that describes it."""

from __future__ import annotations

import ctypes
import functools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.card import Card, KeyField

__all__ = [
    "NONCE_BYTES",
    "Card",
    "Cipher",
    "CipherError",
    "Encrypted",
    "Image",
    "KeyField",
    "UnsupportedImage",
    "keep_freed_memory",
    "record_stages",
    "stage",
]

Image = NDArray[np.uint8]
NONCE_BYTES = 16


class CipherError(ValueError):
    """A cipher was given something it cannot take; the message names what was given and what is wanted."""


class UnsupportedImage(CipherError):
    """The image's shape or channel count lies outside what the scheme can encrypt."""


@dataclass(frozen=True, eq=False, repr=False)
class Encrypted:
    """A ciphertext: the cipher image, the public header, and the per-message secret (empty for most schemes)."""

    image: Image
    header: bytes = b""
    secret: bytes = b""

    def __post_init__(self) -> None:
        _require_image(self.image, "cipher image")
        if not (isinstance(self.header, bytes) and isinstance(self.secret, bytes)):
            raise CipherError(
                f"header and secret are {type(self.header).__name__} and {type(self.secret).__name__}, wanted bytes"
            )

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.image.shape))
        return f"<Encrypted {shape}, header of {len(self.header)} bytes, secret of {len(self.secret)} bytes>"


class Cipher(ABC):
    """An image cipher. Subclasses set ``card`` and define ``encrypt`` and ``decrypt``.

    Arguments are checked against the card before a subclass's code runs, so that code may rely on a
    C-contiguous uint8 image of a supported shape, a key of ``card.key_bytes`` and a nonce of 16 bytes.
    The image must not be modified. Equal input gives equal output.

    >>> class Pad(Cipher):
    ...     card = Card(name="pad", title="XOR with one byte", family="mine", fidelity="A", key=(KeyField("k", 8),))
    ...
    ...     def encrypt(self, image, key, nonce, *, secret=None):
    ...         return Encrypted(image ^ key[0], header=nonce)
    ...
    ...     def decrypt(self, encrypted, key):
    ...         return encrypted.image ^ key[0]
    >>> image = np.zeros((2, 3), np.uint8)
    >>> encrypted = Pad().encrypt(image, b"A", bytes(NONCE_BYTES))
    >>> bool((Pad().decrypt(encrypted, b"A") == image).all())
    True
    >>> Pad().encrypt(image, b"too long", bytes(NONCE_BYTES))
    Traceback (most recent call last):
    cryptobench.cipher.CipherError: pad: key has 8 bytes, wanted 1
    """

    card: ClassVar[Card]

    @abstractmethod
    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        """Encrypt ``image``, (H, W) or (H, W, C) uint8; ``secret`` fixes the per-message secret."""

    @abstractmethod
    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        """Return the plaintext, in the plaintext's shape, uint8; raise `CipherError` if it cannot be had."""

    def __repr__(self) -> str:
        card = getattr(self, "card", None)
        return f"<{type(self).__name__} {card.heading}>" if isinstance(card, Card) else f"<{type(self).__name__}>"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "encrypt" in cls.__dict__:
            cls.encrypt = _checked_encrypt(cls.__dict__["encrypt"])  # type: ignore[method-assign]
        if "decrypt" in cls.__dict__:
            cls.decrypt = _checked_decrypt(cls.__dict__["decrypt"])  # type: ignore[method-assign]


_F = TypeVar("_F", bound=Callable[..., Any])


def _checked_encrypt(method: _F) -> _F:
    @functools.wraps(method)
    def encrypt(self: Cipher, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        keep_freed_memory()
        _require_image(image, "image")
        _require_supported(image, self.card)
        key = _require_bytes(key, "key", self.card.key_bytes, self.card.name)
        nonce = _require_bytes(nonce, "nonce", NONCE_BYTES, self.card.name)
        encrypted = method(self, np.ascontiguousarray(image), key, nonce, secret=secret)
        if not isinstance(encrypted, Encrypted):
            raise CipherError(f"{self.card.name}: encrypt returned {type(encrypted).__name__}, wanted Encrypted")
        return encrypted

    return encrypt  # type: ignore[return-value]


def _checked_decrypt(method: _F) -> _F:
    @functools.wraps(method)
    def decrypt(self: Cipher, encrypted: Encrypted, key: bytes) -> Image:
        keep_freed_memory()
        if not isinstance(encrypted, Encrypted):
            raise CipherError(f"{self.card.name}: decrypt was given {type(encrypted).__name__}, wanted Encrypted")
        key = _require_bytes(key, "key", self.card.key_bytes, self.card.name)
        image: Image = method(self, encrypted, key)
        _require_image(image, f"{self.card.name}: decrypted image")
        return image

    return decrypt  # type: ignore[return-value]


def _require_image(image: object, what: str) -> None:
    if not isinstance(image, np.ndarray):
        raise CipherError(f"{what} is {type(image).__name__}, wanted a uint8 array of shape (H, W) or (H, W, C)")
    if image.dtype != np.uint8:
        raise CipherError(f"{what} has dtype {image.dtype}, wanted uint8")
    if image.ndim not in (2, 3) or image.size == 0:
        raise CipherError(f"{what} has shape {image.shape}, wanted (H, W) or (H, W, C) with no empty axis")


def _require_supported(image: Image, card: Card) -> None:
    height, width = image.shape[:2]
    channels = image.shape[2] if image.ndim == 3 else 1
    given = f"{card.name}: image is {height}x{width}x{channels}"
    if card.channels is not None and channels not in card.channels:
        raise UnsupportedImage(f"{given}, wanted {' or '.join(map(str, card.channels))} channel(s)")
    if card.square and height != width:
        raise UnsupportedImage(f"{given}, wanted a square image")
    if min(height, width) < card.min_side:
        raise UnsupportedImage(f"{given}, wanted sides of at least {card.min_side}")
    if card.max_side is not None and max(height, width) > card.max_side:
        raise UnsupportedImage(f"{given}, wanted sides of at most {card.max_side}")


def _require_bytes(value: object, what: str, length: int, cipher: str) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise CipherError(f"{cipher}: {what} is {type(value).__name__}, wanted {length} bytes")
    if len(value) != length:
        raise CipherError(f"{cipher}: {what} has {len(value)} bytes, wanted {length}")
    return bytes(value)


_stages: ContextVar[dict[str, float] | None] = ContextVar("cryptobench_stages", default=None)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Mark a stage of a cipher ("keystream", "permutation", "diffusion"), so that timing can show it apart."""
    recorded = _stages.get()
    if recorded is None:
        yield
        return
    start = time.perf_counter()
    try:
        yield
    finally:
        recorded[name] = recorded.get(name, 0.0) + time.perf_counter() - start


@contextmanager
def record_stages() -> Iterator[dict[str, float]]:
    """Collect the seconds spent in each `stage` while the context is open."""
    recorded: dict[str, float] = {}
    token = _stages.set(recorded)
    try:
        yield recorded
    finally:
        _stages.reset(token)


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # parameters' numbers in malloc.h


@cache
def keep_freed_memory() -> None:
    """Have glibc keep up to 256 MB of freed memory instead of giving it back to the system after each large array.

    Fetching the pages again, 3 microseconds for 4 KiB, takes a tenth of the time of many a cipher and a quarter of a
    small network's. Other systems are left alone.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        mallopt(parameter, 1 << 28)
