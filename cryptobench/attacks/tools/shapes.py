"""Cipher images that cannot be compared sample by sample, because their shapes differ."""

from __future__ import annotations

from cryptobench.attacks.base import AttackResult
from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import CipherError, Image

__all__ = ["OTHER_SHAPE", "SHAPES_DIFFER", "encrypt_flat", "other_shape", "shapes_differ"]

SHAPES_DIFFER = "cipher images of equally large plaintexts differ in shape"
OTHER_SHAPE = "cipher images are of another shape than the plaintext"


def shapes_differ(*images: Image) -> AttackResult | None:
    """Not applicable, if the images are of several shapes; None if they are of one."""
    return AttackResult.inapplicable(SHAPES_DIFFER) if len({image.shape for image in images}) > 1 else None


def other_shape(shape: tuple[int, ...], *images: Image) -> AttackResult | None:
    """Not applicable, if one of the images is not of the plaintext's ``shape``; None if all are."""
    return AttackResult.inapplicable(OTHER_SHAPE) if any(image.shape != shape for image in images) else None


def encrypt_flat(oracle: Oracle, samples: Image) -> Image:
    """The flat cipher image of a chosen plaintext of flat ``samples``, (N,).

    CipherError, after which a runner takes the attack for not applicable, if it has another size than the challenge's.
    """
    image = oracle.encrypt(samples.reshape(oracle.shape)).image
    if image.size != oracle.challenge.image.size:
        raise CipherError(SHAPES_DIFFER)
    return image.ravel()
