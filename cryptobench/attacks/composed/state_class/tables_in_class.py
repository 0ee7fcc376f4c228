"""Samples permuted and substituted, also behind one chain, while a state is kept: read from random plaintexts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.combiners import COMBINERS, delayed, neighbour_lags
from cryptobench.cipher import Encrypted, Image

__all__ = ["tables_in_class"]

_FOR_TABLES = 2048  # of which 256 equally likely values all but 1 in 3000 occur
_FOR_SOURCES = 128  # images that tell samples apart, by where a value recurs


class _RandomPairs(Protocol):
    """An oracle for random plaintexts of the challenge's state."""

    @property
    def challenge(self) -> Encrypted: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def samples(self) -> int: ...
    @property
    def remaining(self) -> int | None: ...
    def random_pair(self, generator: np.random.Generator) -> tuple[Image, Encrypted]: ...


def tables_in_class(oracle: _RandomPairs, generator: np.random.Generator, *, masks_only: bool = False) -> Image | None:
    """The plaintext of the challenge where each ciphertext sample, or its difference by XOR or subtraction from a
    neighbour, is a table of one plaintext sample: 2048 queries at any size, 128 where the tables are a mask. None if
    fewer than nine in ten are, or if there is no mask and ``masks_only`` are wanted.

    Flat images and images of indices have another sum, mean or extremes than the challenge; random images of the state
    serve as well. A table is one to one, so that the values behind it recur in the same images as those in front: the
    first image with each value, for all images, is the same list for both.
    """
    if oracle.remaining is not None and oracle.remaining < _FOR_TABLES:
        return None
    first = [oracle.random_pair(generator) for _ in range(_FOR_SOURCES)]
    if any(answer.image.shape != oracle.challenge.image.shape for _, answer in first):
        return None
    plain = np.stack([image.ravel() for image, _ in first])
    cipher = np.stack([answer.image.ravel() for _, answer in first])
    sources = {pattern.tobytes(): index for index, pattern in enumerate(_recurrences(plain).T)}
    found: tuple[int, NDArray[np.int64], Callable[[Image], Image]] | None = None
    for unchained in _unchained(oracle.challenge.image.shape):
        patterns = _recurrences(unchained(cipher)).T
        source = np.array([sources.get(pattern.tobytes(), -1) for pattern in patterns], np.int64)
        named = len(np.unique(source[source >= 0]))
        if found is None or named > found[0]:
            found = named, source, unchained
    if found is None or found[0] <= ALMOST_ALL * oracle.samples:
        return None
    _, source, unchained = found
    wanted = unchained(oracle.challenge.image.reshape(1, -1))[0]
    masked = _behind_mask(plain, unchained(cipher), wanted, source)
    if masked is not None or masks_only:
        return None if masked is None else masked.reshape(oracle.shape)
    more = [oracle.random_pair(generator) for _ in range(_FOR_TABLES - _FOR_SOURCES)]
    plain = np.concatenate([plain, [image.ravel() for image, _ in more]])
    cipher = np.concatenate([cipher, [answer.image.ravel() for _, answer in more]])
    return _looked_up(plain, unchained(cipher), wanted, source).reshape(oracle.shape)


def _behind_mask(plain: Image, cipher: Image, challenge: Image, source: NDArray[np.int64]) -> Image | None:
    """The challenge's samples, flat, where all tables are one that a mask is XORed with, added to, and so on."""
    known = np.flatnonzero(source >= 0)
    for combiner in COMBINERS:
        masks = combiner.mask(cipher[:, known], plain[:, source[known]])
        if (masks == masks[0]).all():
            flat = np.zeros(plain.shape[1], np.uint8)
            flat[source[known]] = combiner.invert(challenge[known], masks[0])
            return flat
    return None


def _recurrences(values: Image) -> NDArray[np.int64]:
    """(images, samples): for each sample the first image in which it has the same value."""
    first: NDArray[np.int64] = np.argmax(values[None] == values[:, None], axis=1)
    return first


def _unchained(shape: tuple[int, ...]) -> Iterator[Callable[[Image], Image]]:
    """What takes off no chain, and each chain of one step: functions of (images, samples)."""
    yield lambda rows: rows
    for lag in neighbour_lags(shape):
        yield partial(_off_chain, lag, np.bitwise_xor)
        yield partial(_off_chain, lag, np.subtract)


def _off_chain(lag: int, off: Callable[[Image, Image], Image], rows: Image) -> Image:
    return off(rows, np.stack([delayed(row, lag) for row in rows]))


def _looked_up(plain: Image, cipher: Image, challenge: Image, source: NDArray[np.int64]) -> Image:
    """The challenge's samples, flat, by the values that stood for theirs in these pairs; 0 for what never did."""
    flat = np.zeros(plain.shape[1], np.uint8)
    for place in np.flatnonzero(source >= 0):
        seen = np.flatnonzero(cipher[:, place] == challenge[place])
        if seen.size:
            flat[source[place]] = plain[seen[0], source[place]]
    return flat
