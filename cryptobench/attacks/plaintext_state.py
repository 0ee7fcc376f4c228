"""Plaintext state: is the cipher keyed with a low-entropy property of the plaintext, and simple apart from that?"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import exp, prod
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.invariants import Invariants, find_invariants
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.shown_sum import shown_sums
from cryptobench.attacks.smoothness import smoothness
from cryptobench.attacks.state_probes import Probe, probes_of_sum, probes_of_totals, probes_of_xor
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
    header. Where the class also permutes, the permutation is recovered inside it, of each sum mod 256, rounded mean or
    XOR, or of the sums that the header shows. If nothing shows that there is a state, one walk of 256 images is all.
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
        search, steered = StateSearch(oracle), None
        if (shown := _shown(oracle, invariants.names, generator)) is not None:
            steered = steered_permutation(oracle, probes_of_totals(oracle.shape, [shown]), by_header=True)
        if steered is None:
            _walk(search, invariants.names, oracle, generator)
        if steered is None and (not search.over or (search.header_found and not search.one_stream)):
            steered = steered_permutation(oracle, _probes(oracle, invariants.names), search.header_found)
        return _result(oracle, invariants, search, steered)


def _shown(oracle: Oracle, names: Collection[str], generator: np.random.Generator) -> list[int] | None:
    """The sum that the header shows, or the sums of channels, if the state depends on no more."""
    if "sum" in names:
        return shown_sums(oracle, generator, 1)
    return shown_sums(oracle, generator, oracle.shape[2]) if "sum of each channel" in names else None


def _walk(search: StateSearch, names: Collection[str], oracle: Oracle, generator: np.random.Generator) -> None:
    for name in WALKS:
        if name == "extremes" and _EXTREMES not in names:
            continue
        if not search.walk(_shortened(name, oracle, generator)):
            break
        if search.over or not (names or search.collisions):
            break
    if search.header_found:
        search.settle_join(generator)


def _probes(oracle: Oracle, names: Collection[str]) -> Iterator[Probe]:
    """Images of each state, if there are few."""
    if "rounded mean" in names:
        return probes_of_totals(oracle.shape, ([level * oracle.samples] for level in range(256)))
    if "sum mod 256" in names:
        return probes_of_sum(oracle.shape)
    return probes_of_xor(oracle.shape) if "XOR" in names else iter(())


def _shortened(name: str, oracle: Oracle, generator: np.random.Generator) -> Iterator[Image]:
    """The walk, in the target's shape, with a quarter of the budget kept for what comes after."""
    shape = (oracle.shape[0], oracle.shape[1], prod(oracle.shape[2:]))
    left = oracle.remaining
    images = (image.reshape(oracle.shape) for image in WALKS[name](shape, generator))
    return itertools.islice(images, None if left is None else left * 3 // 4)


def _result(oracle: Oracle, invariants: Invariants, search: StateSearch, steered: Steered | None) -> AttackResult:
    recovered, how = search.answer()
    log_p = search.log_p
    joint = smoothness(recovered) if search.header_found and recovered is not None else search.joint
    if steered is not None and steered.joint < joint:
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
