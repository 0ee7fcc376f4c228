"""The cipher that is checked, its key, nonce and images, damaged ciphertexts, and what a check requires."""

from __future__ import annotations

import hashlib
import inspect
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image
from cryptobench.registry import load_cipher, reference_of

__all__ = [
    "CipherUnderTest",
    "Failure",
    "attempt",
    "cut_bytes",
    "damaged",
    "fixed_bytes",
    "require",
    "require_refused",
]

_PROCESS_SECONDS = 600.0


class Failure(Exception):
    """A check does not hold; the message says why in one line."""


class CipherUnderTest:
    """A cipher with the key, nonce and images that the checks give it, the same on every run."""

    def __init__(self, cipher: str | Cipher) -> None:
        if isinstance(cipher, str):
            self.reference = cipher
            self.cipher = load_cipher(cipher)
        else:
            program = reference_of(cipher) if type(cipher).__module__.startswith("program ") else None
            self.reference = (
                program if isinstance(program, str) else f"{inspect.getfile(type(cipher))}:{type(cipher).__qualname__}"
            )
            self.cipher = cipher
        self.another = load_cipher(self.reference)
        self.card: Card = self.cipher.card
        self.key = fixed_bytes("key", self.card.key_bytes)
        self.wrong_key = fixed_bytes("wrong key", self.card.key_bytes)
        self.nonce = fixed_bytes("nonce", NONCE_BYTES)
        self.images = _images_for(self.card)
        self.deadline = math.inf

    @property
    def seconds_left(self) -> float:
        """What a new process may take at most, so that it ends before the check that waits for it runs out of time."""
        return min(_PROCESS_SECONDS, max(0.0, 0.9 * (self.deadline - time.monotonic())))

    @property
    def home(self) -> Image:
        """An image within the limits that the card states."""
        return next(iter(self.images.values()))

    @cached_property
    def encrypted(self) -> Encrypted:
        """The ciphertext of `home`."""
        return self.encrypt(self.home)

    def encrypt(self, image: Image, secret: bytes | None = None) -> Encrypted:
        """Encrypt a copy, since not every cipher leaves its input alone."""
        return self.cipher.encrypt(image.copy(order="K"), self.key, self.nonce, secret=secret)

    def decrypt(self, encrypted: Encrypted) -> Image:
        """Decrypt a copy of the cipher image."""
        return self.cipher.decrypt(replace(encrypted, image=encrypted.image.copy(order="K")), self.key)


def _images_for(card: Card) -> dict[str, Image]:
    """Images by label; the first and the flat ones lie within the card's limits, others may not."""
    side = card.side_from(64)
    grey = card.channels is None or 1 in card.channels
    home = (side, side) if grey else (side, side, min(card.channels or (3,)))
    shapes = [home, (64, 64), (64, 64, 3), (1, 37), (37, 1), (33, 47, 3), (257, 263), (20, 20, 1), (1, 1)]
    images = {"x".join(map(str, shape)): _texture(shape) for shape in shapes}
    return images | {"flat black": np.zeros(home, np.uint8), "flat white": np.full(home, 255, np.uint8)}


def fixed_bytes(label: str, count: int) -> bytes:
    """Bytes that look random and depend on the label alone."""
    return hashlib.shake_256(f"conformance|{label}".encode()).digest(count)


def _texture(shape: tuple[int, ...]) -> Image:
    """Smooth waves with a little noise, other ones in each channel; a single row has contrast too."""
    rows, columns = np.indices(shape[:2]) / 10
    waves = [np.sin(rows + c + 0.8) * np.cos(1.7 * columns - c) for c in range(shape[2] if len(shape) == 3 else 1)]
    noise = np.frombuffer(fixed_bytes("noise", int(np.prod(shape))), np.uint8).reshape(shape) % 16
    return (120 + 100 * np.stack(waves, axis=-1).reshape(shape)).astype(np.uint8) + noise


def damaged(encrypted: Encrypted) -> Iterator[tuple[str, Encrypted]]:
    """The ciphertext after each kind of damage, with a name for it."""
    image = encrypted.image
    for name, position in (("a changed first byte", 0), ("a changed last byte", -1)):
        changed = image.copy()
        changed.reshape(-1)[position] ^= 0x5A
        yield name, replace(encrypted, image=changed)
    if len(image) > 1:
        yield "a lost last row", replace(encrypted, image=image[:-1].copy())
        yield "a lost half", replace(encrypted, image=image[: len(image) // 2].copy())
    yield "a doubled image", replace(encrypted, image=np.concatenate([image, image]))
    yield "a single sample", replace(encrypted, image=image[:1, :1].copy())
    yield "another number of axes", replace(encrypted, image=image[..., None] if image.ndim == 2 else image[..., 0])
    for name, header in _damaged_bytes(encrypted.header):
        yield f"a header {name}", replace(encrypted, header=header)
    for name, secret in _damaged_bytes(encrypted.secret):
        yield f"a secret {name}", replace(encrypted, secret=secret)


def cut_bytes(value: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes at wrong lengths, with a name for each; nothing for no bytes."""
    if value:
        yield "one byte short", value[:-1]
        yield "one byte long", value + b"\0"
        yield "that is empty", b""


def _damaged_bytes(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield from cut_bytes(value)
    for name, position in (("first", 0), ("last", -1)) if value else ():
        changed = bytearray(value)
        changed[position] ^= 0x5A
        yield f"with a changed {name} byte", bytes(changed)


def require(holds: object, message: str) -> None:
    """Raise `Failure` with the message unless it holds."""
    if not holds:
        raise Failure(message)


def attempt(what: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """The call's result or its CipherError; any other exception is a `Failure` that says on ``what``."""
    try:
        return call(*arguments)
    except CipherError as error:
        return error
    except Exception as error:
        name = type(error).__name__
        named = f', or rejects_with=("{name}",) in the card' if getattr(call, "__name__", "") == "decrypt" else ""
        raise Failure(f"{what}: raised {name} ({error}), wanted CipherError{named}") from error


def require_refused(what: str, call: Callable[..., Any], *arguments: Any) -> None:
    """Raise `Failure` unless the call raises CipherError."""
    require(isinstance(attempt(what, call, *arguments), CipherError), f"{what} was taken, wanted CipherError")
