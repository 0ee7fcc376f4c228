"""Computational ghost imaging: light patterns, the single-pixel measurements behind an object, and its recovery."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.primitives.optics.expansion import uniform_bytes

__all__ = ["NormalEquations", "buckets", "correlation_image", "least_squares", "light_patterns", "pattern_keys"]

Reals = NDArray[Any]
_RIDGE = 1e-6
_FEW = 16  # pixels to a lost measurement


def light_patterns(key: bytes, label: str, count: int, pixels: int) -> NDArray[np.float32]:
    """(M, N): ``count`` patterns of ``pixels`` intensities (b + 1/2) / 256 in (0, 1), b a uniform byte."""
    patterns = uniform_bytes(key, label, (count, pixels)).astype(np.float32)
    patterns += np.float32(0.5)
    patterns /= np.float32(256)
    return patterns


def buckets(patterns: Reals, objects: Reals) -> Reals:
    """B_i = sum_x R_i(x) O(x), (T, M), of T objects (T, N) under M patterns (M, N): all light behind the object."""
    measured: Reals = objects @ patterns.T
    return measured


def correlation_image(measured: Reals, patterns: Reals) -> Reals:
    """Classical ghost imaging <B R(x)> - <B> <R(x)>, (N,), from measurements (M,): noisy even for many patterns."""
    image: Reals = measured @ patterns / len(measured) - measured.mean() * patterns.mean(axis=0)
    return image


class NormalEquations:
    """The normal equations of patterns (M, N), with a ridge of 10^-6 of their variance, so that too few measurements
    give the smallest object and no error; factored once for all objects of which no measurement is lost."""

    def __init__(self, patterns: Reals) -> None:
        self.patterns = patterns.astype(np.float64)
        self.matrix = self.patterns.T @ self.patterns
        ridge = _RIDGE * self.patterns.var() * len(self.patterns)
        self.matrix[np.diag_indices_from(self.matrix)] += max(ridge, 1e-12)

    @cached_property
    def factor(self) -> Any:
        """The Cholesky factor."""
        from scipy.linalg import cho_factor

        return cho_factor(self.matrix, check_finite=False)


def least_squares(
    measured: Reals, patterns: Reals | NormalEquations, lost: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """The T objects, (T, N) float64, that explain measurements (T, M) best; those marked ``lost`` are left out."""
    normal = patterns if isinstance(patterns, NormalEquations) else NormalEquations(patterns)
    work, data = normal.patterns, measured.astype(np.float64)
    objects = np.empty((len(data), work.shape[1]))
    marks = np.zeros(data.shape, np.bool_) if lost is None else lost
    kinds, kind_of = np.unique(marks, axis=0, return_inverse=True) if marks.any() else (marks[:1], np.zeros(len(data)))
    for kind, missing in enumerate(kinds):
        same = np.flatnonzero(kind_of.ravel() == kind)
        objects[same] = _without(normal, missing, data[same]).T
    return objects


def _without(normal: NormalEquations, missing: NDArray[np.bool_], data: Reals) -> NDArray[np.float64]:
    """The objects, (N, T), of measurements (T, M) that lack the same ones.

    Few of these are taken out of the factored equations by the formula of Sherman, Morrison and Woodbury; for more of
    them the equations are factored anew.
    """
    from scipy.linalg import cho_factor, cho_solve

    work, gone = normal.patterns, normal.patterns[missing]
    if len(gone) * _FEW > work.shape[1]:
        factor = cho_factor(normal.matrix - gone.T @ gone, check_finite=False)
        many: NDArray[np.float64] = cho_solve(factor, (data[:, ~missing] @ work[~missing]).T, check_finite=False)
        return many
    objects: NDArray[np.float64] = cho_solve(normal.factor, (np.where(missing, 0.0, data) @ work).T, check_finite=False)
    if len(gone):
        spread = cho_solve(normal.factor, gone.T, check_finite=False)
        objects += spread @ np.linalg.solve(np.eye(len(gone)) - gone @ spread, gone @ objects)
    return objects


def pattern_keys(measured: Reals, patterns: Reals, hidden: Reals) -> Reals:
    """Patterns P, (M, N), under which a ``hidden`` object, (N,) of positive values, gives the buckets of another one.

    The integral of P_i O is its zero frequency: of random patterns R, the product R_i O has its zero frequency set
    to the bucket B_i, R_i O + (B_i - sum R_i O) / N, and is divided by O.
    """
    product = patterns * hidden
    pixels = patterns.shape[1]
    keys: Reals = (product + ((measured - product.sum(axis=1)) / pixels)[:, None]) / hidden
    return keys
