"""Texture of a channel from grey-level co-occurrence matrices: contrast, energy, homogeneity."""

from __future__ import annotations

from functools import lru_cache
from math import nan
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.metrics._arrays import Bytes
from cryptobench.metrics._arrays import plane as checked_plane
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import gamma_result, normal_result

__all__ = [
    "LEVELS",
    "OFFSETS",
    "PROPERTIES",
    "coarsen",
    "cooccurrence",
    "energy_and_differences",
    "glcm_properties",
    "pair_counts",
    "span_weights",
    "weighted_pair_variance",
]

LEVELS = (8, 256)
PROPERTIES = ("contrast", "energy", "homogeneity")
MINIMUM_PIXELS = 1024  # for p-values
OFFSETS = ((0, 1), (1, 0), (1, 1), (1, -1))  # (row, column) of the second pixel: H, V, D, A


def glcm_properties(plane: Any, levels: int = 256, alpha: float = 0.05) -> dict[str, Result]:
    """Contrast, energy and homogeneity of one channel (H, W): the mean over four directions at distance 1.

    MATLAB's definitions (graycoprops): contrast is the sum of (i - j)^2 p, energy the sum of p^2, homogeneity the sum
    of p / (1 + |i - j|). The matrix p is not symmetrised. ``levels`` is 256, or 8 with value * 8 // 256, MATLAB's
    default. Directions without pairs are left out; a single pixel gives nan.

    Two-sided tests with means and variances for independent uniform pixels at this size: exact, except that the
    variance of energy omits terms smaller by a factor of the order of 1 / pixels. No p-value below 1024 pixels.
    """
    if levels not in LEVELS:
        raise ValueError(f"levels must be 8 or 256, not {levels!r}")
    checked = checked_plane(plane)
    table = cooccurrence(checked)
    return properties_of(table if levels == 256 else coarsen(table), checked.shape, alpha)


def properties_of(table: NDArray[np.uint32], shape: tuple[int, ...], alpha: float) -> dict[str, Result]:
    """`glcm_properties` from co-occurrence tables (4, levels, levels)."""
    height, width = shape
    pairs = pair_counts(height, width)
    present = sum(n > 0 for n in pairs)
    if not present:
        return {name: Result(nan) for name in PROPERTIES}
    squares, differences = energy_and_differences(table)
    weights = [1 / (present * n) if n else 0.0 for n in pairs]
    by_distance = np.array(weights) @ differences
    of_contrast, of_homogeneity = _distance_weights(table.shape[1])
    contrast = float(by_distance @ of_contrast)
    homogeneity = float(by_distance @ of_homogeneity)
    energy = sum(int(square) / (present * n * n) for square, n in zip(squares, pairs, strict=True) if n)
    levels = table.shape[1]

    contrast_moments, energy_moments, homogeneity_moments = _moments(height, width, levels)
    if height * width < MINIMUM_PIXELS:
        return {
            "contrast": Result(contrast, contrast_moments[0]),
            "energy": Result(energy, energy_moments[0]),
            "homogeneity": Result(homogeneity, homogeneity_moments[0]),
        }
    floor = 1 / levels**2  # the least energy there is
    excess = gamma_result(energy - floor, energy_moments[0] - floor, energy_moments[1], alpha)
    assert excess.low is not None
    assert excess.high is not None
    return {
        "contrast": normal_result(contrast, contrast_moments[0], contrast_moments[1] ** 0.5, alpha),
        "energy": Result(energy, energy_moments[0], floor + excess.low, floor + excess.high, excess.p_value),
        "homogeneity": gamma_result(homogeneity, *homogeneity_moments, alpha),
    }


@lru_cache(maxsize=2)
def _distance_weights(levels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    distance = np.arange(levels, dtype=np.float64)
    return distance**2, 1 / (1 + distance)


@lru_cache(maxsize=256)
def _moments(height: int, width: int, levels: int) -> tuple[tuple[float, float], ...]:
    """Mean and variance of contrast, energy, homogeneity for independent uniform pixels."""
    pairs = pair_counts(height, width)
    present = sum(n > 0 for n in pairs)
    weights = tuple(1 / (present * n) if n else 0.0 for n in pairs)
    i = np.arange(levels)
    moments = []
    for by_distance in _distance_weights(levels):
        value = by_distance[np.abs(i[:, None] - i[None, :])]
        given = value.mean(axis=1)
        variance = weighted_pair_variance(height, width, weights, float(value.var()), float(given.var()))
        moments.append((float(value.mean()), variance))
    return moments[0], _energy_moments(height, width, levels, pairs, present), moments[1]


def _energy_moments(height: int, width: int, levels: int, pairs: tuple[int, ...], present: int) -> tuple[float, float]:
    """Mean and variance of the mean energy.

    The sum of squared counts is n + twice the number of coincidences: pairs of adjacent pixels (p, p + a) whose
    translate by some D has the same two values. Two different pairs coincide with probability 1 / L^2, also where
    they overlap, which gives the mean. For one translation D the indicators x_p = x_{p+D} are independent with
    probability 1 / L, and a coincidence is the product of two adjacent ones; so its number has a
    variance as in `weighted_pair_variance` on the (H - |D_r|) x (W - |D_c|) grid of the p. Different
    translations are uncorrelated but for boundary terms. Summed over all D the spans telescope:
    the sum over D_r of max(0, H - |D_r| - r) is max(0, H - r)^2.
    """
    floor = 1 / levels**2
    mean = sum(1 / n + (1 - 1 / n) * floor for n in pairs if n) / present
    weights = tuple(1 / (present * n * n) if n else 0.0 for n in pairs)
    rows, columns = np.maximum(height - np.arange(3.0), 0), np.maximum(width - np.arange(3.0), 0)
    spans = np.outer(rows**2, columns**2) - np.outer(rows, columns)  # all translations but zero
    edges, stars = span_weights(weights)
    alone = float((edges * spans).sum())
    q = 1 / levels
    variance = q**2 * (1 - q**2) * alone + q**3 * (1 - q) * (float((stars * spans).sum()) - 2 * alone)
    return mean, 2 * variance  # half of the translations, each coincidence counted twice


def pair_counts(height: int, width: int) -> tuple[int, ...]:
    """How many adjacent pairs an (H, W) grid has in each direction of `OFFSETS`."""
    return tuple((height - dr) * (width - abs(dc)) for dr, dc in OFFSETS)


def weighted_pair_variance(
    height: int, width: int, weights: tuple[float, ...], variance: float, shared: float
) -> float:
    """Variance of the weighted sum of f(x, y) over all adjacent pairs, f symmetric, pixels independent.

    ``variance`` is Var f(x, y), ``shared`` is Var E[f(x, y) | x]: the covariance of two pairs with one pixel in common.
    """
    spans = np.maximum(height - np.arange(3), 0)[:, None] * np.maximum(width - np.arange(3), 0)[None, :]
    edges, stars = span_weights(weights)
    alone = float((edges * spans).sum())
    return variance * alone + shared * (float((stars * spans).sum()) - 2 * alone)


def span_weights(weights: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two (3, 3) tables: squared weights of pairs, and products of weights over pairs that share a pixel.

    Entry [r, c] is for constellations that span r rows and c columns, of which an (H, W) grid holds
    (H - r)(W - c). In the second table a pair is combined with itself too, once at each end.
    """
    edges, stars = np.zeros((3, 3)), np.zeros((3, 3))
    arms = [(dr * sign, dc * sign, w) for (dr, dc), w in zip(OFFSETS, weights, strict=True) for sign in (1, -1)]
    for (dr, dc), w in zip(OFFSETS, weights, strict=True):
        edges[dr, abs(dc)] += w * w
    for r1, c1, w1 in arms:
        for r2, c2, w2 in arms:
            rows = max(0, r1, r2) - min(0, r1, r2)
            columns = max(0, c1, c2) - min(0, c1, c2)
            stars[rows, columns] += w1 * w2
    return edges, stars


@njit(cache=True, nogil=True)
def cooccurrence(plane: Bytes) -> np.ndarray:
    """How often value i has value j as right, down, down-right, down-left neighbour: (4, 256, 256) uint32.

    The time goes into moving table entries to and from the processor's second-level cache, so pairs are counted in
    a small table of bytes and carried into the large one.
    """
    height, width = plane.shape
    table = np.zeros((4, 65536), np.uint32)
    low = np.zeros((4, 65536), np.uint8)
    index = np.empty(width, np.uint16)
    for r in range(height):
        _tally(plane[r, :-1], plane[r, 1:], index, low[0], table[0])
    for r in range(height - 1):
        _tally(plane[r], plane[r + 1], index, low[1], table[1])
    for r in range(height - 1):
        _tally(plane[r, :-1], plane[r + 1, 1:], index, low[2], table[2])
    for r in range(height - 1):
        _tally(plane[r, 1:], plane[r + 1, :-1], index, low[3], table[3])
    for angle in range(4):
        counts, rest = table[angle], low[angle]
        for k in range(65536):
            counts[k] += rest[k]
    return table.reshape(4, 256, 256)


@njit(cache=True, nogil=True)
def _tally(first: Bytes, second: Bytes, index: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Count the pairs of two rows: low counts modulo 256, high what was carried over."""
    for i in range(first.size):
        index[i] = np.uint16(np.uint16(np.uint16(first[i]) << 8) | np.uint16(second[i]))
    for i in range(first.size):
        k = index[i]
        low[k] += np.uint8(1)
        if low[k] == 0:
            high[k] += np.uint32(256)


@njit(cache=True, nogil=True)
def coarsen(table: np.ndarray) -> np.ndarray:
    """The (4, 8, 8) tables of value * 8 // 256 from those of all 256 values."""
    out = np.zeros((4, 8, 8), np.uint32)
    for angle in range(4):
        for i in range(256):
            row = table[angle, i]
            for block in range(8):
                part = np.uint32(0)
                for j in range(32):
                    part += row[32 * block + j]
                out[angle, i >> 5, block] += part
    return out


@njit(cache=True, nogil=True)
def energy_and_differences(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of (A, L, L) tables: (A,) sums of squared counts, and (A, L) counts of each |i - j|, both int64."""
    angles, levels, _ = table.shape
    squares = np.zeros(angles, np.int64)
    differences = np.zeros((angles, levels), np.int64)
    for angle in range(angles):
        for i in range(levels):
            row = table[angle, i]
            part = np.uint64(0)
            for j in range(levels):
                part += np.uint64(row[j]) * np.uint64(row[j])
            squares[angle] += np.int64(part)
            above, below = differences[angle], row[:i]
            for d in range(levels - i):
                above[d] += np.int64(row[i + d])
            for d in range(i):
                above[d + 1] += np.int64(below[i - 1 - d])
    return squares, differences
