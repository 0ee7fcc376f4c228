"""Control: Arnold's cat map on pixel positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage

__all__ = ["ArnoldCat"]

Matrix = tuple[int, int, int, int]


class ArnoldCat(Cipher):
    """The generalised cat map (x, y) -> (x + a y, b x + (a b + 1) y) mod N, applied t times to a square image."""

    card = Card(
        name="arnold-cat",
        title="Arnold's cat map, permutation only",
        family="control",
        fidelity="A",
        key=(
            KeyField("a", 16, "map parameter, used mod N"),
            KeyField("b", 16, "map parameter, used mod N"),
            KeyField("t", 8, "t + 1 iterations"),
        ),
        defect="Pixels move but keep their value: the histogram is untouched, pixel (0, 0) never moves, and a and b "
        "count only mod N.",
        uses_nonce=False,
        square=True,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        scrambled = np.empty_like(image)
        scrambled[_positions(key, image.shape[0])] = image
        return Encrypted(scrambled)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        height, width = encrypted.image.shape[:2]
        if height != width:
            raise CipherError(f"arnold-cat: cipher image is {height}x{width}, wanted a square image")
        return encrypted.image[_positions(key, height)]


def _positions(key: bytes, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where row x, column y goes: two (side, side) index arrays."""
    with stage("permutation"):
        a, b, t = int.from_bytes(key[:2], "big"), int.from_bytes(key[2:4], "big"), key[4]
        m00, m01, m10, m11 = _power((1, a, b, a * b + 1), t + 1, side)
        x, y = np.arange(side)[:, None], np.arange(side)[None, :]
        return (m00 * x + m01 * y) % side, (m10 * x + m11 * y) % side


def _power(matrix: Matrix, exponent: int, modulus: int) -> Matrix:
    result: Matrix = (1, 0, 0, 1)
    for _ in range(exponent):
        result = _product(result, matrix, modulus)
    return result


def _product(p: Matrix, q: Matrix, modulus: int) -> Matrix:
    return (
        (p[0] * q[0] + p[1] * q[2]) % modulus,
        (p[0] * q[1] + p[1] * q[3]) % modulus,
        (p[2] * q[0] + p[3] * q[2]) % modulus,
        (p[2] * q[1] + p[3] * q[3]) % modulus,
    )
