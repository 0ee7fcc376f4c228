"""Keystream bias: what many messages' keystreams have in common, and what that gives away about another message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.joins import JOINS, Join
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.stream_tests import StreamTest, stream_tests
from cryptobench.cipher import Image

__all__ = ["KeystreamBias"]

_LEAK = 1e-6
_FORMS = JOINS[:3]
_WIDEST = 7.0  # bits of entropy of a keystream byte, above which a guess is hardly ever right


@dataclass(frozen=True)
class KeystreamBias(Attack):
    """Pools C XOR P, C - P and C + P of known pairs under fresh nonces, and C itself: are they uniform and independent?

    It tests byte frequencies, ones in each bit plane and at each place, bytes that recur at the same place of the
    next message, and equal bytes and bits at lags of up to 64 samples and 64 rows. The p-value is corrected for all
    of them. ``bits`` is how many bits of keystream it wants, in 2 to ``most_pairs`` messages: half a million show a
    bias of 1 % by 14 standard deviations.

    A bias adds up over many encryptions of one image, but there is only one of the challenge. Where a keystream byte
    has less than 7 bits of entropy, each sample is guessed by the commonest one, which is right as often as that byte
    occurs: a leak, never a break.
    """

    name: ClassVar[str] = "keystream_bias"
    title: ClassVar[str] = "Keystream bias"
    model: ClassVar[Model] = "KPA"
    modes: ClassVar[tuple[Mode, ...]] = ("respect",)

    bits: int = 1 << 19
    most_pairs: int = 64

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        wanted = min(self.most_pairs, max(2, -(-self.bits // (8 * oracle.samples))))
        plains, bodies = _pairs(oracle, wanted)
        if len(plains) == 0:
            return AttackResult.inapplicable("cipher images are not of the plaintext's shape")
        row = int(np.prod(oracle.shape[1:]))
        found: list[tuple[Join | None, StreamTest]] = []
        for form in (*_FORMS, None):
            streams = bodies if form is None else form.mask(bodies, plains)
            found += [(form, test) for test in stream_tests(streams, row)]
        # Of tests that all report zero, the one that is furthest off.
        form, (name, effect, least) = min(found, key=lambda one: (one[1][2], -abs(one[1][1])))
        p_value = min(1.0, least * len(found))
        recovered, notes = None, ""
        if p_value < _LEAK:
            notes = f"{name} of {'c' if form is None else form.name.replace('y', 'c').replace('x', 'p')}: {effect:+.4f}"
            form, chances = min(((one, _chances(one.mask(bodies, plains))) for one in _FORMS), key=_entropy_of)
            entropy = _entropy(chances)
            notes += f"; {entropy:.2f} bits of entropy in a keystream byte"
            if entropy < _WIDEST:
                usual = np.full_like(oracle.challenge.image, np.argmax(chances))
                recovered = form.take(oracle.challenge.image, usual)
        return AttackResult(
            recovered=recovered,
            statistic=effect,
            statistic_name=name,
            expected=0.0,
            p_value=p_value,
            notes=notes,
            numbers={"tests": float(len(found)), "keystream_bytes": float(bodies.size)},
        )


def _pairs(oracle: Oracle, wanted: int) -> tuple[Image, Image]:
    """Plaintexts and ciphertexts, (pairs, samples); none of them twice, none at all if the shapes differ."""
    plains: dict[bytes, Image] = {}
    bodies: list[Image] = []
    for _ in range(wanted):
        plain, sealed = oracle.known_pair()
        if sealed.image.shape != plain.shape:
            return np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8)
        if plain.tobytes() not in plains:
            plains[plain.tobytes()] = plain.ravel()
            bodies.append(sealed.image.ravel())
    return np.stack(list(plains.values())), np.stack(bodies)


def _chances(streams: Image) -> NDArray[np.float64]:
    """How probable each keystream byte is, (256,), by Laplace's rule of succession with a weight of one in all."""
    counts = np.bincount(streams.ravel(), minlength=256)
    chances: NDArray[np.float64] = (counts + 1 / 256) / (streams.size + 1)
    return chances


def _entropy(chances: NDArray[np.float64]) -> float:
    return float(-np.sum(chances * np.log2(chances)))


def _entropy_of(found: tuple[Join, NDArray[np.float64]]) -> float:
    return _entropy(found[1])
