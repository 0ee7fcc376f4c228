"""What a cipher computes of the image alone, or of the key alone: ciphers name it, and the harness need not compute it
twice."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from typing import Any, Generic, TypeVar, cast

import numpy as np

from cryptobench.cipher import Cipher, Image

__all__ = ["Keyed", "Keyless", "keep_keyed", "keep_keyless", "keyed", "keyless"]

_T = TypeVar("_T")
_DEPTH = 4  # of objects in objects that are looked through for arrays


class _Keeping(Generic[_T]):
    """Sets a variable while the context is open; a class, since every query of every attack opens one."""

    __slots__ = ("_kept", "_token", "_variable")

    def __init__(self, variable: ContextVar[_T | None], kept: _T) -> None:
        self._variable, self._kept = variable, kept

    def __enter__(self) -> None:
        self._token: Token[_T | None] = self._variable.set(self._kept)

    def __exit__(self, *error: object) -> None:
        self._variable.reset(self._token)


class Keyless:
    """What `keyless` has computed of the last two images, or of two parts, each of at most ``most`` bytes."""

    def __init__(self, most: int = 16 << 20) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], tuple[Cipher, Image]] = OrderedDict()

    def get(self, cipher: Cipher, name: object, image: Image, compute: Callable[[], Image]) -> Image:
        """What ``compute`` gives, or gave for this cipher, name and image; a copy, so that nobody changes it."""
        key = (id(cipher), name, image.shape, hashlib.sha256(image.tobytes()).digest())
        if key not in self._kept:
            if (computed := compute()).nbytes > self._most:
                return computed
            self._kept[key] = cipher, computed
            while len(self._kept) > 2:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key][1].copy()


_keyless: ContextVar[Keyless | None] = ContextVar("cryptobench_keyless", default=None)


def keyless(cipher: Cipher, name: object, image: Image, compute: Callable[[], Image]) -> Image:
    """What an encryption computes of ``image`` alone, with neither key nor nonce nor secret: ``compute()``, uint8.

    A cipher may say so of a part that costs much, such as a network. Where the harness encrypts an image again and
    again, it keeps the result, but never while it measures time; anywhere else ``compute`` is called each time.
    ``name`` (hashable) tells the parts of one cipher apart.
    """
    kept = _keyless.get()
    return compute() if kept is None else kept.get(cipher, name, image, compute)


def keep_keyless(kept: Keyless) -> AbstractContextManager[None]:
    """Have `keyless` keep its results in ``kept`` while the context is open."""
    return _Keeping(_keyless, kept)


class Keyed:
    """What `keyed` has computed: up to ``most`` results that were used last, with arrays of ``most_bytes`` in all."""

    def __init__(self, most: int = 8, most_bytes: int = 1 << 26) -> None:
        self._most, self._left = most, most_bytes
        self._kept: OrderedDict[tuple[object, ...], tuple[Any, int]] = OrderedDict()

    def get(self, function: Callable[..., _T], arguments: tuple[object, ...]) -> _T:
        """What ``function`` gives, or gave, for these arguments; nobody may change it."""
        question = (function, *arguments)
        if question in self._kept:
            self._kept.move_to_end(question)
            return cast(_T, self._kept[question][0])
        result = function(*arguments)
        self._kept[question] = result, (size := _bytes_of(result))
        self._left -= size
        while len(self._kept) > self._most or self._left < 0:
            self._left += self._kept.popitem(last=False)[1][1]
        return result


def _bytes_of(value: object, depth: int = _DEPTH) -> int:
    """The bytes of the arrays in a result: an array, or a tuple, a list or an object of them."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    parts = value if isinstance(value, tuple | list) else getattr(value, "__dict__", {}).values()
    return sum(_bytes_of(part, depth - 1) for part in parts) if depth else 0


_keyed: ContextVar[Keyed | None] = ContextVar("cryptobench_keyed", default=None)


def keyed(function: Callable[..., _T], *arguments: object) -> _T:
    """``function(*arguments)``: what a cipher computes of key, session and sizes alone, with neither image nor state.

    A cipher may call a part so that costs much, such as a key stream. Where the harness uses one key again and again,
    it keeps the result, but never while it measures time; anywhere else ``function`` is called each time. Arguments
    are hashable, and the result is not changed by anybody.
    """
    kept = _keyed.get()
    return function(*arguments) if kept is None else kept.get(function, arguments)


def keep_keyed(kept: Keyed) -> AbstractContextManager[None]:
    """Have `keyed` keep its results in ``kept`` while the context is open."""
    return _Keeping(_keyed, kept)
