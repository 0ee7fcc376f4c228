"""Control: two diffusions that are keyed with the XOR of the plaintext, which the header hides under a mask."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import subkey
from cryptobench.baselines.controls.two_way_chain import TwoWayChain
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["XorKeyedChain"]


class XorKeyedChain(Cipher):
    """`TwoWayChain` under a key that is derived from the key and the XOR of all samples; the header is this XOR, plus a
    byte of the key, mod 256.
    """

    card = Card(
        name="xor-keyed-chain",
        title="Two diffusions keyed with the XOR of all samples",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives 256 keys of the chains, one for each XOR, and the mask of the header"),),
        defect="Any change of the image changes everything, but images of equal XOR share permutation and keystreams, "
        "and one sample of a query is enough to give it the challenge's.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        state = int(np.bitwise_xor.reduce(image, axis=None))
        body = TwoWayChain().encrypt(image, subkey(key, f"state {state}"), nonce)
        return Encrypted(body.image, header=bytes([(state + _mask(key)) % 256]))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != 1:
            raise CipherError(f"xor-keyed-chain: header has {len(encrypted.header)} bytes, wanted 1, the masked XOR")
        state = (encrypted.header[0] - _mask(key)) % 256
        return TwoWayChain().decrypt(Encrypted(encrypted.image), subkey(key, f"state {state}"))


def _mask(key: bytes) -> int:
    return subkey(key, "mask")[0]
