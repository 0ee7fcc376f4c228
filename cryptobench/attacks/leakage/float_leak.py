"""Float leak: does decryption need digits that a picture file does not store?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle

__all__ = ["FloatLeak"]


@dataclass(frozen=True)
class FloatLeak(Attack):
    """Decrypts the challenge from the array that the sender has, and from the PNG file that he sends. There is no
    adversary.

    Networks trained to carry an image through another one hide it in low-order digits (Chu, Zhmoginov and Sandler 2017,
    arXiv 1712.02950). A scheme that passes its receiver floats, or anything else besides the cipher image's bytes, and
    is scored on that, fails here. A cipher whose memory knows the message by its bytes is detected by `decryptability`.
    """

    name: ClassVar[str] = "float_leak"
    title: ClassVar[str] = "Float leak"
    identifier: ClassVar[str] = "A22"
    model: ClassVar[Model] = "COA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        trip = oracle.png_round_trip()
        errors = {"psnr_in_memory": trip.error_in_memory, "psnr_from_file": trip.error_from_file}
        return AttackResult(
            statistic=float(trip.equal),
            statistic_name="1 if the file decrypts as the array in memory does",
            expected=1.0,
            p_value=1.0 if trip.equal else 0.0,
            claims=() if trip.equal else ("functional",),
            notes=trip.reason,
            numbers={name: 10 * float(np.log10(255**2 / error)) for name, error in errors.items() if error},
        )
