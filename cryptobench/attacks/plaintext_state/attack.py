"""Plaintext state: is the cipher keyed with a low-entropy property of the plaintext, and simple apart from that?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import exp, prod
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.plaintext_state.invariants import Invariants, find_invariants
from cryptobench.attacks.plaintext_state.probes import (
    WALKS,
    Probe,
    probes_of_sum,
    probes_of_totals,
    probes_of_xor,
)
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import JOINS, Chain
from cryptobench.attacks.tools.permutation_recovery import chained_map, distinct_p_value, gathered
from cryptobench.attacks.tools.smoothness import Smoothest, smoothness
from cryptobench.attacks.tools.state_search import StateSearch
from cryptobench.cipher import NONCE_BYTES, CipherError, Image

__all__ = ["PlaintextState", "Steered", "shown_sums", "steered_permutation"]


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
            if chained.share > ALMOST_ALL and chained.p_value < LEAK_LEVEL:
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
        if share > ALMOST_ALL and p_value < LEAK_LEVEL:
            opened.append(gathered(join.take(oracle.challenge.image, stream), source, oracle.shape))
    return opened


_IMAGES = 4
_MOST_HEADER = 64  # bytes
_FEWEST_BYTES = 2  # a sum mod 256 may stand there by chance


def shown_sums(oracle: Oracle, generator: np.random.Generator, groups: int) -> list[int] | None:
    """The sum of the challenge's samples, or that of each channel if there are as many ``groups``, else one.

    Headers of images under keys of the attacker's own say where a sum stands: as an integer of 2 to 8 bytes, as a
    floating point number of 4 or 8, or as a mean of this kind. What it leaves open, as it counts up to 65535 only, is
    as near to mid-grey as may be. None if sums do not stand there. No queries.
    """
    if not oracle.challenge.header or oracle.cipher.card.secret_bits:
        return None
    card, sums, headers = oracle.cipher.card, [], []
    for index in range(_IMAGES):
        image = generator.integers(40 * index, 40 * index + 128, oracle.shape, np.uint8)
        try:
            sealed = oracle.offline.encrypt(image, generator.bytes(card.key_bytes), generator.bytes(NONCE_BYTES))
        except CipherError:
            return None
        sums.append(image.reshape(-1, groups).sum(axis=0, dtype=np.int64).tolist())
        headers.append(sealed.header[:_MOST_HEADER])
    shown = oracle.challenge.header[:_MOST_HEADER]
    if {len(header) for header in headers} != {len(shown)}:
        return None
    found = [_read(headers, totals, shown, oracle.samples // groups) for totals in zip(*sums, strict=True)]
    known = [total for total in found if total is not None]
    return known if len(known) == groups else None


def _read(headers: Sequence[bytes], totals: Sequence[int], shown: bytes, samples: int) -> int | None:
    """The sum in ``shown``, if in ``headers`` it stands where ``totals`` do."""
    for modulus, read in _readings(len(shown), samples):
        if all(read(header) == total % modulus for header, total in zip(headers, totals, strict=True)):
            total = read(shown)
            return None if total is None else total + max(0, round((128 * samples - total) / modulus)) * modulus
    return None


def _readings(length: int, samples: int) -> Iterator[tuple[int, Callable[[bytes], int | None]]]:
    """(modulus, how a sum is read), the widest first."""
    for width in range(8, _FEWEST_BYTES - 1, -1):
        for start in range(length - width + 1):
            part = slice(start, start + width)
            yield 256**width, partial(_big, part)
            yield 256**width, partial(_little, part)
            for kind in (f">f{width}", f"<f{width}") if width in (4, 8) else ():
                yield 256**8, partial(_floating, part, kind, 1)
                yield 256**8, partial(_floating, part, kind, samples)


def _big(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "big")


def _little(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "little")


def _floating(part: slice, kind: str, times: int, header: bytes) -> int | None:
    value = float(np.frombuffer(header[part], kind)[0]) * times
    return round(value) if np.isfinite(value) and 0 <= value < 2.0**53 else None


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
    leaks = p_value < LEAK_LEVEL
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
