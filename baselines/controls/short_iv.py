"""Control: a keystream of which one byte of the IV decides."""

from __future__ import annotations

from math import prod

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import ZERO_BLOCK, keystream
from cryptobench.cipher import Card, Image, KeyField

__all__ = ["ShortIv"]


class ShortIv(AuthenticatedStream):
    """AES-256-CTR that begins at one of 256 counter blocks, by the first byte of the IV."""

    card = Card(
        name="short-iv",
        title="Authenticated AES-256-CTR with an IV of 8 bits",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="Only 256 keystreams exist under a key, drawn at random for each message: two of twenty messages share "
        "one, and some 1500 chosen images reveal them all.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv[:1] + ZERO_BLOCK[1:]).reshape(shape)
