"""The random walk of the bits: extremes, cycles and visits."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["FAR", "NEAR", "walk_statistics"]

NEAR = 4  # states of the excursions test
FAR = 9  # states of its variant

_STEPS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int64) - 1
_NET = _STEPS.sum(axis=1)
_LOWEST = np.minimum(np.cumsum(_STEPS, axis=1).min(axis=1), 0)
_HIGHEST = np.maximum(np.cumsum(_STEPS, axis=1).max(axis=1), 0)


@njit(cache=True, nogil=True)
def _close_cycle(cycle: np.ndarray, tallies: np.ndarray) -> None:
    for state in range(2 * NEAR + 1):
        tallies[state, min(cycle[state], 5)] += 1
        cycle[state] = 0


@njit(cache=True, nogil=True)
def walk_statistics(words: np.ndarray, n: int) -> tuple[int, int, int, int, np.ndarray, np.ndarray]:
    """Of S_k = sum of the first k bits as -1 and +1: S_n, min and max over 0..n, cycles, visits and tallies.

    Cycles are counted as the standard does, the last one ending at n. Visits: (19,) int64, to the states -9..9.
    Tallies: (9, 6) int64, for states -4..4 the cycles with 0, 1, 2, 3, 4 and more visits.
    """
    at = lowest = highest = np.int64(0)
    cycles = 0
    visits = np.zeros(2 * FAR + 1, np.int64)
    tallies = np.zeros((2 * NEAR + 1, 6), np.int64)
    cycle = np.zeros(2 * NEAR + 1, np.int64)
    for i in range((n + 7) // 8):
        byte = (words[i >> 3] >> np.uint64(56 - 8 * (i & 7))) & np.uint64(0xFF)
        steps = min(8, n - 8 * i)
        if steps == 8:
            lowest = min(lowest, at + _LOWEST[byte])
            highest = max(highest, at + _HIGHEST[byte])
            if abs(at) > FAR + 8:
                at += _NET[byte]
                continue
        for k in range(steps):
            at += 2 * np.int64((byte >> np.uint64(7 - k)) & np.uint64(1)) - 1
            if at == 0:
                cycles += 1
                _close_cycle(cycle, tallies)
            elif abs(at) <= FAR:
                visits[at + FAR] += 1
                if abs(at) <= NEAR:
                    cycle[at + NEAR] += 1
        lowest, highest = min(lowest, at), max(highest, at)
    if at != 0:
        cycles += 1
        _close_cycle(cycle, tallies)
    return int(at), int(lowest), int(highest), cycles, visits, tallies
