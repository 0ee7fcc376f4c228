"""What the samples of a plaintext contribute one by one to a ciphertext that is a sum over GF(2) behind tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.gf2 import left_inverse
from cryptobench.cipher import Image

__all__ = ["Bits", "Parts", "Undone", "independent_rows"]

Bits = NDArray[np.int8]  # -1 for what is not known


def independent_rows(rows: Image) -> list[int]:
    """Which rows are independent of those before them."""
    chosen: list[int] = []
    reduced: list[int] = []  # those before, as numbers of which no two have their first ones in one place
    for number, row in enumerate(np.packbits(rows, axis=1)):
        rest = int.from_bytes(row.tobytes(), "big")
        for other in reduced:
            rest = min(rest, rest ^ other)
        if rest:
            reduced.append(rest)
            chosen.append(number)
    return chosen


class Undone:
    """Takes the last tables off cipher images: bits that are sums of what the plaintext samples contribute."""

    def __init__(self, tables: list[Bits]) -> None:
        bits = [table.shape[1] for table in tables]
        self._place = np.repeat(np.arange(len(tables)), bits)  # the sample that each bit is of
        self._bit = np.arange(len(self._place))
        self._all = np.concatenate(tables, axis=1)  # (256, bits), of which the tables are parts
        parts = np.split(self._all, np.cumsum(bits)[:-1], axis=1)
        self._tables = [(place, table) for place, table in enumerate(parts) if table.shape[1]]

    def __call__(self, image: Image) -> Image | None:
        """(bits,); None if a sample has a value that its table does not know."""
        undone = self._all[image.ravel()[self._place], self._bit]
        return undone.view(np.uint8) if undone.min(initial=0) >= 0 else None

    def partly(self, image: Image) -> tuple[Image, NDArray[np.bool_]]:
        """(bits,), and which of them are known."""
        undone = self._all[image.ravel()[self._place], self._bit]
        return undone.view(np.uint8) & np.uint8(1), undone >= 0

    def learn(self, image: Image, *corners: Image) -> None:
        """Fills in values of ``image`` that its tables do not know: it is the fourth corner of a rectangle."""
        for place, table in self._tables:
            known = [table[corner[place]] for corner in corners]
            if table[image[place], 0] < 0 and all(bits[0] >= 0 for bits in known):
                table[image[place]] = np.bitwise_xor.reduce(known)


class Parts:
    """Takes a sum of contributions apart; ``spans`` are bases, (dimension, bits), of those of each sample."""

    def __init__(self, spans: list[Image]) -> None:
        self._spans = spans
        columns = np.concatenate(spans).T
        self._columns = columns.astype(np.float32)
        self._starts = np.cumsum([0, *map(len, spans)])
        self._inverse = left_inverse(columns)

    def of(self, bits: Image) -> Image | None:
        """Which members of all bases sum to ``bits``; None if those of different samples overlap, or if it is no sum.

        Members of a basis are independent, so a sample's are the same where what it contributes is.
        """
        if self._inverse is None:
            return None
        weights = (self._inverse @ bits.astype(np.float32)).astype(np.int64).astype(np.uint8) & np.uint8(1)
        if np.any((self._columns @ weights.astype(np.float32)).astype(np.int64) & 1 != bits):
            return None
        return weights

    def alike(self, one: Image, other: Image) -> NDArray[np.bool_]:
        """(samples,), of two sums as `of` gives them, whether the sample contributes the same to both."""
        differences = np.cumsum(np.concatenate(([0], one != other)))
        same: NDArray[np.bool_] = differences[self._starts[1:]] == differences[self._starts[:-1]]
        return same

    def contribution(self, weights: Image, sample: int) -> Image:
        """(bits,), what the sample contributes to a sum."""
        return weights[slice(*self._starts[sample : sample + 2])] @ self._spans[sample] & np.uint8(1)
