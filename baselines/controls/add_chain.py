"""Control: two rounds of permutation and modular-addition chains."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["AddChain"]

_ROUNDS = 2


class AddChain(Cipher):
    """Each round permutes all samples, adds a keystream and chains them forwards, then backwards:
    c[i] = p[i] + k[i] + c[i-1] mod 256, and the same from the last sample to the first.
    """

    card = Card(
        name="add-chain",
        title="Two rounds of permutation and modular-addition chaining",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds permutations and keystreams"),),
        defect="Any number of rounds is one affine map over Z/256, E(a + b) = E(a) + E(b) - E(0), so three chosen "
        "ciphertexts decrypt any image, although one-level changes score perfect NPCR and UACI.",
        uses_nonce=False,
        known_attacks=("Chen, Chen and Zhou 2019, arXiv 1903.11987: permutation and modular-addition diffusion",),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples = image.ravel()
        for turn in range(_ROUNDS):
            samples = permute(samples, permutation(subkey(key, f"permutation {turn}"), samples.size))
            stream = keystream(subkey(key, f"keystream {turn}"), samples.size)
            with stage("diffusion"):
                samples = _backwards(_chain(_backwards(_chain(samples + stream))))
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.ravel()
        for turn in reversed(range(_ROUNDS)):
            stream = keystream(subkey(key, f"keystream {turn}"), samples.size)
            with stage("diffusion"):
                samples = _unchain(_backwards(_unchain(_backwards(samples)))) - stream
            samples = inverse_permute(samples, permutation(subkey(key, f"permutation {turn}"), samples.size))
        return samples.reshape(encrypted.image.shape)


def _chain(samples: Image) -> Image:
    return np.add.accumulate(samples, dtype=np.uint8)


def _unchain(samples: Image) -> Image:
    return np.diff(samples, prepend=np.uint8(0))


def _backwards(samples: Image) -> Image:
    return np.ascontiguousarray(samples[::-1])
