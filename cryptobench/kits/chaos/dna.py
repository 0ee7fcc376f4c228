"""DNA coding and arithmetic, four bases to a byte.

A = 0, C = 1, G = 2, T = 3, so that the complement of a base (A-T, C-G) is 3 less the base. A byte holds four bases of
two bits, the first in the most significant pair. The functions act on all four at once and let nothing pass from one
base to another: a changed base stays in its place until something else moves it.

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
        for lane in range(4):
            bases[4 * t + lane] = packed[t] >> (6 - 2 * lane) & 3
    return bases


@njit(cache=True, nogil=True)
def pack(bases: Bytes) -> Bytes:
    """The inverse of `unpack`, (4 N,) -> (N,); the top six bits of each base are ignored."""
    packed = np.empty(len(bases) // 4, np.uint8)
    for t in range(len(packed)):
        byte = 0
        for lane in range(4):
            byte = byte << 2 | bases[4 * t + lane] & 3
        packed[t] = byte
    return packed
