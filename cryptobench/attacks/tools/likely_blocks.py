"""A dictionary of what blocks of samples may hold, likely ones first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cryptobench.cipher import Image

__all__ = ["LikelyBlocks"]

_MOST_LEVELS = 4  # between which edges are tried
_FULL = 2  # samples of a block of which all combinations are tried


class LikelyBlocks:
    """For each block of samples, one after the other: what other blocks were found to hold, the last first; one level
    in all samples; what blocks of pictures hold, given as ``pictures``, a list for each block; an edge between two of
    the four levels that were found most often. For blocks of two samples all pairs, like levels first.

    What is found while a block is being tried is tried next.
    """

    def __init__(self, pictures: list[list[Image]]) -> None:
        self._pictures = pictures
        self._read: list[bytes] = []
        self._levels: dict[int, int] = {}
        self._tried: list[set[bytes]] = [set() for _ in pictures]
        self._fixed = [self._fixed_ones(number) for number in range(len(pictures))]

    def next(self, number: int) -> Image | None:
        """The likeliest for this block that has not been tried; None at the end."""
        tried = self._tried[number]
        for likely in self._candidates(number):
            if likely not in tried:
                tried.add(likely)
                return np.frombuffer(likely, np.uint8)
        return None

    def was_read(self, block: Image) -> None:
        """Another block was found to hold this."""
        whole = block.tobytes()
        if whole in self._read:
            self._read.remove(whole)
        self._read.insert(0, whole)
        for level in whole:
            self._levels[level] = self._levels.get(level, 0) + 1

    def start_again(self, number: int) -> None:
        """All are tried again for this block."""
        self._tried[number] = set()
        self._fixed[number] = self._fixed_ones(number)

    def _size(self, number: int) -> int:
        return len(self._pictures[number][0])

    def _candidates(self, number: int) -> Iterator[bytes]:
        size = self._size(number)
        yield from (whole for whole in self._read if len(whole) == size)
        yield from (likely for likely in self._fixed[number])  # it goes on where this generator ends
        if size > _FULL:
            levels = sorted(self._levels, key=lambda level: -self._levels[level])[:_MOST_LEVELS]
            for one in levels:
                for other in levels:
                    if one != other:
                        yield from (bytes([one] * at + [other] * (size - at)) for at in range(1, size))

    def _fixed_ones(self, number: int) -> Iterator[bytes]:
        """Those that do not depend on what was read; each is given once."""
        size = self._size(number)
        yield from (bytes([level] * size) for level in range(256))
        yield from (picture.tobytes() for picture in self._pictures[number])
        if size == _FULL:
            for distance in range(1, 256):
                for level in range(256 - distance):
                    yield bytes([level, level + distance])
                    yield bytes([level + distance, level])
