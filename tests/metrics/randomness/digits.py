"""The first binary digits of pi, e, sqrt 2 and sqrt 3, by integer arithmetic."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

import numpy as np

GUARD = 64  # digits computed and thrown away


def pi_scaled(digits: int) -> int:
    """floor(pi 2^digits), by the series of Chudnovsky and Chudnovsky (1988) with binary splitting."""

    def split(a: int, b: int, last: bool) -> tuple[int, int, int]:
        """P, Q and T of terms a..b - 1; P is not needed of the last ones."""
        if b == a + 1:
            p = -(6 * a - 5) * (2 * a - 1) * (6 * a - 1)
            q = 10939058860032000 * a**3
            return p, q, p * (545140134 * a + 13591409)
        middle = (a + b) // 2
        p1, q1, t1 = split(a, middle, False)
        p2, q2, t2 = split(middle, b, last)
        return 0 if last else p1 * p2, q1 * q2, t1 * q2 + p1 * t2

    precision = digits + GUARD
    _, q, t = split(1, precision // 47 + 2, True)
    unneeded = max(q.bit_length() - precision - GUARD, 0)
    q, t = q >> unneeded, t >> unneeded
    root = isqrt(10005 << (2 * precision))
    return (q * 426880 * root) // (13591409 * q + t) >> GUARD


def e_scaled(digits: int) -> int:
    """floor(e 2^digits), by the sum of 1 / k! with binary splitting."""

    def split(a: int, b: int) -> tuple[int, int]:
        """1/(a+1) + 1/((a+1)(a+2)) + ... + 1/((a+1)...b) as a fraction."""
        if b == a + 1:
            return 1, b
        middle = (a + b) // 2
        p1, q1 = split(a, middle)
        p2, q2 = split(middle, b)
        return p1 * q2 + p2, q1 * q2

    terms, bits = 2, 0.0
    while bits < digits + GUARD:
        terms += 1
        bits += np.log2(terms)
    p, q = split(0, terms)
    return (1 << digits) + (p << digits) // q


@lru_cache(maxsize=8)
def packed_digits(number: str, n: int) -> bytes:
    """The first ``n`` binary digits from the leading 1 on: pi = 11.001..., sqrt 2 = 1.0110..."""
    scaled = {
        "pi": lambda: pi_scaled(n - 2),
        "e": lambda: e_scaled(n - 2),
        "sqrt 2": lambda: isqrt(2 << (2 * (n - 1))),
        "sqrt 3": lambda: isqrt(3 << (2 * (n - 1))),
    }[number]()
    assert scaled.bit_length() == n
    return (scaled << (-n % 8)).to_bytes((n + 7) // 8, "big")
