"""A CycleGAN towards noise, and a diffusion that gives it the avalanche effect (Bao & Xue 2021)."""

from __future__ import annotations

from typing import Any

from cryptobench.baselines.learned.presets import LITE_CPU, LITE_PAPER, OWN_CPU, OWN_PAPER
from cryptobench.cipher import Card, KeyField, stage
from cryptobench.primitives.chaos.diffusion.chains import add_xor_rotate, add_xor_rotate_inverse
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.ciphers import Bytes, DiffusedCipher, keystreams
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["CycleGanAvalanche", "CycleGanAvalancheLite"]

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


class _Avalanche(DiffusedCipher):
    """c_i = rotl3(((m_i + c_(i-1)) mod 256) ^ k_i) forwards with k1, then the same backwards with k2."""

    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate(add_xor_rotate(data, k1, start, False), k2, end, True)

    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        k1, k2, start, end = keystreams(key, nonce, len(data))
        with stage("diffusion"):
            return add_xor_rotate_inverse(add_xor_rotate_inverse(data, k2, end, True), k1, start, False)


class CycleGanAvalanche(_Avalanche):
    """Pictures to noise and back by CycleGAN generators, with two passes of add-XOR-rotate diffusion."""

    weights = ("cyclegan-avalanche-1",)
    multiple = 4
    card = Card(
        name="cyclegan-avalanche",
        title="Research on the avalanche effect of image encryption based on the Cycle-GAN",
        authors="Z. Bao, R. Xue",
        year=2021,
        family="learned",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "Only the title is known. The rest is a reconstruction: a CycleGAN from pictures to noise and back, and a "
            "conventional diffusion with feedback, since the network alone has no avalanche.",
            "Both cycles are trained (the authors' autoencoder of the same year has one): LSGAN with two critics and "
            "L1 of weight 10 each way; the target domain is independent uniform bytes.",
            "Diffusion: a forward and a backward pass of rotl3(((m + c) mod 256) ^ k), since XOR alone leaves UACI "
            "far below its ideal value. Key streams: PWLCM orbits seeded by SHA-256 of key, nonce and a label.",
            "The weights are public here. As a secret they add nothing that can be counted.",
            "Generator at a CPU's scale: width 16 and 2 residual blocks (CycleGAN's is 64 and 9). Instance norm "
            "stands in the residual branches only: on the trunk it takes the image's brightness and colour away. "
            "Leaky ReLU 0.2 instead of ReLU, orthogonal initial weights, zero padding instead of reflection.",
            "Critics of width 16 (CycleGAN's: 64), no pool of earlier images, adversarial losses ramped up, "
            "rounding to 8 bits in training, Muon with decay instead of Adam 2e-4.",
            "Trained on BSDS500 train and val. Grey images are carried as three equal channels.",
        ),
        lossless=False,
        channels=(1, 3),
        min_side=5,
        known_attacks=(
            "No published attack was found. Under a fixed nonce a change of one cipher byte damages few "
            "plaintext bytes, and a decoder of the network's part can be cloned from a few known pairs.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": OWN_CPU | LOSS | {"steps": 7_250}, "paper": OWN_PAPER | LOSS | {"steps": 100_000}}
        return AdversarialRecipe(**settings_of(presets, preset))


class CycleGanAvalancheLite(_Avalanche):
    """The losses and diffusion of `CycleGanAvalanche` with the proposed cipher's networks."""

    weights = ("cyclegan-avalanche-lite-1",)
    card = Card(
        name="cyclegan-avalanche-lite",
        title="CycleGAN losses and add-XOR-rotate diffusion on the lite dense-ResNet",
        family="learned",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "A variant of cyclegan-avalanche, not the paper's: the networks are those of dense-resnet-xor, to tell a "
            "better idea from a better network.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=("As cyclegan-avalanche.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": LITE_CPU | LOSS | {"steps": 8_000}, "paper": LITE_PAPER | LOSS | {"steps": 200_000}}
        return AdversarialRecipe(**settings_of(presets, preset))
