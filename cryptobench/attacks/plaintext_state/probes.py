"""Chosen plaintexts that enumerate the states of a cipher, and chosen plaintexts of one state that encode indices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.permutation_recovery import index_images, source_indices
from cryptobench.cipher import Image

__all__ = ["STATE_ENUMERATIONS", "StateProbe", "probes_of_sum", "probes_of_totals", "probes_of_xor"]

StateEnumeration = Callable[[tuple[int, int, int], np.random.Generator], Iterator[Image]]

_SCATTERED = 768
_STATES = 256
_MOST_ADJUSTED = 0.05  # of the samples, which adjust the sum
_NIBBLE = 16


def _pixel(shape: tuple[int, int, int], generator: np.random.Generator) -> Iterator[Image]:
    """Zeros with one pixel of every level: sums, XORs, maxima, of the image and of each channel.

    With an even number of channels only the first of them, so that the sum takes every value mod 256.
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
    """Zeros with corners and middle of every level: single pixels, whatever the mean or the sum is."""
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


STATE_ENUMERATIONS: Mapping[str, StateEnumeration] = {
    "one pixel": _pixel,
    "flat": _flat,
    "landmarks": _landmarks,
    "one column": _column,
    "scattered samples": _scattered,
    "extremes": _extremes,
}


@dataclass(frozen=True, eq=False)
class StateProbe:
    """Images of one state: a few samples are adjusted so that all images have the same sums or XOR.

    ``flat`` is an image of one ``level``. ``digits`` are base-256 digits of the samples' indices; if there are ``lows``
    they are pairs of base-16 digits, with one of ``lows`` added to each. Levels are arrays that broadcast to images.
    """

    flat: Image
    digits: tuple[Image, ...]
    level: Image
    lows: tuple[Image, ...] = ()

    def source_indices(self, values: list[Image]) -> NDArray[np.int64]:
        """The source of every output, -1 where there is none, from the outputs' ``values`` under each of ``digits``."""
        if not self.lows:
            return source_indices(values, self.flat.size)
        flats = [value.ravel() for value in values]
        nibbles = [flat - np.resize(low, flat.size) for flat, low in zip(flats, self.lows, strict=True)]
        pairs: list[Image] = [
            lower | upper << np.uint8(4) for lower, upper in zip(nibbles[::2], nibbles[1::2], strict=True)
        ]
        source = source_indices(pairs, self.flat.size)
        source[np.max(nibbles, axis=0) >= _NIBBLE] = -1
        return source


def probes_of_sum(shape: tuple[int, ...]) -> Iterator[StateProbe]:
    """For each sum mod 256; the middle sample adjusts it."""
    images = [np.zeros(shape, np.uint8), *index_images(shape)]
    for state in range(_STATES):
        for image in images:
            rest = int(image.sum(dtype=np.int64)) - int(image.flat[image.size // 2])
            image.flat[image.size // 2] = (state - rest) % 256
        yield _probe_at_zero(images)


def probes_of_xor(shape: tuple[int, ...]) -> Iterator[StateProbe]:
    """For each XOR of all samples; the middle sample adjusts it."""
    images = [np.zeros(shape, np.uint8), *index_images(shape)]
    for state in range(_STATES):
        for image in images:
            image.flat[image.size // 2] ^= np.uint8(state) ^ np.bitwise_xor.reduce(image, axis=None)
        yield _probe_at_zero(images)


def probes_of_totals(shape: tuple[int, ...], totals: Iterable[Sequence[int]]) -> Iterator[StateProbe]:
    """For each of ``totals``: the exact sum of all samples, or of each channel; sums that no probe can have are
    omitted."""
    nibbles = [part for digit in index_images(shape) for part in (digit & np.uint8(15), digit >> np.uint8(4))]
    for total in totals:
        columns = [nibble.reshape(-1, len(total)) for nibble in nibbles]
        level = np.rint(np.array(total) / len(columns[0])).astype(np.int64)
        lows = [np.clip(level - np.rint(nibble.mean(axis=0)), 0, 256 - _NIBBLE).astype(np.uint8) for nibble in columns]
        flat = np.broadcast_to(level.clip(0, 255).astype(np.uint8), columns[0].shape).copy()
        images = [flat, *(nibble + low for nibble, low in zip(columns, lows, strict=True))]
        if _adjust(images, np.array(total)):
            first, *digits = (image.reshape(shape) for image in images)
            yield StateProbe(first, tuple(digits), level.astype(np.uint8), tuple(lows))


def _probe_at_zero(images: list[Image]) -> StateProbe:
    flat, *digits = (image.copy() for image in images)
    return StateProbe(flat, tuple(digits), np.zeros(1, np.uint8))


def _adjust(images: list[Image], totals: NDArray[np.int64]) -> bool:
    """Give all images, (rows, sums), the sums ``totals`` by changing as few rows as possible, the same ones in all.

    False if that takes too many rows.
    """
    size = len(images[0])
    for adjusted in (2**power for power in range(size.bit_length())):
        if adjusted > max(1, _MOST_ADJUSTED * size):
            break
        rows = np.arange(adjusted) * size // adjusted + size // (2 * adjusted)
        rests = [
            totals - image.sum(axis=0, dtype=np.int64) + image[rows].sum(axis=0, dtype=np.int64) for image in images
        ]
        if all((rest >= 0).all() and (rest <= 255 * adjusted).all() for rest in rests):
            for image, rest in zip(images, rests, strict=True):
                image[rows] = rest // adjusted + (np.arange(adjusted)[:, None] < rest % adjusted)
            return True
    return False
