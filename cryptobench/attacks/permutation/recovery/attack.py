"""Permutation recovery: chosen images encode the index of every sample, in base 256, and outputs show their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.permutation.recovery.base4_tables import digits_differ, read_digits
from cryptobench.attacks.permutation.recovery.bit_permutation import preserves_weights, recover_bit_permutation
from cryptobench.attacks.permutation.recovery.chosen_key import permutation_under_chosen_key
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.combiners import COMBINERS
from cryptobench.attacks.tools.permutation_recovery import (
    MaskedPermutation,
    chained_permutation,
    index_digits,
    index_images,
    masked_permutations,
    source_coverage,
    source_indices,
    unpermuted,
)
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image

__all__ = ["Permutation"]

_TRIES = 2 * (len(COMBINERS) + 1)  # half of the level goes to chains
_COMPLETE = 0.95  # share of the samples with a source, below which other kinds of permutation are tried


@dataclass(frozen=True)
class Permutation(Attack):
    """Encrypts zeros, which show the mask, and images of each base-256 digit of a sample's index: N samples need
    ceil(log256 N) + 1 queries, and one more where several kinds of mask are possible.

    The mask may be XORed, added, subtracted from, or added by base-4 digits (DNA addition); no mask is a mask of zeros.
    The same ciphertexts are read through every one-step chain (`CHAINS`). Where images without their mask keep their
    Hamming weight, bits were permuted: ceil(log2 8N) images show their sources. If no permutation is found in any of
    these ways, three more flat images give every output its own table of each base-4 digit, whatever rules of DNA
    coding were applied. Last, a public map before or after the permutation is removed with a chosen key.
    """

    name: ClassVar[str] = "permutation"
    title: ClassVar[str] = "Permutation recovery"
    identifier: ClassVar[str] = "A8"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "ceil(log256(N)) + 1"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        zero = oracle.encrypt_probe("zero").image
        images = index_images(oracle.shape)
        digits = [oracle.encrypt(image).image for image in images]
        if unusable := shapes_differ(oracle.challenge.image, zero, *digits):
            return unusable
        finding, expected = _masked(oracle, zero, digits)
        if finding.share < _COMPLETE and zero.shape == oracle.shape:
            finding = _chained(oracle, zero, digits, finding)
        if finding.share < _COMPLETE and zero.shape == oracle.shape:
            finding = _bitwise(oracle, zero, images, digits, finding)
        if finding.share < _COMPLETE:
            flats = [zero, *(oracle.encrypt(np.full(oracle.shape, 0x55 * k, np.uint8)).image for k in (1, 2, 3))]
            if unusable := shapes_differ(*flats):
                return unusable
            finding = _tabulated(oracle, flats, digits, finding)
        if finding.share < _COMPLETE and (decryption := permutation_under_chosen_key(oracle, generator)):
            finding = _Finding(1.0, 0.0, decryption.note, decryption.image, under_chosen_key=True)
        return AttackResult(
            recovered=finding.recovered,
            statistic=finding.share,
            statistic_name="plaintext samples that are the source of some ciphertext sample",
            expected=expected,
            p_value=finding.p_value,
            notes=f"mask: {finding.mask}" if finding.recovered is not None else "",
            numbers=oracle.local_cipher.numbers,
            formula="" if finding.recovered is None else _formula(oracle, finding),
        )


@dataclass(frozen=True, eq=False)
class _Finding:
    """The best permutation so far: the share of inputs that are some output's source, the least p-value of all tries,
    what was behind the permutation, and the plaintext."""

    share: float
    p_value: float
    mask: str
    recovered: Image | None
    under_chosen_key: bool = False


def _formula(oracle: Oracle, finding: _Finding) -> str:
    """The queries made, by what the finding asked of them for each base-256 digit and each bit of an index."""
    digits, bits = index_digits(oracle.samples), (8 * oracle.samples - 1).bit_length()
    times = 1 + finding.under_chosen_key
    made, with_bits = oracle.queries.total - times * digits, "bits permuted" in finding.mask
    terms = [f"{times} * ceil(log256(N))" if times > 1 else "ceil(log256(N))"]
    terms += ["ceil(log2(8 * N))"] * with_bits
    return " + ".join([*terms, str(max(1, made - bits * with_bits))])


def _masked(oracle: Oracle, zero: Image, digits: list[Image]) -> tuple[_Finding, float]:
    """A permutation behind a mask, and the share of sources that is expected by chance."""
    candidates = masked_permutations(zero, digits, oracle.samples, _TRIES)
    p_value = min(one.p_value for one in candidates)
    best, recovered = candidates[0], None
    if p_value < LEAK_LEVEL:
        best = _consistent(candidates, oracle, zero) if best.share >= _COMPLETE else best
        recovered = _unmasked(best, oracle.challenge.image, zero, oracle.shape)
    return _Finding(best.share, p_value, best.combiner.name, recovered), best.expected


def _consistent(candidates: Sequence[MaskedPermutation], oracle: Oracle, zero: Image) -> MaskedPermutation:
    """The permutation that holds; one more query decides where several are clear and do not agree."""
    clear = [one for one in candidates if one.p_value < LEAK_LEVEL and one.share > _COMPLETE * candidates[0].share]
    guesses = {_unmasked(one, oracle.challenge.image, zero, oracle.shape).tobytes() for one in clear}
    if len(guesses) == 1:
        return clear[0]
    plain, cipher_image = oracle.probe("a"), oracle.encrypt_probe("a").image
    if cipher_image.shape != zero.shape:
        return clear[0]
    return max(clear, key=lambda one: np.sum(_unmasked(one, cipher_image, zero, plain.shape) == plain))


def _unmasked(one: MaskedPermutation, cipher_image: Image, zero: Image, shape: tuple[int, ...]) -> Image:
    return unpermuted(one.combiner.invert(cipher_image, zero), one.source, shape)


def _chained(oracle: Oracle, zero: Image, digits: list[Image], finding: _Finding) -> _Finding:
    """A permutation behind a one-step chain, if it is clearer than the finding."""
    chained = chained_permutation(zero, digits, oracle.shape)
    p_value = min(finding.p_value, 2 * chained.p_value)
    if chained.p_value < LEAK_LEVEL and chained.share > finding.share:
        mask = f"{chained.chain.name}, f = the c {chained.lag} before"
        return _Finding(chained.share, p_value, mask, chained.decrypt(oracle.challenge.image, oracle.shape))
    return _Finding(finding.share, p_value, finding.mask, finding.recovered)


def _bitwise(oracle: Oracle, zero: Image, images: list[Image], digits: list[Image], finding: _Finding) -> _Finding:
    """A permutation of bits, if there is one."""
    for combiner in COMBINERS:
        if not preserves_weights(combiner, zero, images, digits):
            continue
        bits = recover_bit_permutation(combiner, zero, lambda image: oracle.encrypt(image).image)
        if bits is not None:
            recovered = bits.decrypt(oracle.challenge.image, oracle.shape)
            finding = _Finding(1.0, 0.0, f"{combiner.name}, bits permuted", recovered)
    return finding


def _tabulated(oracle: Oracle, flats: list[Image], digits: list[Image], finding: _Finding) -> _Finding:
    """A permutation behind tables of base-4 digits, if it is clearer than the finding."""
    source = source_indices([read_digits(flats, digit) for digit in digits], oracle.samples)
    invertible = digits_differ(flats)
    share, _, p = source_coverage(source[invertible], oracle.samples, _TRIES)
    p_value = min(finding.p_value, p)
    if p < LEAK_LEVEL and share > finding.share:
        values = read_digits(flats, oracle.challenge.image)
        recovered = unpermuted(values, np.where(invertible, source, -1), oracle.shape)
        return _Finding(share, p_value, "tables of base-4 digits", recovered)
    return _Finding(finding.share, p_value, finding.mask, finding.recovered)
