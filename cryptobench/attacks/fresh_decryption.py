"""What the rightful receiver gets: the challenge decrypted in a new process that was told no more than he is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Card, Encrypted, Image
from cryptobench.fresh_process import decrypt_in_fresh_process

__all__ = ["Contract", "receive"]


@dataclass(frozen=True)
class Contract:
    """``share`` of the challenge's samples that the receiver has within ``tolerance`` grey levels.

    ``kept`` says whether that is as much as the card promises; ``complaint`` why not. Sizes are in bytes.
    """

    kept: bool
    share: float
    tolerance: int
    body_bytes: int
    header_bytes: int
    secret_bytes: int
    complaint: str = ""


def receive(
    reference: str, card: Card, sealed: Encrypted, key: bytes, target: Image, here: Image | None, tolerance: int
) -> Contract:
    """Decrypt ``sealed`` in a new process; ``here`` is what this one, which encrypted it, decrypts it to, if anything.

    The process is given key, header, cipher image and, only if the card declares one, the per-message secret. A
    lossless cipher must return the target; a lossy one as much of it, within ``tolerance``, as this process gets, and
    be nearer to it than a flat image of its mean grey is.
    """
    told = Encrypted(sealed.image, sealed.header, sealed.secret if card.secret_bits else b"")
    sizes = (sealed.image.size, len(sealed.header), len(sealed.secret))
    try:
        answer = decrypt_in_fresh_process(reference, [(told, key)])[0]
    except RuntimeError as error:
        answer = str(error)
    if isinstance(answer, str):
        return Contract(False, 0.0, tolerance, *sizes, complaint=answer)
    if answer.shape != target.shape:
        size = "x".join(map(str, answer.shape))
        return Contract(False, 0.0, tolerance, *sizes, complaint=f"the decrypted image is {size}")
    share = _share(answer, target, tolerance)
    complaint = ""
    if card.lossless and share < 1:
        complaint = "the card says lossless, and samples are wrong"
    elif not card.lossless and here is not None and share < _share(here, target, tolerance):
        complaint = "the process that encrypted the image recovers more of it than a new one"
    elif not card.lossless and _squared_error(answer, target) >= float(np.var(target)) > 0:
        complaint = "the decrypted image is no nearer to the plaintext than a flat one is"
    return Contract(not complaint, share, tolerance, *sizes, complaint=complaint)


def _share(answer: Image, target: Image, tolerance: int) -> float:
    if answer.shape != target.shape:
        return 0.0
    return float(np.mean(np.abs(answer.astype(np.int16) - target) <= tolerance))


def _squared_error(answer: Image, target: Image) -> float:
    return float(np.mean((answer.astype(np.float64) - target) ** 2))
