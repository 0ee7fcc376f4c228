"""The proposed network without the diffusion: what the network adds by itself."""

from __future__ import annotations

from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.ciphers import WeightKeyCipher
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.proposed.training import statistics_recipe

__all__ = ["DenseResNetXorCore"]


class DenseResNetXorCore(WeightKeyCipher):
    """The encoder's 8-bit output is the ciphertext; the key's one byte selects one of the trained pairs."""

    weights = ("dense-resnet-xor-1", "dense-resnet-xor-2")
    multiple = 4
    card = Card(
        name="dense-resnet-xor-core",
        title="The lite dense-ResNet alone, without diffusion",
        family="proposed",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs: which of them encrypts"),),
        deviations=(
            "A variant of dense-resnet-xor, not the paper's: no diffusion, so that the part of the network in a "
            "result can be separated from the part of the diffusion.",
            "The weights are the key. A key byte selects one of the pairs that are shipped, which were trained from "
            "different seeds; bits of the weights are not counted as key bits, since the map is smooth in them.",
        ),
        uses_nonce=False,
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "A decoder can be cloned from a few known pairs: nine tenths of the variance are a linear map of the tiles "
            "around. Flat areas of the image remain visible.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> Recipe:
        return statistics_recipe(preset)
