"""The proposed cipher with the adversarial form of the encryption loss."""

from __future__ import annotations

from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor
from cryptobench.proposed.training import gan_recipe

__all__ = ["DenseResNetXorGan"]


class DenseResNetXorGan(DenseResNetXor):
    """As `DenseResNetXor`; a patch critic that knows uniform noise took the place of the statistics in training."""

    weights = ("dense-resnet-xor-gan-1",)
    card = Card(
        name="dense-resnet-xor-gan",
        title="Lite dense-ResNet, trained against a critic, and bit-XOR diffusion",
        family="proposed",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "As dense-resnet-xor but for the encryption loss: a PatchGAN critic against uniform noise with the "
            "least-squares objective, the form of the same authors' work of 2021. Which form the paper has is not "
            "known.",
            "The weights are of the network that dense-resnet-xor had before: pixel unshuffle by 2, 32 channels, two "
            "dense residual blocks of 3 layers of 16 channels, 56,812 weights each for encryption and decryption.",
        ),
        lossless=False,
        channels=(1, 3),
        known_attacks=("As dense-resnet-xor.",),
    )

    @classmethod
    def recipe(cls, preset: str) -> Recipe:
        return gan_recipe(preset)
