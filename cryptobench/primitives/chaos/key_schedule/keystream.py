"""From orbit states to bytes and integers, and key streams of the piecewise linear chaotic map (PWLCM)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import RESTART

__all__ = [
    "bits_after",
    "index_pairs",
    "indices",
    "low_words",
    "pwlcm_bytes",
    "pwlcm_seed",
    "pwlcm_streams",
    "scaled_bytes",
]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
_BURN_IN = 1000  # states of a PWLCM orbit that are dropped
_SCALE = 2.0**40  # of its states, whose low 8 bits are the stream


@njit(cache=True, nogil=True, inline="always")
def bits_after(x: float, skipped: float, size: float) -> np.int32:
    """floor(x skipped size) mod size for ``x`` of at least 0 and powers of two ``skipped`` and ``size``, at most 2^31.

    Exact: x loses its integer part before it becomes an int32, for which there are vector instructions, unlike int64.
    """
    word = x * skipped
    return np.int32((word - np.floor(word)) * size)


@njit(cache=True, nogil=True)
def scaled_bytes(x: Floats, exponent: int) -> Bytes:
    """floor(x 2^exponent) mod 256 for states in [0, 1), in the shape of ``x``; ``exponent`` at most 52."""
    scale = 2.0**exponent
    out = np.empty(x.size, np.uint8)
    flat = x.ravel()
    for t in range(len(out)):
        out[t] = np.uint8(np.int64(flat[t] * scale) & 255)
    return out.reshape(x.shape)


@njit(cache=True, nogil=True, inline="always")
def low_words(x: Floats, scale: float, shifted: Floats, out: NDArray[np.uint32]) -> None:
    """out[i] = floor(scale x[i]) mod 2^32 for flat states with 0 <= scale x < 2^52; ``shifted`` is room for as many.

    The number plus 2^52 has it in the low bits of its float64 pattern: nothing is converted to an integer, and both
    loops vectorise.
    """
    for i in range(len(x)):
        shifted[i] = np.floor(x[i] * scale) + 4503599627370496.0
    bits = shifted.view(np.uint64)
    for i in range(len(x)):
        out[i] = np.uint32(bits[i])


@njit(cache=True, nogil=True)
def indices(x: Floats, modulus: int, out: NDArray[np.int32]) -> None:
    """floor(x 2^40) mod ``modulus`` for states in [0, 1), written to ``out``; ``modulus`` at most 2^31 - 1.

    The division is done in float64, where every intermediate is an integer below 2^53 and hence exact, so that it
    vectorises; the quotient may be off by one, which the two corrections undo.
    """
    m, inverse = np.float64(modulus), 1.0 / modulus
    flat, result = x.ravel(), out.ravel()
    for t in range(len(flat)):
        result[t] = _index(flat[t], m, inverse)


@njit(cache=True, nogil=True)
def index_pairs(x: Floats, y: Floats, modulus: int, out: NDArray[np.int32]) -> None:
    """`indices` of flat ``x`` and ``y`` in turn: out[0], out[2], ... from ``x`` and out[1], out[3], ... from ``y``."""
    m, inverse = np.float64(modulus), 1.0 / modulus
    for t in range(len(x)):
        out[2 * t] = _index(x[t], m, inverse)
        out[2 * t + 1] = _index(y[t], m, inverse)


@njit(cache=True, nogil=True, inline="always")
def _index(x: float, m: float, inverse: float) -> np.int32:
    word = np.floor(x * 1099511627776.0)
    rest = word - np.floor(word * inverse) * m
    rest = rest + m if rest < 0.0 else rest
    rest = rest - m if rest >= m else rest
    return np.int32(rest)


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


def pwlcm_seed(key: bytes, nonce: bytes, label: str) -> tuple[float, float]:
    """Start x in [0, 1) and control parameter p in [0.05, 0.45), from SHA-256(key | nonce | label).

    The hash's first two 64-bit words, little-endian, are cut to 53 bits a and b: x = a / 2^53, p = 0.05 + 0.4 b / 2^53.
    """
    digest = hashlib.sha256(key + nonce + label.encode()).digest()
    a, b = (int.from_bytes(digest[start : start + 8], "little") >> 11 for start in (0, 8))
    return a * 2.0**-53, 0.05 + 0.4 * (b * 2.0**-53)


@njit(cache=True, nogil=True)
def _fill(x: float, p: float, out: Bytes) -> None:
    for _ in range(_BURN_IN):
        x = _step(x, p)
    for i in range(len(out)):
        x = _step(x, p)
        out[i] = np.uint8(np.int64(x * _SCALE))


@njit(cache=True, nogil=True)
def _fill_two(x: float, p: float, y: float, q: float, out: Bytes, other: Bytes) -> None:
    for _ in range(_BURN_IN):
        x, y = _step(x, p), _step(y, q)
    for i in range(len(out)):
        x, y = _step(x, p), _step(y, q)
        out[i] = np.uint8(np.int64(x * _SCALE))
        other[i] = np.uint8(np.int64(y * _SCALE))


@njit(inline="always")
def _step(x: float, p: float) -> float:
    """The map of `classic.pwlcm_orbit`, with one division and no branch on x, so that none is mispredicted."""
    x = min(x, 1.0 - x)
    low = x < p
    x = (x if low else x - p) / (p if low else 0.5 - p)
    return x if 0.0 < x < 1.0 else RESTART
