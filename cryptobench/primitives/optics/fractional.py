"""The discrete fractional Fourier transform with an order for each eigenvector (DMPFrFT), by eigen-decomposition."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.primitives.optics.masks import Field

__all__ = ["dmpfrft", "eigenvectors"]

Floats = NDArray[Any]


def eigenvectors(n: int, dtype: type = np.float32) -> Floats:
    """(N, N): column k is the discrete Hermite-Gauss vector of order k, an eigenvector of the DFT to (-i)^k.

    Eigenvectors of the matrix that commutes with the DFT, 2 cos(2 pi j / N) - 4 on the diagonal and 1 beside it and in
    the corners, even and odd ones found apart and ordered by falling eigenvalue. Even ones have orders 0, 2, 4, ...,
    odd ones 1, 3, ...; for even N the last order is N, not N - 1 (Candan, Kutay and Ozaktas 2000, IEEE Trans. Signal
    Process. 48:1329).
    """
    return _vectors(n, np.dtype(dtype).char)


@lru_cache(maxsize=16)
def _vectors(n: int, dtype: str) -> Floats:
    shift = np.roll(np.eye(n), 1, axis=0)
    commuting = np.diag(2 * np.cos(2 * np.pi * np.arange(n) / n) - 4) + (shift + shift.T if n > 1 else 0)
    parity, even = _parity(n), n // 2 + 1
    blocks = parity @ commuting @ parity.T
    vectors = np.empty((n, n))
    vectors[:, _orders(n) % 2 == 0] = parity.T[:, :even] @ _falling(blocks[:even, :even])
    vectors[:, _orders(n) % 2 == 1] = parity.T[:, even:] @ _falling(blocks[even:, even:])
    frozen: Floats = vectors.astype(dtype)
    frozen.flags.writeable = False
    return frozen


def _parity(n: int) -> Floats:
    """(N, N) orthogonal: the first N // 2 + 1 rows span the even vectors, the others the odd ones."""
    matrix = np.zeros((n, n))
    matrix[0, 0] = 1
    for j in range(1, n // 2 + 1):
        if 2 * j == n:
            matrix[j, j] = 1
            continue
        matrix[j, j] = matrix[j, n - j] = np.sqrt(0.5)
        matrix[n - j, j], matrix[n - j, n - j] = np.sqrt(0.5), -np.sqrt(0.5)
    return matrix


def _falling(block: Floats) -> Floats:
    from scipy.linalg import eigh

    if block.size == 0:
        return block
    vectors: Floats = eigh(block)[1][:, ::-1]
    return vectors


def _orders(n: int) -> NDArray[np.int64]:
    orders = np.arange(n)
    if n % 2 == 0:
        orders[-1] = n
    return orders


def dmpfrft(field: Field, row_orders: Floats, column_orders: Floats, *, inverse: bool = False) -> Field:
    """F^r X (F^c)^T of a field X, (..., H, W): F^a = V diag(exp(-i pi a_k k / 2)) V^T (Pei and Hsue 2006).

    ``row_orders`` (H) act down, ``column_orders`` (W) across, in [0, 4); all 1 give the orthonormal DFT. ``inverse``
    undoes it: the transform is unitary, whatever the orders.
    """
    return _along_rows(
        np.swapaxes(_along_rows(np.swapaxes(field, -1, -2), row_orders, inverse), -1, -2), column_orders, inverse
    )


def _along_rows(field: Field, orders: Floats, inverse: bool) -> Field:
    """The one-dimensional transform along the last axis."""
    n = len(orders)
    sign = 1 if inverse else -1
    vectors = eigenvectors(n, field.real.dtype.type)
    eigenvalues = np.exp(sign * 0.5j * np.pi * np.asarray(orders) * _orders(n)).astype(field.dtype)
    weights = _real_product(field, vectors) * eigenvalues
    return _real_product(weights, vectors.T)


def _real_product(field: Field, matrix: Floats) -> Field:
    """field @ matrix for a real matrix, half the cost of a complex one."""
    product: Field = np.empty((*field.shape[:-1], matrix.shape[1]), field.dtype)
    product.real = np.ascontiguousarray(field.real) @ matrix
    product.imag = np.ascontiguousarray(field.imag) @ matrix
    return product
