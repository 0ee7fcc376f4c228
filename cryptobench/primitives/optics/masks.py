"""Phase masks: from a key, and arrays of optical vortices."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cryptobench.primitives.optics.expansion import words

__all__ = ["LEVELS", "Field", "phase_mask", "vortex_array"]

Field = NDArray[Any]  # complex, (..., H, W)
LEVELS = 1 << 16
_MOST_CHARGE = 128


def phase_mask(key: bytes, label: str, shape: tuple[int, ...], dtype: type = np.complex64) -> Field:
    """exp(2 pi i n), n independent and uniform in 0, 1/65536, ..., 65535/65536: a random phase in each pixel."""
    return np.take(_circle(dtype), words(key, label, shape))


@cache
def _circle(dtype: type) -> Field:
    points: Field = np.exp(2j * np.pi * np.arange(LEVELS) / LEVELS).astype(dtype)
    points.flags.writeable = False
    return points


def vortex_array(
    shape: tuple[int, int],
    charges: ArrayLike,
    pitch: tuple[float, float],
    offset: tuple[float, float] = (0.0, 0.0),
    dtype: type = np.complex64,
) -> Field:
    """prod_j ((x - x_j + i (y - y_j)) / |...|)^l_j: the phase sum_j l_j atan2(y - y_j, x - x_j), (H, W).

    ``charges`` l_j, (R, C) integers of a sum of at most 128 without their signs, sit on a grid of ``pitch`` pixels down
    and across, centred in the plane and moved by ``offset`` pixels. In a pixel right at a vortex its factor is 1.
    Raises ValueError for more charge, whose product would overflow.
    """
    grid = np.asarray(charges)
    if (total := int(abs(grid).sum())) > _MOST_CHARGE:
        raise ValueError(f"vortex_array: charges add up to {total}, wanted at most {_MOST_CHARGE}")
    place = np.indices(grid.shape).reshape(2, -1).T - (np.array(grid.shape) - 1) / 2
    centres = (np.array(shape) - 1) / 2 + np.asarray(offset) + place * np.asarray(pitch)
    field: Field = _vortices(shape[0], shape[1], centres, grid.ravel().astype(np.int64)).astype(dtype)
    return field


@njit(cache=True, nogil=True)
def _vortices(height: int, width: int, centres: NDArray[np.float64], charges: NDArray[np.int64]) -> Field:
    """Products of the powers in shares of the longer side, so that they stay in range, divided by their modulus."""
    field, unit = np.empty((height, width), np.complex128), max(height, width)
    for i in range(height):
        for j in range(width):
            value = 1.0 + 0.0j
            for k in range(len(charges)):
                charge = charges[k]
                y, x = (i - centres[k, 0]) / unit, (j - centres[k, 1]) / unit
                if x == 0 and y == 0:
                    continue
                point = complex(x, y if charge > 0 else -y)
                for _ in range(abs(charge)):
                    value *= point
            field[i, j] = value / np.sqrt(value.real**2 + value.imag**2)
    return field
