"""From key bytes to as many uniform numbers as a mask, a set of patterns or a list of orders takes."""

from __future__ import annotations

import hashlib

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from numpy.typing import NDArray

__all__ = ["uniform_bytes", "uniforms", "words"]


def uniform_bytes(key: bytes, label: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Bytes that depend on every bit of ``key`` and differ for each ``label``.

    The keystream of AES-256 in counter mode from 0 under SHA-256(label | 0x00 | key).
    """
    seed = hashlib.sha256(label.encode() + b"\0" + key).digest()
    encryptor = BlockCipher(algorithms.AES256(seed), modes.CTR(bytes(16))).encryptor()
    return np.frombuffer(encryptor.update(bytes(int(np.prod(shape)))), np.uint8).reshape(shape)


def words(key: bytes, label: str, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """As `uniform_bytes`, two bytes a number, the higher one first: integers in 0 ... 65535."""
    return uniform_bytes(key, label, (*shape, 2)).view(">u2")[..., 0].astype(np.uint16)


def uniforms(key: bytes, label: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """As `uniform_bytes`, four bytes w a number: (w + 1/2) / 2^32, in (0, 1)."""
    return (uniform_bytes(key, label, (*shape, 4)).view(">u4")[..., 0] + 0.5) / 2.0**32
