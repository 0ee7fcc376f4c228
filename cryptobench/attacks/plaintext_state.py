"""Plaintext state: is the cipher keyed with a low-entropy property of the plaintext, and simple apart from that?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, prod
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.invariants import Invariants, find_invariants
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.state_search import StateSearch
from cryptobench.attacks.steered import Steered, steered_permutation
from cryptobench.attacks.walks import WALKS
from cryptobench.cipher import Image

__all__ = ["PlaintextState"]

_LEAK = 1e-6
_EXTREMES = "border, middle and extremes"


@dataclass(frozen=True)
class PlaintextState(Attack):
    """Finds properties of the plaintext (sum, XOR, mean, extremes, histogram, parts of the image, ...) that, kept,
    leave encryption simple, and walks through their values for one that opens the challenge.

    Each of a walk's plaintexts gives a candidate keystream in each way of joining. The challenge is opened by the one
    that makes it smoothest, as a whole or for each channel or row by itself, or that comes with the challenge's own
    header. Where the class also permutes, the permutation is recovered inside it. If nothing shows that there is a
    state, one walk of 256 images is all.
    """

    name: ClassVar[str] = "plaintext_state"
    title: ClassVar[str] = "Low-entropy plaintext state"
    identifier: ClassVar[str] = "A13"
    model: ClassVar[Model] = "CPA"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not np.array_equal(oracle.encrypt_probe("a").image, oracle.encrypt_probe("a").image):
            return AttackResult.inapplicable("encryption is randomised: equal plaintexts do not give equal ciphertexts")
        invariants = find_invariants(oracle, generator)
        if invariants.stateless:
            return AttackResult.inapplicable(
                "no state: encryption is simple whatever property of the plaintext changes"
            )
        search = StateSearch(oracle)
        for name in WALKS:
            if name == "extremes" and _EXTREMES not in invariants.names:
                continue
            if not search.walk(_shortened(name, oracle, generator)):
                break
            if search.over or not (invariants.names or search.collisions):
                break
        if search.header_found:
            search.settle_join(generator)
        steered = None
        if not search.over:
            steered = steered_permutation(oracle, invariants.names)
        return _result(oracle, invariants, search, steered)


def _shortened(name: str, oracle: Oracle, generator: np.random.Generator) -> Iterator[Image]:
    """The walk, in the target's shape, with a quarter of the budget kept for what comes after."""
    shape = (oracle.shape[0], oracle.shape[1], prod(oracle.shape[2:]))
    left = oracle.remaining
    images = (image.reshape(oracle.shape) for image in WALKS[name](shape, generator))
    return itertools.islice(images, None if left is None else left * 3 // 4)


def _result(oracle: Oracle, invariants: Invariants, search: StateSearch, steered: Steered | None) -> AttackResult:
    recovered, how = search.answer()
    log_p = search.log_p
    if steered is not None and steered.joint < search.joint:
        recovered, how, log_p = steered.image, "permutation inside the class", steered.log_p
    p_value = min(1.0, 3 * min(invariants.p_value, search.p_collisions, exp(max(log_p, -700.0))))
    leaks = p_value < _LEAK
    found = [f"keeping {', '.join(invariants.names)}"] if invariants.names else []
    if search.collisions:
        found.append(f"{search.collisions} of {search.asked} chosen plaintexts share the state of another")
    return AttackResult(
        recovered=recovered if leaks else None,
        statistic=invariants.share,
        statistic_name="ciphertext samples that are simple while a property is kept",
        expected=1 / 256,
        p_value=p_value,
        notes="; ".join([*found, how] if leaks else found),
        numbers={"states_shared": search.collisions, "invariants": len(invariants.names)},
    )
