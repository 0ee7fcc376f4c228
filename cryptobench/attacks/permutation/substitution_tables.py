"""Substitution tables: any cipher each of whose ciphertext bytes depends on one plaintext byte, chained or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.permutation_recovery import digit_images, distinct_p_value, gathered, sources
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["SubstitutionTables"]

_FIRST = 32  # flat images after which tables must look like tables, or the rest is not asked for


def _forward_xor(body: Image) -> Image:
    return np.concatenate([body[:1], body[1:] ^ body[:-1]])


def _forward_sum(body: Image) -> Image:
    return np.concatenate([body[:1], body[1:] - body[:-1]])


_VIEWS: Mapping[str, Callable[[Image], Image]] = {
    "": lambda body: body,
    "XOR chain undone": _forward_xor,
    "sum chain undone": _forward_sum,
    "backward XOR chain undone": lambda body: _forward_xor(body[::-1])[::-1],
    "backward sum chain undone": lambda body: _forward_sum(body[::-1])[::-1],
}


@dataclass(frozen=True)
class SubstitutionTables(Attack):
    """Reads every ciphertext sample's own substitution table off the 256 flat images, and then, through the tables,
    where each sample came from: 256 + ceil(log256 N) queries for any permutation and any tables.

    If the ciphertext was chained afterwards, c[i] = t[i] XOR c[i-1] or t[i] + c[i-1], forwards or backwards, the chain
    is undone first. Of the five views of a ciphertext it takes the one in which most samples have 32 different values
    for 32 flat images; it gives up there if no more do than would by chance.
    """

    name: ClassVar[str] = "substitution_tables"
    title: ClassVar[str] = "Permutation and substitution tables"
    model: ClassVar[Model] = "CPA"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge, samples = oracle.challenge.image, oracle.samples
        name, view = "", _VIEWS[""]
        flats: list[Image] = [oracle.encrypt_probe("zero").image.ravel()]
        for value in range(1, 256):
            flats.append(oracle.encrypt(np.full(oracle.shape, value, np.uint8)).image.ravel())
            if flats[-1].size != challenge.size:
                return AttackResult.inapplicable("cipher images of equally large plaintexts differ in size")
            if value == _FIRST - 1:
                counts = {one: int(_all_different([way(flat) for flat in flats]).sum()) for one, way in _VIEWS.items()}
                name = max(counts, key=counts.__getitem__)
                injective, view = counts[name], _VIEWS[name]
                chance = float(np.prod(1 - np.arange(_FIRST) / 256))
                p_early = binomial_sf(injective, challenge.size, chance, tries=2 * len(_VIEWS))
                if p_early > LEAK_LEVEL:
                    return AttackResult(
                        statistic=injective / challenge.size,
                        statistic_name=f"ciphertext samples with {_FIRST} values for {_FIRST} flat images",
                        expected=chance,
                        p_value=p_early,
                    )
        flats = [view(flat) for flat in flats]
        tables = np.stack(flats)  # (256, ciphertext samples)
        inverse = _inverted(tables)
        digits = [oracle.encrypt(image).image.ravel() for image in digit_images(oracle.shape)]
        if {digit.size for digit in digits} != {challenge.size}:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in size")
        source = sources([_read(inverse, view(digit)) for digit in digits], samples)
        source[~_all_different(flats)] = -1
        share, expected, p_map = distinct_p_value(source, samples, tries=2)
        return AttackResult(
            recovered=gathered(_read(inverse, view(challenge.ravel())), source, oracle.shape)
            if p_map < LEAK_LEVEL
            else None,
            statistic=share,
            statistic_name="plaintext samples that some ciphertext sample depends on alone",
            expected=expected,
            p_value=min(p_early, p_map),
            notes=name,
        )


def _all_different(flats: list[Image]) -> NDArray[np.bool_]:
    """Which samples have another value in each of the images."""
    seen = np.zeros((256, flats[0].size), bool)
    places = np.arange(flats[0].size)
    for flat in flats:
        seen[flat, places] = True
    different: NDArray[np.bool_] = np.sum(seen, axis=0) == len(flats)
    return different


def _inverted(tables: Image) -> Image:
    """``inverse[tables[x, j], j] = x``, (256, samples)."""
    inverse = np.zeros_like(tables)
    np.put_along_axis(inverse, tables.astype(np.intp), np.arange(256, dtype=np.uint8)[:, None], axis=0)
    return inverse


def _read(inverse: Image, output: Image) -> Image:
    inner: Image = np.take_along_axis(inverse, output[None].astype(np.intp), axis=0)[0]
    return inner
