"""DNA coding, arithmetic and a chain, four bases to a byte.

A = 0, C = 1, G = 2, T = 3, so that the complement of a base (A-T, C-G) is 3 less the base. A byte holds four bases of
two bits, the first in the most significant pair. The arithmetic acts on all four at once and lets nothing pass from one
base to another; the chain, over one base a byte, carries a change to every later base.

Of the 24 ways to write bit pairs as bases, the eight rules are those that map complements to complements: the two
bits exchanged or not, then xor a constant (`EXCHANGES`, `CONSTANTS`). Hence a fixed rule adds no strength of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "BASES",
    "CONSTANTS",
    "DEC",
    "ENC",
    "EXCHANGES",
    "RULES",
    "add",
    "base_chain",
    "base_unchain",
    "complement",
    "pack",
    "subtract",
    "unpack",
    "xnor",
    "xor",
]

Bytes = NDArray[np.uint8]

BASES = "ACGT"  # base number -> letter
RULES = ("ACGT", "AGCT", "CATG", "GATC", "CTAG", "GTAC", "TCGA", "TGCA")  # rule -> the bases for 00, 01, 10, 11


def _encoding(rule: str) -> list[int]:
    """Byte -> packed bases under ``rule``."""
    base = [BASES.index(letter) for letter in rule]
    return [sum(base[byte >> place & 3] << place for place in (6, 4, 2, 0)) for byte in range(256)]


ENC: Bytes = np.array([_encoding(rule) for rule in RULES], np.uint8)  # (8, 256): ENC[rule, byte] = packed bases
DEC: Bytes = np.argsort(ENC, axis=1).astype(np.uint8)  # (8, 256): DEC[rule, packed bases] = byte
EXCHANGES: Bytes = np.array([ENC[rule, 0x55] ^ ENC[rule, 0] == 0xAA for rule in range(8)], np.uint8)  # bits exchanged?
CONSTANTS: Bytes = ENC[:, 0].copy()  # what is xored in afterwards: the code of the byte 0
for _table in (ENC, DEC, EXCHANGES, CONSTANTS):
    _table.flags.writeable = False


@njit(cache=True, nogil=True, inline="always")
def add(a: Any, b: Any) -> Any:
    """Base by base a + b mod 4, for packed bytes or integer arrays of them."""
    return ((a & 0x55) + (b & 0x55)) ^ ((a ^ b) & 0xAA)


@njit(cache=True, nogil=True, inline="always")
def subtract(a: Any, b: Any) -> Any:
    """Base by base a - b mod 4, the inverse of `add`; each base's high bit lends to its low one, and pays by xor."""
    return ((a & 0x55 | 0xAA) - (b & 0x55)) ^ ((a ^ b ^ 0xAA) & 0xAA)


@njit(cache=True, nogil=True, inline="always")
def xor(a: Any, b: Any) -> Any:
    """Base by base a xor b, which for two bits a base is the xor of the bytes."""
    return a ^ b


@njit(cache=True, nogil=True, inline="always")
def xnor(a: Any, b: Any) -> Any:
    """Base by base the complement of a xor b."""
    return (a ^ b) ^ 0xFF


@njit(cache=True, nogil=True, inline="always")
def complement(a: Any) -> Any:
    """Each base's partner, 3 - a: A-T and C-G."""
    return a ^ 0xFF


@njit(cache=True, nogil=True)
def unpack(packed: Bytes) -> Bytes:
    """The bases 0 to 3 of flat packed bytes, (N,) -> (4 N,), the most significant pair first."""
    bases = np.empty(4 * len(packed), np.uint8)
    for t in range(len(packed)):
        for place in range(4):
            bases[4 * t + place] = packed[t] >> (6 - 2 * place) & 3
    return bases


@njit(cache=True, nogil=True)
def pack(bases: Bytes) -> Bytes:
    """The inverse of `unpack`, (4 N,) -> (N,); the top six bits of each base are ignored."""
    packed = np.empty(len(bases) // 4, np.uint8)
    for t in range(len(packed)):
        byte = 0
        for place in range(4):
            byte = byte << 2 | bases[4 * t + place] & 3
        packed[t] = byte
    return packed


# In each byte of a word: 1, the two bits of a base, and 8, which keeps a subtraction from borrowing.
_ONES, _THREES, _EIGHTS = np.uint64(0x0101010101010101), np.uint64(0x0303030303030303), np.uint64(0x0808080808080808)
_THREE, _BYTE, _TOP = np.uint64(3), np.uint64(8), np.uint64(56)


@njit(cache=True, nogil=True)
def base_chain(D: Bytes, kappa: Bytes, right: int, start: int, backward: bool) -> None:
    """D_t <- (D_t + (kappa_t >> right) + D_(t-1)) mod 4, in place, with D_(-1) = ``start``, a base.

    ``D`` holds bases, ``kappa`` any bytes, ``right`` is 0 to 6; ``backward`` goes from the last base to the first.
    """
    n, shift, previous = len(D), np.uint64(right), np.uint64(start)
    whole = n - n % 8
    words, keys = D[:whole].view(np.uint64), kappa[:whole].view(np.uint64)
    if backward:
        for t in range(n - 1, whole - 1, -1):
            previous = (np.uint64(D[t]) + (np.uint64(kappa[t]) >> shift) + previous) & _THREE
            D[t] = previous
        for i in range(len(words) - 1, -1, -1):
            terms = words[i] + (keys[i] >> shift & _THREES)
            sums = terms * _ONES
            total = previous + (sums >> _TOP)
            words[i] = (total * _ONES - sums + terms) & _THREES
            previous = total & _THREE
    else:
        for i in range(len(words)):
            sums = (words[i] + (keys[i] >> shift & _THREES)) * _ONES
            words[i] = (previous * _ONES + sums) & _THREES
            previous = (previous + (sums >> _TOP)) & _THREE
        for t in range(whole, n):
            previous = (np.uint64(D[t]) + (np.uint64(kappa[t]) >> shift) + previous) & _THREE
            D[t] = previous


@njit(cache=True, nogil=True)
def base_unchain(D: Bytes, kappa: Bytes, right: int, start: int, backward: bool) -> None:
    """The inverse of `base_chain`, in place."""
    n, shift, previous = len(D), np.uint64(right), np.uint64(start)
    whole = n - n % 8
    words, keys = D[:whole].view(np.uint64), kappa[:whole].view(np.uint64)
    if backward:
        for t in range(n - 1, whole - 1, -1):
            here = np.uint64(D[t])
            D[t] = (here - (np.uint64(kappa[t]) >> shift) - previous) & _THREE
            previous = here
        for i in range(len(words) - 1, -1, -1):
            here = words[i]
            words[i] = (here + _EIGHTS - (keys[i] >> shift & _THREES) - (here >> _BYTE | previous << _TOP)) & _THREES
            previous = here & _THREE
    else:
        for i in range(len(words)):
            here = words[i]
            words[i] = (here + _EIGHTS - (keys[i] >> shift & _THREES) - (here << _BYTE | previous)) & _THREES
            previous = here >> _TOP
        for t in range(whole, n):
            here = np.uint64(D[t])
            D[t] = (here - (np.uint64(kappa[t]) >> shift) - previous) & _THREE
            previous = here
