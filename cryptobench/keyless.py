"""What an encryption computes of the image alone: ciphers name it, and the harness need not compute it twice."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cryptobench.cipher import Cipher, Image

__all__ = ["Keyless", "keep_keyless", "keyless"]


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
