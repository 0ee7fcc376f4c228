"""POLYVAL, the universal hash of AES-GCM-SIV and HCTR2 (RFC 8452, section 3), by look-ups in tables of one key."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["polyval", "polyval_tables"]

Words = NDArray[np.uint64]

_HIGH_TERMS = np.uint64(0xC200_0000_0000_0000)  # x^127 + x^126 + x^121 of x^128 + x^127 + x^126 + x^121 + 1
_ONE, _BYTE, _LAST = np.uint64(1), np.uint64(255), np.uint64(63)


def polyval_tables(key: bytes) -> Words:
    """The multiples of a 16-byte key H, (16, 256, 2): entry (j, b) is b x^(8 j) H x^-128, low word first.

    An element of the field is its coefficients from x^0 on, as a 128-bit little-endian number in two words. ValueError
    for a key of another length.
    """
    if len(key) != 16:
        raise ValueError(f"POLYVAL: key has {len(key)} bytes, wanted 16")
    return _multiples(*_words(key))


def polyval(tables: Words, blocks: bytes, start: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """The hash of ``blocks``, whole blocks of 16 bytes, as two words of 64 bits, low word first.

    ``start`` is the hash of what came before. ValueError where the last block is not whole.
    """
    if len(blocks) % 16:
        raise ValueError(f"POLYVAL: {len(blocks)} bytes, wanted whole blocks of 16")
    low, high = _absorb(tables, np.frombuffer(blocks, "<u8").astype(np.uint64, copy=False), *map(np.uint64, start))
    return int(low), int(high)


def _words(block: bytes) -> tuple[np.uint64, np.uint64]:
    low, high = np.frombuffer(block, "<u8").astype(np.uint64)
    return low, high


@njit(cache=True, nogil=True)
def _multiples(low: Any, high: Any) -> Words:
    tables = np.zeros((16, 256, 2), np.uint64)
    for _ in range(128):  # divide by x
        odd = np.uint64(0) - (low & _ONE)
        low, high = (low >> _ONE) | (high << _LAST), (high >> _ONE) ^ (odd & ((_HIGH_TERMS >> _ONE) | (_ONE << _LAST)))
    for j in range(16):
        for k in range(8):
            tables[j, 1 << k, 0], tables[j, 1 << k, 1] = low, high
            carry = high >> _LAST
            low, high = (low << _ONE) ^ carry, (high << _ONE) ^ (low >> _LAST) ^ ((np.uint64(0) - carry) & _HIGH_TERMS)
        for b in range(3, 256):
            rest = b & (b - 1)
            tables[j, b, 0] = tables[j, rest, 0] ^ tables[j, b ^ rest, 0]
            tables[j, b, 1] = tables[j, rest, 1] ^ tables[j, b ^ rest, 1]
    return tables


@njit(cache=True, nogil=True)
def _absorb(tables: Words, words: Words, low: Any, high: Any) -> tuple[Any, Any]:
    for i in range(0, len(words), 2):
        first, second = low ^ words[i], high ^ words[i + 1]
        low = high = np.uint64(0)
        for j in range(8):
            a, b = (first >> np.uint64(8 * j)) & _BYTE, (second >> np.uint64(8 * j)) & _BYTE
            low ^= tables[j, a, 0] ^ tables[j + 8, b, 0]
            high ^= tables[j, a, 1] ^ tables[j + 8, b, 1]
    return low, high
