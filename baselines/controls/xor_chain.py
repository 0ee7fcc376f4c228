"""Control: two rounds of permutation and XOR chains."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["XorChain"]

_ROUNDS = 2


class XorChain(Cipher):
    """Each round permutes all samples, XORs a keystream and chains them forwards, then backwards:
    c[i] = p[i] ^ k[i] ^ c[i-1], and the same from the last sample to the first.
    """

    card = Card(
        name="xor-chain",
        title="Two rounds of permutation and XOR chaining",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds permutations and keystreams"),),
        defect="Any number of rounds is one affine map over GF(2), E(a ^ b) = E(a) ^ E(b) ^ E(0), and bit planes "
        "never mix, so three chosen ciphertexts decrypt any image.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples = image.ravel()
        for turn in range(_ROUNDS):
            samples = permute(samples, permutation(subkey(key, f"permutation {turn}"), samples.size))
            stream = keystream(subkey(key, f"keystream {turn}"), samples.size)
            with stage("diffusion"):
                samples = _backwards(_chain(_backwards(_chain(samples ^ stream))))
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.ravel()
        for turn in reversed(range(_ROUNDS)):
            stream = keystream(subkey(key, f"keystream {turn}"), samples.size)
            with stage("diffusion"):
                samples = _unchain(_backwards(_unchain(_backwards(samples)))) ^ stream
            samples = inverse_permute(samples, permutation(subkey(key, f"permutation {turn}"), samples.size))
        return samples.reshape(encrypted.image.shape)


def _chain(samples: Image) -> Image:
    return np.bitwise_xor.accumulate(samples)


def _unchain(samples: Image) -> Image:
    return np.concatenate([samples[:1], samples[1:] ^ samples[:-1]])


def _backwards(samples: Image) -> Image:
    return np.ascontiguousarray(samples[::-1])
