"""The proposed cipher's idea without its loss: a network of whole numbers with an exact inverse, and XOR diffusion."""

from __future__ import annotations

from typing import ClassVar

from cryptobench.cipher import Card, KeyField
from cryptobench.primitives.learned.ciphers import WeightKeyCipher
from cryptobench.primitives.learned.lifting_recipe import LiftingRecipe
from cryptobench.primitives.learned.lossless import LiftingCipher
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor
from cryptobench.proposed.lossless_training import lifting_recipe

__all__ = ["DenseResNetXorLossless", "DenseResNetXorLosslessCore"]


class DenseResNetXorLossless(LiftingCipher, DenseResNetXor):
    """The diffusion of `DenseResNetXor` over a network that adds mod 256: decryption returns the image itself."""

    weights: ClassVar[tuple[str, ...]] = ("dense-resnet-xor-lossless-1", "dense-resnet-xor-lossless-2")
    card = Card(
        name="dense-resnet-xor-lossless",
        title="Lossless lite dense-ResNet in whole numbers, and bit-XOR diffusion",
        family="proposed",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the nonce to the seeds of three PWLCM orbits; the networks are fixed"),),
        deviations=(
            "Derived here from the idea of dense-resnet-xor, and in no paper: a dense residual network scrambles, "
            "bit-XOR diffusion encrypts. The paper's cipher is lossy; this one loses nothing.",
            "Network: the pixels of each 2x2 square in two halves, by its diagonals. Four couplings add to one half, "
            "mod 256, what a dense block (two 3x3 layers of 8 channels, leaky ReLU, a 1x1 merge) makes of the other. "
            "Weights are whole numbers from -127 to 127, sums are exact, so every machine gives the same bytes, and "
            "the inverse subtracts: exact whatever the weights are.",
            "A network of 6,376 weights for colour and one of 3,672 for grey images, which stay grey; any sides.",
            "Trained on BSDS500 train and val by the statistics of what it makes, towards uniform noise; there is no "
            "decryption loss, since nothing can be lost.",
            "What the network adds: damage becomes noise around its place, which shows where it was, and contours "
            "that a random network of its size leaves are gone. What it does not add: secrecy, since the weights are "
            "public, and entropy: random weights give about 7.99 bit too, and with twice the couplings, or four "
            "times the gain, everything that training gives here.",
            "Key schedule and diffusion as dense-resnet-xor.",
        ),
        channels=(1, 3),
        known_attacks=(
            "As dense-resnet-xor: the diffusion is XOR-linear and the network public, so under a fixed nonce one "
            "known plaintext gives the mask, which decrypts every image of that size.",
            "Nothing is authenticated: damage can be seen, it is not refused. dense-resnet-xor-sealed refuses it.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> LiftingRecipe:
        return lifting_recipe(preset)


class DenseResNetXorLosslessCore(LiftingCipher, WeightKeyCipher):
    """The network's bytes are the ciphertext; the key's one byte selects one of the trained pairs."""

    weights: ClassVar[tuple[str, ...]] = ("dense-resnet-xor-lossless-1", "dense-resnet-xor-lossless-2")
    card = Card(
        name="dense-resnet-xor-lossless-core",
        title="The lossless lite dense-ResNet alone, without diffusion",
        family="proposed",
        fidelity="C",
        key=(KeyField("pair", 8, "modulo the number of trained pairs: which of them encrypts"),),
        deviations=(
            "Derived here, and in no paper: dense-resnet-xor-lossless without its diffusion, so that the part of the "
            "network in a result can be told from the part of the diffusion.",
            "The weights are the key. A key byte selects one of the pairs that are shipped, which were trained from "
            "different seeds.",
        ),
        uses_nonce=False,
        channels=(1, 3),
        known_attacks=(
            "The key has as many values as there are trained pairs.",
            "A flat image gives a tile of 2x2 pixels that repeats; a change reaches some twenty pixels and no further.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> LiftingRecipe:
        return lifting_recipe(preset)
