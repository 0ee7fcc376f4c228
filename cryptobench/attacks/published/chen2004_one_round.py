"""One round of Chen, Mao and Chui's cipher: two flat images give the key stream, two more the permutation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.permutation_recovery import digit_images, distinct_p_value, gathered, sources
from cryptobench.cipher import Image

__all__ = ["Chen2004OneRound"]

_FLATS = (85, 170)


@dataclass(frozen=True)
class Chen2004OneRound(Attack):
    """Chosen plaintexts against c_k = phi_k XOR (p_k + phi_k mod 256) XOR c_(k-1), p permuted, in a single round.

    The XOR of ciphertext neighbours is g(p, phi) = phi XOR (p + phi). Flat images of 85 and 170 have another pair of
    values for each phi mod 128, and the top bit of phi makes no difference; images of the base-256 digits of each
    place then tell where a sample came from: ceil(log256 N) + 2 queries, four up to 256 x 256. The start byte c_0 is
    unknown; it and the first phi are chosen so that the first sample comes from the one place that no other comes
    from.

    After K. Wang, W. Pei, L. Zou, A. Song and Z. He, On the security of 3D cat map based symmetric image encryption
    scheme, Phys. Lett. A 343 (2005) 432, who choose plaintexts against the same structure; the two flat images are our
    choice.
    """

    name: ClassVar[str] = "chen2004_one_round"
    title: ClassVar[str] = "Chosen plaintexts against one round of the 3D cat map cipher"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        flats = [oracle.encrypt(np.full(oracle.shape, value, np.uint8)).image.ravel() for value in _FLATS]
        digits = [oracle.encrypt(image).image.ravel() for image in digit_images(oracle.shape)]
        challenge = oracle.challenge.image.ravel()
        if len({body.size for body in (*flats, *digits, challenge)}) > 1:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in size")
        phi = _streams()[_unchained(flats[0], 0), _unchained(flats[1], 0)]
        source = sources([_opened(digit, phi, 0) for digit in digits], oracle.samples)
        source[phi < 0] = -1
        share, expected, p_value = distinct_p_value(source[1:], oracle.samples)
        recovered = None
        if p_value < LEAK_LEVEL:
            phi, start, source = _with_first(flats, digits, phi, source, oracle.samples)
            recovered = gathered(_opened(challenge, phi, start), source, oracle.shape)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="plaintext samples that some unchained ciphertext sample names as its source",
            expected=expected,
            p_value=p_value,
        )


def _with_first(
    flats: list[Image], digits: list[Image], phi: NDArray[np.int16], source: NDArray[np.int64], samples: int
) -> tuple[NDArray[np.int16], int, NDArray[np.int64]]:
    """Key stream, start byte and sources, with the first sample's put in if it comes from a place not yet named."""
    named = np.zeros(samples, bool)
    named[source[1:][source[1:] >= 0]] = True
    phi, source, table = phi.copy(), source.copy(), _streams()
    for start in range(256):
        phi[0] = table[_unchained(flats[0][:1], start), _unchained(flats[1][:1], start)][0]
        place = int(sources([_opened(digit[:1], phi[:1], start) for digit in digits], samples)[0])
        if phi[0] >= 0 and place >= 0 and not named[place]:
            source[0] = place
            return phi, start, source
    source[0] = -1
    return phi, 0, source


def _unchained(body: Image, start: int) -> Image:
    """phi_k XOR (p_k + phi_k)."""
    unchained: Image = body ^ np.concatenate([[np.uint8(start)], body[:-1]])
    return unchained


def _opened(body: Image, phi: NDArray[np.int16], start: int) -> Image:
    """p_k."""
    stream = phi.astype(np.uint8)
    opened: Image = (_unchained(body, start) ^ stream) - stream
    return opened


def _streams() -> NDArray[np.int16]:
    """phi mod 128 by g(85, phi) and g(170, phi), (256, 256); -1 where no phi gives these."""
    phi = np.arange(128, dtype=np.uint8)
    table = np.full((256, 256), -1, np.int16)
    first, second = (phi ^ (np.uint8(value) + phi) for value in _FLATS)
    table[first, second] = phi
    return table
