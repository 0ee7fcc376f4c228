"""Sound parts that the controls are put together from; each control then plants one defect of its own."""

from __future__ import annotations

import hmac

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image, stage
from cryptobench.keyless import keyed

__all__ = ["inverse_permute", "keystream", "permutation", "permute", "subkey", "synthetic_iv"]

ZERO_BLOCK = bytes(16)


def subkey(key: bytes, label: str) -> bytes:
    """A 32-byte key that is independent for each label: HMAC-SHA256(key, label)."""
    return hmac.digest(key, label.encode(), "sha256")


def synthetic_iv(key: bytes, message: bytes | memoryview) -> bytes:
    """A 16-byte IV that depends on the whole message: HMAC-SHA256, truncated."""
    return hmac.digest(key, message, "sha256")[:16]


def keystream(key: bytes, size: int, counter: bytes = ZERO_BLOCK) -> Image:
    """``size`` bytes of AES-256-CTR keystream under a 32-byte key, from the given first counter block."""
    with stage("keystream"):
        return np.frombuffer(_stream(key, size, counter), np.uint8)


def permutation(key: bytes, size: int) -> NDArray[np.uint32]:
    """A keyed permutation of range(size): Fisher and Yates' shuffle with 32-bit words of keystream."""
    with stage("permutation"):
        return keyed(_shuffled, key, size)


def _shuffled(key: bytes, size: int) -> NDArray[np.uint32]:
    return _shuffle(np.frombuffer(_stream(key, 4 * size, ZERO_BLOCK), "<u4").astype(np.uint32))


def permute(samples: Image, order: NDArray[np.uint32]) -> Image:
    """Sample ``order[i]`` moves to place i."""
    with stage("permutation"):
        return samples[order]


def inverse_permute(samples: Image, order: NDArray[np.uint32]) -> Image:
    """Undo `permute`."""
    with stage("permutation"):
        restored = np.empty_like(samples)
        restored[order] = samples
        return restored


def _stream(key: bytes, size: int, counter: bytes) -> bytes:
    return BlockCipher(algorithms.AES256(key), modes.CTR(counter)).encryptor().update(bytes(size))


@njit(cache=True, nogil=True)
def _shuffle(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    order = np.empty(words.size, np.uint32)
    for place in range(words.size):
        order[place] = place
    for last in range(words.size - 1, 0, -1):
        chosen = (np.uint64(words[last]) * np.uint64(last + 1)) >> np.uint64(32)
        order[last], order[chosen] = order[chosen], order[last]
    return order
