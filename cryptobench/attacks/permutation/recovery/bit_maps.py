"""Permutations of bits behind a mask: every bit says where it came from, in binary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.combiners import Join
from cryptobench.cipher import Image

__all__ = ["BitMap", "bit_map", "keeps_ones"]


@dataclass(frozen=True, eq=False)
class BitMap:
    """Bit j of the ciphertext, its ``mask`` taken off, is bit ``source[j]`` of the plaintext; all bits are named."""

    join: Join
    mask: Image
    source: NDArray[np.int64]

    def open(self, body: Image, shape: tuple[int, ...]) -> Image:
        """The plaintext, of ``shape``, of a ciphertext."""
        bits = np.zeros(self.source.size, np.uint8)
        bits[self.source] = np.unpackbits(self.join.take(body, self.mask))
        return np.packbits(bits).reshape(shape)


def keeps_ones(join: Join, zero: Image, plains: list[Image], bodies: list[Image]) -> bool:
    """Whether each ciphertext, once the mask is off, has as many ones as its plaintext, as moved bits do."""
    return all(
        _ones(join.take(body, zero)) == _ones(plain) for plain, body in zip(plains, bodies, strict=True)
    )  # fmt: skip


def bit_map(join: Join, zero: Image, encrypt: Callable[[Image], Image]) -> BitMap | None:
    """Ask for ceil(log2 of the number of bits) images, in which each bit is a digit of its own index; None if the bits
    of the ciphertext do not name every bit of the plaintext once."""
    index = np.arange(8 * zero.size)
    source = np.zeros(8 * zero.size, np.int64)
    for digit in range(int(index[-1]).bit_length()):
        plain = np.packbits((index >> digit & 1).astype(np.uint8)).reshape(zero.shape)
        body = encrypt(plain)
        if body.shape != zero.shape or not keeps_ones(join, zero, [plain], [body]):
            return None
        source |= np.unpackbits(join.take(body, zero)).astype(np.int64) << digit
    if not np.array_equal(np.sort(source), index):
        return None
    return BitMap(join, zero, source)


def _ones(image: Image) -> int:
    return int(np.bitwise_count(image).sum())
