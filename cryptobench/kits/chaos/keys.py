"""From key bytes to map parameters: a hash-based expansion, and readers for packed bit fields."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["bit_fields", "interval", "kdf"]


def kdf(key: bytes, secret: bytes, label: str, n: int) -> list[float]:
    """``n`` uniforms in (0, 1) that depend on every bit of ``key``.

    Block i is SHA-256(key | secret | label | i), i as four big-endian bytes. It is cut into four 8-byte
    words, and the 52 leading bits v of each give (v + 0.5) / 2^52. ``secret`` is the
    per-message secret, empty in schemes that are not tied to the plaintext.
    """
    prefix = key + secret + label.encode()
    uniforms: list[float] = []
    for counter in range(-(-n // 4)):
        block = hashlib.sha256(prefix + counter.to_bytes(4, "big")).digest()
        words = (int.from_bytes(block[start : start + 8], "big") for start in range(0, 32, 8))
        uniforms += [((word >> 12) + 0.5) / 2.0**52 for word in words]
    return uniforms[:n]


def bit_fields(key: bytes, widths: Sequence[int]) -> tuple[int, ...]:
    """Integers of ``widths`` bits each, read one after the other from the key's most significant bit.

    Raises ValueError if the widths add up to more bits than the key has.
    """
    left = 8 * len(key)
    if sum(widths) > left:
        raise ValueError(f"bit fields of {sum(widths)} bits asked from a key of {left} bits")
    number = int.from_bytes(key, "big")
    fields = []
    for width in widths:
        left -= width
        fields.append((number >> left) & ((1 << width) - 1))
    return tuple(fields)


def interval(u: float, low: float, high: float) -> float:
    """``u`` in (0, 1) carried linearly to (low, high)."""
    return low + (high - low) * u
