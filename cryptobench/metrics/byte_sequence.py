"""Statistics of a byte sequence: the five of ENT, overlapping byte pairs, and bit planes."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, check_alpha
from cryptobench.metrics._given import described, is_array, sequence_advice
from cryptobench.metrics.entropy import entropy_of
from cryptobench.metrics.histogram import MINIMUM_EXPECTED_COUNT, VALUES, chi_square_of
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import chi_square_result, normal_quantile, normal_result

__all__ = [
    "BIT_PLANES",
    "MINIMUM_PAIRS",
    "bit_planes",
    "byte_chi_square",
    "byte_entropy",
    "byte_mean",
    "byte_pairs",
    "monte_carlo_pi",
    "serial_correlation",
]

BIT_PLANES = 8
MINIMUM_PAIRS = VALUES**2  # one expected occurrence of each pair; with 65536 cells that is enough for chi-square
_MINIMUM = MINIMUM_EXPECTED_COUNT * VALUES  # 1280 bytes; below, no statistic has a p-value
_COORDINATE = 3  # bytes of one coordinate of a point, as in ENT


def byte_entropy(sequence: Any, alpha: float = 0.05) -> Result:
    """Shannon entropy of the bytes, in bits (at most 8); tested as `global_entropy` is."""
    return entropy_of(_kernels.count_values(_bytes(sequence)), alpha)


def byte_chi_square(sequence: Any, alpha: float = 0.05) -> Result:
    """Chi-square of the byte values against the uniform distribution; tested as `histogram_chi_square` is."""
    return chi_square_of(_kernels.count_values(_bytes(sequence)), alpha)


def byte_mean(sequence: Any, alpha: float = 0.05) -> Result:
    """Mean of the bytes, two-sided against 127.5; a byte's variance is (256^2 - 1) / 12."""
    x = _bytes(sequence)
    value = int(x.sum(dtype=np.int64)) / x.size
    return _tested(value, (VALUES - 1) / 2, sqrt((VALUES**2 - 1) / 12 / x.size), x.size, alpha)


def monte_carlo_pi(sequence: Any, alpha: float = 0.05) -> Result:
    """Four times the share of points within a quarter circle: each six bytes are two coordinates of 24 bits (ENT).

    Two-sided against pi, normal with the binomial variance; the grid of 2^24 moves the mean by less than 2e-7.
    ValueError for fewer than six bytes.
    """
    x = _bytes(sequence)
    points = x.size // (2 * _COORDINATE)
    if points == 0:
        raise ValueError(f"a point takes {2 * _COORDINATE} bytes, the sequence has {x.size}; use a longer one")
    inside = int(_kernels.points_inside(x, points))
    return _tested(4 * inside / points, pi, sqrt(pi * (4 - pi) / points), x.size, alpha)


def serial_correlation(sequence: Any, alpha: float = 0.05) -> Result:
    """Correlation of each byte with the next, the last with the first (Knuth, vol. 2, 3.3.2 K; ENT).

    Two-sided, normal with Knuth's mean -1 / (n - 1) and variance n^2 / ((n - 1)^2 (n - 2)). Not a number where all
    bytes are equal; ValueError for fewer than three.
    """
    x = _bytes(sequence)
    n = x.size
    if n < 3:
        raise ValueError(f"serial correlation takes at least 3 bytes, the sequence has {n}; use a longer one")
    first, last = int(x[0]), int(x[-1])
    total, _, squares, _, products = map(int, _kernels.pair_sums(x[:-1], x[1:]))
    total, squares, products = total + last, squares + last * last, products + last * first
    spread = n * squares - total * total
    value = (n * products - total * total) / spread if spread else float("nan")
    return _tested(value, -1 / (n - 1), n / (n - 1) / sqrt(n - 2), n, alpha)


def byte_pairs(sequence: Any, alpha: float = 0.05) -> Result:
    """Good's statistic of overlapping byte pairs: chi-square of the pairs less that of the bytes.

    The sequence is taken cyclically. Two-sided chi-square with 256^2 - 256 degrees of freedom (Good 1953, The serial
    test for sampling numbers); no p-value below 65536 bytes.
    """
    x = _bytes(sequence)
    n = x.size
    counts = _kernels.count_pairs(x)
    singles = counts.reshape(VALUES, VALUES).sum(axis=1)
    value = (VALUES**2 * _squares(counts) - VALUES * _squares(singles)) / n  # -n + n cancel
    degrees = VALUES**2 - VALUES
    return Result(value, float(degrees)) if n < MINIMUM_PAIRS else chi_square_result(value, degrees, alpha)


def bit_planes(sequence: Any, alpha: float = 0.05) -> tuple[Result, ...]:
    """The share of ones in each of the eight bit planes, the least significant first; exact binomial, two-sided."""
    check_alpha(alpha)
    x = _bytes(sequence)
    counts = _kernels.count_values(x)
    bits = (np.arange(VALUES)[:, None] >> np.arange(BIT_PLANES)) & 1
    return tuple(_share(int(ones), x.size, alpha) for ones in counts @ bits)


def _share(ones: int, trials: int, alpha: float) -> Result:
    fewer = min(ones, trials - ones)
    # P(X <= k) for fair flips; `scipy.special.bdtr` is inexact for millions of trials.
    p_value = 1.0 if 2 * fewer >= trials else min(1.0, 2 * float(special.betainc(trials - fewer, fewer + 1, 0.5)))
    half_width = normal_quantile(1 - alpha / 2) / (2 * sqrt(trials))
    return Result(ones / trials, 0.5, max(0.0, 0.5 - half_width), min(1.0, 0.5 + half_width), p_value)


def _tested(value: float, mean: float, sd: float, size: int, alpha: float) -> Result:
    check_alpha(alpha)
    return Result(value, mean) if size < _MINIMUM else normal_result(value, mean, sd, alpha)


def _squares(counts: NDArray[np.int64]) -> int:
    return int((counts * counts).sum())


def _bytes(sequence: Any) -> Bytes:
    """Bytes, or a one-dimensional uint8 array, as a writeable-typed array; ValueError for anything else."""
    if isinstance(sequence, bytes | bytearray | memoryview):
        sequence = np.frombuffer(sequence, np.uint8)
    if not is_array(sequence) or sequence.dtype != np.uint8 or sequence.ndim != 1 or sequence.size == 0:
        raise ValueError(
            f"sequence must be bytes or a non-empty one-dimensional uint8 array, not {described(sequence)}; "
            f"{sequence_advice(sequence)}"
        )
    # Kernels are compiled for writeable arrays; a read-only one would be a second type and a second compilation.
    return np.ascontiguousarray(sequence) if sequence.flags.writeable else np.array(sequence)
