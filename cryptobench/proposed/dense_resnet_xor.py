"""The proposed cipher: lite Dense-ResNet and two passes of bit-XOR diffusion (Bao, Xue, Hu & Liu 2024)."""

from __future__ import annotations

from typing import ClassVar

from cryptobench.cipher import Card, KeyField, stage
from cryptobench.primitives.chaos.diffusion.xor import xor_two_pass, xor_two_pass_inverse
from cryptobench.primitives.learned.ciphers import Bytes, DiffusedCipher, keystreams
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.proposed.training import statistics_recipe

__all__ = ["DenseResNetXor"]


class DenseResNetXor(DiffusedCipher):
    """Forward a_i = m_i ^ k1_i ^ a_(i-1), then backward c_i = a_i ^ k2_i ^ c_(i+1), over the network's ciphertext m."""

    weights: ClassVar[tuple[str, ...]] = ("dense-resnet-xor-1", "dense-resnet-xor-2")
    multiple = 4
    card = Card(
        name="dense-resnet-xor",
        title="Color image encryption based on lite dense-ResNet and bit-XOR diffusion",
        authors="Z. Bao, R. Xue, J. Hu, Y. Liu",
        year=2024,
        doi="10.1007/s11042-023-16073-7",
        family="proposed",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "Known from the abstract and the reference list: two networks, the encryption network a lite dense "
            "residual one; one loss of weighted encryption, decryption and total-variation terms; bit-XOR diffusion "
            "of the network's output; BSDS500 and DIV2K; lossy decryption; damage that stays visible as a trail. "
            "Everything else is a reconstruction.",
            "Network: pixel unshuffle by 4 to 48 channels; twice a 1x1 convolution of all, then to each half of the "
            "channels a dense block of the other is added (2 layers of 3x3 to 8 channels, leaky ReLU 0.2, 1x1 merge); "
            "a last 1x1 convolution, pixel shuffle, cut to the range. 27,088 weights.",
            "The decoder is the encoder backwards, with inverse matrices and the same weights: additions can be undone "
            "whatever was added (additive couplings, Dinh et al. 2015). The abstract speaks of two networks; that one "
            "is the other's inverse is a choice made here, found by a search for a smaller network. What is lost is "
            "lost by rounding to bytes and by the cut.",
            "No normalisation: the paper cites batch and instance normalisation, but an image's mean and contrast do "
            "not survive instance normalisation of its features, and it could not be undone.",
            "Encryption loss: distance of the output's statistics from uniform noise. The paper's form is not known; "
            "dense-resnet-xor-gan has the adversarial form of the authors' earlier work.",
            "Trained on BSDS500 train and val without DIV2K, with straight-through rounding to 8 bits, by Muon: 18,000 "
            "steps on two crops of 128 pixels, larger than the 32 pixels around it that a sample depends on.",
            "Key schedule: SHA-256 of key, nonce and a label seeds each PWLCM orbit. The paper's map is not known.",
            "Diffusion: one forward and one backward XOR chain in raster order. The paper's equation is not known.",
            "The weights are public here. As a secret they add nothing that can be counted: decryption changes "
            "smoothly with them, and a picture is left when each is off by one percent.",
            "Grey images are carried as three equal channels.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "No published attack on this paper was found. By construction: the diffusion is XOR-linear, so under a "
            "fixed nonce one known plaintext gives the mask, which decrypts every image of that size.",
            "The network alone has no avalanche: NPCR of the core is near 1 percent, and a decoder can be cloned from "
            "a few known pairs.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> Recipe:
        return statistics_recipe(preset)

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return xor_two_pass(data, k1, k2, start, end)

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return xor_two_pass_inverse(data, k1, k2, start, end)
