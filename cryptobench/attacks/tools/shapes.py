"""Cipher images that cannot be compared sample by sample: shapes differ, or one plaintext gives two of them."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.base import AttackResult
from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import CipherError, Image

__all__ = [
    "OTHER_SHAPE", "RANDOMISED", "SHAPES_DIFFER", "encrypt_flat", "other_shape", "randomised", "shapes_differ",
]  # fmt: skip

SHAPES_DIFFER = "cipher images of equally large plaintexts differ in shape"
OTHER_SHAPE = "cipher images are of another shape than the plaintext"
RANDOMISED = "encryption is randomised: equal plaintexts do not give equal ciphertexts"


def shapes_differ(*images: Image) -> AttackResult | None:
    """Not applicable, if the images are of several shapes; None if they are of one."""
    return AttackResult.inapplicable(SHAPES_DIFFER) if len({image.shape for image in images}) > 1 else None


def other_shape(shape: tuple[int, ...], *images: Image) -> AttackResult | None:
    """Not applicable, if one of the images is not of the plaintext's ``shape``; None if all are."""
    return AttackResult.inapplicable(OTHER_SHAPE) if any(image.shape != shape for image in images) else None


def randomised(oracle: Oracle) -> AttackResult | None:
    """Not applicable, if one plaintext asked for twice gives two cipher images, or one of another shape than the
    challenge's; None if not. Two queries.
    """
    first, second = (oracle.encrypt_probe("a").image for _ in range(2))
    if unusable := shapes_differ(oracle.challenge.image, first, second):
        return unusable
    return None if np.array_equal(first, second) else AttackResult.inapplicable(RANDOMISED)


def encrypt_flat(oracle: Oracle, samples: Image) -> Image:
    """The flat cipher image of a chosen plaintext of flat ``samples``, (N,).

    CipherError, after which a runner takes the attack for not applicable, if it has another size than the challenge's.
    """
    image = oracle.encrypt(samples.reshape(oracle.shape)).image
    if image.size != oracle.challenge.image.size:
        raise CipherError(SHAPES_DIFFER)
    return image.ravel()
