"""State class: every query is corrected to have the challenge's state, and inside that state the cipher is simple."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.composed.affine_in_class import affine_in_class
from cryptobench.attacks.composed.class_oracle import ClassOracle, as_oracle
from cryptobench.attacks.composed.find_state import FoundState, StateFinder
from cryptobench.attacks.composed.state_classes import StateClass, Unreachable
from cryptobench.attacks.composed.state_value import challenge_values
from cryptobench.attacks.diffusion.cipher_feedback import CipherFeedback
from cryptobench.attacks.diffusion.one_way_diffusion import OneWayDiffusion
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.cipher import CipherError, Image

__all__ = ["StateClassBattery"]

_MOST_VALUES = 4  # of the state that are tried where nothing tells the challenge's
_BATTERY = (Permutation, SubstitutionTables, CipherFeedback, BitPlaneLifting, OneWayDiffusion)


@dataclass(frozen=True)
class StateClassBattery(Attack):
    """Finds the property of the plaintext that keys a cipher (a sample, the XOR or the sum of all, modulo anything up
    to 1023), then the value that the challenge has: from the header, masked or not, or from samples of the ciphertext
    that depend on nothing else. Then other attacks run, with a few samples of every query corrected so that it has
    that value too: permutations, tables, feedback, bit planes, adaptive steering; last, affine maps from random images
    of the state. What decrypts the challenge is encrypted again to confirm it.

    Costs about 3 log2 N + 30 queries for the state, from 2 to 256 for its value (up to 1023 more where the modulus is
    not 256), and those of the attack inside the state. After the chosen-plaintext attacks on plaintext-related
    keystreams, Entropy 27(1), 2025, 40.
    """

    name: ClassVar[str] = "state_class"
    title: ClassVar[str] = "Attacks inside a state class"
    identifier: ClassVar[str] = "A25"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        first, second = (oracle.encrypt_probe("a") for _ in range(2))
        if not np.array_equal(first.image, second.image):
            return AttackResult.inapplicable("encryption is randomised: equal plaintexts do not give equal ciphertexts")
        if first.image.shape != oracle.challenge.image.shape:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
        found = StateFinder(oracle, generator).find()
        if found.stateless:
            return AttackResult.inapplicable("no state: encryption is simple whatever property of the plaintext changes")
        recovered, notes = None, "no state found"
        if found.state is not None:
            recovered, notes = _inside(oracle, found.state, generator)
            notes = f"state: {found.state.name}; {notes}"
        return _result(found, recovered, notes)


def _result(found: FoundState, recovered: Image | None, notes: str) -> AttackResult:
    return AttackResult(
        recovered=recovered,
        statistic=found.share,
        statistic_name="ciphertext samples that are simple while a property is kept",
        expected=1 / 256,
        p_value=found.p_value,
        notes=notes,
    )


def _inside(oracle: Oracle, state: StateClass, generator: np.random.Generator) -> tuple[Image | None, str]:
    """The challenge's plaintext, and how it was found."""
    values = challenge_values(oracle, state, generator)
    if not values:
        return None, "nothing tells its value in the challenge"
    guess: tuple[Image, str] | None = None
    for value in values[:_MOST_VALUES]:
        for image, how in _guesses(oracle, state, value, generator):
            if oracle.remaining == 0:
                return guess or (None, "the queries end")
            if float(np.mean(oracle.encrypt(image).image == oracle.challenge.image)) > ALMOST_ALL:
                return image, f"value {value}; {how}"
            guess = guess or (image, f"value {value}; {how}, in part")
    return guess or (None, "no attack opens it there")


def _guesses(
    oracle: Oracle, state: StateClass, value: int, generator: np.random.Generator
) -> Iterator[tuple[Image, str]]:
    """What the battery takes for the plaintext, if this is the state's value in the challenge."""
    base = generator.integers(0, 256, oracle.shape, np.uint8) if state.values is None else None
    inside = ClassOracle(oracle, state, value, base)
    for attack in _BATTERY:
        try:
            result = attack().run(as_oracle(inside), generator)
        except (BudgetExceeded, Unreachable, CipherError):
            continue
        if result.recovered is not None:
            try:
                yield inside.sent(result.recovered), attack.title
            except Unreachable:
                continue
    try:
        image = affine_in_class(inside, generator)
    except (BudgetExceeded, Unreachable):
        return
    if image is not None:
        yield image, "affine over GF(2)"
