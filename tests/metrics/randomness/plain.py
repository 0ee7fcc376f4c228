"""The tests of SP 800-22 rev. 1a as its text has them, on arrays of zeros and ones: slow, and independent.

Each function returns the p-values in the standard's order. Class probabilities that the reference code rounds are
given as it gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, erfc, exp, floor, lgamma, log, log2, sqrt

import numpy as np
from scipy import stats


def igamc(a: float, x: float) -> float:
    return float(stats.gamma.sf(x, a))


def phi(x):
    return stats.norm.cdf(x)


def chi_square(found, probabilities) -> float:
    expected = np.sum(found) * np.asarray(probabilities)
    return float(np.sum((np.asarray(found) - expected) ** 2 / expected))


def windows(bits: np.ndarray, m: int, circular: bool) -> np.ndarray:
    """The m-bit pattern that begins at each bit, as an integer."""
    extended = np.concatenate([bits, bits[: m - 1]]) if circular else bits
    codes = np.zeros(extended.size - m + 1, np.int64)
    for i in range(m):
        codes = 2 * codes + extended[i : i + codes.size]
    return codes


def frequency(bits):
    s = abs(int(np.sum(2 * bits.astype(np.int64) - 1)))
    return [erfc(s / sqrt(bits.size) / sqrt(2))]


def block_frequency(bits, m=128):
    count = bits.size // m
    shares = bits[: count * m].reshape(count, m).mean(axis=1)
    return [igamc(count / 2, 4 * m * float(np.sum((shares - 0.5) ** 2)) / 2)]


def runs(bits):
    n, share = bits.size, float(bits.mean())
    if abs(share - 0.5) >= 2 / sqrt(n):
        return [0.0]
    v = 1 + int(np.sum(bits[1:] != bits[:-1]))
    return [erfc(abs(v - 2 * n * share * (1 - share)) / (2 * sqrt(2 * n) * share * (1 - share)))]


def longest_of(block: np.ndarray) -> int:
    return max(len(run) for run in (block + ord("0")).tobytes().split(b"0"))


def longest_run(bits):
    n = bits.size
    if n < 6272:
        m, low, high, pi = 8, 1, 4, [0.21484375, 0.3671875, 0.23046875, 0.1875]
    elif n < 750000:
        m, low, high = 128, 4, 9
        pi = [0.1174035788, 0.242955959, 0.249363483, 0.17517706, 0.102701071, 0.112398847]
    else:
        m, low, high, pi = 10000, 10, 16, [0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727]
    found = [0] * len(pi)
    for block in bits[: n // m * m].reshape(-1, m):
        found[min(max(longest_of(block), low), high) - low] += 1
    return [igamc((len(pi) - 1) / 2, chi_square(found, pi) / 2)]


def rank_probability(r, m, q):
    product = 1.0
    for i in range(r):
        product *= (1 - 2.0 ** (i - q)) * (1 - 2.0 ** (i - m)) / (1 - 2.0 ** (i - r))
    return 2.0 ** (r * (q + m - r) - m * q) * product


def ranks(bits, m):
    """Gauss-Jordan elimination of all matrices at once."""
    matrices = bits[: bits.size // (m * m) * m * m].reshape(-1, m, m).astype(bool)
    each = np.arange(len(matrices))
    used = np.zeros((len(matrices), m), bool)
    for column in range(m):
        candidates = matrices[:, :, column] & ~used
        pivot, there = candidates.argmax(axis=1), candidates.any(axis=1)
        pivot_row = matrices[each, pivot] & there[:, None]
        others = matrices[:, :, column].copy()
        others[each, pivot] = False
        matrices ^= others[:, :, None] & pivot_row[:, None, :]
        used[each, pivot] |= there
    return used.sum(axis=1)


def rank(bits, m=32):
    found = ranks(bits, m)
    counts = [np.sum(found == m), np.sum(found == m - 1), np.sum(found < m - 1)]
    p = [rank_probability(m, m, m), rank_probability(m - 1, m, m)]
    return [exp(-chi_square(counts, [*p, 1 - sum(p)]) / 2)]


def spectral(bits):
    n = bits.size
    modulus = np.abs(np.fft.fft(2.0 * bits - 1)[: n // 2])
    n1 = np.sum(modulus < sqrt(log(1 / 0.05) * n))
    d = (n1 - 0.95 * n / 2) / sqrt(n * 0.95 * 0.05 / 4)
    return [erfc(abs(d) / sqrt(2))]


def aperiodic(m):
    texts = [f"{i:0{m}b}" for i in range(2**m)]
    return [t for t in texts if not any(t.startswith(t[k:]) for k in range(1, m))]


def count_apart(places, m) -> int:
    """Of ascending places, how many a search finds that goes on m bits behind each find."""
    count, free = 0, 0
    for place in places:
        if place >= free:
            count, free = count + 1, place + m
    return count


def non_overlapping_template(bits, m=9, blocks=8, templates=None):
    size = bits.size // blocks
    mean, variance = (size - m + 1) / 2**m, size * (1 / 2**m - (2 * m - 1) / 2 ** (2 * m))
    codes = [windows(bits[i * size : (i + 1) * size], m, circular=False).astype(np.uint16) for i in range(blocks)]
    p_values = []
    for template in templates or aperiodic(m):
        found = [count_apart(np.flatnonzero(block == int(template, 2)).tolist(), m) for block in codes]
        p_values.append(igamc(blocks / 2, sum((w - mean) ** 2 for w in found) / variance / 2))
    return p_values


def overlapping_pi(u, eta):
    if u == 0:
        return exp(-eta)
    terms = range(1, u + 1)
    return sum(
        exp(-eta - u * log(2) + k * log(eta) - lgamma(k + 1) + lgamma(u) - lgamma(k) - lgamma(u - k + 1)) for k in terms
    )


def overlapping_counts(bits, m, size):
    blocks = bits[: bits.size // size * size].reshape(-1, size)
    found = [sum((block[i : size - m + 1 + i] for i in range(m)), np.zeros(size - m + 1, int)) for block in blocks]
    return [int(np.sum(ones == m)) for ones in found]


def overlapping_template(bits, m=9, size=1032, pi=None):
    eta = (size - m + 1) / 2**m / 2
    pi = pi or [overlapping_pi(u, eta) for u in range(5)]
    found = np.bincount(np.minimum(overlapping_counts(bits, m, size), 5), minlength=6)
    return [igamc(5 / 2, chi_square(found, [*pi[:5], 1 - sum(pi[:5])]) / 2)]


def universal_statistic(bits, length, q):
    blocks = bits[: bits.size // length * length].reshape(-1, length) @ (1 << np.arange(length)[::-1])
    last, total = [0] * 2**length, 0.0
    for i, value in enumerate(blocks.tolist(), 1):
        if i > q:
            total += log2(i - last[value])
        last[value] = i
    return total / (len(blocks) - q), len(blocks) - q


def universal(bits):
    length, mean, variance = (6, 5.2177052, 2.954) if bits.size < 904960 else (7, 6.1962507, 3.125)
    statistic, k = universal_statistic(bits, length, 10 * 2**length)
    c = 0.7 - 0.8 / length + (4 + 32 / length) * k ** (-3 / length) / 15
    return [erfc(abs(statistic - mean) / (sqrt(2) * c * sqrt(variance / k)))]


def berlekamp_massey(block) -> int:
    """The linear complexity of a list of bits; polynomials are integers, bit i the coefficient of x^i."""
    c, b, length, m, reversed_bits = 1, 1, 0, -1, 0
    for n, bit in enumerate(block):
        reversed_bits = reversed_bits << 1 | bit  # bit i: the i-th last
        if (c & reversed_bits).bit_count() % 2:
            previous = c
            c ^= b << (n - m)
            if 2 * length <= n:
                length, m, b = n + 1 - length, n, previous
    return length


def complexity_deviation(length, m):
    mu = m / 2 + (9 + (-1) ** (m + 1)) / 36 - (m / 3 + 2 / 9) / 2**m
    return (-1) ** m * (length - mu) + 2 / 9


def linear_complexity(bits, m=500, first=0.01047):
    found = [0] * 7
    for block in bits[: bits.size // m * m].reshape(-1, m).tolist():
        t = complexity_deviation(berlekamp_massey(block), m)
        found[sum(t > edge for edge in (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5))] += 1
    expected = sum(found) * np.array([first, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833])
    return [igamc(3, float(np.sum((np.array(found) - expected) ** 2 / expected)) / 2)]


def psi_squared(bits, m):
    if m == 0:
        return 0.0
    counts = np.bincount(windows(bits, m, circular=True))
    return 2**m / bits.size * float(np.sum(counts.astype(float) ** 2)) - bits.size


def serial(bits, m=16):
    psi, psi1, psi2 = (psi_squared(bits, m - i) for i in range(3))
    return [igamc(2 ** (m - 2), (psi - psi1) / 2), igamc(2.0 ** (m - 3), (psi - 2 * psi1 + psi2) / 2)]


def pattern_entropy(bits, m):
    counts = np.bincount(windows(bits, m, circular=True))
    shares = counts[counts > 0] / bits.size
    return float(np.sum(shares * np.log(shares)))


def approximate_entropy(bits, m=10):
    ap_en = pattern_entropy(bits, m) - pattern_entropy(bits, m + 1)
    return [igamc(2 ** (m - 1), 2 * bits.size * (log(2) - ap_en) / 2)]


def cumulative_sums(bits):
    n = bits.size
    steps = 2 * bits.astype(np.int64) - 1
    p_values = []
    for walk in (np.cumsum(steps), np.cumsum(steps[::-1])):
        z = int(np.max(np.abs(walk)))
        stop = floor((n / z - 1) / 4) + 1
        k = np.arange(ceil((-n / z + 1) / 4), stop)
        p = 1 - float(np.sum(phi((4 * k + 1) * z / sqrt(n)) - phi((4 * k - 1) * z / sqrt(n))))
        k = np.arange(ceil((-n / z - 3) / 4), stop)
        p += float(np.sum(phi((4 * k + 3) * z / sqrt(n)) - phi((4 * k + 1) * z / sqrt(n))))
        p_values.append(p)
    return p_values


def walk_of(bits):
    """S' of 2.14.4: the walk with a zero before and a zero behind, and the number of its cycles."""
    walk = np.concatenate([[0], np.cumsum(2 * bits.astype(np.int64) - 1), [0]])
    if walk[-2] == 0:
        walk = walk[:-1]
    return walk, int(np.sum(walk == 0)) - 1


def excursion_pi(k, x):
    if k == 0:
        return 1 - 1 / (2 * abs(x))
    if k < 5:
        return 1 / (4 * x * x) * (1 - 1 / (2 * abs(x))) ** (k - 1)
    return 1 / (2 * abs(x)) * (1 - 1 / (2 * abs(x))) ** 4


def random_excursions(bits):
    walk, cycles = walk_of(bits)
    cycle = np.cumsum(walk == 0) - 1
    p_values = []
    for x in (-4, -3, -2, -1, 1, 2, 3, 4):
        visits = np.bincount(cycle[walk == x], minlength=cycles)
        found = np.bincount(np.minimum(visits, 5), minlength=6)
        p_values.append(igamc(5 / 2, chi_square(found, [excursion_pi(k, x) for k in range(6)]) / 2))
    return p_values


def random_excursions_variant(bits):
    walk, cycles = walk_of(bits)
    return [
        erfc(abs(int(np.sum(walk == x)) - cycles) / sqrt(2 * cycles * (4 * abs(x) - 2)))
        for x in (*range(-9, 0), *range(1, 10))
    ]


TESTS: dict[str, Callable[[np.ndarray], list[float]]] = {
    test.__name__: test
    for test in (
        frequency,
        block_frequency,
        runs,
        longest_run,
        rank,
        spectral,
        non_overlapping_template,
        overlapping_template,
        universal,
        linear_complexity,
        serial,
        approximate_entropy,
        cumulative_sums,
        random_excursions,
        random_excursions_variant,
    )
}
