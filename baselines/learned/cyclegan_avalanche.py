"""A CycleGAN towards noise behind an XOR with a keystream, for the avalanche effect (Bao & Xue 2021)."""

from __future__ import annotations

from typing import Any

import numpy as np

from cryptobench.baselines.learned.presets import LITE_CPU, LITE_PAPER
from cryptobench.cipher import Card, KeyField, stage
from cryptobench.primitives.chaos.diffusion.chains import add_xor_rotate, add_xor_rotate_inverse
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.ciphers import Bytes, DiffusedCipher, MaskedCipher, WeightKeyCipher, keystreams
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["CycleGanAvalanche", "CycleGanAvalancheCore", "CycleGanAvalancheLite"]

# LSGAN, two critics, L1 of both cycles with weight 10.
LOSS: dict[str, Any] = {
    "objective": "lsgan",
    "domain": "noise",
    "both_cycles": True,
    "encryption_weight": 1.0,
    "decryption_weight": 10.0,
    "cycle_weight": 10.0,
    "variation_weight": 0.0,
}
# The diffused image is uniform whatever the picture, so the networks are trained on uniform bytes, and lose nothing
# on the way: the XOR makes a mean squared error of 170 of a sample that is off by one.
EXACT: dict[str, Any] = {
    "generator": "bytes",
    "plain": "noise",
    "likeness_weight": 1.0,
    "width": 64,
    "blocks": 3,
    "crops": 4,
    "side": 32,
    "ramp_start": 0.0,
    "ramp_end": 0.2,
    "learning_rate": 1e-3,
}
PRESETS: dict[str, dict[str, Any]] = {
    "cpu": LOSS | EXACT | {"steps": 3_000},
    "paper": LOSS | EXACT | {"steps": 100_000, "width": 128, "blocks": 9, "crops": 32, "side": 64, "critic_width": 64},
}


class CycleGanAvalanche(MaskedCipher):
    """The image XOR a keystream goes through a trained network, and its bytes are the ciphertext.

    With ``chained`` c_i = p_i ^ k_i ^ c_(i-1) stands in for the XOR.
    """

    weights = ("cyclegan-avalanche-1",)
    card = Card(
        name="cyclegan-avalanche",
        title="Research on the avalanche effect of image encryption based on the Cycle-GAN",
        authors="Z. Bao, R. Xue",
        year=2021,
        family="learned",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed with the nonce to the seed of a PWLCM orbit; the networks are fixed"),),
        deviations=(
            "The paper was not read. A review says that the plain image is diffused first, by XOR, that a CycleGAN "
            "then encrypts it, and that its loss takes the diffused image.",
            "XOR of all samples with one PWLCM stream, seeded by SHA-256 of key, nonce and a label. The option chained "
            "adds the cipher byte before.",
            "A sample that the network returns off by one costs a mean squared error of 170 after the XOR: a network "
            "of the usual 33 dB would give pictures of 19.5 dB, and the 33.18 dB that the review quotes would need 82 "
            "% of the samples exact. How the paper came to it is not known; perhaps it is of the diffused image.",
            "Networks: pixel unshuffle by 2, residual branches of 1x1, 3x3 and 1x1 convolutions of width 64, no "
            "normalisation, no pooling, a clamp in place of tanh; CycleGAN's own generators cannot carry noise. They "
            "start as the identity.",
            "Loss: LSGAN with two critics, L1 of weight 10 of both cycles, and, of weight 1, the squared correlation "
            "of the encoded with the given samples. Trained on uniform bytes, through rounding to 8 bits, by Muon with "
            "decay: what is XORed with a keystream is uniform, whatever the picture.",
            "What comes out is nearly the identity: the encoder changes 0.4 % of uniform bytes, 0.01 % do not come "
            "back, and a picture decrypts at 71 dB. Noise looks like noise to a critic already, and the statistics are "
            "the XOR's. Ten times the correlation's weight, from a random start, moves samples by 12 levels in 1000 "
            "steps, and half of them then do not come back.",
            "The weights are public here. Grey images are carried as three equal channels.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "No published attack was found. The network is public and has its inverse beside it, so that a stream "
            "cipher is left: with a repeated nonce two images differ by their XOR, and a known image gives the "
            "keystream.",
            "Without a new nonce a changed sample changes only what the network sees of it: there is no avalanche.",
        ),
    )

    def __init__(self, chained: bool = False) -> None:
        self.chained = bool(chained)

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        return AdversarialRecipe(**settings_of(PRESETS, preset))

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        mask = self._mask(key, nonce, len(data))
        with stage("diffusion"):
            masked = data ^ mask
            return np.bitwise_xor.accumulate(masked) if self.chained else masked

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        mask = self._mask(key, nonce, len(data))
        with stage("diffusion"):
            masked = data ^ mask
            if self.chained:
                masked[1:] ^= data[:-1]
            return masked

    @staticmethod
    def _mask(key: bytes, nonce: bytes, count: int) -> Bytes:
        with stage("keystream"):
            return pwlcm_bytes(key, nonce, "mask", count)


class CycleGanAvalancheCore(WeightKeyCipher):
    """The networks of `CycleGanAvalanche` alone, on the picture itself."""

    weights = ("cyclegan-avalanche-1",)
    card = Card(
        name="cyclegan-avalanche-core",
        title="The networks of cyclegan-avalanche without the XOR before them",
        family="learned",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=("A part of cyclegan-avalanche, to be measured apart: there is no keystream.",),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=("The network is public and has its inverse beside it: nothing is secret.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        return CycleGanAvalanche.recipe(preset)


class CycleGanAvalancheLite(DiffusedCipher):
    """The other order, on the proposed cipher's networks: CycleGAN losses first, then a diffusion with feedback.

    c_i = rotl3(((m_i + c_(i-1)) mod 256) ^ k_i) forwards with k1, then the same backwards with k2.
    """

    weights = ("cyclegan-avalanche-lite-1",)
    card = Card(
        name="cyclegan-avalanche-lite",
        title="CycleGAN losses and add-XOR-rotate diffusion on the lite dense-ResNet",
        family="learned",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "Not the paper's: the proposed cipher's order, a network and then a diffusion with feedback, and its "
            "earlier networks, trained on pictures with cyclegan-avalanche's losses, to tell an order from a loss.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "No published attack was found. Under a fixed nonce a change of one cipher byte damages few "
            "plaintext bytes, and a decoder of the network's part can be cloned from a few known pairs.",
        ),
    )

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate(add_xor_rotate(data, k1, start, False), k2, end, True)

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate_inverse(add_xor_rotate_inverse(data, k2, end, True), k1, start, False)

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": LITE_CPU | LOSS | {"steps": 8_000}, "paper": LITE_PAPER | LOSS | {"steps": 200_000}}
        return AdversarialRecipe(**settings_of(presets, preset))
