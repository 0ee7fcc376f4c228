"""Control: one bit plane left in the clear."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["LsbLeak"]


class LsbLeak(AuthenticatedStream):
    """AES-256-CTR keystream with the least significant bit of each byte set to zero."""

    card = Card(
        name="lsb-leak",
        title="Authenticated stream cipher that leaves the lowest bit plane as it is",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="The plaintext's least significant bit plane stands in the ciphertext; it is noise in a photograph, so "
        "the cipher image looks random.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv).reshape(shape) & np.uint8(0xFE)
