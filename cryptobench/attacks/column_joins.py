"""Columns of a table of known pairs that are the same up to names: plaintext bits and bytes found in the ciphertext."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.known_set import KnownSet

__all__ = ["Joins", "join"]

_FEWEST_SPARE = 16  # pairs beyond those that a table's entries take, without which a join of bytes may be chance


@dataclass(frozen=True, eq=False)
class Joins:
    """What is known of a plaintext from its ciphertext: ``sources`` of bits and of bytes, -1 where there is none.

    ``bits`` (8 x samples) are places of ciphertext bits, ``flips`` tells which are inverted; ``bytes`` (samples) are
    places of ciphertext bytes, ``tables`` (samples, 256) what their values mean, -1 where no pair has shown it.
    ``p_value`` is the probability of any of them under an ideal cipher.
    """

    bits: NDArray[np.int64]
    flips: NDArray[np.uint8]
    bytes: NDArray[np.int64]
    tables: NDArray[np.int16]
    p_value: float

    @property
    def joined_bits(self) -> float:
        """The share of plaintext bits that are ciphertext bits, or their inverse."""
        return float(np.mean(self.bits >= 0))

    @property
    def joined_bytes(self) -> float:
        """The share of plaintext samples that are a ciphertext byte under a fixed table."""
        return float(np.mean(self.bytes >= 0))

    def read(self, sealed: NDArray[np.uint8], estimate: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Plaintexts, (n, samples) uint8: of the values that fit what is known the ones nearest to the estimate."""
        guess = np.empty(estimate.shape, np.uint8)
        values = np.arange(256)
        for row, (image, near) in enumerate(zip(sealed, estimate, strict=True)):
            bits = np.unpackbits(image)[self.bits] ^ self.flips
            has = self.bits >= 0
            known, mask = np.packbits(bits * has), np.packbits(has)
            told = np.where(self.bytes >= 0, self.tables[np.arange(len(self.bytes)), image[self.bytes]], -1)
            known, mask = np.where(told >= 0, told, known), np.where(told >= 0, 255, mask)
            distance = np.abs(values - near[:, None])
            distance[(values & mask[:, None]) != (known & mask)[:, None]] = np.inf
            guess[row] = distance.argmin(axis=1)
        return guess


def join(pairs: KnownSet) -> Joins:
    """Find plaintext bits that equal a ciphertext bit or its inverse in every pair, and likewise bytes under a table.

    A cipher that permutes bits and XORs a fixed mask is found by its bits, one that permutes bytes and puts each of
    them through a table of its own by its bytes. Columns that are constant in all pairs tell nothing and are left out.
    """
    plain_bits, plain_first = _bit_columns(pairs.plain)
    sealed_bits, sealed_first = _bit_columns(pairs.sealed)
    bits = _match(plain_bits, sealed_bits)
    flips = np.where(bits >= 0, plain_first ^ sealed_first[bits], 0).astype(np.uint8)
    plain_bytes, kinds = _byte_columns(pairs.plain)
    sealed_bytes, _ = _byte_columns(pairs.sealed)
    sources = _match(plain_bytes, sealed_bytes)
    spare = len(pairs) - kinds
    sources[spare < _FEWEST_SPARE] = -1
    tables = np.full((pairs.plain.shape[1], 256), -1, np.int16)
    joined = np.flatnonzero(sources >= 0)
    for place in joined:
        tables[place, pairs.sealed[:, sources[place]]] = pairs.plain[:, place]
        _complete(tables[place])
    log2 = []
    if (bits >= 0).any():
        log2.append(1 + math.log2(len(bits)) + math.log2(len(sealed_first)) - len(pairs))
    if joined.size:
        log2.append(2 * math.log2(len(sources)) + 8 - 8 * float(spare[joined].max()))
    p_value = min((2.0 ** min(0.0, 1 + exponent) for exponent in log2), default=1.0)
    return Joins(bits, flips, sources, tables, p_value)


def _bit_columns(table: NDArray[np.uint8]) -> tuple[list[bytes | None], NDArray[np.uint8]]:
    """The columns of bits, inverted where the first one is 1, packed, None if constant; and the first bits."""
    bits = np.unpackbits(table, axis=1)
    first = bits[0].copy()
    packed = np.packbits(bits ^ first, axis=0).T.copy()
    return [column.tobytes() if column.any() else None for column in packed], first


def _byte_columns(table: NDArray[np.uint8]) -> tuple[list[bytes | None], NDArray[np.int64]]:
    """The columns of bytes with values named in order of appearance, None if constant; and how many values each has."""
    names: list[bytes | None] = []
    kinds = []
    for column in table.T:
        _, first, inverse = np.unique(column, return_index=True, return_inverse=True)
        order = np.empty(len(first), np.uint8)
        order[np.argsort(first)] = np.arange(len(first))
        names.append(order[inverse].tobytes() if len(first) > 1 else None)
        kinds.append(len(first))
    return names, np.array(kinds)


def _match(wanted: list[bytes | None], present: list[bytes | None]) -> NDArray[np.int64]:
    places = {column: place for place, column in enumerate(present) if column is not None}
    return np.array([-1 if column is None else places.get(column, -1) for column in wanted], np.int64)


def _complete(table: NDArray[np.int16]) -> None:
    """Fill in entries that no pair has shown, where all that were shown are one XOR or one addition."""
    values = np.arange(256, dtype=np.int16)
    seen = table >= 0
    shifts = np.unique((table - values)[seen] % 256)
    masks = np.unique((table ^ values)[seen])
    if len(masks) == 1:
        table[:] = values ^ masks[0]
    elif len(shifts) == 1:
        table[:] = (values + shifts[0]) % 256
