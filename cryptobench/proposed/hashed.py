"""The proposed cipher with a nonce that is a hash of the network's ciphertext: "one image, one key"."""

from __future__ import annotations

import hashlib

from cryptobench.cipher import NONCE_BYTES, Card, Image, KeyField
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor

__all__ = ["DenseResNetXorHashiv"]


class DenseResNetXorHashiv(DenseResNetXor):
    """Two XOR passes whose key streams depend on the image; the hash is sent in the header."""

    card = Card(
        name="dense-resnet-xor-hashiv",
        title="Lite dense-ResNet and bit-XOR diffusion, key streams tied to the image by a public hash",
        family="proposed",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the image's hash to the seeds of three PWLCM orbits"),),
        deviations=(
            "A variant of dense-resnet-xor, not the paper's: the first 16 bytes of the SHA-256 of the network's "
            "ciphertext take the nonce's place and are sent in the header.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "Equal images give equal ciphertexts. A chosen ciphertext under the target's header is XORed with the "
            "target's own mask, so differential scores hide that the diffusion is linear.",
        ),
    )

    def nonce_for(self, encoded: Image, nonce: bytes) -> bytes:
        return hashlib.sha256(encoded.tobytes()).digest()[:NONCE_BYTES]
