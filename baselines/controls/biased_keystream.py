"""Control: a keystream with a few ones too many."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["BiasedKeystream"]

_ONES = 0.51


class BiasedKeystream(AuthenticatedStream):
    """Keystream bits are independent of one another, and each is 1 with probability 0.51."""

    card = Card(
        name="biased-keystream",
        title="Authenticated stream cipher whose keystream bits are 1 in 51 % of cases",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="Keystream bits have a bias of 1 %: every ciphertext bit is the opposite of the plaintext's in 51 % of "
        "cases, so many encryptions of one image add up to it.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        words = keystream(key, 16 * prod(shape), iv).view("<u2")  # one for each bit
        return np.packbits(words < round(_ONES * 2**16)).reshape(shape)
