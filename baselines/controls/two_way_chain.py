"""Control: chains in both directions that alternate additions and XORs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["TwoWayChain"]


class TwoWayChain(Cipher):
    """Samples are permuted; forwards c[i] = (p[i] + k[i]) ^ c[i-1]; they are permuted again; and backwards d[i] =
    (c[i] ^ l[i]) + d[i+1]; mod 256."""

    card = Card(
        name="two-way-chain",
        title="Permutations and two diffusions, forwards and backwards, of addition and XOR",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds two permutations and two keystreams"),),
        defect="Affine over no ring, but carries go upwards only: no bit plane depends on a higher one, and each is "
        "affine over GF(2) once the lower ones are known.",
        uses_nonce=False,
        known_attacks=("Cryptanalyses of two-way diffusion: Entropy 24(11), 2022, 1551, and 25(3), 2023, 395",),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        order, between, first, second = _parts(key, image.size)
        samples = permute(image.ravel(), order)
        with stage("diffusion"):
            chained = np.bitwise_xor.accumulate(samples + first)
        mixed = permute(chained, between)
        with stage("diffusion"):
            back = np.add.accumulate((mixed ^ second)[::-1], dtype=np.uint8)[::-1]
        return Encrypted(np.ascontiguousarray(back).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        order, between, first, second = _parts(key, encrypted.image.size)
        samples = encrypted.image.ravel()
        with stage("diffusion"):
            mixed = np.diff(samples[::-1], prepend=np.uint8(0))[::-1] ^ second
        chained = inverse_permute(mixed, between)
        with stage("diffusion"):
            plain = (chained ^ np.concatenate((np.zeros(1, np.uint8), chained[:-1]))) - first
        return inverse_permute(plain, order).reshape(encrypted.image.shape)


def _parts(key: bytes, size: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32], Image, Image]:
    orders = [permutation(subkey(key, name), size) for name in ("permutation", "between")]
    streams = [keystream(subkey(key, f"keystream {way}"), size) for way in ("forwards", "backwards")]
    return orders[0], orders[1], streams[0], streams[1]
