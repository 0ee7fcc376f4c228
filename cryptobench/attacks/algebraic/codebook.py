"""Codebook: the plaintext of an affine cipher, over GF(2), Z/256 or the reals, solved from chosen images."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.algebraic.superposition import explained
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.experiment import PROBES
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import ADDITION, XOR, XOR_AND_ADDITION, Combiner
from cryptobench.attacks.tools.gf2 import left_inverse, solve_gf2
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["Codebook", "fit_over_reals", "patterns_needed", "solve_z256"]

_MOST_UNKNOWNS = 1 << 13
_PLANES = (0x0F, 0x33, 0x55, 0xF0, 0xCC, 0xAA)  # some mask has bit i and not bit j, for all i != j
_MIDDLE, _SWING = 128, 100  # grey levels: patterns stay off both ends, where rounding clips
_ALIKE, _DEVIATION = 0.95, 60  # correlation of neighbours in photographs, and standard deviation of grey levels
_SINGULAR = 1e-3  # of the largest singular value; what is smaller is lost in rounding


@dataclass(frozen=True)
class Codebook(Attack):
    """Solves for the plaintext where encryption is linear over Z/256 or GF(2), apart from a mask that is added or
    XORed; N samples need N unit images, 8 N if bit planes mix.

    Five probes determine the ring and the mask, six more whether bit planes mix. Four others determine whether
    encryption is affine over the reals, apart from rounding, as transforms and optics are; that takes 2^ceil(log2 N) +
    1 patterns. Needs no chosen ciphertexts and no fixed nonce; the number of unknowns is limited to 8192.
    """

    name: ClassVar[str] = "codebook"
    title: ClassVar[str] = "Codebook by elimination"
    identifier: ClassVar[str] = "A5"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "N + 5"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge = oracle.challenge.image
        answers = [oracle.encrypt_probe(name).image for name in PROBES]
        if unusable := shapes_differ(challenge, *answers):
            return unusable
        zero, a, b, exclusive, total = answers
        hits: dict[tuple[str, Combiner], int] = {}
        for mask in XOR_AND_ADDITION:
            of_a, of_b = mask.invert(a, zero), mask.invert(b, zero)
            hits["GF(2)", mask] = int(np.sum(mask.invert(exclusive, zero) == of_a ^ of_b))
            hits["Z/256", mask] = int(np.sum(mask.invert(total, zero) == of_a + of_b))
        usual = {"GF(2)": XOR, "Z/256": ADDITION}
        ring, mask = max(hits, key=lambda way: (hits[way], way[0], usual[way[0]] is way[1]))
        share = hits[ring, mask] / zero.size
        p_value = binomial_sf(hits[ring, mask], zero.size, tries=len(hits))
        if share < ALMOST_ALL or p_value > LEAK_LEVEL:
            return _over_reals(oracle, generator) or AttackResult.inapplicable(
                f"not affine: {share:.1%} of the samples are, over {ring}"
            )
        solve = _over_z256 if ring == "Z/256" else _over_gf2
        recovered, note, formula = solve(oracle, zero, mask)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name=f"samples that are affine over {ring}",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=("affine",),
            notes=note,
            formula=formula,
        )


_Solved = tuple[Image | None, str, str]  # the plaintext, how or why not, and the queries by formula


def _over_z256(oracle: Oracle, zero: Image, mask: Combiner) -> _Solved:
    formula = "N + 5"
    if refusal := _too_many(oracle, oracle.samples):
        return None, refusal, formula
    columns = _columns(oracle, zero, mask, [1])
    x = solve_z256(columns, mask.invert(oracle.challenge.image, zero).ravel())
    solved = None if x is None else x.reshape(oracle.shape)
    return solved, "not one to one" if solved is None else "solved over Z/256", formula


def _over_gf2(oracle: Oracle, zero: Image, mask: Combiner) -> _Solved:
    wanted = mask.invert(oracle.challenge.image, zero).ravel()
    source = oracle.probe("a")
    mixed = any(
        np.any(mask.invert(oracle.encrypt(source & np.uint8(bits)).image, zero) & ~np.uint8(bits)) for bits in _PLANES
    )
    formula = "8 * N + 11" if mixed else "N + 11"
    if refusal := _too_many(oracle, oracle.samples * (8 if mixed else 1)):
        return None, refusal, formula
    if mixed:
        columns = np.unpackbits(_columns(oracle, zero, mask, [128 >> bit for bit in range(8)]), axis=0)
        bits = solve_gf2(columns, np.unpackbits(wanted))
        x = None if bits is None else np.packbits(bits)
        solved = None if x is None else x.reshape(oracle.shape)
        return solved, "not one to one" if solved is None else "solved over GF(2)", formula
    columns = _columns(oracle, zero, mask, [255])
    x = np.zeros(oracle.samples, np.uint8)
    for bit in range(8):
        plane = solve_gf2(columns >> np.uint8(bit) & np.uint8(1), wanted >> np.uint8(bit) & np.uint8(1))
        if plane is None:
            return None, "not one to one", formula
        x |= plane << bit
    return x.reshape(oracle.shape), "solved over GF(2), each bit plane by itself", formula


def _columns(oracle: Oracle, zero: Image, mask: Combiner, units: list[int]) -> Image:
    """(ciphertext samples, N len(units)): what each sample set to each unit, all others zero, changes in E(0)."""
    columns = np.empty((oracle.samples * len(units), zero.size), np.uint8)
    image = np.zeros(oracle.shape, np.uint8)
    for index in range(len(columns)):
        image.flat[index // len(units)] = units[index % len(units)]
        answer = oracle.encrypt(image).image
        columns[index] = mask.invert(answer, zero).ravel()
        image.flat[index // len(units)] = 0
    return np.ascontiguousarray(columns.T)


def _too_many(oracle: Oracle, unknowns: int) -> str:
    """Why there are too many unknowns, or nothing."""
    if unknowns > _MOST_UNKNOWNS:
        return f"affine, but {unknowns} unknowns are more than {_MOST_UNKNOWNS}"
    if oracle.remaining is not None and unknowns > oracle.remaining:
        return f"affine, but {unknowns} unknowns need more than the {oracle.remaining} queries left"
    return ""


def _over_reals(oracle: Oracle, generator: np.random.Generator) -> AttackResult | None:
    """The result of a codebook over the reals; None if encryption is not affine over them."""
    fit = fit_over_reals(oracle, generator)
    if fit is None or fit[0] < ALMOST_ALL or fit[1] > LEAK_LEVEL:
        return None
    refusal = _too_many(oracle, patterns_needed(oracle.samples))
    return AttackResult(
        recovered=None if refusal else _solve_reals(oracle, generator),
        statistic=fit[0],
        statistic_name="share of variance that is affine over the reals",
        expected=1 / (oracle.challenge.image.size - 1),
        p_value=fit[1],
        claims=("affine",),
        notes=refusal or "solved over the reals",
        formula="2 ** ceil(log2(N)) + 10",
    )


def fit_over_reals(oracle: Oracle, generator: np.random.Generator) -> tuple[float, float] | None:
    """How much of E(g + a + b) is E(g + a) + E(g + b) - E(g), g mid-grey, bytes taken as real numbers: the share of its
    variance and the p-value of that. Four queries; None if ciphertexts differ in shape or are flat."""
    a, b = (generator.integers(-_MIDDLE // 2, _MIDDLE // 2, oracle.shape) for _ in range(2))
    answers = [oracle.encrypt((_MIDDLE + change).astype(np.uint8)).image for change in (0 * a, a, b, a + b)]
    if len({image.shape for image in (*answers, oracle.challenge.image)}) > 1:
        return None
    middle, of_a, of_b, total = (image.astype(np.float64).ravel() for image in answers)
    fit = explained(total, [of_a + of_b - middle])
    return None if fit is None else (fit[0], fit[2])


def patterns_needed(samples: int) -> int:
    """How many images a codebook over the reals asks for: the least power of two that is no less than ``samples``, and
    one."""
    return (1 << (samples - 1).bit_length()) + 1


def _solve_reals(oracle: Oracle, generator: np.random.Generator) -> Image:
    """The plaintext of the challenge, uint8, of a cipher that is affine over the reals.

    Each pattern sets every sample to one of two grey levels, given by a row of a Hadamard matrix and a random sign for
    each sample; so all answers have full contrast, and rounding errors average out as they do not for unit images.
    """
    from scipy.linalg import hadamard

    samples = prod(oracle.shape)
    flips = generator.choice(np.array([-1, 1], np.int8), samples)
    signs = hadamard(patterns_needed(samples) - 1, np.int8)[:, :samples] * flips
    middle = oracle.encrypt(np.full(oracle.shape, _MIDDLE, np.uint8)).image.ravel().astype(np.float32)
    answers = np.stack([oracle.encrypt(_pattern(row, oracle.shape)).image.ravel() for row in signs])
    linear = (answers - middle).T @ signs.astype(np.float32) / np.float32(_SWING * len(signs))
    rest = oracle.challenge.image.ravel() - middle
    plain, _, rank, _ = np.linalg.lstsq(linear, rest, rcond=_SINGULAR)
    if rank < samples:
        plain = _likeliest(linear.astype(np.float64), rest, oracle.shape)
    image: Image = np.clip(np.rint(plain + _MIDDLE), 0, 255).astype(np.uint8).reshape(oracle.shape)
    return image


def _likeliest(
    linear: NDArray[np.float64], measured: NDArray[np.float32], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Of all images that were measured as this one, (N,), the likeliest: neighbours and channels are alike.

    Compressive schemes measure fewer numbers than there are samples. Grey levels are Gaussian, with a correlation that
    falls by the same factor with each row and column; measurements are rounded to integers.
    """
    rows, columns = (_ALIKE ** np.abs(np.subtract.outer(np.arange(side), np.arange(side))) for side in shape[:2])
    bands = np.full((prod(shape[2:]),) * 2, _ALIKE)
    np.fill_diagonal(bands, 1)
    seen = np.kron(np.kron(rows, columns), bands) @ linear.T * _DEVIATION**2
    return np.asarray(seen @ np.linalg.solve(linear @ seen + np.eye(len(linear)) / 12, measured))


def _pattern(row: NDArray[np.int8], shape: tuple[int, ...]) -> Image:
    return (_MIDDLE + _SWING * row.astype(np.int16)).astype(np.uint8).reshape(shape)


def solve_z256(matrix: Image, wanted: Image) -> Image | None:
    """x, (n,) bytes, of ``matrix`` x = ``wanted`` mod 256: (m, n) and (m,) bytes, m >= n.

    None if the columns are dependent mod 2, so that x is not unique. Bit by bit, after Dixon, Numer. Math. 40 (1982)
    137-141: a left inverse mod 2 gives the lowest bits, and the rest, halved, is solved again.
    """
    inverse = left_inverse(matrix)
    if inverse is None:
        return None
    coefficients = matrix.astype(np.float32)  # sums stay below 2^24, so float32 is exact
    x, rest = np.zeros(matrix.shape[1], np.uint8), wanted.astype(np.int64)
    for bit in range(8):
        digit = (inverse @ (rest & 1).astype(np.float32)).astype(np.int64) & 1
        x |= (digit << bit).astype(np.uint8)
        rest = (rest - (coefficients @ digit.astype(np.float32)).astype(np.int64)) >> 1
    return x
