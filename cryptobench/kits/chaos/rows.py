"""Reading a map of many sites row by row, as one flat sequence of samples, a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["blocks"]

Floats = NDArray[np.float64]


def blocks(advance: Callable[[Floats], None], sites: int, n: int, size: int = 8192) -> Iterator[tuple[int, Floats]]:
    """``n`` samples of a map: pairs of the first sample's place and a block of at most ``size`` samples, (m,).

    ``advance(out)`` fills (rows, sites) with the next states. What is left of the last row is dropped, so that whatever
    is read next starts on a new row. A block is overwritten by the next one.
    """
    rows = np.empty((max(1, size // sites), sites))
    for start in range(0, n, rows.size):
        m = min(rows.size, n - start)
        used = rows[: -(-m // sites)]
        advance(used)
        yield start, used.ravel()[:m]
