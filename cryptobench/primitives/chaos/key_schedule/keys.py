"""From key bytes to map parameters: hash-based expansions, bit fields, and the hash of the image as a secret."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from cryptobench.cipher import CipherError, Image

__all__ = [
    "SESSION_BITS",
    "bit_fields",
    "image_hash",
    "interval",
    "kdf",
    "require_session",
    "session_of",
    "shake_fractions",
]

_WORDS = struct.Struct(">4Q")  # of a SHA-256
SESSION_BITS = 256  # of a per-message secret that is the hash of the image


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
        uniforms += [((word >> 12) + 0.5) / 2.0**52 for word in _WORDS.unpack(block)]
    return uniforms[:n]


def shake_fractions(seed: bytes, n: int) -> list[float]:
    """``n`` fractions in (0, 1) that depend on every bit of ``seed``, e.g. a key, a label and a hash in a row.

    SHAKE-256 of ``seed`` is read as big-endian words of 8 bytes; the 52 low bits v of each give (v + 0.5) / 2^52.
    """
    stream = hashlib.shake_256(seed).digest(8 * n)
    words = (int.from_bytes(stream[8 * i : 8 * i + 8], "big") for i in range(n))
    return [(word % 2**52 + 0.5) / 2.0**52 for word in words]


def interval(u: float, low: float, high: float) -> float:
    """``u`` in (0, 1) carried linearly to (low, high)."""
    return low + (high - low) * u


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


def image_hash(image: Image) -> bytes:
    """SHA-256 of the image's shape, as Python prints it, and its samples in C order: 32 bytes."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()


def session_of(name: str, image: Image, secret: bytes | None) -> bytes:
    """``secret`` if one is given, else the hash of ``image``; raises `CipherError` if it is not 32 bytes."""
    return image_hash(image) if secret is None else require_session(name, secret)


def require_session(name: str, secret: bytes) -> bytes:
    """``secret`` if it is 32 bytes, else `CipherError`."""
    if not isinstance(secret, bytes) or len(secret) != SESSION_BITS // 8:
        given = f"{len(secret)} bytes" if isinstance(secret, bytes) else type(secret).__name__
        wanted = f"wanted {SESSION_BITS // 8} bytes: the SHA-256 that encrypt returned with the image"
        raise CipherError(f"{name}: secret is {given}, {wanted}")
    return secret
