"""Families of simple plaintexts that walk through the values of a low-entropy property of the plaintext."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from cryptobench.cipher import Image

__all__ = ["WALKS"]

Walk = Callable[[tuple[int, int, int], np.random.Generator], Iterator[Image]]
_SCATTERED = 768


def _pixel(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Zeros with one pixel of every level: sums, XORs, maxima, of the image and of each channel.

    In an even number of channels only the first, so that the sum has every value mod 256.
    """
    for level in range(256):
        image = np.zeros(shape, np.uint8)
        image[shape[0] // 2, shape[1] // 2, : shape[2] if shape[2] % 2 else 1] = level
        yield image


def _flat(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Every level: means, minima, single pixels."""
    for level in range(256):
        yield np.full(shape, level, np.uint8)


def _column(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Zeros with one column of every level: properties of rows."""
    for level in range(256):
        image = np.zeros(shape, np.uint8)
        image[:, shape[1] // 2] = level
        yield image


def _landmarks(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Zeros with corners and middle of every level: single pixels, whatever else the mean or the sum may do."""
    for level in range(256):
        image = np.zeros(shape, np.uint8)
        for row in (0, shape[0] // 2, -1):
            for column in (0, shape[1] // 2, -1):
                image[row, column] = level
        yield image


def _scattered(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Zeros with 8 random samples: any property of few values."""
    for _ in range(_SCATTERED):
        image = np.zeros(shape, np.uint8)
        places = generator.integers(0, image.size, 8)
        image.flat[places] = generator.integers(0, 256, 8)
        yield image


def _extremes(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Minima of 0 to 31 with maxima of 255 down to 224, in the order of their distance from 0 and 255."""
    pairs = sorted(((low, high) for low in range(32) for high in range(224, 256)), key=lambda p: p[0] - p[1])
    for low, high in pairs:
        image = np.full(shape, low, np.uint8)
        image[shape[0] // 2, shape[1] // 2] = high
        yield image


WALKS: Mapping[str, Walk] = {
    "one pixel": _pixel,
    "flat": _flat,
    "landmarks": _landmarks,
    "one column": _column,
    "scattered samples": _scattered,
    "extremes": _extremes,
}
