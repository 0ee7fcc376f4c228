"""Decryption map: chosen ciphertexts, of one class where there is one, give a map that reads the challenge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult, Claim
from cryptobench.attacks.composed.decryption_map.map_readers import READERS, Predict
from cryptobench.attacks.composed.decryption_map.reversed_oracle import (
    ClassPairs,
    NoDecryption,
    ReversedOracle,
)
from cryptobench.attacks.composed.state_class.find_state import FEWEST_SAMPLES, FoundState, StateFinder
from cryptobench.attacks.composed.state_class.state_classes import StateClass, Unreachable
from cryptobench.attacks.oracle import BudgetExceeded, Mode, Model, Oracle
from cryptobench.attacks.query_formula import queries_at
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.cipher import CipherError, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["DecryptionMap"]


@dataclass(frozen=True)
class DecryptionMap(Attack):
    """Treats decryption, under the challenge's header, as `state_class` treats encryption: finds the property of the
    *ciphertext* that keys it (a few samples, the XOR, the sum, the number of ones) such that, while it is kept, changes
    do not meet in the plaintext. The challenge's value of it is known. From random ciphertexts with that value, or from
    any where there is no such property, it reads decryption as a map: samples or bits permuted under a mask, sums of
    up to three bits, a table for each sample, affine over GF(2) or Z/256. No chosen ciphertext is made from the
    challenge.

    A map counts if it predicts the decryption of one more ciphertext; the p-value is that of so many samples predicted,
    or of the clearest test for a property, corrected for all maps that are tried. It is a map for other messages too if
    the cipher sends no header and has no per-message secret, or if it reads the encryption of another image.

    Queries: 4 to 73 for the property, then those of the map: 2 ceil(log256 N) + 3, 1 + 2 ceil(log2 8N) for bits, 4
    ceil(log2 8N) + 9 for sums of bits, 384 for tables (1280 in a class), N + 26 or 8 N + 26 for affine maps.
    """

    name: ClassVar[str] = "decryption_map"
    title: ClassVar[str] = "Map read by chosen ciphertexts"
    identifier: ClassVar[str] = "A26"
    model: ClassVar[Model] = "CCA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "8 * N + 100"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        backwards = ReversedOracle(oracle)
        if min(backwards.samples, oracle.samples) < FEWEST_SAMPLES:
            return AttackResult.inapplicable(f"{oracle.samples} samples are too few, wanted {FEWEST_SAMPLES}")
        try:
            found = StateFinder(backwards.as_oracle(), generator, moduli=False, spreads=False).find()
        except NoDecryption:
            return backwards.chosen.no_result()
        reading = _Reading(oracle, backwards, generator)
        if found.state is not None or found.stateless:
            try:
                reading.run(found.state)
            except (BudgetExceeded, Unreachable, NoDecryption):
                reading.notes = reading.notes or "the queries end, or one is not decrypted"
        return reading.result(found)


class _Reading:
    """Tries one kind of map after the other on the decryptions of one class."""

    def __init__(self, oracle: Oracle, backwards: ReversedOracle, generator: np.random.Generator) -> None:
        self.oracle = oracle
        self.backwards = backwards
        self.generator = generator
        self.recovered: Image | None = None
        self.formula = ""
        self.claims: tuple[Claim, ...] = ()
        self.notes = ""
        self.share, self.p_value = 0.0, 1.0

    def run(self, state: StateClass | None) -> None:
        challenge = self.oracle.challenge.image
        held_out = ClassPairs(self.backwards, challenge, state, self.generator)
        if not held_out.ask(1):
            return
        pairs = ClassPairs(self.backwards, challenge, state, self.generator)
        for reader in READERS:
            predict = reader.read(pairs)
            guess = None if predict is None else predict(held_out.cipher[0])
            if predict is None or guess is None:
                continue
            hits = int(np.sum(guess == held_out.plain[0]))
            self.p_value = min(self.p_value, binomial_sf(hits, guess.size, tries=2 * len(READERS)))
            self.share = max(self.share, hits / guess.size)
            if self.share > ALMOST_ALL and self.p_value < LEAK_LEVEL:
                self._read(predict, (state and reader.in_class) or reader.formula)
                self.notes = reader.name
                return

    def _read(self, predict: Predict, formula: str) -> None:
        """The challenge's plaintext by a map that holds, for which its pairs took ``formula`` queries."""
        plain = predict(self.oracle.challenge.image.ravel())
        if plain is None:
            return
        self.recovered = plain.reshape(self.oracle.shape)
        self.claims = ("map", "malleable") if self._reads_others(predict) else ("malleable",)
        others = self.oracle.queries.total - queries_at(formula, self.oracle.samples)
        self.formula = f"{formula} + {others}" if others > 0 else formula

    def _reads_others(self, predict: Predict) -> bool:
        """Whether the map is that of other messages too, with their own nonces: at most one query more."""
        if self.backwards.chosen.one_map:
            return True
        try:
            other = self.oracle.encrypt_probe("a").image
        except (BudgetExceeded, CipherError):
            return False
        guess = predict(other.ravel()) if other.shape == self.backwards.shape else None
        return guess is not None and float(np.mean(guess == self.oracle.probe("a").ravel())) > ALMOST_ALL

    def result(self, found: FoundState) -> AttackResult:
        state = "" if found.state is None else f"class: {found.state.name}; "
        nothing = "no map found" if state or found.stateless else "no class of ciphertexts found"
        by_map = self.p_value < found.p_value or self.recovered is not None
        p_value = min(1.0, 2 * min(self.p_value, found.p_value))
        return AttackResult(
            recovered=self.recovered,
            statistic=self.share if by_map else found.share,
            statistic_name="samples of another decryption that a map predicts"
            if by_map
            else "plaintext samples that are simple while a property of the ciphertext is kept",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=self.claims or (("malleable",) if p_value < LEAK_LEVEL else ()),
            notes=state + (self.notes or nothing),
            formula=self.formula,
        )
