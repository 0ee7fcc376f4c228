"""Control: a keystream of four bits a byte."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["LowEntropyKeystream"]


class LowEntropyKeystream(AuthenticatedStream):
    """Every keystream byte is one random nibble, written twice."""

    card = Card(
        name="low-entropy-keystream",
        title="Authenticated stream cipher whose keystream bytes take 16 values",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="A keystream byte has 4 bits of entropy: its two nibbles are equal, so the XOR of the two nibbles of "
        "every plaintext sample stands in the ciphertext.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return (keystream(key, prod(shape), iv).reshape(shape) & np.uint8(0x0F)) * np.uint8(0x11)
