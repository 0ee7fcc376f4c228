"""Decryption of cipher images of the attacker's choice, under the challenge's own header if no other is chosen."""

from __future__ import annotations

from cryptobench.attacks.base import AttackResult
from cryptobench.attacks.oracle import Crashed, Oracle, Rejected
from cryptobench.cipher import Image

__all__ = ["ChosenCiphertexts"]


class ChosenCiphertexts:
    """Decrypts chosen cipher images under the challenge's header, or another, and counts queries and rejections."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.queries = 0
        self.rejected = 0
        self.crashed = 0

    @property
    def refused(self) -> int:
        """How many were rejected, or made `decrypt` crash."""
        return self.rejected + self.crashed

    def decrypt(self, cipher_image: Image, header: bytes | None = None) -> Image | None:
        """The plaintext, or None: rejected, crashed, of another shape than the target, or the challenge itself."""
        challenge = self._oracle.challenge
        same = cipher_image.shape == challenge.image.shape and bool((cipher_image == challenge.image).all())
        if same and header in (None, challenge.header):
            return None
        self.queries += 1
        try:
            plain = self._oracle.decrypt(cipher_image, header)
        except Crashed:
            self.crashed += 1
            return None
        except Rejected:
            self.rejected += 1
            return None
        return plain if plain.shape == self._oracle.shape else None

    @property
    def one_map(self) -> bool:
        """Whether one map decrypts all messages of the key: nothing is sent, or kept, besides the cipher image."""
        return not self._oracle.challenge.header and not self._oracle.cipher.card.secret_bits

    def no_result(self) -> AttackResult:
        """The result of an attack that lacks a decryption that it needs."""
        if self.queries and self.queries == self.rejected:
            return AttackResult(p_value=1.0, claims=("rejects",), notes="every chosen ciphertext was rejected")
        if self.rejected or self.crashed:
            notes = f"{self.rejected} of {self.queries} chosen ciphertexts were rejected" if self.rejected else ""
            return AttackResult(p_value=1.0, notes=notes)
        return AttackResult.inapplicable("a chosen ciphertext decrypts to an image of another shape than the target's")
