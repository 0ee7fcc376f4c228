"""The hash of the plaintext that ties a key stream to the image: a per-message secret that the receiver needs."""

from __future__ import annotations

import hashlib

from cryptobench.cipher import CipherError, Image

__all__ = ["SESSION_BITS", "image_hash", "require_session", "session_of"]

SESSION_BITS = 256


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
