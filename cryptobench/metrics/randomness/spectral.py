"""The discrete Fourier transform (SP 800-22 rev. 1a, 2.6)."""

from __future__ import annotations

from math import erfc, isqrt, log, sqrt

import numpy as np
from numba import njit
from scipy import fft

from cryptobench.metrics.randomness._peaks import TABLE, count_low_peaks, roots
from cryptobench.metrics.randomness.bits import Bits, BitsLike, as_bits, require
from cryptobench.metrics.randomness.outcome import SequenceOutcome, Variant, check_variant, sequence_outcome

__all__ = [
    "DIVISOR",
    "count_below",
    "count_strided_below",
    "signs",
    "spectral",
    "strand",
]

# The variance of the number of peaks below the threshold is n .95 .05 / divisor. The standard's follows from
# independent peaks (Kim, Umeno and Hasegawa 2004). They are not: 3.8 is from Pareschi, Rovatti and Setti, "On
# statistical tests for randomness included in the NIST SP800-22 test suite and based on the binomial distribution",
# IEEE Transactions on Information Forensics and Security 7, 2012.
DIVISOR = {"standard": 4.0, "corrected": 3.8}
LONGEST = 1 << 23  # bits from which on the spectrum is taken in parts: at once it would take 8 bytes a bit
LONG = 1 << 15  # complex values from which on two passes of short transforms are faster than one long one


def spectral(
    sequence: BitsLike, n: int | None = None, *, variant: Variant = "standard", enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether 95 % of the spectrum's peaks lie below sqrt(n ln 20); the statistic is the normalised difference d.

    Corrected: the variance is larger by 4 / 3.8. `TooShort` below 1000 bits.
    """
    check_variant(variant)
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 1000, "spectral", "at least 1000", bits.n)
    if "peaks" not in bits.shared:
        bits.shared["peaks"] = _count_low_peaks(bits)
    excess = bits.shared["peaks"] - 0.95 * bits.n / 2
    statistic = excess / sqrt(bits.n * 0.95 * 0.05 / DIVISOR[variant])
    return sequence_outcome("spectral", [statistic], [erfc(abs(statistic) / sqrt(2))], variant=variant)


def _count_low_peaks(bits: Bits) -> int:
    """How many of the first n // 2 values of the spectrum have a squared modulus below n ln 20.

    Exact to double precision: those that single precision cannot tell from the threshold are computed anew.
    """
    half, squared = bits.n // 2, bits.n * log(1 / 0.05)
    if bits.n >= LONGEST and bits.n % 2 == 0:
        return _count_in_parts(bits, half, squared)
    rows = max(a for a in range(1, isqrt(half) + 1) if half % a == 0)
    if bits.n % 2 or half < LONG or rows < 64:
        return int(count_below(fft.rfft(signs(bits.words, bits.n), overwrite_x=True), half, squared))
    return count_low_peaks(bits, rows, squared)


def _count_in_parts(bits: Bits, half: int, squared: float) -> int:
    """`_count_low_peaks` by residue classes of frequencies: 1 byte a bit where 16 divides n, at most 8."""
    ways = next(ways for ways in (16, 8, 4, 2) if bits.n % ways == 0)
    below = 0
    for r in range(ways // 2 + 1):
        low, high = roots(bits.n, r, TABLE), roots(bits.n, r * TABLE, bits.n // ways // TABLE + 1)
        part = fft.fft(strand(bits.words, bits.n, roots(ways, r, ways), low, high), overwrite_x=True)
        below += int(count_strided_below(part, r, ways, half, 0 < r < ways // 2, squared))
    return below


@njit(cache=True, nogil=True)
def signs(words: np.ndarray, n: int) -> np.ndarray:
    """The bits as -1 and +1: (n,) float64."""
    out = np.empty(n)
    for i in range(0, n, 64):
        word = words[i >> 6]
        for j in range(min(64, n - i)):
            out[i + j] = 2.0 * np.int64((word >> np.uint64(63 - j)) & np.uint64(1)) - 1.0
    return out


@njit(cache=True, nogil=True)
def count_below(spectrum: np.ndarray, count: int, squared: float) -> int:
    """How many of the first ``count`` values have a squared modulus below ``squared``."""
    below = 0
    for i in range(count):
        value = spectrum[i]
        below += value.real * value.real + value.imag * value.imag < squared
    return below


@njit(cache=True, nogil=True)
def strand(words: np.ndarray, n: int, ways: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """y of class r, (n / R,) complex128, from the bits as -1 and +1.

    ``ways`` is w_R^(r q) for q = 0..R - 1; w_n^(r j) is low[j % T] high[j // T] with T the length of ``low``.
    """
    m, table = n // len(ways), len(low)
    y = np.empty(m, np.complex128)
    for j in range(m):
        real = imag = 0.0
        for q in range(len(ways)):
            i = j + m * q
            sign = 2.0 * np.int64((words[i >> 6] >> np.uint64(63 - (i & 63))) & np.uint64(1)) - 1.0
            real += sign * ways[q].real
            imag += sign * ways[q].imag
        y[j] = complex(real, imag) * low[j % table] * high[j // table]
    return y


@njit(cache=True, nogil=True)
def count_strided_below(spectrum: np.ndarray, first: int, step: int, half: int, both: bool, squared: float) -> int:
    """How many values have a squared modulus below ``squared``; value t has frequency first + step t.

    Frequencies from ``half`` on are left out, unless ``both``: then they stand for their mirror images.
    """
    below = 0
    for t in range(len(spectrum)):
        if both or first + step * t < half:
            value = spectrum[t]
            below += value.real * value.real + value.imag * value.imag < squared
    return below
