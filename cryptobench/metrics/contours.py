"""Whether the plaintext's contours can be seen in the ciphertext, by local contrast."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.metrics._arrays import Bytes, plane_pair
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import normal_result

__all__ = ["BLOCK", "contour_correlation"]

BLOCK = 5  # pixels a side
MINIMUM_BLOCKS = 30  # for the normal approximation
_STRIP = 1 << 16  # samples taken at once
Floats = NDArray[np.float64]


def contour_correlation(plain: Any, cipher: Any, alpha: float = 0.05) -> Result:
    """Pearson correlation of the ciphertext's block variances with the plaintext's block gradients, of (H, W) channels.

    The image is cut into blocks of 5x5 pixels from the upper left corner. Of the ciphertext each gives the variance
    of its samples; of the plaintext, the mean absolute difference of adjacent samples. A network's ciphertext can
    have nearly ideal entropy and adjacent correlation while contours and flat regions are seen with the naked eye:
    there the local contrast differs.

    Under an ideal cipher block variances are independent and identically distributed, so the correlation has mean 0
    and variance 1 / (blocks - 1) whatever the plaintext; two-sided normal test. nan where the plaintext is flat or
    below two blocks; no p-value below 30 blocks. A ciphertext whose blocks all have one variance gives 0 with
    p-value 0.
    """
    p, c = plane_pair(plain, cipher, ("plain", "cipher"))
    gradients, variances = _gradients(p), _variances(c)
    blocks = gradients.size
    if blocks < 2 or gradients.std() == 0:
        return Result(nan)
    enough = blocks >= MINIMUM_BLOCKS
    if variances.std() == 0:
        null = normal_result(0.0, 0.0, 1 / sqrt(blocks - 1), alpha)
        return Result(0.0, 0.0, null.low, null.high, 0.0) if enough else Result(0.0, 0.0)
    value = float(np.corrcoef(gradients, variances)[0, 1])
    return normal_result(value, 0.0, 1 / sqrt(blocks - 1), alpha) if enough else Result(value, 0.0)


def _blocks(values: Floats) -> Floats:
    """(rows of blocks, BLOCK, columns of blocks, BLOCK)."""
    height, width = (side // BLOCK for side in values.shape)
    return values[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)


def _strips(plane: Bytes) -> Iterator[tuple[int, int]]:
    """Where strips of whole rows of blocks begin and end: wide numbers of some rows at a time take little memory."""
    step = BLOCK * max(1, _STRIP // (BLOCK * plane.shape[1]))
    for start in range(0, plane.shape[0] // BLOCK * BLOCK, step):
        yield start, min(start + step, plane.shape[0] // BLOCK * BLOCK)


def _variances(plane: Bytes) -> Floats:
    parts = [_blocks(plane[start:end].astype(np.float64)).var(axis=(1, 3)).ravel() for start, end in _strips(plane)]
    return np.concatenate([np.empty(0), *parts])


def _gradients(plane: Bytes) -> Floats:
    parts = [np.empty(0)]
    for start, end in _strips(plane):
        values = plane[start : end + 1].astype(np.float64)
        gradient = np.zeros_like(values)
        gradient[:, :-1] += np.abs(np.diff(values, axis=1))
        gradient[:-1] += np.abs(np.diff(values, axis=0))
        parts.append(_blocks(gradient[: end - start]).mean(axis=(1, 3)).ravel())
    return np.concatenate(parts)
