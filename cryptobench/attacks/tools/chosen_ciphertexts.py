"""The receiver of chosen ciphertexts: bodies of the attacker's making under the challenge's own header."""

from __future__ import annotations

from cryptobench.attacks.base import AttackResult
from cryptobench.attacks.oracle import Oracle, Rejected
from cryptobench.cipher import Image

__all__ = ["Receiver"]


class Receiver:
    """Opens bodies under the challenge's header and remembers how often it refused."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.asked = 0
        self.rejected = 0

    def open(self, body: Image) -> Image | None:
        """The plaintext of a body, or None: rejected, of another shape than the target, or the challenge itself."""
        challenge = self._oracle.challenge.image
        if body.shape == challenge.shape and bool((body == challenge).all()):
            return None
        self.asked += 1
        try:
            plain = self._oracle.decrypt(body)
        except Rejected:
            self.rejected += 1
            return None
        return plain if plain.shape == self._oracle.shape else None

    def refusal(self) -> AttackResult:
        """What an attack is left with that lacks an answer."""
        if self.asked and self.asked == self.rejected:
            return AttackResult(p_value=1.0, claims=("rejects",), notes="every chosen ciphertext was rejected")
        if self.rejected:
            return AttackResult(
                p_value=1.0, notes=f"{self.rejected} of {self.asked} chosen ciphertexts were rejected"
            )  # fmt: skip
        return AttackResult.inapplicable("a chosen ciphertext decrypts to an image of another shape than the target's")
