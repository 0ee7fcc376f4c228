"""Decryptability: does a new process decrypt from the key and the ciphertext's bytes alone?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle, OracleError

__all__ = ["Decryptability"]


@dataclass(frozen=True)
class Decryptability(Attack):
    """Decrypts the challenge as its receiver, in a new process that has key, header and cipher image, and the
    per-message secret if the card declares one. There is no adversary: a scheme that fails here is not a cipher.

    The new process must return the image exactly, or where the card says lossy as much of it as the sender's own
    process does. The numbers say what has to be sent besides the cipher image; a per-message secret needs a secure
    channel for each message. Run in one nonce mode, since the receiver knows of none.
    """

    name: ClassVar[str] = "decryptability"
    seed_name: ClassVar[str] = "key_contract"
    title: ClassVar[str] = "Decryptability"
    identifier: ClassVar[str] = "A15"
    model: ClassVar[Model] = "COA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    largest_side: ClassVar[int | None] = 32

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        try:
            received = oracle.fresh_decryption()
        except OracleError as error:
            return AttackResult.inapplicable(str(error))
        notes = [received.reason] if received.reason else []
        if received.tolerance and received.succeeded:
            notes.append(f"within {received.tolerance} grey levels")
        if received.secret_bytes:
            notes.append(f"the receiver needs {8 * received.secret_bytes} secret bits with each message")
        declared = oracle.cipher.card.secret_bits
        if 8 * received.secret_bytes > declared:
            notes.append(f"the card declares {declared}")
        return AttackResult(
            statistic=received.share,
            statistic_name="samples that the receiver gets",
            expected=1.0,
            p_value=1.0 if received.succeeded else 0.0,
            claims=() if received.succeeded else ("functional",),
            notes="; ".join(notes),
            numbers={
                "body_bytes": received.cipher_image_bytes,
                "header_bytes": received.header_bytes,
                "secret_bits": 8 * received.secret_bytes,
            },
        )
