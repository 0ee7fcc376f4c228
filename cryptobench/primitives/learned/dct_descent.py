"""The descent of `dct_network` for squares of 64 x 64 numbers under the DCT-II of order 9025, as a compiled kernel.

A descent adds, compares and limits number by number, so it leaves numbers in the order of `dct_lanes`: nothing is put
into the DCT's own order but what goes in and what comes out. A block is by itself, and uses whole vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.learned.dct_lanes import (
    HALF,
    INPUTS,
    LINE,
    NOTHING,
    ORDER,
    PAIRS,
    PLANE,
    SIDE,
    VECTOR,
    ZERO,
    columns,
    columns_back,
    tables,
    transformed,
)  # fmt: skip
from cryptobench.primitives.simd.float32 import (
    WIDE,
    Floats,
    aligned,
    fma,
    load_wide,
    maximum,
    minimum,
    multiply,
    store,
    subtract,
)  # fmt: skip
from cryptobench.primitives.simd.lanes import into_lanes, out_of_lanes

__all__ = ["INPUTS", "ORDER", "descended"]

_MOST = np.finfo(np.float32).max


def descended(outputs: NDArray[np.float32], least: float, steps: int) -> NDArray[np.float32]:
    """What `dct_network.descend` finds for a `FlatDct` of roots 64 and 95, but for rounding: (B, 9025) to (B, 4096).

    Each block is found by itself: the same bits beside any others.
    """
    t = tables()
    x, z, change = aligned(SIDE * LINE), aligned(SIDE * LINE), aligned(SIDE * LINE)
    spectra, line, room, pairs = (aligned(size) for size in (2 * (HALF + 1) * LINE, 2 * PLANE, 2 * PLANE, 2 * PAIRS))
    aim, lowest = aligned(t.scale.size), aligned(t.scale.size)
    spectra[:] = 0
    found = np.empty((len(outputs), INPUTS), np.float32)
    for b, wanted in enumerate(np.asarray(outputs, np.float32)):
        _begin(x, z, wanted, np.float32(least), aim, lowest, t)
        _descend(x, z, change, aim, lowest, spectra, line, room, pairs, t, steps)
        found[b] = x[t.inputs]
    return found


@njit(cache=True, nogil=True)
def _begin(x: Floats, z: Floats, wanted: Floats, least: Any, aim: Floats, lowest: Floats, t: Any) -> None:
    """Half of all that may be; what outputs there are to be fitted, and no less than how far below it is missed."""
    for i in range(len(x)):
        x[i] = z[i] = t.highest[i] * np.float32(0.5)
    places, scale = t.outputs.reshape(-1), t.scale.reshape(-1)
    for i in range(len(aim)):
        value = wanted[places[i]]
        on = (value > least) & (scale[i] != 0)
        aim[i] = value if on else NOTHING
        lowest[i] = -_MOST if on else NOTHING


@njit(nogil=True)
def _turned(line: Floats, turns: Floats, at: int, sense: Any) -> None:
    """Times the turns, or where ``sense`` is -1 their conjugates."""
    for k in range(0, PLANE, VECTOR):
        re, im, c = load_wide(line, k), load_wide(line, k + PLANE), load_wide(turns, at + k)
        s = multiply(load_wide(turns, at + k + PLANE), sense)
        store(line, k, subtract(multiply(re, c), multiply(im, s)))
        store(line, k + PLANE, fma(re, s, multiply(im, c)))


@njit(nogil=True)
def _misfit(line: Floats, aim: Floats, lowest: Floats, scale: Floats, at: int) -> None:
    """Outputs less ``aim``, or what of them is positive where that is 0: at least ``lowest``."""
    for k in range(0, 2 * PLANE, VECTOR):
        s = load_wide(scale, at + k)
        missed = subtract(multiply(load_wide(line, k), s), load_wide(aim, at + k))
        store(line, k, multiply(maximum(missed, load_wide(lowest, at + k)), s))


@njit(cache=True, nogil=True)
def _descend(
    x: Floats, z: Floats, change: Floats, aim: Floats, lowest: Floats, spectra: Floats, line: Floats, room: Floats,
    pairs: Floats, t: Any, steps: int,
) -> None:  # fmt: skip
    """The steps of one block: x and z, which lie as u does, are overwritten, and so are five arrays to work in."""
    turns, scale, lanes = t.turns.reshape(-1), t.scale.reshape(-1), t.lanes
    momentum = 1.0
    for _ in range(steps):
        for v in range(LINE // VECTOR):
            columns(z, v, spectra, room, pairs, t)
        for v in range(HALF // VECTOR):
            at = 2 * v * PLANE
            for m in range(0, LINE, VECTOR):
                into_lanes(spectra, lanes[2 * v], m, line, m * VECTOR)
                into_lanes(spectra, lanes[2 * v + 1], m, line, m * VECTOR + PLANE)
            _turned(line, turns, at, np.float32(1))
            transformed(line, room, pairs, ZERO, PLANE, t)
            _misfit(line, aim, lowest, scale, at)
            transformed(line, room, pairs, PLANE, ZERO, t)
            _turned(line, turns, at, np.float32(-1))
            for m in range(0, LINE, VECTOR):
                out_of_lanes(line, m * VECTOR, spectra, lanes[2 * v, 0] + m, 2 * LINE)
                out_of_lanes(line, m * VECTOR + PLANE, spectra, lanes[2 * v + 1, 0] + m, 2 * LINE)
        for v in range(LINE // VECTOR):
            columns_back(spectra, v, change, room, t)
        uphill = multiply(load_wide(x, ZERO), NOTHING)
        for k in range(0, SIDE * LINE, VECTOR):
            old, ahead = load_wide(x, k), load_wide(z, k)
            moved = minimum(maximum(subtract(ahead, load_wide(change, k)), NOTHING), load_wide(t.highest, k))
            changed = subtract(moved, old)
            uphill = fma(subtract(ahead, moved), changed, uphill)
            store(x, k, moved)
            store(change, k, changed)
        store(pairs, ZERO, uphill)
        total = NOTHING
        for k in range(WIDE):
            total += pairs[k]
        if total > 0:
            momentum = 1.0
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum * momentum)) / 2.0
        ahead_by = np.float32((momentum - 1.0) / following)
        momentum = following
        for k in range(0, SIDE * LINE, VECTOR):
            store(z, k, fma(load_wide(change, k), ahead_by, load_wide(x, k)))
