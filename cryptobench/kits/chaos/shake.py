"""From key bytes to map parameters by SHAKE-256: the shortest key schedule in which every key bit reaches them all."""

from __future__ import annotations

import hashlib

__all__ = ["shake_fractions"]


def shake_fractions(seed: bytes, n: int) -> list[float]:
    """``n`` fractions in (0, 1) that depend on every bit of ``seed``, e.g. a key, a label and a hash in a row.

    SHAKE-256 of ``seed`` is read as big-endian words of 8 bytes; the 52 low bits v of each give (v + 0.5) / 2^52.
    """
    stream = hashlib.shake_256(seed).digest(8 * n)
    words = (int.from_bytes(stream[8 * i : 8 * i + 8], "big") for i in range(n))
    return [(word % 2**52 + 0.5) / 2.0**52 for word in words]
