"""A CycleGAN that learns the look of double random phase encoding (Li, Zhou & Di 2021)."""

from __future__ import annotations

from typing import Any

from cryptobench.baselines.learned.presets import LITE_CPU, LITE_PAPER, OWN_CPU, OWN_PAPER
from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.ciphers import WeightKeyCipher
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["CycleGanOptical", "CycleGanOpticalLite"]

# LSGAN, two critics, L1 of both cycles with weight 10, no identity loss, no variation term.
LOSS: dict[str, Any] = {
    "objective": "lsgan",
    "domain": "drpe",
    "both_cycles": True,
    "encryption_weight": 1.0,
    "decryption_weight": 10.0,
    "cycle_weight": 10.0,
    "variation_weight": 0.0,
}


class CycleGanOptical(WeightKeyCipher):
    """G carries pictures to 8-bit amplitudes of double random phase encoding in their look, F carries them back."""

    weights = ("cyclegan-optical-1",)
    multiple = 4
    card = Card(
        name="cyclegan-optical",
        title="Learning optical image encryption scheme based on CycleGAN",
        authors="J.-Q. Li, J. Zhou, X.-Q. Di",
        year=2021,
        doi="10.13229/j.cnki.jdxbgxb20200521",
        family="learned",
        fidelity="C+",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=(
            "The weights are the key. One trained pair is shipped, so every key byte selects it, and decryption with a "
            "wrong key is decryption.",
            "Known from the abstract: pictures encrypted by double random phase encoding (DRPE) make a training set, "
            "from which a CycleGAN learns to encrypt. All sizes and weights are CycleGAN's usual ones or chosen.",
            "A convolutional network cannot compute a Fourier transform of the whole image: it learns the speckle look "
            "of DRPE, not DRPE, and its own inverse.",
            "Target domain: 8-bit DRPE amplitudes of the training crops, for each colour plane, fresh phase masks each "
            "time, 1.7 times white carried to 255.",
            "Generator at a CPU's scale: width 16 and 2 residual blocks (CycleGAN's is 64 and 9). Instance norm "
            "stands in the residual branches only: on the trunk it takes the image's brightness and colour away. "
            "Leaky ReLU 0.2 instead of ReLU, orthogonal initial weights, zero padding instead of reflection.",
            "Critics of width 16 (CycleGAN's: 64), no pool of earlier images, adversarial losses ramped up, "
            "rounding to 8 bits in training, Muon with decay instead of Adam 2e-4.",
            "Trained on BSDS500 train and val. Grey images are carried as three equal channels.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        min_side=5,
        known_attacks=(
            "DRPE itself is linear and falls to known and chosen plaintexts; a network trained on chosen plaintexts "
            "breaks double and triple random phase encoding (Hai et al., Opt. Express 27(15), 2019).",
            "A decoder can be cloned from a few known pairs; a change of one pixel stays local.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": OWN_CPU | LOSS | {"steps": 7_000}, "paper": OWN_PAPER | LOSS | {"steps": 100_000}}
        return AdversarialRecipe(**settings_of(presets, preset))


class CycleGanOpticalLite(WeightKeyCipher):
    """The losses and target domain of `CycleGanOptical` with the proposed cipher's networks."""

    weights = ("cyclegan-optical-lite-1",)
    card = Card(
        name="cyclegan-optical-lite",
        title="CycleGAN towards double random phase encoding, on the lite dense-ResNet",
        family="learned",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=(
            "A variant of cyclegan-optical, not the paper's: the networks are the earlier ones of dense-resnet-xor, to "
            "tell a better idea from a better network.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=("As cyclegan-optical.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": LITE_CPU | LOSS | {"steps": 8_000}, "paper": LITE_PAPER | LOSS | {"steps": 200_000}}
        return AdversarialRecipe(**settings_of(presets, preset))
