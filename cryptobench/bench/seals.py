"""The rows of a cell behind a digest of all that is kept of it."""

from __future__ import annotations

import hashlib

__all__ = ["sealed", "unsealed"]

_SEAL = b"seal1"  # begins the rows of a cell; what zlib packs begins with an x


def sealed(address: str, status: str, message: str, rows: bytes) -> bytes:
    """The rows of a cell behind the SHA-256 of all that is kept of it, so that a changed value is noticed."""
    return _SEAL + _digest(address, status, message, rows) + rows


def unsealed(address: str, status: str, message: str, stored: bytes) -> bytes:
    """The rows that were sealed; ValueError if they have changed. Earlier releases kept them without a seal."""
    if not stored.startswith(_SEAL):
        return stored
    digest, rows = stored[len(_SEAL) : len(_SEAL) + 32], stored[len(_SEAL) + 32 :]
    if digest != _digest(address, status, message, rows):
        raise ValueError("the rows of a cell have changed since they were written")
    return rows


def _digest(*parts: str | bytes) -> bytes:
    whole_ = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else part.encode()
        whole_.update(len(content).to_bytes(8, "big") + content)
    return whole_.digest()
