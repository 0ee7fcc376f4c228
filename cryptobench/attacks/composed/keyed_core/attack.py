"""Keyed core: the public maps before and after the keyed part of a cipher are taken off, and that part is attacked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting
from cryptobench.attacks.algebraic.codebook import Codebook
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.composed.keyed_core.core_oracle import CoreOracle
from cryptobench.attacks.composed.keyed_core.public_maps import TooLarge, public_map
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.shapes import OTHER_SHAPE
from cryptobench.cipher import NONCE_BYTES, CipherError, Image

__all__ = ["KeyedCore"]

_MOST_SAMPLES = 1 << 10
_BATTERY: tuple[type[Attack], ...] = (Permutation, SubstitutionTables, BitPlaneLifting, Codebook)


@dataclass(frozen=True)
class KeyedCore(Attack):
    """Finds, under keys of its own, a public linear map A or B of a cipher B(keyed part(A(plaintext))), takes off both,
    and runs other attacks on the keyed part: permutations, tables, bit planes, affine maps.

    Encryption under one key and decryption under another is A, a keyed part and A's inverse, whatever B is; decryption
    and encryption is the same with B. So one of the two maps has to be known. It may be linear over XOR, addition mod
    256 or multiplication mod 257, as running sums in any directions, and one change of an image (see `patterns`) has to
    be that of a single sample behind it. All its multiples then lead to one line, and from there, under other keys, to
    other lines, until the map is known. Where that is so of every change, nothing has to be taken off. That needs no
    query, but some 25 N runs of the public algorithm where there is such a map, N being at most 1024, and 2000 on small
    images to see that there is none. What is recovered is encrypted to confirm it.

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
            if oracle.mode == "fresh" and _randomised(oracle, generator):
                return AttackResult.inapplicable("encryption is randomised: every message has its own keyed part")
            public = public_map(oracle.local_cipher, oracle.shape, generator)
            inside = None if public is None else CoreOracle(oracle, public, generator)
        except TooLarge:
            return _without(oracle, "a public map mixes the bits of more samples than can be solved for")
        except CipherError:
            return _without(oracle, "it does not run, or the challenge does not decrypt, under other keys")
        if public is None or inside is None:
            return _without(oracle, "no public map around a keyed part is found")
        notes = f"map over {public.coordinates.group.name}, {'after' if public.backwards else 'before'} the keyed part"
        best: AttackResult | None = None
        for attack in _BATTERY:
            before = oracle.queries.total
            try:
                result = attack().run(inside.as_oracle(), generator)
            except (BudgetExceeded, CipherError):
                continue
            p_value = min(1.0, len(_BATTERY) * (1.0 if result.p_value is None else result.p_value))
            recovered = None if result.recovered is None else inside.sent(result.recovered)
            found = replace(
                result, recovered=recovered, p_value=p_value, claims=(), notes=f"{notes}; {attack.title}",
                numbers=oracle.local_cipher.numbers, formula=f"{result.formula or attack.formula} + {before + 1}",
            )  # fmt: skip
            if best is None or (found.p_value or 0.0) < (best.p_value or 0.0):
                best = found
            if recovered is not None and _confirmed(oracle, recovered):
                return found
        return best or _without(oracle, f"{notes}; no attack opens the keyed part")


def _randomised(oracle: Oracle, generator: np.random.Generator) -> bool:
    """Whether two nonces give an image two ciphertexts, under a key of one's own."""
    if not oracle.cipher.card.uses_nonce:
        return False
    key = generator.bytes(oracle.cipher.card.key_bytes)
    image = generator.integers(0, 256, oracle.shape, np.uint8)
    one, other = (oracle.local_cipher.encrypt(image, key, generator.bytes(NONCE_BYTES)).image for _ in range(2))
    return not np.array_equal(one, other)


def _confirmed(oracle: Oracle, image: Image) -> bool:
    """Whether this image's encryption is the challenge, or almost; one query."""
    if oracle.remaining == 0:
        return False
    answer = oracle.encrypt(image).image
    return answer.shape == oracle.shape and float(np.mean(answer == oracle.challenge.image)) > ALMOST_ALL


def _without(oracle: Oracle, notes: str) -> AttackResult:
    return AttackResult(p_value=1.0, notes=notes, numbers=oracle.local_cipher.numbers)
