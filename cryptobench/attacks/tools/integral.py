"""The integral (square) property: sums of ciphertexts over sets in which one plaintext sample takes all values."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.gf2 import null_space
from cryptobench.attacks.tools.shapes import encrypt_flat
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["GRID", "grid_p_value", "integral_tests", "saturated_grid", "saturated_sets", "table_p_value"]

_LEVELS = 256
GRID = _LEVELS**2  # queries of a saturated grid
_FEWEST, _MOST = 3, 16  # sets
_EQUATIONS = 384  # for the inverse of a table of 256 entries


def saturated_sets(oracle: Oracle, generator: np.random.Generator) -> Image:
    """The ciphertexts, (sets, 256, samples), of 3 sets of images, or up to 16 where so many give 384 equations for the
    entries of a table; in a set one sample has every value, the others one random value each."""
    sets = max(_FEWEST, ceil(_EQUATIONS / oracle.challenge.image.size))
    sets = sets if sets <= _MOST else _FEWEST
    answers = []
    for _ in range(sets):
        image = generator.integers(0, 256, oracle.samples, np.uint8)
        place = int(generator.integers(oracle.samples))
        rows = []
        for value in range(_LEVELS):
            image[place] = value
            rows.append(encrypt_flat(oracle, image))
        answers.append(np.stack(rows))
    return np.stack(answers)


def integral_tests(sets: Image) -> dict[str, float]:
    """What sums over ``sets``, (sets, 256, samples), vanish, and the p-value of each: XORs, sums mod 256, the parity of
    each bit plane, and XORs behind the inverse of some table that all samples share. Samples that never vary are left
    out."""
    varying = sets[:, :, np.any(sets != sets[0, 0], axis=(0, 1))]
    if not varying.size:
        return {"XORs": 1.0}
    xors = np.bitwise_xor.reduce(varying, axis=1)
    sums = varying.sum(axis=1, dtype=np.uint8)
    tests = {
        "XORs": binomial_sf(int(np.sum(xors == 0)), xors.size, BYTE_CHANCE),
        "sums mod 256": binomial_sf(int(np.sum(sums == 0)), sums.size, BYTE_CHANCE),
    }
    for plane in range(8):
        even = int(np.sum(xors >> plane & 1 == 0))
        tests[f"parities of plane {plane}"] = binomial_sf(even, xors.size, 0.5)
    odd = np.zeros((xors.size, _LEVELS), np.uint8)
    for number, values in enumerate(varying.transpose(0, 2, 1).reshape(-1, varying.shape[1])):
        odd[number] = np.bincount(values, minlength=_LEVELS) & 1
    return tests | {"XORs before a last table": table_p_value(odd)}


def table_p_value(odd: NDArray[np.uint8]) -> float:
    """That some bit of the values, not the same for all, has an even sum over every set: of ``odd``, (sets, 256), which
    says which values occur an odd number of times. 1 if there is none.

    A bit that is 1 for w values sums to 0 over 256 random bytes with probability (1 + (1 - w / 128)^256) / 2; the
    p-value is the sum over all bits, and no less than exact.
    """
    from scipy.special import gammaln, logsumexp

    seen = odd.any(axis=0)
    solutions = null_space(odd[:, seen])
    if not np.any(solutions != solutions[:, :1]):
        return 1.0
    ones = np.arange(1, _LEVELS)
    ways = gammaln(_LEVELS + 1) - gammaln(ones + 1) - gammaln(_LEVELS - ones + 1)
    even = np.log((1 + (1 - ones / 128) ** _LEVELS) / 2)
    return float(min(1.0, np.exp(logsumexp(ways + len(odd) * even))))


def saturated_grid(oracle: Oracle, generator: np.random.Generator) -> Image:
    """The ciphertexts, (256, 256, samples), of a random image of which two samples take all pairs of values."""
    image = generator.integers(0, 256, oracle.samples, np.uint8)
    one, other = generator.permutation(oracle.samples)[:2]
    answers = np.empty((_LEVELS, _LEVELS, oracle.challenge.image.size), np.uint8)
    for row in range(_LEVELS):
        for column in range(_LEVELS):
            image[one], image[other] = row, column
            answers[row, column] = encrypt_flat(oracle, image)
    return answers


def grid_p_value(grid: Image) -> float:
    """That XORs over all rows and columns of ``grid``, (256, 256, samples), vanish before a table of some sample's own,
    which is sought for every sample that varies. 1 if they do for none.

    The p-value is that of a bit of the values that has even sums, over all bits and samples, and no less than exact.
    """
    from scipy.special import gammaln, logsumexp

    lines = np.repeat(np.arange(_LEVELS), _LEVELS) * _LEVELS
    varying = np.flatnonzero((grid != grid[0, 0]).any(axis=(0, 1)))
    for sample in varying:
        values = grid[:, :, sample]
        odd = np.concatenate([
            np.bincount(lines + turned.ravel(), minlength=GRID).reshape(_LEVELS, _LEVELS) & 1
            for turned in (values, values.T)
        ]).astype(np.uint8)  # fmt: skip
        solutions = null_space(odd[:, np.bincount(values.ravel(), minlength=_LEVELS) > 0])
        if np.any(solutions != solutions[:, :1]):
            break
    else:
        return 1.0
    some = np.arange(_LEVELS + 1)
    ways = gammaln(_LEVELS + 1) - gammaln(some + 1) - gammaln(_LEVELS - some + 1)
    rows, columns = some[:, None], some[None, :]
    exponent = rows * (_LEVELS - columns) + columns * (_LEVELS - rows)
    terms = ways[:, None] + ways[None, :] - 2 * _LEVELS * np.log(2)
    half = _LEVELS // 2  # a bit that is 1 for w values and one that is 0 for them are as probable: exponents are even
    total = ways[half] + logsumexp(terms[exponent == 0])
    for ones in range(1, half):
        total = np.logaddexp(total, ways[ones] + logsumexp(terms + exponent * np.log(1 - ones / half)) + np.log(2))
    return float(min(1.0, varying.size * np.exp(total)))
