"""Control: one keystream for all colour channels."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["CorrelatedChannels"]


class CorrelatedChannels(AuthenticatedStream):
    """Every pixel has one keystream byte, which masks all its channels; in a grey image nothing is wrong."""

    card = Card(
        name="correlated-channels",
        title="Authenticated stream cipher that masks all channels alike",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="Red, green and blue share a keystream: the XOR of two channels of the ciphertext is that of the "
        "plaintext, which shows every edge between colours, and channels stay correlated.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        pixels = keystream(key, prod(shape[:2]), iv).reshape(shape[:2])
        return pixels if len(shape) == 2 else np.broadcast_to(pixels[..., None], shape)
