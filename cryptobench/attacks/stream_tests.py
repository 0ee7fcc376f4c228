"""Tests of bytes that should be uniform and independent: over many messages, by bit, by place, and along a message."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.cipher import Image
from cryptobench.metrics.randomness.bits import as_bits
from cryptobench.metrics.randomness.kernels.registers import linear_complexities

__all__ = ["LAGS", "StreamTest", "stream_tests"]

LAGS = (*range(1, 17), 24, 32, 48, 64)
_EXPECTED = 5  # of a class in a chi-square test
_PLANES = np.arange(8, dtype=np.uint8)
_SUCCESSORS = (1, 2, 3)  # samples apart, whose upper halves are tested together
_REGISTER = 1 << 10  # bits in which a linear recurrence is looked for

StreamTest = tuple[str, float, float]  # name, how far off (standard deviations or shares), p-value


def stream_tests(streams: Image, row: int) -> Iterator[StreamTest]:
    """Name, effect size and p-value of every test that ``streams``, (messages, samples), are uniform and independent.

    ``row`` is the number of samples in a row of the image. Effect sizes are the excess share of ones or of equal
    samples, for chi-square tests the root of its excess for each sample. Binomial p-values are exact; that of the
    table of places is the chi-square bound, which a sum of squares of binomials does not exceed. A linear recurrence is
    looked for in the first message only, along its bits and along each plane.
    """
    from scipy.special import chdtr, chdtrc

    messages, samples = streams.shape
    if streams.size >= 256 * _EXPECTED:
        counts = np.bincount(streams.ravel(), minlength=256)
        squares = float(np.sum((counts - streams.size / 256) ** 2) * 256 / streams.size)
        excess = np.sqrt(max(0.0, squares - 255) / streams.size)
        yield "byte frequency", float(excess), float(chdtrc(255, squares))
        # Bytes that are all equally frequent come of sorting: the order of a sequence's values, mod 256.
        yield "evenness of byte frequency", float(squares / 255 - 1), float(chdtr(255, squares))
    ones = _ones(streams)
    yield "ones in all planes", *_two_sided(int(ones.sum()), 8 * streams.size)
    for plane, count in enumerate(ones):
        yield f"ones in plane {plane}", *_two_sided(int(count), streams.size)
    if messages > 1:
        yield "equal bytes at a place of successive messages", *_equal(streams[1:] ^ streams[:-1])
        places, terms = _places(streams), 8 * samples
        yield "ones at each place", float(np.sqrt(max(0.0, places / terms - 1))), float(chdtrc(terms, places))
    for lag in _SUCCESSORS:
        if lag < samples and streams.size // 2 >= 256 * _EXPECTED:
            yield f"upper nibbles at lag {lag}", *_together(streams, lag)
    if samples >= _REGISTER:
        yield from _registers(streams[0])
    for lag in _lags(samples, row):
        apart = streams[:, lag:] ^ streams[:, :-lag]
        yield f"equal bytes at lag {lag}", *_equal(apart)
        unequal = _ones(apart)
        yield f"equal bits at lag {lag}", *_two_sided(8 * apart.size - int(unequal.sum()), 8 * apart.size)
        for plane, count in enumerate(unequal):
            yield f"equal bits of plane {plane} at lag {lag}", *_two_sided(apart.size - int(count), apart.size)


def _lags(samples: int, row: int) -> list[int]:
    """`LAGS`, in samples and in rows."""
    near = {*LAGS, *(row * lag for lag in LAGS)}
    return sorted(lag for lag in near if lag <= samples // 2)


def _ones(streams: Image) -> NDArray[np.int64]:
    """Ones in each of the eight planes, the lowest first."""
    counts = np.bincount(streams.ravel(), minlength=256)
    ones: NDArray[np.int64] = (np.arange(256)[None] >> _PLANES[:, None] & 1) @ counts
    return ones


def _places(streams: Image) -> float:
    """The sum of (ones - zeros)^2 / messages over every bit of every place."""
    messages = len(streams)
    total = 0.0
    for plane in _PLANES:
        ones = np.sum(streams >> plane & 1, axis=0, dtype=np.int64)
        total += float(np.sum((2 * ones - messages) ** 2)) / messages
    return total


def _together(streams: Image, lag: int) -> tuple[float, float]:
    """The excess of chi-square of upper nibbles ``lag`` samples apart, no sample in two pairs, and its p-value."""
    from scipy.special import chdtrc

    blocks = streams[:, : streams.shape[1] // (2 * lag) * 2 * lag].reshape(-1, 2, lag) >> 4
    counts = np.bincount((16 * blocks[:, 0] + blocks[:, 1]).ravel(), minlength=256)
    total = int(counts.sum())
    squares = float(np.sum((counts - total / 256) ** 2) * 256 / total)
    return float(np.sqrt(max(0.0, squares - 255) / total)), float(chdtrc(255, squares))


def _registers(stream: Image) -> Iterator[StreamTest]:
    """Linear complexity over GF(2) of the bits, either end of a byte first, and of each plane, less one half.

    Of all sequences of n bits no more than 4^L have a complexity of L or less.
    """
    whole, bytewise = stream[: _REGISTER // 8], stream[:_REGISTER]
    rows = {"all bits": np.unpackbits(whole), "all bits, the lowest first": np.unpackbits(whole, bitorder="little")}
    rows |= {f"plane {plane}": bytewise >> plane & np.uint8(1) for plane in _PLANES}
    words = as_bits(np.packbits(np.stack(list(rows.values())))).words
    for name, length in zip(rows, linear_complexities(words, len(rows), _REGISTER).tolist(), strict=True):
        yield f"linear complexity of {name}", length / _REGISTER - 0.5, min(1.0, 2.0 ** (2 * length - _REGISTER))


def _equal(differences: Image) -> tuple[float, float]:
    """The excess share of zeros, and the p-value of as many."""
    zeros = differences.size - int(np.count_nonzero(differences))
    return zeros / differences.size - BYTE_CHANCE, at_least(zeros, differences.size)


def _two_sided(ones: int, bits: int) -> tuple[float, float]:
    """The share of ones less one half, and its two-sided binomial p-value."""
    return ones / bits - 0.5, min(1.0, at_least(max(ones, bits - ones), bits, 0.5, tries=2))
