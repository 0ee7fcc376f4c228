"""Sixteen rows become lanes and rows again, wherever they start."""

import numpy as np
from numba import njit

from cryptobench.primitives.simd.lanes import into_lanes, out_of_lanes, turned


@njit
def _there_and_back(source, starts, lanes, rows):
    into_lanes(source, starts, 2, lanes, 5)
    out_of_lanes(lanes, 5, rows, 3, 20)


def test_rows_become_lanes_and_rows_again():
    """Element k of the row that lane l reads is at 16 k + l; back, rows are as far apart as asked for."""
    source = np.arange(1000, dtype=np.float32)
    starts = np.random.default_rng(1).integers(0, 900, 16)
    lanes, rows = np.zeros(5 + 256, np.float32), np.full(3 + 20 * 16, -1, np.float32)
    _there_and_back(source, starts, lanes, rows)
    wanted = starts[:, None] + 2 + np.arange(16)
    assert np.array_equal(lanes[5:].reshape(16, 16), wanted.T)
    assert np.array_equal(rows[3:].reshape(16, 20)[:, :16], wanted)
    assert (rows[3:].reshape(16, 20)[:, 16:] == -1).all()


@njit
def _turned(source, target):
    turned(source, 7, target, 2, 20)


def test_squares_are_turned():
    """Sixteen rows of numbers that are twenty apart, and what stands between them is left alone."""
    source, target = np.arange(7 + 320, dtype=np.float32), np.full(2 + 320, -1, np.float32)
    _turned(source, target)
    found, given = target[2:].reshape(16, 20), source[7:].reshape(16, 20)
    assert np.array_equal(found[:, :16], given[:, :16].T)
    assert (found[:, 16:] == -1).all()
