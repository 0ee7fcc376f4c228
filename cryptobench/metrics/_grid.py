"""Exact variance of means over adjacent pairs of a grid of independent pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["OFFSETS", "pair_counts", "span_weights", "weighted_pair_variance"]

# (row, column) of the second pixel: horizontal, vertical, diagonal, antidiagonal.
OFFSETS = ((0, 1), (1, 0), (1, 1), (1, -1))


def pair_counts(height: int, width: int) -> tuple[int, ...]:
    """How many adjacent pairs an (H, W) grid has in each direction of `OFFSETS`."""
    return tuple((height - dr) * (width - abs(dc)) for dr, dc in OFFSETS)


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
