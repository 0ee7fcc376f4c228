"""Chosen plaintexts that all have one sum or XOR, and spell every sample's index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.permutation_recovery import digit_images, sources
from cryptobench.cipher import Image

__all__ = ["WALKS", "Probe", "probes_of_sum", "probes_of_totals", "probes_of_xor"]

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


_STATES = 256
_MOST_LOST = 0.05  # of the samples, which make up for the others in the sum
_NIBBLE = 16


@dataclass(frozen=True, eq=False)
class Probe:
    """Images of one state, but for a few samples that give all of them the same sums or XOR: ``flat`` should be
    ``level``, ``digits`` are base-256 digits of the samples' indices, or if there are ``lows`` pairs of base-16 ones,
    with one of ``lows`` added to each. Levels are arrays that broadcast to images."""

    flat: Image
    digits: tuple[Image, ...]
    level: Image
    lows: tuple[Image, ...] = ()

    def spelt(self, values: list[Image]) -> NDArray[np.int64]:
        """The input of every output, -1 where none is spelt, from what outputs say of the plaintexts ``digits``."""
        if not self.lows:
            return sources(values, self.flat.size)
        flats = [value.ravel() for value in values]
        nibbles = [flat - np.resize(low, flat.size) for flat, low in zip(flats, self.lows, strict=True)]
        pairs: list[Image] = [
            lower | upper << np.uint8(4) for lower, upper in zip(nibbles[::2], nibbles[1::2], strict=True)
        ]
        source = sources(pairs, self.flat.size)
        source[np.max(nibbles, axis=0) >= _NIBBLE] = -1
        return source


def probes_of_sum(shape: tuple[int, ...]) -> Iterator[Probe]:
    """For each sum mod 256; one sample makes up for the others."""
    images = [np.zeros(shape, np.uint8), *digit_images(shape)]
    for state in range(_STATES):
        for image in images:
            rest = int(image.sum(dtype=np.int64)) - int(image.flat[image.size // 2])
            image.flat[image.size // 2] = (state - rest) % 256
        yield _probe(images)


def probes_of_xor(shape: tuple[int, ...]) -> Iterator[Probe]:
    """For each XOR of all samples; one sample makes up for the others."""
    images = [np.zeros(shape, np.uint8), *digit_images(shape)]
    for state in range(_STATES):
        for image in images:
            image.flat[image.size // 2] ^= np.uint8(state) ^ np.bitwise_xor.reduce(image, axis=None)
        yield _probe(images)


def probes_of_totals(shape: tuple[int, ...], totals: Iterable[Sequence[int]]) -> Iterator[Probe]:
    """For each of ``totals``: the exact sum of all samples, or of each channel; those without room are left out."""
    nibbles = [part for digit in digit_images(shape) for part in (digit & np.uint8(15), digit >> np.uint8(4))]
    for total in totals:
        columns = [nibble.reshape(-1, len(total)) for nibble in nibbles]
        level = np.rint(np.array(total) / len(columns[0])).astype(np.int64)
        lows = [np.clip(level - np.rint(nibble.mean(axis=0)), 0, 256 - _NIBBLE).astype(np.uint8) for nibble in columns]
        flat = np.broadcast_to(level.clip(0, 255).astype(np.uint8), columns[0].shape).copy()
        images = [flat, *(nibble + low for nibble, low in zip(columns, lows, strict=True))]
        if _balance(images, np.array(total)):
            first, *digits = (image.reshape(shape) for image in images)
            yield Probe(first, tuple(digits), level.astype(np.uint8), tuple(lows))


def _probe(images: list[Image]) -> Probe:
    flat, *digits = (image.copy() for image in images)
    return Probe(flat, tuple(digits), np.zeros(1, np.uint8))


def _balance(images: list[Image], totals: NDArray[np.int64]) -> bool:
    """Give all images, (rows, sums), the sums ``totals`` by a change of as few rows as will do, the same ones in all.

    False if that takes too many of them.
    """
    size = len(images[0])
    for lost in (2**power for power in range(size.bit_length())):
        if lost > max(1, _MOST_LOST * size):
            break
        rows = np.arange(lost) * size // lost + size // (2 * lost)
        rests = [
            totals - image.sum(axis=0, dtype=np.int64) + image[rows].sum(axis=0, dtype=np.int64) for image in images
        ]
        if all((rest >= 0).all() and (rest <= 255 * lost).all() for rest in rests):
            for image, rest in zip(images, rests, strict=True):
                image[rows] = rest // lost + (np.arange(lost)[:, None] < rest % lost)
            return True
    return False
