"""The Knuth-Durstenfeld shuffle driven by orbit states (Durstenfeld, Commun. ACM 7(7):420, 1964).

For t = n-1, ..., 1, 0 element t changes places with element s_t, s_t <= t. With the targets s of `shuffle_targets`,
``swap_train(data, 0, s, True)`` shuffles and ``swap_train(data, 0, s, False)`` undoes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["shuffle_target", "shuffle_targets"]


@njit(cache=True, nogil=True)
def shuffle_targets(x: NDArray[np.float64], first: int, out: NDArray[np.int32]) -> None:
    """out[i] = floor(x[i] 2^36) mod (first+i+1), for flat states in [0, 1]: targets of elements first, first+1, ...

    ``first + len(x)`` at most 2^31 - 1. The quotient of integers below 2^37 and 2^31 is at least 2^-31 away from the
    next integer unless it is one, so that its floor in float64 is exact, and the loop vectorises.
    """
    for i in range(len(x)):
        out[i] = shuffle_target(x[i], first + i)


@njit(cache=True, nogil=True, inline="always")
def shuffle_target(x: float, place: int) -> Any:
    """One of the `shuffle_targets`, that of the element ``place``, for kernels that do more at each."""
    word = np.floor(x * 68719476736.0)
    size = np.float64(place + 1)
    return np.int32(word - np.floor(word / size) * size)
