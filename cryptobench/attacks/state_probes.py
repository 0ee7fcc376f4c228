"""Chosen plaintexts that all have one sum or XOR, and spell every sample's index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.index_map import digit_images, sources
from cryptobench.cipher import Image

__all__ = ["Probe", "probes_of_sum", "probes_of_totals", "probes_of_xor"]

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
