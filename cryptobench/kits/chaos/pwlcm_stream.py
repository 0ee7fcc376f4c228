"""Key streams of the piecewise linear chaotic map (PWLCM), seeded by a hash of key, nonce and label."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["pwlcm_bytes", "pwlcm_seed", "pwlcm_streams"]

BURN_IN = 1000
_RESTART = 0.123456789  # where an orbit goes on after it has fallen on 0 or 1
_SCALE = 2.0**40
Bytes = NDArray[np.uint8]


def pwlcm_seed(key: bytes, nonce: bytes, label: str) -> tuple[float, float]:
    """Start x in [0, 1) and control parameter p in [0.05, 0.45), from SHA-256(key | nonce | label).

    The hash's first two 64-bit words, little-endian, are cut to 53 bits a and b: x = a / 2^53, p = 0.05 + 0.4 b / 2^53.
    """
    digest = hashlib.sha256(key + nonce + label.encode()).digest()
    a, b = (int.from_bytes(digest[start : start + 8], "little") >> 11 for start in (0, 8))
    return a * 2.0**-53, 0.05 + 0.4 * (b * 2.0**-53)


def pwlcm_bytes(key: bytes, nonce: bytes, label: str, count: int) -> Bytes:
    """``count`` bytes floor(x 2^40) mod 256 of the orbit from `pwlcm_seed`, after 1000 dropped states."""
    stream: Bytes = pwlcm_streams(key, nonce, [label], count)[0]
    return stream


def pwlcm_streams(key: bytes, nonce: bytes, labels: Sequence[str], count: int) -> Bytes:
    """One stream for each of ``labels``, (len(labels), count); row i is `pwlcm_bytes` of label i.

    Two streams take little more time than one: their orbits run side by side.
    """
    seeds = [pwlcm_seed(key, nonce, label) for label in labels]
    out = np.empty((len(seeds), count), np.uint8)
    for i in range(0, len(seeds) - 1, 2):
        (x, p), (y, q) = seeds[i : i + 2]
        _fill_two(x, p, y, q, out[i], out[i + 1])
    if len(seeds) % 2:
        _fill(*seeds[-1], out[-1])
    return out


@njit(inline="always")
def _step(x: float, p: float) -> float:
    """The map of `maps_classic.pwlcm_orbit`, with one division and no branch on x, so that none is mispredicted."""
    x = min(x, 1.0 - x)
    low = x < p
    x = (x if low else x - p) / (p if low else 0.5 - p)
    return x if 0.0 < x < 1.0 else _RESTART


@njit(cache=True, nogil=True)
def _fill(x: float, p: float, out: Bytes) -> None:
    for _ in range(BURN_IN):
        x = _step(x, p)
    for i in range(len(out)):
        x = _step(x, p)
        out[i] = np.uint8(np.int64(x * _SCALE))


@njit(cache=True, nogil=True)
def _fill_two(x: float, p: float, y: float, q: float, out: Bytes, other: Bytes) -> None:
    for _ in range(BURN_IN):
        x, y = _step(x, p), _step(y, q)
    for i in range(len(out)):
        x, y = _step(x, p), _step(y, q)
        out[i] = np.uint8(np.int64(x * _SCALE))
        other[i] = np.uint8(np.int64(y * _SCALE))
