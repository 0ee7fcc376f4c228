"""The proposed cipher with a diffusion that is not linear, to show what that would change."""

from __future__ import annotations

from cryptobench.cipher import Card, KeyField, stage
from cryptobench.primitives.chaos.diffusion.chains import add_xor_rotate, add_xor_rotate_inverse
from cryptobench.primitives.learned.ciphers import Bytes, keystreams
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor

__all__ = ["DenseResNetXorHardened"]


class DenseResNetXorHardened(DenseResNetXor):
    """c_i = rotl3(((m_i + c_(i-1)) mod 256) ^ k_i) forwards with k1, then the same backwards with k2."""

    card = Card(
        name="dense-resnet-xor-hardened",
        title="Lite dense-ResNet with two passes of add-XOR-rotate diffusion",
        family="proposed",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "A variant of dense-resnet-xor, not the paper's: addition and rotation in the chain, so it is not bit-XOR "
            "diffusion any more.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=("Under a fixed nonce a change of one cipher byte still damages few plaintext bytes.",),
    )

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate(add_xor_rotate(data, k1, start, False), k2, end, True)

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate_inverse(add_xor_rotate_inverse(data, k2, end, True), k1, start, False)
