"""Plaintext state: is the cipher keyed with a low-entropy property of the plaintext, and simple apart from that?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import exp, prod
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.plaintext_state.invariants import Invariants, find_invariants
from cryptobench.attacks.plaintext_state.probes import (
    STATE_ENUMERATIONS,
    StateProbe,
    probes_of_sum,
    probes_of_totals,
    probes_of_xor,
)
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import COMBINERS, Chain
from cryptobench.attacks.tools.permutation_recovery import (
    chained_permutation,
    index_digits,
    source_coverage,
    unpermuted,
)
from cryptobench.attacks.tools.shapes import RANDOMISED
from cryptobench.attacks.tools.smoothness import Smoothest, smoothness
from cryptobench.attacks.tools.state_search import StateSearch
from cryptobench.cipher import NONCE_BYTES, CipherError, Image

__all__ = ["PlaintextState"]

_EXTREMES = "border, middle and extremes"
_LOCAL_IMAGES = 4  # that are encrypted locally, to find sums in headers
_MOST_HEADER = 64  # bytes
_FEWEST_BYTES = 2  # a sum mod 256 may be in a header by chance


@dataclass(frozen=True)
class PlaintextState(Attack):
    """Finds properties of the plaintext (sum, XOR, mean, extremes, histogram, parts of the image, ...) such that
    encryption is simple while they are kept, and enumerates their values until one decrypts the challenge.

    Each plaintext of an enumeration gives a candidate keystream for each combiner. The challenge is decrypted with the
    one that makes it smoothest, as a whole or for each channel or row by itself, or that has the challenge's own
    header. Where the cipher also permutes, the permutation is recovered under each sum mod 256, rounded mean or XOR, or
    under the sums that the header leaks. If there is no sign of a state, one enumeration of 256 images is all.
    """

    name: ClassVar[str] = "plaintext_state"
    title: ClassVar[str] = "Low-entropy plaintext state"
    identifier: ClassVar[str] = "A13"
    model: ClassVar[Model] = "CPA"
    formula: ClassVar[str] = "3400 + 256 * ceil(log256(N))"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not np.array_equal(oracle.encrypt_probe("a").image, oracle.encrypt_probe("a").image):
            return AttackResult.inapplicable(RANDOMISED)
        invariants = find_invariants(oracle, generator)
        if invariants.stateless:
            return AttackResult.inapplicable(
                "no state: encryption is simple whatever property of the plaintext changes"
            )
        search, decryption, before = StateSearch(oracle), None, oracle.queries.total
        if (sums := _leaked_sums(oracle, invariants.names, generator)) is not None:
            decryption = _same_state_permutation(oracle, probes_of_totals(oracle.shape, [sums]), by_header=True)
        for_permutations = oracle.queries.total - before
        if decryption is None:
            _enumerate_states(search, invariants.names, oracle, generator)
        before = oracle.queries.total
        if decryption is None and (not search.complete or (search.header_found and not search.same_keystream)):
            decryption = _same_state_permutation(oracle, _probes(oracle, invariants.names), search.header_found)
        for_permutations += oracle.queries.total - before
        result = _result(oracle, invariants, search, decryption)
        formula = "" if result.recovered is None else _formula(oracle, for_permutations)
        return replace(result, formula=formula)


def _formula(oracle: Oracle, for_permutations: int) -> str:
    """The queries made; those for permutations are ceil(log256 N) + 1 for each state."""
    states = -(-for_permutations // (index_digits(oracle.samples) + 1))
    return f"{oracle.queries.total - for_permutations} + {states} * (ceil(log256(N)) + 1)"


def _enumerate_states(
    search: StateSearch, names: Collection[str], oracle: Oracle, generator: np.random.Generator
) -> None:
    """Ask for plaintexts of many states, with a quarter of the budget kept for what comes after."""
    shape = (oracle.shape[0], oracle.shape[1], prod(oracle.shape[2:]))
    for name, enumeration in STATE_ENUMERATIONS.items():
        if name == "extremes" and _EXTREMES not in names:
            continue
        left = oracle.remaining
        images = (image.reshape(oracle.shape) for image in enumeration(shape, generator))
        if not search.query(itertools.islice(images, None if left is None else left * 3 // 4)):
            break
        if search.complete or not (names or search.collisions):
            break
    if search.header_found:
        search.determine_combiner(generator)


def _probes(oracle: Oracle, names: Collection[str]) -> Iterator[StateProbe]:
    """Images of each state, if there are few states."""
    if "rounded mean" in names:
        return probes_of_totals(oracle.shape, ([level * oracle.samples] for level in range(256)))
    if "sum mod 256" in names:
        return probes_of_sum(oracle.shape)
    return probes_of_xor(oracle.shape) if "XOR" in names else iter(())


@dataclass(frozen=True, eq=False)
class _Decryption:
    """The challenge under the state that makes it smoothest, and how smooth it is; see `SmoothestParts`."""

    image: Image
    log_p: float
    total_log_p: float


def _same_state_permutation(oracle: Oracle, probes: Iterable[StateProbe], by_header: bool) -> _Decryption | None:
    """Recover a permutation, behind a mask or a one-step chain, from images of one state; of all states take the one
    that makes the challenge smoothest.

    If ``by_header``, states of which an image has another header than the challenge are skipped, and the first state
    with the same header is the last. None if no permutation is found in the first state.
    """
    smoothest, guesses = Smoothest(oracle.shape), []
    chains: list[tuple[Chain, int]] = []
    for probe in probes:
        if oracle.remaining is not None and oracle.remaining <= len(probe.digits):
            break
        flat = oracle.encrypt(probe.flat)
        if by_header and flat.header != oracle.challenge.header:
            continue
        digits = [oracle.encrypt(image).image for image in probe.digits]
        if {digit.shape for digit in (*digits, oracle.challenge.image)} != {flat.image.shape}:
            break
        decrypted = [] if chains else _unmasked(oracle, probe, flat.image, digits)
        if not decrypted and flat.image.shape == oracle.shape:
            chained = chained_permutation(
                flat.image, digits, oracle.shape, probe.level, probe.source_indices, chains
            )  # fmt: skip
            if chained.share > ALMOST_ALL and chained.p_value < LEAK_LEVEL:
                chains = [(chained.chain, chained.lag)]
                decrypted = [chained.decrypt(oracle.challenge.image, oracle.shape)]
        if not decrypted:
            break
        for guess in decrypted:
            guesses.append(guess)
            smoothest.add(guess)
        if by_header:
            break
    if not guesses:
        return None
    best = smoothest.best()
    return _Decryption(guesses[int(best.chosen.flat[0])], best.log_p, best.total_log_p)


def _unmasked(oracle: Oracle, probe: StateProbe, flat: Image, digits: list[Image]) -> list[Image]:
    """The challenge under this state, by each combiner that leaves a permutation; levels stay in their channel."""
    decrypted = []
    for combiner in COMBINERS:
        stream = combiner.mask(flat, np.broadcast_to(probe.level, flat.shape))
        source = probe.source_indices([combiner.invert(digit, stream) for digit in digits])
        share, _, p_value = source_coverage(source, oracle.samples, len(COMBINERS))
        if share > ALMOST_ALL and p_value < LEAK_LEVEL:
            decrypted.append(unpermuted(combiner.invert(oracle.challenge.image, stream), source, oracle.shape))
    return decrypted


def _leaked_sums(oracle: Oracle, names: Collection[str], generator: np.random.Generator) -> list[int] | None:
    """The sum, or the sums of channels, that the challenge's header leaks, if the state depends on nothing else."""
    if "sum" in names:
        return _sums_in_header(oracle, generator, 1)
    return _sums_in_header(oracle, generator, oracle.shape[2]) if "sum of each channel" in names else None


def _sums_in_header(oracle: Oracle, generator: np.random.Generator, groups: int) -> list[int] | None:
    """The sum of the challenge's samples, or that of each channel if there are as many ``groups``, else one.

    Headers of images under the attacker's own keys show where a sum is: as an integer of 2 to 8 bytes, as a floating
    point number of 4 or 8, or as a mean of this kind. If it is known only modulo a power of 256, the value nearest to
    mid-grey is taken. None if the header has no sums. No queries.
    """
    if not oracle.challenge.header or oracle.cipher.card.secret_bits:
        return None
    card, sums, headers = oracle.cipher.card, [], []
    for index in range(_LOCAL_IMAGES):
        image = generator.integers(40 * index, 40 * index + 128, oracle.shape, np.uint8)
        key, nonce = generator.bytes(card.key_bytes), generator.bytes(NONCE_BYTES)
        try:
            ciphertext = oracle.local_cipher.encrypt(image, key, nonce)
        except CipherError:
            return None
        sums.append(image.reshape(-1, groups).sum(axis=0, dtype=np.int64).tolist())
        headers.append(ciphertext.header[:_MOST_HEADER])
    target = oracle.challenge.header[:_MOST_HEADER]
    if {len(header) for header in headers} != {len(target)}:
        return None
    found = [_read_sum(headers, totals, target, oracle.samples // groups) for totals in zip(*sums, strict=True)]
    known = [total for total in found if total is not None]
    return known if len(known) == groups else None


def _read_sum(headers: Sequence[bytes], totals: Sequence[int], target: bytes, samples: int) -> int | None:
    """The sum in the header ``target``, if ``totals`` are in ``headers`` at one place and in one encoding."""
    for modulus, decode in _encodings(len(target), samples):
        if all(decode(header) == total % modulus for header, total in zip(headers, totals, strict=True)):
            total = decode(target)
            return None if total is None else total + max(0, round((128 * samples - total) / modulus)) * modulus
    return None


def _encodings(length: int, samples: int) -> Iterator[tuple[int, Callable[[bytes], int | None]]]:
    """(modulus, decoder of a header) of sums at all places in a header, the widest first."""
    for width in range(8, _FEWEST_BYTES - 1, -1):
        for start in range(length - width + 1):
            part = slice(start, start + width)
            yield 256**width, partial(_big_endian, part)
            yield 256**width, partial(_little_endian, part)
            for kind in (f">f{width}", f"<f{width}") if width in (4, 8) else ():
                yield 256**8, partial(_floating, part, kind, 1)
                yield 256**8, partial(_floating, part, kind, samples)


def _big_endian(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "big")


def _little_endian(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "little")


def _floating(part: slice, kind: str, times: int, header: bytes) -> int | None:
    value = float(np.frombuffer(header[part], kind)[0]) * times
    return round(value) if np.isfinite(value) and 0 <= value < 2.0**53 else None


def _result(
    oracle: Oracle, invariants: Invariants, search: StateSearch, decryption: _Decryption | None
) -> AttackResult:
    recovered, how = search.result()
    log_p = search.log_p
    with_header = recovered if search.header_found else None
    total_log_p = search.total_log_p if with_header is None else smoothness(with_header)
    if decryption is not None and decryption.total_log_p < total_log_p:
        recovered, how, log_p = decryption.image, "permutation of the same state", decryption.log_p
    p_value = min(1.0, 3 * min(invariants.p_value, search.p_collisions, exp(max(log_p, -700.0))))
    leaks = p_value < LEAK_LEVEL
    found = [f"keeping {', '.join(invariants.names)}"] if invariants.names else []
    if search.collisions:
        found.append(f"{search.collisions} of {search.queries} chosen plaintexts share the state of another")
    return AttackResult(
        recovered=recovered if leaks else None,
        statistic=invariants.share,
        statistic_name="ciphertext samples that are simple while a property is kept",
        expected=1 / 256,
        p_value=p_value,
        notes="; ".join([*found, how] if leaks else found),
        numbers={"states_shared": search.collisions, "invariants": len(invariants.names)},
    )
