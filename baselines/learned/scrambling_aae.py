"""An adversarial autoencoder that scrambles images, its two halves a public and a private key (Bao, Xue & Jin 2021)."""

from __future__ import annotations

from typing import Any

from cryptobench.baselines.learned.presets import LITE_CPU, LITE_PAPER, OWN_CPU, OWN_PAPER
from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.ciphers import WeightKeyCipher
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["ScramblingAae", "ScramblingAaeLite"]

# L = L1 of the reconstruction + 0.1 LSGAN against uniform noise, times 10; one cycle, no variation term.
LOSS: dict[str, Any] = {
    "objective": "lsgan",
    "domain": "noise",
    "encryption_weight": 1.0,
    "decryption_weight": 10.0,
    "variation_weight": 0.0,
}


class ScramblingAae(WeightKeyCipher):
    """Encoder and decoder are CycleGAN generators; a patch critic separates encoded images from uniform noise."""

    weights = ("scrambling-aae-1",)
    multiple = 4
    card = Card(
        name="scrambling-aae",
        title="Image scrambling adversarial autoencoder based on the asymmetric encryption",
        authors="Z. Bao, R. Xue, Y. Jin",
        year=2021,
        doi="10.1007/s11042-021-11043-3",
        family="learned",
        fidelity="B-",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=(
            "The weights are the keys, the encoder's public and the decoder's private. One trained pair is shipped, so "
            "every key byte selects it, and decryption with a wrong key is decryption.",
            "Known from the abstract: CycleGAN generators, a PatchGAN critic against evenly distributed noise, a "
            "reconstruction loss and an adversarial one balanced by one parameter. That parameter is 0.1 here, and "
            "ramped up.",
            "Generator at a CPU's scale: width 16 and 2 residual blocks (CycleGAN's is 64 and 9). Instance norm "
            "stands in the residual branches only: on the trunk it takes the image's brightness and colour away. "
            "Leaky ReLU 0.2 instead of ReLU, orthogonal initial weights, zero padding instead of reflection.",
            "Critic of width 16 (PatchGAN's is 64), rounding to 8 bits in training, Muon with decay, not Adam 2e-4.",
            "Trained on BSDS500 train and val, not on ten classes of scenes. Grey images are carried as three equal "
            "channels.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        min_side=5,
        known_attacks=(
            "The asymmetric claim fails: whoever has the public encoder makes training pairs without end, from which a "
            "decoder can be cloned (attack surrogate_decoder).",
            "No diffusion: a change of one pixel stays local, and flat areas are visible.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": OWN_CPU | LOSS | {"steps": 14_500}, "paper": OWN_PAPER | LOSS | {"steps": 100_000}}
        return AdversarialRecipe(**settings_of(presets, preset))


class ScramblingAaeLite(WeightKeyCipher):
    """The losses and target domain of `ScramblingAae` with the proposed cipher's networks."""

    weights = ("scrambling-aae-lite-1",)
    card = Card(
        name="scrambling-aae-lite",
        title="Scrambling adversarial autoencoder on the lite dense-ResNet",
        family="learned",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=(
            "A variant of scrambling-aae, not the paper's: the networks are the earlier ones of dense-resnet-xor, to "
            "tell a better loss from a better network.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=("As scrambling-aae.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": LITE_CPU | LOSS | {"steps": 17_500}, "paper": LITE_PAPER | LOSS | {"steps": 200_000}}
        return AdversarialRecipe(**settings_of(presets, preset))
