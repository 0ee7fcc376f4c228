"""Key contract: does a new process decrypt from the key and the ciphertext's bytes alone?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle, OracleError

__all__ = ["KeyContract"]


@dataclass(frozen=True)
class KeyContract(Attack):
    """The receiver's side of the challenge, in a new process that has key, header and cipher image, and the
    per-message secret if the card declares one. No adversary: a scheme that fails here is not a cipher.

    The new process must return the image exactly, or where the card says lossy as much of it as the sender's own
    process does. The numbers say what has to be sent besides the cipher image; a per-message secret needs a secure
    channel for each message. Played in one nonce mode, since the receiver knows none.
    """

    name: ClassVar[str] = "key_contract"
    title: ClassVar[str] = "Key contract"
    identifier: ClassVar[str] = "A15"
    model: ClassVar[Model] = "COA"
    modes: ClassVar[tuple[Mode, ...]] = ("respect",)
    largest_side: ClassVar[int | None] = 32

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        try:
            contract = oracle.contract()
        except OracleError as error:
            return AttackResult.inapplicable(str(error))
        notes = [contract.complaint] if contract.complaint else []
        if contract.tolerance and contract.kept:
            notes.append(f"within {contract.tolerance} grey levels")
        if contract.secret_bytes:
            notes.append(f"the receiver needs {8 * contract.secret_bytes} secret bits with each message")
        declared = oracle.cipher.card.secret_bits
        if 8 * contract.secret_bytes > declared:
            notes.append(f"the card declares {declared}")
        return AttackResult(
            statistic=contract.share,
            statistic_name="samples that the receiver gets",
            expected=1.0,
            p_value=1.0 if contract.kept else 0.0,
            claims=() if contract.kept else ("functional",),
            notes="; ".join(notes),
            numbers={
                "body_bytes": contract.body_bytes,
                "header_bytes": contract.header_bytes,
                "secret_bits": 8 * contract.secret_bytes,
            },
        )
