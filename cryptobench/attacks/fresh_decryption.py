"""What the rightful receiver gets: the challenge decrypted in a new process that knows no more than he does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Card, Encrypted, Image
from cryptobench.fresh_process import decrypt_in_fresh_process

__all__ = ["FreshDecryption", "decrypt_as_receiver"]


@dataclass(frozen=True)
class FreshDecryption:
    """``share`` of the challenge's samples that the receiver has within ``tolerance`` grey levels.

    ``succeeded`` says whether that is as much as the card promises; ``reason`` why not. Sizes are in bytes.
    """

    succeeded: bool
    share: float
    tolerance: int
    cipher_image_bytes: int
    header_bytes: int
    secret_bytes: int
    reason: str = ""


def decrypt_as_receiver(
    reference: str, card: Card, ciphertext: Encrypted, key: bytes, target: Image, here: Image | None, tolerance: int
) -> FreshDecryption:
    """Decrypt ``ciphertext`` in a new process; ``here`` is what this one, which encrypted it, decrypts it to, if
    anything.

    The process is given key, header, cipher image and, only if the card declares one, the per-message secret. A
    lossless cipher must return the target; a lossy one as much of it, within ``tolerance``, as this process gets, and
    be nearer to it than a flat image of its mean grey is.
    """
    received = Encrypted(ciphertext.image, ciphertext.header, ciphertext.secret if card.secret_bits else b"")
    sizes = (ciphertext.image.size, len(ciphertext.header), len(ciphertext.secret))
    try:
        answer = decrypt_in_fresh_process(reference, [(received, key)])[0]
    except RuntimeError as error:
        answer = str(error)
    if isinstance(answer, str):
        return FreshDecryption(False, 0.0, tolerance, *sizes, reason=answer)
    if answer.shape != target.shape:
        size = "x".join(map(str, answer.shape))
        return FreshDecryption(False, 0.0, tolerance, *sizes, reason=f"the decrypted image is {size}")
    share = _share(answer, target, tolerance)
    reason = ""
    if card.lossless and share < 1:
        reason = "the card says lossless, and samples are wrong"
    elif not card.lossless and here is not None and share < _share(here, target, tolerance):
        reason = "the process that encrypted the image recovers more of it than a new one"
    elif not card.lossless and _squared_error(answer, target) >= float(np.var(target)) > 0:
        reason = "the decrypted image is no nearer to the plaintext than a flat one is"
    return FreshDecryption(not reason, share, tolerance, *sizes, reason=reason)


def _share(answer: Image, target: Image, tolerance: int) -> float:
    if answer.shape != target.shape:
        return 0.0
    return float(np.mean(np.abs(answer.astype(np.int16) - target) <= tolerance))


def _squared_error(answer: Image, target: Image) -> float:
    return float(np.mean((answer.astype(np.float64) - target) ** 2))
