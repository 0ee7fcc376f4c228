"""Permutation recovery: every sample says where it came from, in base 256, also under a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.permutation.recovery.base4_tables import digits_differ, read_digits
from cryptobench.attacks.permutation.recovery.bit_maps import bit_map, keeps_ones
from cryptobench.attacks.permutation.recovery.chosen_key import moved_under_own_key
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import JOINS
from cryptobench.attacks.tools.permutation_recovery import (
    MaskedMap,
    chained_map,
    digit_images,
    distinct_p_value,
    gathered,
    masked_maps,
    sources,
)
from cryptobench.cipher import Image

__all__ = ["Permutation"]

_TRIES = 2 * (len(JOINS) + 1)  # half of the level goes to chains


@dataclass(frozen=True)
class Permutation(Attack):
    """Encrypts zeros, which show the mask, and images of each base-256 digit of a sample's index: N samples need
    ceil(log256 N) + 1 queries, and one more where several kinds of mask would do.

    The mask may be XORed, added, subtracted from, or added to base-4 digits (DNA addition); none at all is a mask of
    zeros. The same answers are read through every one-step chain (`CHAINS`). Where images without their mask have as
    many ones as they had, bits were moved: ceil(log2 8N) images tell from where. If the outputs name no permutation in
    any of these ways, three more flat images give every output its own table of each base-4 digit, whatever rules of
    DNA coding are behind it. Last, a public map before or behind the permutation is taken off with a key of one's own.
    """

    name: ClassVar[str] = "permutation"
    title: ClassVar[str] = "Permutation recovery"
    identifier: ClassVar[str] = "A8"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge, samples = oracle.challenge.image, oracle.samples
        zero = oracle.encrypt_probe("zero").image
        images = digit_images(oracle.shape)
        digits = [oracle.encrypt(image).image for image in images]
        if len({image.shape for image in (challenge, zero, *digits)}) > 1:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
        maps = masked_maps(zero, digits, samples, _TRIES)
        p_value = min(one.p_value for one in maps)
        found, mask, recovered = maps[0], maps[0].join.name, None
        if p_value < LEAK_LEVEL:
            found = _fitting(maps, oracle, zero) if found.share >= ALMOST_ALL else found
            recovered, mask = gathered(found.join.take(challenge, zero), found.source, oracle.shape), found.join.name
        share = found.share
        if share < ALMOST_ALL and zero.shape == oracle.shape:
            chained = chained_map(zero, digits, oracle.shape)
            p_value = min(p_value, 2 * chained.p_value)
            if chained.p_value < LEAK_LEVEL and chained.share > share:
                share, mask = chained.share, f"{chained.chain.name}, f = the c {chained.lag} before"
                recovered = chained.open(challenge, oracle.shape)
        if share < ALMOST_ALL and zero.shape == oracle.shape:
            for join in JOINS:
                if not keeps_ones(join, zero, images, digits):
                    continue
                bits = bit_map(join, zero, lambda image: oracle.encrypt(image).image)
                if bits is not None:
                    share, p_value, recovered = 1.0, 0.0, bits.open(challenge, oracle.shape)
                    mask = f"{join.name}, bits moved"
        if share < ALMOST_ALL:
            flats = [zero, *(oracle.encrypt(np.full(oracle.shape, 0x55 * k, np.uint8)).image for k in (1, 2, 3))]
            if {flat.shape for flat in flats} != {zero.shape}:
                return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
            source = sources([read_digits(flats, digit) for digit in digits], samples)
            sound = digits_differ(flats)
            tabled = MaskedMap(JOINS[0], np.where(sound, source, -1), *distinct_p_value(source[sound], samples, _TRIES))
            p_value = min(p_value, tabled.p_value)
            if tabled.p_value < LEAK_LEVEL and tabled.share > share:
                share, mask = tabled.share, "tables of base-4 digits"
                recovered = gathered(read_digits(flats, challenge), tabled.source, oracle.shape)
        if share < ALMOST_ALL and (opened := moved_under_own_key(oracle, generator)):
            share, p_value, recovered, mask = 1.0, 0.0, opened.image, opened.note
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="plaintext samples that some ciphertext sample names as its source",
            expected=found.expected,
            p_value=p_value,
            notes=f"mask: {mask}" if recovered is not None else "",
            numbers=oracle.offline.numbers,
        )


def _fitting(maps: Sequence[MaskedMap], oracle: Oracle, zero: Image) -> MaskedMap:
    """The map that holds; one more query decides where several name a permutation and do not agree."""
    clear = [one for one in maps if one.p_value < LEAK_LEVEL and one.share > ALMOST_ALL * maps[0].share]
    guesses = {
        gathered(one.join.take(oracle.challenge.image, zero), one.source, oracle.shape).tobytes() for one in clear
    }
    if len(guesses) == 1:
        return clear[0]
    plain, sealed = oracle.probe("a"), oracle.encrypt_probe("a").image
    if sealed.shape != zero.shape:
        return clear[0]
    return max(clear, key=lambda one: np.sum(gathered(one.join.take(sealed, zero), one.source, plain.shape) == plain))
