"""Keystreams of few states: parts of them that recur, at the same place, in many known pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.joins import JOINS, Join
from cryptobench.attacks.known_set import KnownSet
from cryptobench.cipher import Image

__all__ = ["Recurring", "recurring_windows", "smoothest_of"]

_WINDOW = 8  # samples


@dataclass(frozen=True)
class Recurring:
    """``equal`` windows, ``share`` of all, have a mask under ``join`` that another pair has too, not counting the first
    one with each mask; with the p-value of any at all under an ideal cipher."""

    join: Join
    equal: int
    share: float
    p_value: float


def recurring_windows(pairs: KnownSet) -> Recurring:
    """Compare the masks of all pairs in aligned windows of 8 samples, under every join; equal plaintexts count once."""
    samples = pairs.plain.shape[1] // _WINDOW * _WINDOW
    if pairs.sealed.shape != pairs.plain.shape or not samples:
        return Recurring(JOINS[0], 0, 0.0, 1.0)
    _, first = np.unique(pairs.plain, axis=0, return_index=True)
    plain, sealed = (np.ascontiguousarray(part[first, :samples]) for part in (pairs.plain, pairs.sealed))
    counts = {join: _equal(join.mask(sealed, plain)) for join in JOINS}
    join = max(counts, key=counts.__getitem__)
    windows = len(plain) * (samples // _WINDOW)
    expected = windows * len(plain) / 2 * len(JOINS) / 256.0**_WINDOW
    return Recurring(join, counts[join], counts[join] / windows, min(1.0, expected) if counts[join] else 1.0)


def smoothest_of(pairs: KnownSet, join: Join, challenge: Image) -> Image:
    """The challenge, each row under the known mask of that row that makes it most like itself and the row above."""
    shape = (challenge.shape[0], challenge.shape[1], -1)
    opened = join.take(challenge.reshape(1, -1), join.mask(pairs.sealed, pairs.plain)).reshape(len(pairs), *shape)
    image = np.empty(opened.shape[1:], np.uint8)
    for row in range(len(image)):
        candidates = opened[:, row].astype(np.int16)
        rough = np.abs(np.diff(candidates, axis=1)).sum(axis=(1, 2))
        if row:
            rough += np.abs(candidates - image[row - 1]).sum(axis=(1, 2))
        image[row] = opened[np.argmin(rough), row]
    return image.reshape(challenge.shape)


def _equal(masks: NDArray[np.uint8]) -> int:
    """How many windows have a twin before them in the order of their values, at the same place."""
    words = np.sort(masks.view(np.uint64), axis=0)
    return int(np.count_nonzero(words[1:] == words[:-1]))
