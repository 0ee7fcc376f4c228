"""Control: a keystream that repeats."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["ShortCycle"]

_PERIOD = 251  # bytes; a prime, so that no row or block length divides it


class ShortCycle(AuthenticatedStream):
    """The keystream runs through a cycle of 251 bytes, as the orbit of a chaotic map in low precision does."""

    card = Card(
        name="short-cycle",
        title="Authenticated stream cipher with a keystream of period 251",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="The keystream repeats after 251 bytes: samples 251 apart differ as those of the plaintext do.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return np.resize(keystream(key, _PERIOD, iv), prod(shape)).reshape(shape)
