"""One round of Chen, Mao and Chui's cipher: two flat images give the key stream, two more images the permutation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.permutation_recovery import index_images, source_coverage, source_indices, unpermuted
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image

__all__ = ["Chen2004OneRound"]

_FLATS = (85, 170)


@dataclass(frozen=True)
class Chen2004OneRound(Attack):
    """Chosen plaintexts against c_k = phi_k XOR (p_k + phi_k mod 256) XOR c_(k-1), p permuted, in a single round.

    The XOR of ciphertext neighbours is g(p, phi) = phi XOR (p + phi). Flat images of 85 and 170 have another pair of
    values for each phi mod 128, and the top bit of phi makes no difference; images of the base-256 digits of each
    index then show the source of every sample: ceil(log256 N) + 2 queries, four up to 256 x 256. The start byte c_0 is
    unknown; it and the first phi are chosen so that the source of the first sample is the one that no other sample has.

    After K. Wang, W. Pei, L. Zou, A. Song and Z. He, On the security of 3D cat map based symmetric image encryption
    scheme, Phys. Lett. A 343 (2005) 432, who choose plaintexts against the same structure; the two flat images are our
    choice.
    """

    name: ClassVar[str] = "chen2004_one_round"
    title: ClassVar[str] = "Chosen plaintexts against one round of the 3D cat map cipher"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "ceil(log256(N)) + 2"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        flats = [oracle.encrypt(np.full(oracle.shape, value, np.uint8)).image.ravel() for value in _FLATS]
        digits = [oracle.encrypt(image).image.ravel() for image in index_images(oracle.shape)]
        challenge = oracle.challenge.image.ravel()
        if unusable := shapes_differ(*flats, *digits, challenge):
            return unusable
        phi = _streams()[_unchained(flats[0], 0), _unchained(flats[1], 0)]
        source = source_indices([_inverted(digit, phi, 0) for digit in digits], oracle.samples)
        source[phi < 0] = -1
        share, expected, p_value = source_coverage(source[1:], oracle.samples)
        recovered = None
        if p_value < LEAK_LEVEL:
            phi, start, source = _with_first(flats, digits, phi, source, oracle.samples)
            recovered = unpermuted(_inverted(challenge, phi, start), source, oracle.shape)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="plaintext samples that are the source of some unchained ciphertext sample",
            expected=expected,
            p_value=p_value,
        )


def _with_first(
    flats: list[Image], digits: list[Image], phi: NDArray[np.int16], source: NDArray[np.int64], samples: int
) -> tuple[NDArray[np.int16], int, NDArray[np.int64]]:
    """Key stream, start byte and sources, with that of the first sample if no other sample has the same source."""
    named = np.zeros(samples, bool)
    named[source[1:][source[1:] >= 0]] = True
    phi, source, table = phi.copy(), source.copy(), _streams()
    for start in range(256):
        phi[0] = table[_unchained(flats[0][:1], start), _unchained(flats[1][:1], start)][0]
        place = int(source_indices([_inverted(digit[:1], phi[:1], start) for digit in digits], samples)[0])
        if phi[0] >= 0 and place >= 0 and not named[place]:
            source[0] = place
            return phi, start, source
    source[0] = -1
    return phi, 0, source


def _unchained(flat: Image, start: int) -> Image:
    """phi_k XOR (p_k + phi_k)."""
    unchained: Image = flat ^ np.concatenate([[np.uint8(start)], flat[:-1]])
    return unchained


def _inverted(flat: Image, phi: NDArray[np.int16], start: int) -> Image:
    """p_k."""
    stream = phi.astype(np.uint8)
    plain: Image = (_unchained(flat, start) ^ stream) - stream
    return plain


def _streams() -> NDArray[np.int16]:
    """phi mod 128 by g(85, phi) and g(170, phi), (256, 256); -1 where no phi gives both."""
    phi = np.arange(128, dtype=np.uint8)
    table = np.full((256, 256), -1, np.int16)
    first, second = (phi ^ (np.uint8(value) + phi) for value in _FLATS)
    table[first, second] = phi
    return table
