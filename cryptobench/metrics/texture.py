"""Texture of a channel from grey-level co-occurrence matrices: contrast, energy, homogeneity."""

from __future__ import annotations

from functools import lru_cache
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.metrics._arrays import plane as checked_plane
from cryptobench.metrics._cooccurrence import coarsen, cooccurrence, energy_and_differences
from cryptobench.metrics._grid import pair_counts, span_weights, weighted_pair_variance
from cryptobench.metrics._null import gamma_result, normal_result
from cryptobench.metrics.result import Result

__all__ = ["LEVELS", "PROPERTIES", "glcm_properties"]

LEVELS = (8, 256)
PROPERTIES = ("contrast", "energy", "homogeneity")
MINIMUM_PIXELS = 1024


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
