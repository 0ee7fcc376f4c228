"""Control: a keystream from a chaotic map in single precision."""

from __future__ import annotations

from math import prod

import numpy as np
from numba import njit

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["FloatOrbit"]

_R = np.float32(3.99)
_BURN_IN = 200


class FloatOrbit(AuthenticatedStream):
    """Bytes floor(10^6 x) mod 256 of the logistic map x <- 3.99 x (1 - x) in 32-bit floating point numbers; key and IV
    give the start.
    """

    card = Card(
        name="float-orbit",
        title="Authenticated stream cipher on the logistic map in single precision",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="Whatever the start, the orbit soon runs into one of very few cycles, mostly the same one: keystreams "
        "of different messages agree, shifted, from some place on.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        start = (int.from_bytes(keystream(key, 4, iv).tobytes(), "big") + 1) / (2**32 + 2)
        return _orbit(np.float32(start), prod(shape)).reshape(shape)


@njit(cache=True, nogil=True)
def _orbit(x: np.float32, count: int) -> Image:
    stream = np.empty(count, np.uint8)
    one = np.float32(1)
    for t in range(-_BURN_IN, count):
        x = np.float32(np.float32(_R * x) * np.float32(one - x))
        if t >= 0:
            stream[t] = np.int64(x * np.float32(1e6)) & 255
    return stream
