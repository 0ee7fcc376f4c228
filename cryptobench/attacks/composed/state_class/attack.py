"""State class: every query is corrected to have the challenge's state, and inside that state the cipher is simple."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.composed.state_class.affine_in_class import affine_in_class
from cryptobench.attacks.composed.state_class.class_oracle import ClassOracle
from cryptobench.attacks.composed.state_class.few_samples import few_as_challenge
from cryptobench.attacks.composed.state_class.find_state import FEWEST_SAMPLES, FoundState, StateFinder
from cryptobench.attacks.composed.state_class.header_class import HeaderClass, headers_are_few
from cryptobench.attacks.composed.state_class.state_classes import FewSamples, StateClass, Unreachable
from cryptobench.attacks.composed.state_class.state_value import challenge_values
from cryptobench.attacks.composed.state_class.tables_in_class import tables_in_class
from cryptobench.attacks.diffusion.cipher_feedback import CipherFeedback
from cryptobench.attacks.diffusion.one_way_diffusion import OneWayDiffusion
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.shapes import RANDOMISED
from cryptobench.cipher import CipherError, Image

__all__ = ["StateClassBattery"]

_MOST_VALUES = 256  # of the state that are tried where nothing tells the challenge's
_PASSES = 3
_BATTERY: tuple[type[Attack], ...] = (Permutation, SubstitutionTables, CipherFeedback, BitPlaneLifting, OneWayDiffusion)


@dataclass(frozen=True)
class StateClassBattery(Attack):
    """Finds the property of the plaintext that keys a cipher (a few samples, the XOR, the number of ones, the extremes,
    the sum of all, modulo anything up to 1023), then the value that the challenge has: from the header, masked or not,
    or from samples of the ciphertext that depend on nothing else, or behind the mask E(0). Then other attacks run, with
    a few samples of every query corrected so that it has that value too: permutations, tables, feedback, bit planes,
    adaptive steering; last, permutations, tables and affine maps from random images of the state. What decrypts the
    challenge is encrypted again to confirm it. Where nothing tells the value, and there are at most 256, permutations
    are looked for under each. Where all that fails and headers are few, random images that have the challenge's header
    by chance take the place of a state.

    The state costs 10 queries if there is none, 71 if none is found, some 15 for an XOR or sum, and 60 + 6 log2 N for
    each of a few samples; its value 5 to 260, and up to 1023 more for a modulus other than 256. To these come the
    attack's. After the chosen-plaintext attacks on keystreams that are related to the plaintext, Entropy 27(1), 2025,
    40.
    """

    name: ClassVar[str] = "state_class"
    title: ClassVar[str] = "Attacks inside a state class"
    identifier: ClassVar[str] = "A25"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "8 * N + 28 + 60 + 6 * log2(N) + 260"

    budget: int = 1 << 17

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.samples < FEWEST_SAMPLES:
            return AttackResult.inapplicable(f"{oracle.samples} samples are too few, wanted {FEWEST_SAMPLES}")
        first, second = (oracle.encrypt_probe("a") for _ in range(2))
        if not np.array_equal(first.image, second.image):
            return AttackResult.inapplicable(RANDOMISED)
        if first.image.shape != oracle.challenge.image.shape:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
        found = StateFinder(oracle, generator).find()
        if found.stateless:
            return AttackResult.inapplicable(
                "no state: encryption is simple whatever property of the plaintext changes"
            )
        recovered, notes, formula = None, "no state found", ""
        if found.state is not None:
            try:
                recovered, notes, formula = _inside(oracle, found.state, generator)
            except BudgetExceeded:
                recovered, notes = None, "the queries end"
            notes = f"state: {found.state.name}; {notes}"
        if recovered is None and (by_header := _by_header(oracle, generator)) is not None:
            recovered, notes, formula = (
                by_header,
                "state: few headers; permutation behind a mask",
                f"{oracle.queries.total}",
            )
        return _result(found, recovered, notes, formula)


def _result(found: FoundState, recovered: Image | None, notes: str, formula: str) -> AttackResult:
    return AttackResult(
        recovered=recovered,
        statistic=found.share,
        statistic_name="ciphertext samples that are simple while a property is kept",
        expected=1 / 256,
        p_value=found.p_value,
        notes=notes,
        formula=formula,
    )


_Answer = tuple[Image | None, str, str]  # the challenge's plaintext, how it was found, and the queries by formula


def _inside(oracle: Oracle, state: StateClass, generator: np.random.Generator) -> _Answer:
    """What the attacks inside the class come to."""
    if isinstance(state, FewSamples) and len(state.reserved) > 1:
        if (read := few_as_challenge(oracle, state, generator)) is None:
            return None, "not all of them show in the ciphertext, alone or in pairs", ""
        state, values = read[0], [read[1]]
    elif not (values := challenge_values(oracle, state, generator)):
        if state.values is None or state.values > _MOST_VALUES:
            return None, "nothing tells its value in the challenge", ""
        return _under_each_value(oracle, state, state.values, generator)
    best: tuple[float, Image | None, str, str] = 0.0, None, "no attack opens it there", ""
    for value in values:
        for image, how, formula in _guesses(oracle, state, value, _BATTERY, generator):
            if oracle.remaining == 0:
                return best[1:] if best[1] is not None else (image, f"value {value}; {how}, not confirmed", formula)
            share = _encrypted_share(oracle, image)
            if share > ALMOST_ALL:
                return image, f"value {value}; {how}", formula
            if share > best[0] or best[1] is None:
                best = share, image, f"value {value}; {how}, not confirmed", formula
    return best[1:]


def _under_each_value(oracle: Oracle, state: StateClass, values: int, generator: np.random.Generator) -> _Answer:
    """The first guess, under any value, that encrypts to the very challenge.

    Under a wrong value a guess may miss a few samples only, and so may one under the right value, by what the reserved
    samples hide; those are moved, up to twice, until there is no doubt. Tables, which take more queries, come last.
    """
    for turn, attack in enumerate((*[Permutation] * _PASSES, SubstitutionTables)):
        if turn and attack is Permutation and isinstance(state, FewSamples):  # nothing is moved
            continue
        for value in range(values):
            for image, how, formula in _guesses(oracle, state, value, (attack,), generator):
                if oracle.remaining == 0:
                    return None, "the queries end", ""
                if _encrypted_share(oracle, image) == 1:
                    return image, f"value {value}; {how}", formula
        state = state.elsewhere(oracle.samples, generator)
    return None, "nothing tells its value in the challenge, and neither permutation nor tables open it under any", ""


def _by_header(oracle: Oracle, generator: np.random.Generator) -> Image | None:
    """The challenge's plaintext where samples are permuted behind a mask, or a mask and a chain, under each of few
    headers: 96 queries, and 128 for each header if some recur among those."""
    try:
        if not headers_are_few(oracle, generator):
            return None
        image = tables_in_class(HeaderClass(oracle), generator, masks_only=True)
        return image if image is not None and _encrypted_share(oracle, image) > ALMOST_ALL else None
    except (BudgetExceeded, Unreachable):
        return None


def _encrypted_share(oracle: Oracle, image: Image) -> float:
    """How much of the challenge this image's encryption has; none if it has another header."""
    answer, wanted = oracle.encrypt(image), oracle.challenge
    if answer.image.shape != wanted.image.shape or answer.header != wanted.header:
        return 0.0
    return float(np.mean(answer.image == wanted.image))


def _guesses(
    oracle: Oracle, state: StateClass, value: int, attacks: Sequence[type[Attack]], generator: np.random.Generator
) -> Iterator[tuple[Image, str, str]]:
    """What these attacks take for the plaintext, if this is the state's value in the challenge; all of them also try
    whether it is affine. With it go the attack's title, and the queries by formula: those made before it, its own and
    one that confirms."""
    try:
        base = state.random(oracle.shape, value, generator) if state.values is None else None
    except Unreachable:
        return
    for attack in attacks:
        inside, before = ClassOracle(oracle, state, value, base), oracle.queries.total + 1
        try:
            result = attack().run(inside.as_oracle(), generator)
        except (BudgetExceeded, Unreachable, CipherError):
            continue
        if result.recovered is not None:
            try:
                yield inside.sent(result.recovered), attack.title, f"{before} + {result.formula or attack.formula}"
            except Unreachable:
                continue
    if attacks is not _BATTERY:
        return
    before = oracle.queries.total
    try:
        image = tables_in_class(ClassOracle(oracle, state, value, base), generator)
    except (BudgetExceeded, Unreachable):
        return
    if image is not None:
        yield image, "tables", f"{before + 1} + {oracle.queries.total - before}"
    before = oracle.queries.total
    try:
        image = affine_in_class(ClassOracle(oracle, state, value, base), generator)
    except (BudgetExceeded, Unreachable):
        return
    if image is not None:
        each = "8 * N" if oracle.queries.total - before > 2 * oracle.samples + 28 else "N"
        yield image, "affine over GF(2)", f"{before + 1} + {each} + 28"
