"""What a cipher computes of the image alone, or of the key alone: ciphers name it, and the harness need not compute it
twice."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from cryptobench.cipher import Cipher, Image

__all__ = ["Keyed", "Keyless", "keep_keyed", "keep_keyless", "keyed", "keyless"]

_T = TypeVar("_T")


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


@contextmanager
def keep_keyless(kept: Keyless) -> Iterator[None]:
    """Have `keyless` keep its results in ``kept`` while the context is open."""
    token = _keyless.set(kept)
    try:
        yield
    finally:
        _keyless.reset(token)


class Keyed:
    """What `keyed` has computed, the ``most`` results that were used last."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def get(self, function: Callable[..., _T], arguments: tuple[object, ...]) -> _T:
        """What ``function`` gives, or gave, for these arguments; nobody may change it."""
        question = (function, *arguments)
        if question not in self._kept:
            self._kept[question] = function(*arguments)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(question)
        return cast(_T, self._kept[question])


_keyed: ContextVar[Keyed | None] = ContextVar("cryptobench_keyed", default=None)


def keyed(function: Callable[..., _T], *arguments: object) -> _T:
    """``function(*arguments)``: what a cipher computes of key, session and sizes alone, with neither image nor state.

    A cipher may call a part so that costs much, such as a key stream. Where the harness uses one key again and again,
    it keeps the result, but never while it measures time; anywhere else ``function`` is called each time. Arguments
    are hashable, and the result is not changed by anybody.
    """
    kept = _keyed.get()
    return function(*arguments) if kept is None else kept.get(function, arguments)


@contextmanager
def keep_keyed(kept: Keyed) -> Iterator[None]:
    """Have `keyed` keep its results in ``kept`` while the context is open."""
    token = _keyed.set(kept)
    try:
        yield
    finally:
        _keyed.reset(token)
