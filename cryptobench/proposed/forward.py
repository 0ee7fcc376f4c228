"""The proposed cipher with a single XOR pass, to show what the second one adds."""

from __future__ import annotations

from cryptobench.cipher import Card, KeyField, stage
from cryptobench.primitives.chaos.diffusion.xor import xor_one_pass, xor_one_pass_inverse
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes, pwlcm_streams
from cryptobench.primitives.learned.ciphers import Bytes
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor

__all__ = ["DenseResNetXorForward"]


class DenseResNetXorForward(DenseResNetXor):
    """c_i = m_i ^ k1_i ^ c_(i-1) over the network's ciphertext m."""

    card = Card(
        name="dense-resnet-xor-forward",
        title="Lite dense-ResNet with one pass of bit-XOR diffusion",
        family="proposed",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of two PWLCM orbits; the networks are fixed"),),
        deviations=("A variant of dense-resnet-xor, not the paper's: the forward pass only, with the same networks.",),
        lossless=False,
        channels=(1, 3),
        known_attacks=("As dense-resnet-xor: XOR-linear; a change does not reach the samples before its place.",),
    )

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        stream, start = _keystream(key, nonce, len(data))
        with stage("diffusion"):
            return xor_one_pass(data, stream, start)

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        stream, start = _keystream(key, nonce, len(data))
        with stage("diffusion"):
            return xor_one_pass_inverse(data, stream, start)


def _keystream(key: bytes, nonce: bytes, count: int) -> tuple[Bytes, int]:
    """The first of the two streams of `keystreams`, and the byte that starts its pass."""
    with stage("keystream"):
        return pwlcm_streams(key, nonce, ("k1",), count)[0], int(pwlcm_bytes(key, nonce, "iv", 1)[0])
