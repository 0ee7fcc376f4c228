"""The card that says what is known about a cipher. Imports nothing heavy, so that lists of cards are instant."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Card", "KeyField"]


@dataclass(frozen=True)
class KeyField:
    """A named run of key bits; fields follow one another from the first key byte's most significant bit."""

    name: str
    bits: int
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known about a scheme, and what was chosen to make it run.

    ``fidelity`` is A (full algorithm from a source), B (main steps from a source, some constants chosen) or
    C (reconstructed from title or abstract), optionally with + or -. ``secret_bits`` counts the per-message
    secret that the receiver must be given besides the key. ``not_an_image`` says what the ciphertext is where its
    bytes are no picture (bucket values, say); analyses that read pixels then decline. ``channels`` and ``square``
    are limits on the plaintext; ``min_side`` and ``max_side`` are in pixels.
    """

    name: str
    title: str
    family: str
    fidelity: str
    key: tuple[KeyField, ...]
    authors: str = ""
    year: int | None = None
    doi: str = ""
    deviations: tuple[str, ...] = ()
    defect: str = ""
    uses_nonce: bool = True
    secret_bits: int = 0
    lossless: bool = True
    authenticated: bool = False
    not_an_image: str = ""
    channels: tuple[int, ...] | None = None
    square: bool = False
    min_side: int = 1
    max_side: int | None = None
    known_attacks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[ABC][+-]?", self.fidelity):
            raise ValueError(f"card {self.name!r}: fidelity {self.fidelity!r}, wanted A, B or C, maybe with + or -")
        if self.key_bits % 8:
            raise ValueError(f"card {self.name!r}: key fields add up to {self.key_bits} bits, wanted a multiple of 8")

    @property
    def key_bits(self) -> int:
        return sum(field.bits for field in self.key)

    @property
    def key_bytes(self) -> int:
        return self.key_bits // 8

    @property
    def display_name(self) -> str:
        """The name for tables: B and C fidelity are marked, since such a row is not the paper's own cipher."""
        return self.name if self.fidelity.startswith("A") else f"{self.name} [{self.fidelity}]"
