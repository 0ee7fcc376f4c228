"""Packed DNA arithmetic and the chain of bases, against plain letters and one base at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.diffusion import dna
from cryptobench.primitives.chaos.diffusion.dna import base_chain, base_unchain

RNG = np.random.default_rng(4)
LETTERS = ["".join("ACGT"[int(f"{byte:08b}"[i : i + 2], 2)] for i in (0, 2, 4, 6)) for byte in range(256)]
NUMBER = {"A": 0, "C": 1, "G": 2, "T": 3}
PARTNER = dict(zip("ACGT", "TGCA", strict=True))


def letters(packed: int) -> str:
    """A byte of packed bases as four letters."""
    return LETTERS[packed]


def base_by_base(function: Callable[[int, int], int], a: int, b: int) -> str:
    """``function`` of the base numbers, mod 4, one pair of letters at a time."""
    pairs = zip(letters(a), letters(b), strict=True)
    return "".join("ACGT"[function(NUMBER[s], NUMBER[t]) % 4] for s, t in pairs)


def test_rules_are_the_eight_that_keep_complements():
    """All eight are different, and the codes of a bit pair and of its complement are partners."""
    assert len(set(dna.RULES)) == 8
    for rule in dna.RULES:
        assert sorted(rule) == list("ACGT")
        assert [PARTNER[letter] for letter in rule] == list(reversed(rule))


def test_encoding_writes_each_bit_pair_by_the_rule():
    """All bytes under all rules give the letters that the rule names, and decoding returns the byte."""
    for number, rule in enumerate(dna.RULES):
        for byte in range(256):
            expected = "".join(rule[int(f"{byte:08b}"[i : i + 2], 2)] for i in (0, 2, 4, 6))
            assert letters(int(dna.ENC[number, byte])) == expected
            assert dna.DEC[number, dna.ENC[number, byte]] == byte


def test_the_tables_cannot_be_changed():
    """A scheme that wrote to a shared table would change every other scheme."""
    with pytest.raises(ValueError, match="read-only"):
        dna.ENC[0, 0] = 1


def test_rules_are_bit_exchanges_and_a_constant():
    """ENC[rule, x] is x, or x with the bits of each pair exchanged, xor one constant for all x."""
    x = np.arange(256)
    exchanged = (x & 0x55) << 1 | (x & 0xAA) >> 1
    for rule in range(8):
        plain = exchanged if dna.EXCHANGES[rule] else x
        assert np.array_equal(dna.ENC[rule], plain ^ dna.CONSTANTS[rule])


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        (dna.add, lambda s, t: s + t),
        (dna.subtract, lambda s, t: s - t),
        (dna.xor, lambda s, t: s ^ t),
        (dna.xnor, lambda s, t: 3 - (s ^ t)),
    ],
    ids=["add", "subtract", "xor", "xnor"],
)
def test_packed_operation_is_that_of_single_bases(packed: Any, plain: Callable[[int, int], int]):
    """For all 65536 pairs of bytes, in arrays and one by one inside compiled code."""
    a, b = (grid.ravel() for grid in np.meshgrid(np.arange(256), np.arange(256)))
    expected = [base_by_base(plain, s, t) for s, t in zip(a.tolist(), b.tolist(), strict=True)]
    assert [letters(int(x)) for x in packed(a, b)] == expected

    @njit
    def each(s: np.ndarray, t: np.ndarray) -> np.ndarray:
        out = np.empty(len(s), np.uint8)
        for i in range(len(s)):
            out[i] = packed(s[i], t[i])
        return out

    compiled = each(a.astype(np.uint8), b.astype(np.uint8))
    assert [letters(int(x)) for x in compiled] == expected


def test_complement_is_each_letter_s_partner():
    """A-T and C-G, for all 256 bytes."""
    for byte in range(256):
        assert letters(dna.complement(byte)) == "".join(PARTNER[letter] for letter in letters(byte))


@pytest.mark.parametrize("n", [0, 1, 263])
def test_most_significant_pair_is_unpacked_first(n: int):
    """unpack gives the bases in the order of the letters, and pack returns the bytes."""
    packed = RNG.integers(0, 256, n, np.uint8)
    bases = dna.unpack(packed)
    assert "".join("ACGT"[base] for base in bases) == "".join(letters(int(byte)) for byte in packed)
    assert np.array_equal(dna.pack(bases), packed)


LENGTHS = [0, 1, 4, 7, 8, 9, 63, 64, 1000]


def plain_chain(D: np.ndarray, kappa: np.ndarray, right: int, start: int, backward: bool) -> list[int]:
    """The formula in Python integers."""
    places = range(len(D))
    out, previous = [0] * len(D), start
    for t in reversed(places) if backward else places:
        previous = out[t] = (int(D[t]) + (int(kappa[t]) >> right) + previous) % 4
    return out


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", LENGTHS)
def test_base_chain_is_its_formula_and_invertible(n: int, backward: bool):
    """At any length, in both directions, for every start and shift, and with all terms at their largest."""
    for right in range(7):
        for start in range(4):
            for D, kappa in (
                (RNG.integers(0, 4, n, dtype=np.uint8), RNG.integers(0, 256, n, dtype=np.uint8)),
                (np.full(n, 3, np.uint8), np.full(n, 255, np.uint8)),
            ):
                chained = D.copy()
                base_chain(chained, kappa, right, start, backward)
                assert chained.tolist() == plain_chain(D, kappa, right, start, backward)
                base_unchain(chained, kappa, right, start, backward)
                assert np.array_equal(chained, D)


def test_one_changed_base_changes_all_later_ones():
    """Addition mod 4 forgets nothing: from the change on, every base differs by it."""
    D, kappa = RNG.integers(0, 4, 100, dtype=np.uint8), RNG.integers(0, 256, 100, dtype=np.uint8)
    other = D.copy()
    other[41] ^= 2
    for chained in (D, other):
        base_chain(chained, kappa, 0, 1, False)
    assert np.array_equal((other - D) % 4, np.where(np.arange(100) < 41, 0, 2))
