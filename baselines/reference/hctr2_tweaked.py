"""HCTR2 with the nonce in the tweak: another permutation of the whole image for each message."""

from __future__ import annotations

from cryptobench.baselines.reference.hctr2 import Hctr2
from cryptobench.cipher import Card, KeyField

__all__ = ["Hctr2Tweaked"]


class Hctr2Tweaked(Hctr2):
    """HCTR2 whose tweak is the image shape and the nonce; header = nonce. Under a fixed nonce it is as `Hctr2`."""

    card = Card(
        name="hctr2-tweaked",
        title="Length-preserving encryption with HCTR2 (AES-256), the nonce in the tweak",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key, which gives the keys of the hash too"),),
        authors="Crowley, Huckleberry and Biggers",
        year=2021,
        min_side=4,
        known_attacks=(
            "Crowley, Huckleberry and Biggers 2021, IACR ePrint 2021/1441: under one nonce, equal images give equal "
            "ciphertexts; no authentication, so that a changed ciphertext decrypts to noise instead of being rejected",
        ),
        claims="confidentiality=5, misuse=4, integrity=garbles",
    )

    def _tweak(self, nonce: bytes) -> bytes:
        return nonce
