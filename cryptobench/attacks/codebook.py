"""Codebook of an affine cipher: the images of all unit vectors, and elimination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.elimination import solve_gf2, solve_z256
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scene import PROBES
from cryptobench.cipher import Image

__all__ = ["Codebook"]

_ALMOST_ALL = 0.9
_MOST_UNKNOWNS = 1 << 13
_MASKS = (0x0F, 0x33, 0x55, 0xF0, 0xCC, 0xAA)  # some mask has bit i and not bit j, for all i != j


@dataclass(frozen=True)
class Codebook(Attack):
    """Solves for the plaintext where encryption is affine over Z/256 or GF(2); N samples need N unit images, 8 N if
    bit planes mix.

    Five probes tell over which ring, six more whether bit planes mix. Needs no chosen ciphertexts and no nonce that
    changes; the number of unknowns is limited to 8192.
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
        hits = {"GF(2)": int(np.sum(exclusive ^ zero == a ^ b)), "Z/256": int(np.sum(total + zero == a + b))}
        ring = max(hits, key=lambda name: (hits[name], name))
        share = hits[ring] / zero.size
        if share < _ALMOST_ALL or (p_value := at_least(hits[ring], zero.size, tries=2)) > 1e-6:
            return AttackResult.inapplicable(f"not affine: {share:.1%} of the samples are, over {ring}")
        if ring == "Z/256":
            recovered, solved = _over_z256(oracle, zero)
        else:
            recovered, solved = _over_gf2(oracle, zero)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name=f"samples that are affine over {ring}",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=("affine",),
            notes=solved,
        )


def _over_z256(oracle: Oracle, zero: Image) -> tuple[Image | None, str]:
    if refusal := _too_many(oracle, oracle.samples):
        return None, refusal
    columns = _columns(oracle, zero, [1], "Z/256")
    x = solve_z256(columns, (oracle.challenge.image - zero).ravel())
    return (None, "not one to one") if x is None else (x.reshape(oracle.shape), "solved over Z/256")


def _over_gf2(oracle: Oracle, zero: Image) -> tuple[Image | None, str]:
    wanted = (oracle.challenge.image ^ zero).ravel()
    source = oracle.probe("a")
    mixed = any(np.any((oracle.encrypt(source & np.uint8(mask)).image ^ zero) & ~np.uint8(mask)) for mask in _MASKS)
    if refusal := _too_many(oracle, oracle.samples * (8 if mixed else 1)):
        return None, refusal
    if mixed:
        columns = np.unpackbits(_columns(oracle, zero, [128 >> bit for bit in range(8)], "GF(2)"), axis=0)
        bits = solve_gf2(columns, np.unpackbits(wanted))
        x = None if bits is None else np.packbits(bits)
        return (None, "not one to one") if x is None else (x.reshape(oracle.shape), "solved over GF(2)")
    columns = _columns(oracle, zero, [255], "GF(2)")
    x = np.zeros(oracle.samples, np.uint8)
    for bit in range(8):
        plane = solve_gf2(columns >> np.uint8(bit) & np.uint8(1), wanted >> np.uint8(bit) & np.uint8(1))
        if plane is None:
            return None, "not one to one"
        x |= plane << bit
    return x.reshape(oracle.shape), "solved over GF(2), each bit plane by itself"


def _columns(oracle: Oracle, zero: Image, units: list[int], ring: str) -> Image:
    """(ciphertext samples, N len(units)): what each sample set to each unit, all others zero, adds to E(0)."""
    columns = np.empty((oracle.samples * len(units), zero.size), np.uint8)
    image = np.zeros(oracle.shape, np.uint8)
    for index in range(len(columns)):
        image.flat[index // len(units)] = units[index % len(units)]
        answer = oracle.encrypt(image).image
        columns[index] = ((answer ^ zero) if ring == "GF(2)" else (answer - zero)).ravel()
        image.flat[index // len(units)] = 0
    return np.ascontiguousarray(columns.T)


def _too_many(oracle: Oracle, unknowns: int) -> str:
    """Why there are too many unknowns, or nothing."""
    if unknowns > _MOST_UNKNOWNS:
        return f"affine, but {unknowns} unknowns are more than {_MOST_UNKNOWNS}"
    if oracle.remaining is not None and unknowns > oracle.remaining:
        return f"affine, but {unknowns} unknowns need more than the {oracle.remaining} queries left"
    return ""
