"""What an attack is: an oracle in, a recovered image or a statistic out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.query_formula import queries_at
from cryptobench.cipher import Image

__all__ = ["CLAIMS", "Attack", "AttackResult", "Claim"]

Claim = Literal[
    "deterministic", "affine", "map", "malleable", "rejects", "crashes", "diffuses", "distinguisher", "functional"
]  # fmt: skip
CLAIMS: Mapping[Claim, str] = {
    "deterministic": "equal plaintexts are recognised: their ciphertexts, or digests beside them, are equal",
    "affine": "encryption is an affine map, of the whole image or of whole bit planes",
    "map": "chosen ciphertexts gave a map that reads other ciphertexts, under other nonces too",
    "malleable": "a changed ciphertext decrypts to a predictably changed plaintext",
    "rejects": "every changed ciphertext was rejected",
    "crashes": "decrypt raised an exception on a changed ciphertext that is no rejection",
    "diffuses": "a changed ciphertext decrypts to garbage all over the image",
    "distinguisher": "ciphertexts can be distinguished from an ideal cipher's",
    "functional": "the ciphertext does not decrypt from key, header and body as a cipher's should",
}


@dataclass(frozen=True, eq=False)
class AttackResult:
    """What an attack found, by its own account.

    ``recovered`` is its guess at the challenge's plaintext, uint8, which the harness scores. ``statistic`` is the
    number that it decided by, ``expected`` what that is under an ideal cipher, and ``p_value`` the probability, under
    an ideal cipher, of a statistic at least as extreme (corrected for everything the attack tried); a p-value below
    1e-6 is a leak. ``claims`` are keys of `CLAIMS` and hold only what this run has found. ``numbers`` go into the
    measurement table under their own names. ``applicable`` is False where the attack cannot be tried at all.
    ``formula`` is how many queries what it found takes for N samples, where that is not the formula of its class;
    QueryFormulaError if it cannot be read.
    """

    recovered: Image | None = None
    statistic: float | None = None
    statistic_name: str = ""
    expected: float | None = None
    p_value: float | None = None
    claims: tuple[Claim, ...] = ()
    notes: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    applicable: bool = True
    formula: str = ""

    def __post_init__(self) -> None:
        if unknown := [claim for claim in self.claims if claim not in CLAIMS]:
            raise ValueError(f"claim {unknown[0]!r} is not known; there are {', '.join(CLAIMS)}")
        if self.p_value is not None and not 0 <= self.p_value <= 1:
            raise ValueError(f"p_value is {self.p_value}, wanted a number from 0 to 1")
        if self.formula:
            queries_at(self.formula)

    @classmethod
    def inapplicable(cls, why: str) -> AttackResult:
        """The attack cannot be tried on this cipher; ``why`` says what it would need."""
        return cls(notes=why, applicable=False)


@dataclass(frozen=True)
class Attack(ABC):
    """One attack. Its dataclass fields are its parameters: JSON values, set by profiles, part of a cell's address.

    ``seed_name`` is what its randomness is drawn from where that is not ``name``: an attack that was given a better
    name keeps its trials. ``identifier`` is its number in the table of attacks (A1, ...), or "" for one that has none.
    ``model`` is the most that it asks of the oracle: "COA" ciphertexts only, "KPA" known pairs, "CPA" chosen
    plaintexts too, "CCA" chosen ciphertexts too; the oracle holds it to that. ``modes`` are the nonce modes that it is
    run in (see `Oracle`); for a cipher with neither nonce nor per-message secret there is one, for every attack.

    ``images`` says which images it attacks, as for analyses. They are made small first: ``largest_side`` is the
    greatest side of a challenge in pixels, None for an attack that is cheap enough to be run at full size too.
    ``grey`` asks for a challenge of one channel where the cipher takes that. ``against`` names the ciphers that an
    attack is about; if empty it is run on all. ``budget`` is the number of queries that it may make. ``formula`` is how
    many queries it needs to recover an image of N samples, such as "N + 21" (see `query_formula`); "" if it recovers
    none.
    """

    name: ClassVar[str]
    seed_name: ClassVar[str] = ""
    title: ClassVar[str]
    identifier: ClassVar[str] = ""
    model: ClassVar[Model]
    modes: ClassVar[tuple[Mode, ...]] = ("fresh", "fixed")
    largest_side: ClassVar[int | None] = 64
    grey: ClassVar[bool] = False
    images: ClassVar[str] = "first"
    against: ClassVar[tuple[str, ...]] = ()
    formula: ClassVar[str] = ""

    budget: int = 1 << 14

    @abstractmethod
    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        """Attack through the oracle; all randomness comes from ``generator``.

        `BudgetExceeded` may be let through: the attack then counts as not having found anything.
        """
