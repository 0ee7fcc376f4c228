"""Sums of tables behind a last table: substitution, mixing that is linear over GF(2), substitution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.contributions import Bits, Parts, Undone, independent_rows
from cryptobench.attacks.tools.gf2 import null_space, undetermined
from cryptobench.attacks.tools.integral import GRID, grid_p_value, integral_tests, saturated_grid, saturated_sets
from cryptobench.attacks.tools.shapes import encrypt_flat, randomised
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["SumsOfTables", "last_tables"]

_MOST_GRIDS = 64
_FEW = 0.1  # of the samples may lack the challenge's value after the first grids
_GRIDS, _SIDE = 32, 9  # 2592 images, in which nearly every ciphertext sample has had each of its 256 values
_RULING_OUT = {5: 128, 10: 64}  # grids after which tables may be ruled out, and values that each sample must have had
_CHANGES = 32  # of a sample: nearly surely its contributions, products of two of its bits too, are sums of theirs
_MOST_BITS = 24  # that are taken from one ciphertext sample
_CHANCE = 2.0**-30  # that equations between outputs have a solution by chance; there are many more than unknowns
_PROPERTIES = 3  # corners of rectangles; sets in which one sample takes all values; many, for tables of each sample
_PASSES, _ENOUGH = 8, 0.95
_BASES = 6  # images to start from
_MOSTLY = 0.5  # of the bits must be known to tell a contribution
_MOST_UNKNOWNS = 1 << 13


@dataclass(frozen=True)
class SumsOfTables(Attack):
    """Finds whether every ciphertext sample is some table of a sum over GF(2) of what the plaintext samples contribute
    one by one: any substitution of samples, any linear mixing, and any last substitution, all of them secret.

    In a grid of images that change one half of the samples in 9 ways and the other half in 9 ways, the four corners of
    any rectangle cancel before the last table. These are linear equations for the inverse of the table; those of 32
    grids, with other halves each, determine it up to an affine map. With that undone, 32 changes of each sample span
    what it contributes, 256 images tell which of its values contributes what, and one system of equations decodes the
    challenge: some 2,700 + 33 N queries. Where the first 5 or 10 grids rule tables out for every sample, the others
    are not asked for.

    Where no corners cancel, sums over sets in which one sample takes all values show a third layer of tables, or mixing
    by additions, but read nothing: 768 queries, up to 4096 for images of fewer than 128 samples. With a ``budget`` of
    131,072, 65,536 more do so behind last tables that differ from place to place. After Biryukov and Shamir, Structural
    cryptanalysis of SASAS, EUROCRYPT 2001.
    """

    name: ClassVar[str] = "sums_of_tables"
    title: ClassVar[str] = "Sums of tables behind a last table"
    identifier: ClassVar[str] = "A30"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "2851 + 33 * N"

    budget: int = 1 << 15

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.samples < 2:
            return AttackResult.inapplicable("the image has one sample, wanted at least 2")
        if unusable := randomised(oracle):
            return unusable
        grids = _grids(oracle, generator)
        tables, solvable = last_tables(grids, generator)
        varying = int(np.sum(np.any(grids != grids[0, 0, 0], axis=(0, 1, 2))))
        p_value = _PROPERTIES * binomial_sf(solvable, varying, _CHANCE) if varying else 1.0
        known = sum(table.shape[1] > 0 for table in tables)
        recovered, notes = None, ""
        if p_value < LEAK_LEVEL and known >= oracle.samples:
            recovered, notes = _decoded(oracle, Undone(tables), generator)
        elif p_value >= LEAK_LEVEL:
            tests = integral_tests(saturated_sets(oracle, generator))
            best = min(tests, key=tests.__getitem__)
            p_value = min(p_value, _PROPERTIES * len(tests) * tests[best], 1.0)
            if p_value < LEAK_LEVEL:
                notes = f"{best} vanish over sets in which one sample takes all values"
            elif oracle.remaining is None or oracle.remaining >= GRID:
                p_value = min(p_value, _PROPERTIES * grid_p_value(saturated_grid(oracle, generator)))
                notes = "XORs before a sample's own table vanish over such sets" if p_value < LEAK_LEVEL else ""
        return AttackResult(
            recovered=recovered,
            statistic=solvable / max(1, varying),
            statistic_name="ciphertext samples whose last table has equations with a solution",
            expected=_CHANCE,
            p_value=p_value,
            notes=notes,
            numbers={"last_tables": known},
            formula="" if recovered is None else f"{oracle.queries.total - 33 * oracle.samples} + 33 * N",
        )


def _grids(oracle: Oracle, generator: np.random.Generator) -> Image:
    """The ciphertexts, (grids, 9, 9, samples), of images that are alike in one half of the samples along rows, in the
    other along columns.

    Further ones are asked for where the challenge has values that ciphertext samples have not had, as long as there is
    no end of them in sight. The first few are all where they rule tables out.
    """
    grids: list[Image] = []
    missing = np.ones(oracle.challenge.image.size, bool)
    while len(grids) < _GRIDS or (len(grids) < _MOST_GRIDS and 0 < np.mean(missing) < _FEW):
        answers = [encrypt_flat(oracle, image) for image in _images(oracle.samples, generator)]
        grids.append(np.stack(answers).reshape(_SIDE, _SIDE, -1))
        missing &= ~(grids[-1] == oracle.challenge.image.ravel()).any(axis=(0, 1))
        fewest = _RULING_OUT.get(len(grids), 0)
        if fewest and not undetermined(_by_sample(grids), fewest).any():
            for _ in range(_GRIDS - len(grids)):  # so that what is drawn later stays the same
                _images(oracle.samples, generator)
            break
    return np.stack(grids)


def _images(samples: int, generator: np.random.Generator) -> Image:
    """The images, (81, samples), of a grid."""
    one = generator.permutation(samples)[: samples // 2]
    rows, columns = generator.integers(0, 256, (2, _SIDE, samples), np.uint8)
    images = np.tile(columns, (_SIDE, 1))
    images[:, one] = np.repeat(rows[:, one], _SIDE, axis=0)
    return images


def _by_sample(grids: Image | list[Image]) -> Image:
    """(samples, grids, rows, columns) of (grids, rows, columns, samples)."""
    return np.ascontiguousarray(np.moveaxis(np.asarray(grids), 3, 0))


def last_tables(grids: Image, generator: np.random.Generator) -> tuple[list[Bits], int]:
    """For each ciphertext sample, (256, k) bits that are sums of contributions of single plaintext samples, and with
    them the inverse of its table up to an affine map; all -1 at values that were not seen, k = 0 where there are fewer
    than 8. And how many samples have any; one that never varies has none.

    ``grids``, (grids, rows, columns, samples), are ciphertexts of plaintexts as the attack chooses them.
    """
    by_sample = _by_sample(grids)
    free = undetermined(by_sample)
    tables: list[Bits] = []
    for sample, cells in enumerate(by_sample):
        if not free[sample]:
            tables.append(np.full((256, 0), -1, np.int8))
            continue
        corners = np.broadcast_arrays(cells[:, 1:, 1:], cells[:, :1, 1:], cells[:, 1:, :1], cells[:, :1, :1])
        places = np.stack(corners).reshape(4, -1)
        if not np.bitwise_xor.reduce(places, axis=0).any():  # they are sums as they stand
            tables.append(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int8))
            continue
        values = np.unique(cells)
        index = np.zeros(256, np.int64)
        index[values] = np.arange(values.size)
        equations = np.zeros((places.shape[1], values.size), np.uint8)
        for corner in index[places]:
            equations[np.arange(places.shape[1]), corner] ^= 1
        varying = _without_constant(null_space(equations))
        if len(varying) > _MOST_BITS:  # so many random sums of them tell any two values apart, as all of them do
            chosen = generator.integers(0, 2, (_MOST_BITS, len(varying)), np.uint8)
            varying = chosen @ varying & np.uint8(1)
        table = np.full((256, len(varying)), -1, np.int8)
        table[values] = varying.T
        tables.append(table)
    solvable = sum(table.shape[1] > 0 for table in tables)
    fit = [table if table.shape[1] >= 8 else table[:, :0] for table in tables]
    return fit, solvable


def _without_constant(functionals: Image) -> Image:
    """A basis of the space of functionals, (k, values), modulo the constant one: all are 0 at the first value."""
    moved = functionals ^ functionals[:, :1]
    return moved[independent_rows(moved)]


def _decoded(oracle: Oracle, undone: Undone, generator: np.random.Generator) -> tuple[Image | None, str]:
    """The challenge's plaintext, as far as it is found with one of some bases, and a note."""
    if 8 * oracle.samples > _MOST_UNKNOWNS:
        return None, f"{8 * oracle.samples} unknowns are more than {_MOST_UNKNOWNS}"
    challenge = undone(oracle.challenge.image)
    if challenge is None:
        return None, "the challenge has values that the tables do not know"
    best, most, notes = None, 0.0, "the challenge is no sum of contributions that were seen"
    for _ in range(_BASES):
        try:
            recovered, share = _from_base(oracle, undone, challenge, generator)
        except BudgetExceeded as error:
            return best, f"{notes}; {error}"
        if recovered is not None and share > most:
            best, most, notes = recovered, share, f"{share:.0%} of the samples decoded"
        if most > _ENOUGH:
            break
    return best, notes


def _from_base(
    oracle: Oracle, undone: Undone, challenge: Image, generator: np.random.Generator
) -> tuple[Image | None, float]:
    """The challenge's plaintext by the contributions of changes of one image, and the share of samples found."""
    base = generator.integers(0, 256, oracle.samples, np.uint8)
    answer = encrypt_flat(oracle, base)
    if (start := undone(answer)) is None or (spans := _spans(oracle, base, answer, undone, generator)) is None:
        return None, 0.0
    parts = Parts(spans)
    wanted = parts.of(challenge ^ start)
    if wanted is None:
        return None, 0.0

    def contributes(sample: int, value: int) -> bool:
        image = base.copy()
        image[sample] = value
        bits, known = undone.partly(encrypt_flat(oracle, image))
        contribution = parts.contribution(wanted, sample)
        return bool(np.mean(known) > _MOSTLY and np.all((bits ^ start == contribution) | ~known))

    recovered, found = base.copy(), np.zeros(oracle.samples, bool)
    untried = generator.permuted(np.tile(np.arange(256, dtype=np.uint8)[:, None], oracle.samples), axis=0)
    for _ in range(_PASSES):
        lost = []
        for number, values in enumerate(untried):
            bits = undone(encrypt_flat(oracle, values))
            if bits is None or (seen := parts.of(bits ^ start)) is None:
                lost.append(number)
                continue
            for sample in np.flatnonzero(~found & parts.alike(seen, wanted)):
                if contributes(int(sample), int(values[sample])):
                    recovered[sample], found[sample] = values[sample], True
        if np.mean(found) > _ENOUGH or len(lost) == len(untried):
            break
        untried = generator.permuted(untried[lost], axis=0)
    return recovered.reshape(oracle.shape), float(np.mean(found))


def _spans(
    oracle: Oracle, base: Image, start: Image, undone: Undone, generator: np.random.Generator
) -> list[Image] | None:
    """A basis, (dimension, bits), of what each sample contributes; None if a sample shows nothing.

    ``start`` is the ciphertext of ``base``.
    """
    origin = undone(start)
    spans: list[Image] = []
    for sample in range(oracle.samples):
        rows: list[Image] = []
        for value in generator.permutation(256)[: 2 * _CHANGES]:
            image = base.copy()
            image[sample] = value
            answer = encrypt_flat(oracle, image)
            if (bits := undone(answer)) is None:
                other = generator.integers(0, 256, oracle.samples, np.uint8)
                other[sample] = base[sample]
                both = other.copy()
                both[sample] = value
                undone.learn(answer, start, encrypt_flat(oracle, other), encrypt_flat(oracle, both))
                bits = undone(answer)
            if bits is not None and origin is not None:
                rows.append(bits ^ origin)
            if len(rows) == _CHANGES:
                break
        if not rows:
            return None
        spans.append(np.stack(rows)[independent_rows(np.stack(rows))])
    return spans
