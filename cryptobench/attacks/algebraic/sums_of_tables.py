"""Sums of tables behind a last table: substitution, mixing that is linear over GF(2), substitution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.gf2 import left_inverse, null_space
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["SumsOfTables", "last_tables"]

_MOST_GRIDS = 20
_FEW = 0.1  # of the samples may lack the challenge's value after eight grids
_GRIDS, _SIDE = 8, 17  # 2312 images, in which nearly every ciphertext sample has had each of its 256 values
_SPARE = 10  # changes of a sample in turn that add nothing once its contributions are spanned
_MOST_BITS = 24  # that are taken from one ciphertext sample
_CHANCE = 2.0**-30  # that equations between outputs have a solution by chance; there are many more than unknowns
_PASSES, _ENOUGH = 8, 0.98
_MOSTLY = 0.5  # of the bits must be known to tell a contribution
_MOST_UNKNOWNS = 1 << 13

Bits = NDArray[np.int8]


@dataclass(frozen=True)
class SumsOfTables(Attack):
    """Finds whether every ciphertext sample is some table of a sum over GF(2) of what the plaintext samples contribute
    one by one: any substitution of samples, any linear mixing, and any last substitution, all of them secret.

    In a grid of images that change one half of the samples in 17 ways and the other half in 17 ways, the four corners
    of any rectangle cancel before the last table. These are linear equations for the inverse of the table; those of
    eight grids, with other halves each, determine it up to an affine map. With that undone, some 18 changes of each sample span what it contributes, 256
    flat images tell which of its values contributes what, and one system of equations decodes the challenge: 2,569 +
    about 19 N queries. After Biryukov and Shamir, Structural cryptanalysis of SASAS, EUROCRYPT 2001.
    """

    name: ClassVar[str] = "sums_of_tables"
    title: ClassVar[str] = "Sums of tables behind a last table"
    identifier: ClassVar[str] = "A30"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        first, second = (oracle.encrypt_probe("a").image for _ in range(2))
        if unusable := shapes_differ(oracle.challenge.image, first, second):
            return unusable
        if not np.array_equal(first, second):
            return AttackResult.inapplicable("encryption is randomised: equal plaintexts do not give equal ciphertexts")
        base, grids = _grids(oracle, generator)
        tables, solvable = last_tables(grids, generator)
        p_value = binomial_sf(solvable, len(tables), _CHANCE)
        known = sum(table.shape[1] > 0 for table in tables)
        recovered, notes = None, ""
        if p_value < LEAK_LEVEL and known >= oracle.samples:
            recovered, notes = _decoded(oracle, base, _Undone(tables), generator)
        return AttackResult(
            recovered=recovered,
            statistic=solvable / len(tables),
            statistic_name="ciphertext samples whose last table has equations with a solution",
            expected=_CHANCE,
            p_value=p_value,
            notes=notes,
            numbers={"last_tables": known},
        )


def _grids(oracle: Oracle, generator: np.random.Generator) -> tuple[Image, Image]:
    """The first image, flat, and the ciphertexts, (grids, 17, 17, samples), of images that are alike in one half of the
    samples along rows, in the other along columns.

    Further ones are asked for where the challenge has values that ciphertext samples have not had, as long as there is
    no end of them in sight.
    """
    grids: list[Image] = []
    first: Image | None = None
    challenge = oracle.challenge.image.ravel()
    missing = np.ones(challenge.size, bool)
    while len(grids) < _GRIDS or (missing.any() and len(grids) < _MOST_GRIDS):
        if len(grids) >= _GRIDS and np.mean(missing) > _FEW:
            break
        one = generator.permutation(oracle.samples)[: oracle.samples // 2]
        rows, columns = generator.integers(0, 256, (2, _SIDE, oracle.samples), np.uint8)
        cells = []
        for row in rows:
            for column in columns:
                image = column.copy()
                image[one] = row[one]
                first = image if first is None else first
                cells.append(oracle.encrypt(image.reshape(oracle.shape)).image.ravel())
        grids.append(np.stack(cells).reshape(_SIDE, _SIDE, -1))
        missing &= ~(grids[-1] == challenge).any(axis=(0, 1))
    assert first is not None
    return first, np.stack(grids)


def last_tables(grids: Image, generator: np.random.Generator) -> tuple[list[Bits], int]:
    """For each ciphertext sample, (256, k) bits that are sums of contributions of single plaintext samples, and with
    them the inverse of its table up to an affine map; all -1 at values that were not seen, k = 0 where there are fewer
    than 8. And how many samples have any.

    ``grids``, (grids, rows, columns, samples), are ciphertexts of plaintexts as the attack chooses them.
    """
    corners = np.stack(
        np.broadcast_arrays(grids[:, 1:, 1:], grids[:, :1, 1:], grids[:, 1:, :1], grids[:, :1, :1])
    )  # (4, grids, rows - 1, columns - 1, samples)
    sums = np.bitwise_xor.reduce(corners, axis=0).reshape(-1, grids.shape[3])
    tables: list[Bits] = []
    for sample in range(grids.shape[3]):
        if not sums[:, sample].any():  # they are sums as they stand
            tables.append(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int8))
            continue
        values = np.unique(grids[..., sample])
        index = np.zeros(256, np.int64)
        index[values] = np.arange(values.size)
        places = index[corners[..., sample].reshape(4, -1)]
        equations = np.zeros((places.shape[1], values.size), np.uint8)
        for corner in places:
            equations[np.arange(places.shape[1]), corner] ^= 1
        varying = _without_constant(null_space(equations))
        if len(varying) > _MOST_BITS:  # so many random sums of them tell any two values apart, as all of them do
            chosen = generator.integers(0, 2, (_MOST_BITS, len(varying)), np.uint8)
            varying = chosen @ varying & 1
        table = np.full((256, len(varying)), -1, np.int8)
        table[values] = varying.T
        tables.append(table)
    solvable = sum(table.shape[1] > 0 for table in tables)
    fit = [table if table.shape[1] >= 8 else table[:, :0] for table in tables]
    return fit, solvable


def _without_constant(functionals: Image) -> Image:
    """A basis of the space of functionals, (k, values), modulo the constant one: all are 0 at the first value."""
    moved = functionals ^ functionals[:, :1]
    return moved[_independent(moved)]


def _independent(rows: Image) -> list[int]:
    """Which rows are independent of those before them."""
    chosen: list[int] = []
    reduced: list[tuple[int, Image]] = []
    for number, row in enumerate(rows):
        rest = row.copy()
        for pivot, other in reduced:
            if rest[pivot]:
                rest ^= other
        if rest.any():
            reduced.append((int(np.argmax(rest)), rest))
            chosen.append(number)
    return chosen


class _Undone:
    """Takes the last tables off cipher images: bits that are sums of what the plaintext samples contribute."""

    def __init__(self, tables: list[Bits]) -> None:
        self._tables = [(place, table) for place, table in enumerate(tables) if table.shape[1]]

    def __call__(self, image: Image) -> Image | None:
        """(bits,); None if a sample has a value that its table does not know."""
        bits, known = self.partly(image)
        return bits if known.all() else None

    def partly(self, image: Image) -> tuple[Image, NDArray[np.bool_]]:
        """(bits,), and which of them are known."""
        flat = image.ravel()
        undone = np.concatenate([table[flat[place]] for place, table in self._tables])
        return undone.astype(np.uint8) & 1, undone >= 0


def _decoded(
    oracle: Oracle, base: Image, undone: _Undone, generator: np.random.Generator
) -> tuple[Image | None, str]:
    """The challenge's plaintext, and a note."""
    if 8 * oracle.samples > _MOST_UNKNOWNS:
        return None, f"{8 * oracle.samples} unknowns are more than {_MOST_UNKNOWNS}"
    start = undone(oracle.encrypt(base.reshape(oracle.shape)).image)
    challenge = undone(oracle.challenge.image)
    if start is None or challenge is None:
        return None, "the challenge has values that the tables do not know"
    spans = [_span(oracle, base, start, sample, undone, generator) for sample in range(oracle.samples)]
    parts = _Parts(spans)
    wanted = parts.of(challenge ^ start)
    if wanted is None:
        return None, "contributions of different samples overlap"

    def contributes(sample: int, value: int) -> bool:
        image = base.copy()
        image[sample] = value
        bits, known = undone.partly(oracle.encrypt(image.reshape(oracle.shape)).image)
        return bool(np.mean(known) > _MOSTLY and np.all((bits ^ start == wanted[sample]) | ~known))

    recovered, found = base.copy(), np.zeros(oracle.samples, bool)
    untried = generator.permuted(np.tile(np.arange(256, dtype=np.uint8)[:, None], oracle.samples), axis=0)
    for _ in range(_PASSES):
        lost = []
        for number, values in enumerate(untried):
            bits = undone(oracle.encrypt(values.reshape(oracle.shape)).image)
            if bits is None or (seen := parts.of(bits ^ start)) is None:
                lost.append(number)
                continue
            for sample in np.flatnonzero(~found):
                if np.array_equal(seen[sample], wanted[sample]) and contributes(int(sample), int(values[sample])):
                    recovered[sample], found[sample] = values[sample], True
        if np.mean(found) > _ENOUGH:
            break
        untried = generator.permuted(untried[lost], axis=0)
    return recovered.reshape(oracle.shape), f"{np.mean(found):.0%} of the samples decoded"


class _Parts:
    """Takes a sum of contributions apart; ``spans`` are bases, (dimension, bits), of those of each sample."""

    def __init__(self, spans: list[Image]) -> None:
        self._spans = spans
        self._columns = np.concatenate(spans).T
        self._ends = np.cumsum([len(span) for span in spans])[:-1]
        self._inverse = left_inverse(self._columns)

    def of(self, bits: Image) -> list[Image] | None:
        """The contribution, (bits,), of each sample; None if those of different samples overlap."""
        if self._inverse is None:
            return None
        weights = (self._inverse @ bits.astype(np.float32) % 2).astype(np.uint8)
        parts = np.split(weights, self._ends)
        return [part @ span & 1 for part, span in zip(parts, self._spans, strict=True)]


def _span(
    oracle: Oracle, base: Image, start: Image, sample: int, undone: _Undone, generator: np.random.Generator
) -> Image:
    """A basis, (dimension, bits), of what a sample contributes: values are drawn until a few in turn add nothing."""
    rows: list[Image] = []
    basis: list[int] = []
    for value in generator.permutation(256):
        if len(rows) >= _SPARE and (not basis or basis[-1] < len(rows) - _SPARE):
            break
        image = base.copy()
        image[sample] = value
        bits = undone(oracle.encrypt(image.reshape(oracle.shape)).image)
        if bits is not None:
            rows.append(bits ^ start)
            basis = _independent(np.stack(rows))
    return np.stack(rows)[basis] if rows else np.zeros((0, start.size), np.uint8)
