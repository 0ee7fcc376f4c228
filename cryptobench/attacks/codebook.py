"""Codebook of an affine cipher: the images of all unit vectors, and elimination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.elimination import solve_gf2, solve_z256
from cryptobench.attacks.joins import MASKS, Join
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.real_codebook import patterns_needed, real_fit, solve_reals
from cryptobench.attacks.scene import PROBES
from cryptobench.cipher import Image

__all__ = ["Codebook"]

_ALMOST_ALL = 0.9
_MOST_UNKNOWNS = 1 << 13
_PLANES = (0x0F, 0x33, 0x55, 0xF0, 0xCC, 0xAA)  # some mask has bit i and not bit j, for all i != j


@dataclass(frozen=True)
class Codebook(Attack):
    """Solves for the plaintext where encryption is linear over Z/256 or GF(2), but for a mask that is added or XORed; N
    samples need N unit images, 8 N if bit planes mix.

    Five probes tell over which ring and behind which mask, six more whether bit planes mix. Four others tell whether
    encryption is affine over the reals, rounding apart, as transforms and optics are; that takes 2^ceil(log2 N) + 1
    patterns. Needs no chosen ciphertexts and no nonce that changes; the number of unknowns is limited to 8192.
    """

    name: ClassVar[str] = "codebook"
    title: ClassVar[str] = "Codebook by elimination"
    identifier: ClassVar[str] = "A5"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge = oracle.challenge.image
        answers = [oracle.encrypt_probe(name).image for name in PROBES]
        if {answer.shape for answer in answers} != {challenge.shape}:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
        zero, a, b, exclusive, total = answers
        hits: dict[tuple[str, Join], int] = {}
        for mask in MASKS:
            of_a, of_b = mask.take(a, zero), mask.take(b, zero)
            hits["GF(2)", mask] = int(np.sum(mask.take(exclusive, zero) == of_a ^ of_b))
            hits["Z/256", mask] = int(np.sum(mask.take(total, zero) == of_a + of_b))
        natural = {"GF(2)": MASKS[0], "Z/256": MASKS[1]}
        ring, mask = max(hits, key=lambda way: (hits[way], way[0], natural[way[0]] is way[1]))
        share = hits[ring, mask] / zero.size
        if share < _ALMOST_ALL or (p_value := at_least(hits[ring, mask], zero.size, tries=len(hits))) > 1e-6:
            return _over_reals(oracle, generator) or AttackResult.inapplicable(
                f"not affine: {share:.1%} of the samples are, over {ring}"
            )
        solve = _over_z256 if ring == "Z/256" else _over_gf2
        recovered, solved = solve(oracle, zero, mask)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name=f"samples that are affine over {ring}",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=("affine",),
            notes=solved,
        )


def _over_reals(oracle: Oracle, generator: np.random.Generator) -> AttackResult | None:
    """What a codebook over the reals gives; None if encryption is not affine over them."""
    fit = real_fit(oracle, generator)
    if fit is None or fit[0] < _ALMOST_ALL or fit[1] > 1e-6:
        return None
    refusal = _too_many(oracle, patterns_needed(oracle.samples))
    return AttackResult(
        recovered=None if refusal else solve_reals(oracle, generator),
        statistic=fit[0],
        statistic_name="share of variance that is affine over the reals",
        expected=1 / (oracle.challenge.image.size - 1),
        p_value=fit[1],
        claims=("affine",),
        notes=refusal or "solved over the reals",
    )


def _over_z256(oracle: Oracle, zero: Image, mask: Join) -> tuple[Image | None, str]:
    if refusal := _too_many(oracle, oracle.samples):
        return None, refusal
    columns = _columns(oracle, zero, mask, [1])
    x = solve_z256(columns, mask.take(oracle.challenge.image, zero).ravel())
    return (None, "not one to one") if x is None else (x.reshape(oracle.shape), "solved over Z/256")


def _over_gf2(oracle: Oracle, zero: Image, mask: Join) -> tuple[Image | None, str]:
    wanted = mask.take(oracle.challenge.image, zero).ravel()
    source = oracle.probe("a")
    mixed = any(
        np.any(mask.take(oracle.encrypt(source & np.uint8(bits)).image, zero) & ~np.uint8(bits)) for bits in _PLANES
    )
    if refusal := _too_many(oracle, oracle.samples * (8 if mixed else 1)):
        return None, refusal
    if mixed:
        columns = np.unpackbits(_columns(oracle, zero, mask, [128 >> bit for bit in range(8)]), axis=0)
        bits = solve_gf2(columns, np.unpackbits(wanted))
        x = None if bits is None else np.packbits(bits)
        return (None, "not one to one") if x is None else (x.reshape(oracle.shape), "solved over GF(2)")
    columns = _columns(oracle, zero, mask, [255])
    x = np.zeros(oracle.samples, np.uint8)
    for bit in range(8):
        plane = solve_gf2(columns >> np.uint8(bit) & np.uint8(1), wanted >> np.uint8(bit) & np.uint8(1))
        if plane is None:
            return None, "not one to one"
        x |= plane << bit
    return x.reshape(oracle.shape), "solved over GF(2), each bit plane by itself"


def _columns(oracle: Oracle, zero: Image, mask: Join, units: list[int]) -> Image:
    """(ciphertext samples, N len(units)): what each sample set to each unit, all others zero, changes in E(0)."""
    columns = np.empty((oracle.samples * len(units), zero.size), np.uint8)
    image = np.zeros(oracle.shape, np.uint8)
    for index in range(len(columns)):
        image.flat[index // len(units)] = units[index % len(units)]
        answer = oracle.encrypt(image).image
        columns[index] = mask.take(answer, zero).ravel()
        image.flat[index // len(units)] = 0
    return np.ascontiguousarray(columns.T)


def _too_many(oracle: Oracle, unknowns: int) -> str:
    """Why there are too many unknowns, or nothing."""
    if unknowns > _MOST_UNKNOWNS:
        return f"affine, but {unknowns} unknowns are more than {_MOST_UNKNOWNS}"
    if oracle.remaining is not None and unknowns > oracle.remaining:
        return f"affine, but {unknowns} unknowns need more than the {oracle.remaining} queries left"
    return ""
