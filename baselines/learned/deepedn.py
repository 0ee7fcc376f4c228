"""DeepEDN: medical images carried to a noise domain by a CycleGAN generator (Ding et al. 2021)."""

from __future__ import annotations

from typing import Any

from cryptobench.baselines.learned.presets import LITE_CPU, LITE_PAPER, OWN_CPU, OWN_PAPER
from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.ciphers import WeightKeyCipher
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["DeepEdn", "DeepEdnLite"]

# L = BCE against the critic + 10 L1 of the reconstruction; one cycle only, no variation term.
LOSS: dict[str, Any] = {
    "objective": "bce",
    "domain": "noise",
    "encryption_weight": 1.0,
    "decryption_weight": 10.0,
    "variation_weight": 0.0,
}


class DeepEdn(WeightKeyCipher):
    """Encoder G and decoder F are CycleGAN generators; G's output, rounded to bytes, is the ciphertext."""

    weights = ("deepedn-1", "deepedn-2")
    multiple = 4
    card = Card(
        name="deepedn",
        title="DeepEDN: a deep-learning-based image encryption and decryption network for internet of medical things",
        authors="Y. Ding, G. Wu, D. Chen, N. Zhang, L. Gong, M. Cao, Z. Qin",
        year=2021,
        doi="10.48550/arXiv.2004.05523",
        family="learned",
        fidelity="B",
        key=(KeyField("pair", 8, "modulo the number of trained pairs: which of them encrypts"),),
        deviations=(
            "The weights are the key. A key byte selects one of two pairs that are shipped, trained from different "
            "seeds; bits of the weights are not counted as key bits, since the map is smooth in them.",
            "Known: a CycleGAN carries the image to a target domain, a reconstruction network carries it back, with an "
            "adversarial and an L1 loss for this one direction. Sizes are from a public re-implementation.",
            "Target domain: independent uniform bytes. The paper's set of hidden factors is not known.",
            "Weight of the reconstruction loss against the adversarial one: 10 to 1, the latter ramped up.",
            "Generator at a CPU's scale: width 16 and 2 residual blocks (the paper's is near 32 and 9). Instance norm "
            "stands in the residual branches only: on the trunk it takes the image's brightness and colour away. "
            "Leaky ReLU 0.2 instead of ReLU, orthogonal initial weights, zero padding instead of reflection.",
            "Trained on colour photographs (BSDS500 train and val), through rounding to 8 bits, not on chest X-rays; "
            "Muon with decay instead of Adam 2e-4.",
            "The ROI network that finds organs in the ciphertext is not part of the cipher and is left out.",
            "Grey images are carried as three equal channels.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        min_side=5,
        known_attacks=(
            "No published attack on this scheme was found. Its own ROI network reads organs from the ciphertext, so "
            "the ciphertext is not semantically secure.",
            "A decoder can be cloned from a few known pairs; a change of one pixel stays local.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": OWN_CPU | LOSS | {"steps": 14_500}, "paper": OWN_PAPER | LOSS | {"steps": 100_000}}
        return AdversarialRecipe(**settings_of(presets, preset))


class DeepEdnLite(WeightKeyCipher):
    """The losses and target domain of `DeepEdn` with the proposed cipher's networks."""

    weights = ("deepedn-lite-1",)
    card = Card(
        name="deepedn-lite",
        title="DeepEDN's losses and target domain on the lite dense-ResNet",
        family="learned",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs, which is one: no key is wrong"),),
        deviations=(
            "A variant of deepedn, not the paper's: the networks are the earlier ones of dense-resnet-xor, to tell a "
            "better loss from a better network. One trained pair.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=("As deepedn.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> AdversarialRecipe:
        presets = {"cpu": LITE_CPU | LOSS | {"steps": 17_500}, "paper": LITE_PAPER | LOSS | {"steps": 200_000}}
        return AdversarialRecipe(**settings_of(presets, preset))
