"""Permutation recovery among plaintexts of one state, for ciphers keyed with the plaintext's sum, mean or XOR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cryptobench.attacks.chained_maps import chained_map
from cryptobench.attacks.chains import Chain
from cryptobench.attacks.index_map import distinct_p_value, gathered
from cryptobench.attacks.joins import JOINS
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.smoothness import Smoothest
from cryptobench.attacks.state_probes import Probe
from cryptobench.cipher import Image

__all__ = ["Steered", "steered_permutation"]

_LEAK = 1e-6
_ALMOST_ALL = 0.9  # what is not placed is left at zero, and would look smooth


@dataclass(frozen=True, eq=False)
class Steered:
    """The challenge under the state that makes it smoothest, and how smooth; see `Choice`."""

    image: Image
    log_p: float
    joint: float


def steered_permutation(oracle: Oracle, probes: Iterable[Probe], by_header: bool) -> Steered | None:
    """Recover a permutation, behind a mask or a one-step chain, for every state, and keep the one that makes the
    challenge smoothest.

    If ``by_header``, states of which an image has another header than the challenge are passed over, and the first that
    has the same is the last. None if no permutation is found in the first state.
    """
    smoothest, guesses = Smoothest(oracle.shape), []
    ways: list[tuple[Chain, int]] = []
    for probe in probes:
        if oracle.remaining is not None and oracle.remaining <= len(probe.digits):
            break
        flat = oracle.encrypt(probe.flat)
        if by_header and flat.header != oracle.challenge.header:
            continue
        digits = [oracle.encrypt(image).image for image in probe.digits]
        if {digit.shape for digit in (*digits, oracle.challenge.image)} != {flat.image.shape}:
            break
        opened = [] if ways else _unmasked(oracle, probe, flat.image, digits)
        if not opened and flat.image.shape == oracle.shape:
            chained = chained_map(flat.image, digits, oracle.shape, probe.level, probe.spelt, ways)
            if chained.share > _ALMOST_ALL and chained.p_value < _LEAK:
                ways = [(chained.chain, chained.lag)]
                opened = [chained.open(oracle.challenge.image, oracle.shape)]
        if not opened:
            break
        for guess in opened:
            guesses.append(guess)
            smoothest.offer(guess)
        if by_header:
            break
    if not guesses:
        return None
    choice = smoothest.best()
    return Steered(guesses[int(choice.chosen.flat[0])], choice.log_p, choice.joint)


def _unmasked(oracle: Oracle, probe: Probe, flat: Image, digits: list[Image]) -> list[Image]:
    """What the challenge is under this state, by each join that shows a permutation; levels stay in their channel."""
    opened = []
    for join in JOINS:
        stream = join.mask(flat, np.broadcast_to(probe.level, flat.shape))
        source = probe.spelt([join.take(digit, stream) for digit in digits])
        share, _, p_value = distinct_p_value(source, oracle.samples, len(JOINS))
        if share > _ALMOST_ALL and p_value < _LEAK:
            opened.append(gathered(join.take(oracle.challenge.image, stream), source, oracle.shape))
    return opened
