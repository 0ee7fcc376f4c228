"""The one interface that every image cipher implements, and the card that describes it."""

from __future__ import annotations

import ctypes
import functools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from cryptobench import libraries  # noqa: F401  (keeps NumPy's functions as they are before any cipher is loaded)
from cryptobench.card import Card, KeyField

__all__ = [
    "NONCE_BYTES", "Card", "Cipher", "CipherError", "CipherUnavailable", "ContractError", "Encrypted", "Image",
    "KeyField", "UnsupportedImage", "keep_freed_memory", "record_stages", "stage",
]  # fmt: skip

Image = NDArray[np.uint8]
NONCE_BYTES = 16


class CipherError(ValueError):
    """A cipher was given something it cannot take; the message names what was given and what is wanted."""


class UnsupportedImage(CipherError):
    """The image's shape or channel count lies outside what the scheme can encrypt."""


class CipherUnavailable(CipherError):
    """The cipher cannot run here at all: weights or another part of it are missing or damaged; what to do about it."""


class ContractError(ValueError):
    """A cipher returned what no cipher may return; the message names what that was and what is wanted.

    It is no `CipherError`: nothing was refused, so it counts neither as an unsupported image nor as a rejection.
    """


_GIVEN = "Encrypted was given "


@dataclass(frozen=True, eq=False, repr=False)
class Encrypted:
    """A ciphertext: the cipher image, the public header, and the per-message secret (empty for most schemes).

    ContractError for an image that is no uint8 array, (H, W) or (H, W, C), and for a header or secret that is no bytes.
    """

    image: Image
    header: bytes = b""
    secret: bytes = b""

    def __post_init__(self) -> None:
        if problem := _problem_of(self.image):
            raise ContractError(_GIVEN + problem)
        if type(self.image) is not np.ndarray:  # a mask, or a class of the user's own
            object.__setattr__(self, "image", np.array(self.image, subok=False))
        for what, value in (("header", self.header), ("secret", self.secret)):
            if not isinstance(value, bytes):
                raise ContractError(f"{_GIVEN}a {what} of type {type(value).__name__}, wanted bytes{_as_bytes(value)}")

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
        """Return the plaintext, in the plaintext's shape, uint8; raise `CipherError` if it cannot be had.

        An exception that the card's ``rejects_with`` names becomes a CipherError.
        """

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
        try:
            encrypted = method(self, np.ascontiguousarray(image), key, nonce, secret=secret)
        except ContractError as error:
            said = str(error)
            if said.startswith(_GIVEN):  # the constructor of Encrypted does not know whose ciphertext it is
                error.args = (f"{self.card.name}: encrypt returned {said.removeprefix(_GIVEN)}",)
            raise
        if not isinstance(encrypted, Encrypted):
            raise ContractError(
                f"{self.card.name}: encrypt returned {type(encrypted).__name__}, wanted Encrypted; "
                "return Encrypted(image, header=..., secret=...)"
            )
        return encrypted

    return encrypt  # type: ignore[return-value]


def _checked_decrypt(method: _F) -> _F:
    @functools.wraps(method)
    def decrypt(self: Cipher, encrypted: Encrypted, key: bytes) -> Image:
        keep_freed_memory()
        if not isinstance(encrypted, Encrypted):
            raise CipherError(f"{self.card.name}: decrypt was given {type(encrypted).__name__}, wanted Encrypted")
        key = _require_bytes(key, "key", self.card.key_bytes, self.card.name)
        try:
            image: Image = method(self, encrypted, key)
        except CipherError:
            raise
        except Exception as error:
            if {one.__name__ for one in type(error).__mro__}.isdisjoint(self.card.rejects_with):
                raise
            reason = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
            raise CipherError(f"{self.card.name}: rejected: {reason}") from error
        if problem := _problem_of(image):
            raise ContractError(f"{self.card.name}: decrypt returned {problem}")
        return image if type(image) is np.ndarray else np.array(image, subok=False)

    return decrypt  # type: ignore[return-value]


def _require_image(image: object, what: str) -> None:
    if not isinstance(image, np.ndarray):
        raise CipherError(f"{what} is {type(image).__name__}, wanted a uint8 array of shape (H, W) or (H, W, C)")
    if image.dtype != np.uint8:
        raise CipherError(f"{what} has dtype {image.dtype}, wanted uint8")
    if image.ndim not in (2, 3) or image.size == 0:
        raise CipherError(f"{what} has shape {image.shape}, wanted (H, W) or (H, W, C) with no empty axis")


def _problem_of(image: object) -> str:
    """What a returned image is, what is wanted and how to get there; empty for one that is right."""
    if not isinstance(image, np.ndarray):
        return f"{type(image).__name__}, wanted a uint8 array of shape (H, W) or (H, W, C)"
    wanted = "wanted uint8 (values 0 to 255)"
    if image.dtype.kind == "f" and image.size:
        if np.isnan(image).any():
            return f"{image.dtype} with NaN, {wanted}; find the division by zero or the overflow"
        scaled = "255 * image" if image.min() >= 0 and image.max() <= 1 else "image"
        return f"{image.dtype}, {wanted}; np.rint({scaled}).astype(np.uint8)"
    if image.dtype != np.uint8:
        modulo = "(image % 256)" if image.dtype.kind in "iu" else "image"
        return f"{image.dtype}, {wanted}; {modulo}.astype(np.uint8)"
    if image.ndim not in (2, 3) or image.size == 0:
        return f"an array of shape {image.shape}, wanted (H, W) or (H, W, C) with no empty axis"
    return ""


def _as_bytes(value: object) -> str:
    """The hint that fits a header or secret that is no bytes."""
    if isinstance(value, str):
        return "; keep the bytes themselves, without .hex(), or text.encode()"
    if isinstance(value, np.ndarray):
        return "; array.tobytes()"
    if isinstance(value, bytearray | memoryview):
        return "; bytes(value)"
    if isinstance(value, int):
        return '; number.to_bytes(8, "big")'
    return ""


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
    if height % card.sides_multiple_of or width % card.sides_multiple_of:
        raise UnsupportedImage(f"{given}, wanted sides that are multiples of {card.sides_multiple_of}")


def _require_bytes(value: object, what: str, length: int, cipher: str) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise CipherError(f"{cipher}: {what} is {type(value).__name__}, wanted {length} bytes")
    if len(value) != length:
        raise CipherError(f"{cipher}: {what} has {len(value)} bytes, wanted {length}")
    return bytes(value)


_stages: ContextVar[dict[str, float] | None] = ContextVar("cryptobench_stages", default=None)


_UNRECORDED = nullcontext()


def stage(name: str) -> AbstractContextManager[None]:
    """Mark a stage of a cipher ("keystream", "permutation", "diffusion"), so that timing can show it apart."""
    recorded = _stages.get()
    return _UNRECORDED if recorded is None else _recorded(recorded, name)


@contextmanager
def _recorded(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start


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
