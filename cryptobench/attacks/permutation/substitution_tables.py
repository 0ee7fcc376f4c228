"""Substitution tables: any cipher in which each ciphertext byte depends on one plaintext byte, chained or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.permutation_recovery import (
    index_images,
    source_coverage,
    source_indices,
    unpermuted,
)
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["SubstitutionTables"]

_FIRST = 32  # flat images after which tables must be recognisable, or the rest is not queried


def _xor_differences(flat: Image) -> Image:
    return np.concatenate([flat[:1], flat[1:] ^ flat[:-1]])


def _sum_differences(flat: Image) -> Image:
    return np.concatenate([flat[:1], flat[1:] - flat[:-1]])


_UNCHAINED: Mapping[str, Callable[[Image], Image]] = {
    "": lambda flat: flat,
    "XOR chain undone": _xor_differences,
    "sum chain undone": _sum_differences,
    "backward XOR chain undone": lambda flat: _xor_differences(flat[::-1])[::-1],
    "backward sum chain undone": lambda flat: _sum_differences(flat[::-1])[::-1],
}


@dataclass(frozen=True)
class SubstitutionTables(Attack):
    """Reads the substitution table of every ciphertext sample from the 256 flat images, and then, through the tables,
    the source of each sample: 256 + ceil(log256 N) queries for any permutation and any tables.

    If the ciphertext was chained afterwards, c[i] = t[i] XOR c[i-1] or t[i] + c[i-1], forwards or backwards, the chain
    is undone first. Of the five readings of a ciphertext, unchained or not, it takes the one in which most samples have
    32 different values for 32 flat images; it stops there if there are no more of them than by chance.
    """

    name: ClassVar[str] = "substitution_tables"
    title: ClassVar[str] = "Permutation and substitution tables"
    model: ClassVar[Model] = "CPA"
    formula: ClassVar[str] = "256 + ceil(log256(N))"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge, samples = oracle.challenge.image.ravel(), oracle.samples
        name, unchain = "", _UNCHAINED[""]
        flats: list[Image] = [oracle.encrypt_probe("zero").image.ravel()]
        for value in range(1, 256):
            flats.append(oracle.encrypt(np.full(oracle.shape, value, np.uint8)).image.ravel())
            if unusable := shapes_differ(challenge, flats[-1]):
                return unusable
            if value == _FIRST - 1:
                counts = {
                    one: int(_all_different([way(flat) for flat in flats]).sum()) for one, way in _UNCHAINED.items()
                }
                name = max(counts, key=counts.__getitem__)
                injective, unchain = counts[name], _UNCHAINED[name]
                chance = float(np.prod(1 - np.arange(_FIRST) / 256))
                p_early = binomial_sf(injective, challenge.size, chance, tries=2 * len(_UNCHAINED))
                if p_early > LEAK_LEVEL:
                    return AttackResult(
                        statistic=injective / challenge.size,
                        statistic_name=f"ciphertext samples with {_FIRST} values for {_FIRST} flat images",
                        expected=chance,
                        p_value=p_early,
                    )
        flats = [unchain(flat) for flat in flats]
        tables = np.stack(flats)  # (256, ciphertext samples)
        inverse = _inverted(tables)
        digits = [oracle.encrypt(image).image.ravel() for image in index_images(oracle.shape)]
        if unusable := shapes_differ(challenge, *digits):
            return unusable
        source = source_indices([_looked_up(inverse, unchain(digit)) for digit in digits], samples)
        source[~_all_different(flats)] = -1
        share, expected, p_map = source_coverage(source, samples, tries=2)
        recovered = None
        if p_map < LEAK_LEVEL:
            recovered = unpermuted(_looked_up(inverse, unchain(challenge)), source, oracle.shape)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="plaintext samples that some ciphertext sample depends on alone",
            expected=expected,
            p_value=min(p_early, p_map),
            notes=name,
        )


def _all_different(flats: list[Image]) -> NDArray[np.bool_]:
    """Which samples have a different value in each of the images."""
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


def _looked_up(inverse: Image, output: Image) -> Image:
    inner: Image = np.take_along_axis(inverse, output[None].astype(np.intp), axis=0)[0]
    return inner
