"""Control: counter mode whose counter stands still."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["StuckCounter"]

_BLOCK = 16


class StuckCounter(AuthenticatedStream):
    """AES-256 encrypts one counter block for each message, and that block masks all of its blocks of 16 samples."""

    card = Card(
        name="stuck-counter",
        title="Authenticated AES-256 stream whose counter does not advance",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="The same 16-byte block of keystream masks every block of a message: blocks that are equal in the "
        "plaintext are equal in the ciphertext.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return np.resize(keystream(key, _BLOCK, iv), prod(shape)).reshape(shape)
