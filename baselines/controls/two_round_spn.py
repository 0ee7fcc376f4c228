"""Control: a substitution-permutation network of two rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._bit_mixing import mix_bits, unmix_bits
from cryptobench.baselines.controls._parts import keystream, permutation, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["TwoRoundSpn"]


class TwoRoundSpn(Cipher):
    """XOR of a keystream, a secret S-box, a dense mixing of all bits that is linear over GF(2), XOR of a second
    keystream, a second S-box.
    """

    card = Card(
        name="two-round-spn",
        title="Two rounds of secret S-boxes around linear mixing",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds two S-boxes, two keystreams and the permutation of bits"),),
        defect="The mixing is linear over GF(2) and reaches everything, but sums over the corners of plaintexts that "
        "change two halves independently vanish before the last S-box: equations for its inverse.",
        uses_nonce=False,
        known_attacks=("Biryukov and Shamir 2001: Structural cryptanalysis of SASAS",),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        boxes, streams, order = _parts(key, image.size)
        with stage("substitution"):
            samples = boxes[0][image.ravel() ^ streams[0]]
        samples = mix_bits(samples, order)
        with stage("substitution"):
            samples = boxes[1][samples ^ streams[1]]
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        boxes, streams, order = _parts(key, encrypted.image.size)
        with stage("substitution"):
            samples = _inverse(boxes[1])[encrypted.image.ravel()] ^ streams[1]
        samples = unmix_bits(samples, order)
        with stage("substitution"):
            return (_inverse(boxes[0])[samples] ^ streams[0]).reshape(encrypted.image.shape)


def _parts(key: bytes, size: int) -> tuple[list[Image], list[Image], NDArray[np.uint32]]:
    boxes = [permutation(subkey(key, f"box {turn}"), 256).astype(np.uint8) for turn in range(2)]
    streams = [keystream(subkey(key, f"keystream {turn}"), size) for turn in range(2)]
    return boxes, streams, permutation(subkey(key, "permutation"), 8 * size)


def _inverse(box: Image) -> Image:
    return np.argsort(box).astype(np.uint8)
