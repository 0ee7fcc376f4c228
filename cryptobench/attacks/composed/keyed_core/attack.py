"""Keyed core: the public maps before and after the keyed part of a cipher are taken off, and that part is attacked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.composed.keyed_core.core_oracle import CoreOracle, as_oracle
from cryptobench.attacks.composed.keyed_core.public_maps import TooLarge, public_maps
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.shapes import OTHER_SHAPE
from cryptobench.cipher import CipherError

__all__ = ["KeyedCore"]

_MOST_SAMPLES = 1 << 10
_BATTERY: tuple[type[Attack], ...] = (Permutation, SubstitutionTables, BitPlaneLifting)


@dataclass(frozen=True)
class KeyedCore(Attack):
    """Finds, under keys of its own, the public linear maps A and B of a cipher B(keyed part(A(plaintext))), and runs
    other attacks on the keyed part: permutations, tables, bit planes. Each map may be linear over XOR, addition mod 256
    or multiplication mod 257, as running sums in any directions, transforms of blocks or rows, and what mixes them.

    One change at one end (see `patterns`) has to be that of a single sample between the maps. All its multiples then
    lead to one line at the other end, and from there, under other keys, to other lines, until both maps are known. That
    needs no query, but 20 N to 30 N runs of the public algorithm where there are such maps, N being at most 1024, and
    2000 on small images to see that there are none.

    The queries are those of the attack that opens the keyed part: 256 + ceil(log256 N) for tables and a permutation.
    """

    name: ClassVar[str] = "keyed_core"
    title: ClassVar[str] = "Keyed part between public maps"
    identifier: ClassVar[str] = "A27"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "256 + ceil(log256(N))"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.challenge.image.shape != oracle.shape:
            return AttackResult.inapplicable(OTHER_SHAPE)
        if oracle.samples > _MOST_SAMPLES:
            return AttackResult.inapplicable(f"{oracle.samples} samples are too many, wanted at most {_MOST_SAMPLES}")
        try:
            maps = public_maps(oracle.local_cipher, oracle.shape, generator)
        except TooLarge:
            return _without(oracle, "a public map mixes the bits of more samples than can be solved for")
        if maps is None:
            return _without(oracle, "no public maps around a keyed part are found")
        inside = CoreOracle(oracle, *maps)
        groups = [one.group.name for one in maps]
        notes = f"maps over {groups[0]}" if groups[0] == groups[1] else f"maps over {groups[0]} and {groups[1]}"
        best: AttackResult | None = None
        for attack in _BATTERY:
            before = oracle.queries.total
            try:
                result = attack().run(as_oracle(inside), generator)
            except (BudgetExceeded, CipherError):
                continue
            p_value = min(1.0, len(_BATTERY) * (1.0 if result.p_value is None else result.p_value))
            recovered = None if result.recovered is None else inside.sent(result.recovered)
            found = replace(
                result, recovered=recovered, p_value=p_value, claims=(), notes=f"{notes}; {attack.title}",
                numbers=oracle.local_cipher.numbers, formula=_formula(result.formula or attack.formula, before),
            )  # fmt: skip
            if best is None or (found.p_value or 0.0) < (best.p_value or 0.0):
                best = found
            if recovered is not None and (result.statistic or 0.0) > ALMOST_ALL:
                return found
        return best or _without(oracle, f"{notes}; no attack opens the keyed part")


def _formula(formula: str, before: int) -> str:
    """The queries of an attack after those of others."""
    return f"{formula} + {before}" if formula and before else formula


def _without(oracle: Oracle, notes: str) -> AttackResult:
    return AttackResult(p_value=1.0, notes=notes, numbers=oracle.local_cipher.numbers)
