"""Layers whose weights are rows of a DCT in a sorted order, and the descent that finds an image from their outputs.

Two readings of a rectangular "DCT coefficient matrix", of m rows and n < m columns. "flat": the first n columns of the
orthonormal DCT-II matrix of order m, so that W x is the DCT of x with m - n zeros behind it and W^T W = 1. "frame", for
squares m = b^2 and n = a^2: the separable overcomplete DCT, W x = D X D^T, with D (b, a) of unit rows cos(pi i k / b),
row k > 0 less its mean. No matrix (m, n) is ever made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import fft

from cryptobench.cipher import Image
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from cryptobench.primitives.chaos.permutation.sorting import argsort
from cryptobench.primitives.learned.dct_descent import INPUTS, ORDER, descended

__all__ = [
    "LEAST", "STEPS", "Dct", "FlatDct", "FrameDct", "Order", "blocks_of", "descend", "image_of", "in_order",
    "logistic_order", "out_of_order", "read_outputs", "rectified", "samples_of", "write_outputs",
]  # fmt: skip

LEAST = {8: 0.01, 16: 3e-4}  # an output of the first layer that is surely not 0, by the bits of a recorded number
STEPS = {8: 50, 16: 300}  # of the descent; more fit the rounding
Reals = NDArray[Any]
Floats = NDArray[np.float64]
Order = NDArray[np.int32]
_TOGETHER = 16  # blocks whose numbers stay in the cache while they are descended on


def logistic_order(r: float, mu: float, m: int) -> Order:
    """The ascending order of the m states that follow ``r`` under r' = mu r (1 - r); none is dropped."""
    return argsort(logistic_orbit(r, mu, m))


class Dct(ABC):
    """A matrix W of ``m`` rows and ``n`` columns in natural order, by its products with rows of numbers."""

    def __init__(self, side: int, larger: int) -> None:
        """``side`` and ``larger`` are the roots of n and m."""
        self.side, self.larger = side, larger
        self.n, self.m = side * side, larger * larger

    @property
    @abstractmethod
    def squared_norm(self) -> float:
        """The largest eigenvalue of W^T W."""

    @abstractmethod
    def apply(self, x: Reals) -> Reals:
        """W x of each row: (B, n) to (B, m), in the type of ``x``, float32 or float64."""

    @abstractmethod
    def adjoint(self, w: Reals) -> Reals:
        """W^T w of each row: (B, m) to (B, n); ``w`` may be overwritten."""

    @abstractmethod
    def invert(self, w: Reals) -> Reals:
        """The least-squares x of W x = w, row by row: (B, m) to (B, n)."""


class FlatDct(Dct):
    """The first n columns of the orthonormal DCT-II matrix of order m."""

    @property
    def squared_norm(self) -> float:
        return 1.0

    def apply(self, x: Reals) -> Reals:
        w: Reals = fft.dct(x, type=2, n=self.m, norm="ortho", axis=1)
        return w

    def adjoint(self, w: Reals) -> Reals:
        x: Reals = fft.dct(w, type=3, norm="ortho", axis=1, overwrite_x=True)
        return x[:, : self.n]

    def invert(self, w: Reals) -> Reals:
        return self.adjoint(w.copy())


class FrameDct(Dct):
    """The separable overcomplete DCT; vectors are squares row by row."""

    @cached_property
    def dictionary(self) -> NDArray[np.float64]:
        """D, (larger, side)."""
        D: NDArray[np.float64] = np.cos(np.pi / self.larger * np.outer(np.arange(self.larger), np.arange(self.side)))
        D[1:] -= D[1:].mean(axis=1, keepdims=True)
        D /= np.linalg.norm(D, axis=1, keepdims=True)
        return D

    @cached_property
    def squared_norm(self) -> float:
        return float(np.linalg.norm(self.dictionary, 2) ** 4)

    def apply(self, x: Reals) -> Reals:
        return self._both(self.dictionary, x)

    def adjoint(self, w: Reals) -> Reals:
        return self._both(self.dictionary.T, w)

    def invert(self, w: Reals) -> Reals:
        return self._both(np.linalg.pinv(self.dictionary), w)

    @staticmethod
    def _both(matrix: Reals, x: Reals) -> Reals:
        """M X M^T of each square (columns, columns) of ``x``."""
        M = matrix.astype(x.dtype)
        side = M.shape[1]
        products: Reals = M @ x.reshape(len(x), side, side) @ M.T
        return products.reshape(len(x), -1)


def blocks_of(image: NDArray[Any], side: int) -> Floats:
    """Squares of ``side`` of (H, W) or (H, W, C), over 255, row by row, each channel's after the other: (B, side^2).

    Planes are continued with their last row and column to multiples of ``side``.
    """
    planes = image.reshape(*image.shape[:2], -1)
    H, W, channels = planes.shape
    blocks = np.empty((channels, -(-H // side), -(-W // side), side, side))
    _cut(planes, blocks)
    return blocks.reshape(-1, side * side)


@njit(cache=True, nogil=True)
def _cut(planes: NDArray[Any], blocks: Floats) -> None:
    channels, rows, columns, side, _ = blocks.shape
    last, edge = planes.shape[0] - 1, planes.shape[1] - 1
    for c in range(channels):
        for row in range(rows):
            for y in range(side):
                line = planes[min(row * side + y, last)]
                for column in range(columns):
                    for x in range(side):
                        blocks[c, row, column, y, x] = line[min(column * side + x, edge), c] / 255.0


@njit(cache=True, nogil=True)
def in_order(values: NDArray[Any], order: Order) -> NDArray[Any]:
    """values[:, order], of rows of numbers."""
    out = np.empty((len(values), len(order)), values.dtype)
    for b in range(len(values)):
        for i in range(len(order)):
            out[b, i] = values[b, order[i]]
    return out


@njit(cache=True, nogil=True)
def rectified(values: Floats, order: Order) -> Floats:
    """max(values, 0)[:, order], of rows of numbers."""
    out = np.empty((len(values), len(order)))
    for b in range(len(values)):
        for i in range(len(order)):
            value = values[b, order[i]]
            out[b, i] = value if value > 0.0 else 0.0
    return out


@njit(cache=True, nogil=True)
def out_of_order(values: Floats, order: Order, out: NDArray[Any]) -> None:
    """out[:, order] = values: undo `in_order`."""
    for b in range(len(values)):
        for i in range(len(order)):
            out[b, order[i]] = values[b, i]


def image_of(blocks: NDArray[np.uint16], side: int, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """The inverse of `blocks_of` for whole numbers and an image of ``shape``, whose sides are multiples of ``side``."""
    rows, columns, channels = (*shape, 1)[:3]
    tiles = blocks.reshape(channels, rows // side, columns // side, side, side)
    return np.ascontiguousarray(tiles.transpose(1, 3, 2, 4, 0)).reshape(shape)


def write_outputs(y: Floats, side: int, shape: tuple[int, ...], bits: int) -> Image:
    """Numbers in (-1, 1), (blocks, side^2), as tiles of a picture of ``shape``; 16 bits: high bytes above low ones."""
    codes = ((y + 1) * (((1 << bits) - 1) / 2) + 0.5).astype(np.uint16)
    whole = image_of(codes, side, shape)
    planes = [whole] if bits == 8 else [whole >> 8, whole & 255]
    return np.concatenate(planes).astype(np.uint8)


def read_outputs(image: Image, side: int, bits: int) -> Floats:
    """The numbers of `write_outputs`, (blocks, side^2), at least one step away from -1 and 1."""
    codes: NDArray[Any] = image.astype(np.uint16)
    if bits == 16:
        high, low = np.split(codes, 2)
        codes = high << 8 | low
    levels = (1 << bits) - 1
    y: Floats = np.clip(blocks_of(codes, side) * (255.0 * 2 / levels) - 1, 1 / levels - 1, 1 - 1 / levels)
    return y


def samples_of(x: Reals, side: int, shape: tuple[int, ...]) -> Image:
    """Blocks of numbers from 0 to 1, (blocks, side^2), as an image of ``shape``, whose sides are multiples of it."""
    codes = (x * np.float32(255) + np.float32(0.5)).astype(np.uint16)
    return image_of(codes, side, shape).astype(np.uint8)


def descend(base: Dct, outputs: Reals, least: float, steps: int) -> NDArray[np.float32]:
    """Rows x, (B, n) from 0 to 1, whose max(W x, 0) is near ``outputs``, (B, m), which are not negative.

    Minimises 1/2 |W_S x - outputs_S|^2 + 1/2 |max(W_rest x, 0)|^2 with S the outputs above ``least``, by ``steps``
    steps of accelerated projected gradient from 1/2; momentum starts again where it points uphill (O'Donoghue and
    Candes, Found. Comput. Math. 15 (2015) 715). The flat layer of 64 and 95 has a kernel of its own.
    """
    if type(base) is FlatDct and (base.n, base.m) == (INPUTS, ORDER):
        return descended(np.asarray(outputs, np.float32), least, steps)
    wanted = np.asarray(outputs, np.float32)
    parts = [
        _descended(base, wanted[first : first + _TOGETHER], least, steps) for first in range(0, len(wanted), _TOGETHER)
    ]
    return np.concatenate(parts)


def _descended(base: Dct, wanted: NDArray[np.float32], least: float, steps: int) -> NDArray[np.float32]:
    x = np.full((len(wanted), base.n), 0.5, np.float32)
    z = x.copy()
    t = np.ones(len(x))
    rate = np.float32(1 / base.squared_norm)
    for _ in range(steps):
        w = base.apply(z)
        _misfit(w, wanted, np.float32(least))
        _step(x, z, base.adjoint(w), rate, t)
    return x


@njit(cache=True, nogil=True)
def _misfit(w: Reals, wanted: Reals, least: Any) -> None:
    """w - wanted where ``wanted`` is above ``least``, max(w, 0) elsewhere; in place."""
    zero = np.float32(0)
    for b in range(len(w)):
        for i in range(w.shape[1]):
            on = wanted[b, i] > least
            w[b, i] = w[b, i] - wanted[b, i] if on else max(w[b, i], zero)


@njit(cache=True, nogil=True)
def _step(x: Reals, z: Reals, gradient: Reals, rate: Any, t: NDArray[np.float64]) -> None:
    """One step of each row from z: x and z are overwritten, and the momentum's t, (B,)."""
    zero, one = np.float32(0), np.float32(1)
    for b in range(len(x)):
        uphill = 0.0
        for i in range(x.shape[1]):
            moved = min(max(z[b, i] - rate * gradient[b, i], zero), one)
            change = moved - x[b, i]
            uphill += (z[b, i] - moved) * change
            x[b, i] = moved
            gradient[b, i] = change
        if uphill > 0.0:
            t[b] = 1.0
        following = (1.0 + np.sqrt(1.0 + 4.0 * t[b] * t[b])) / 2.0
        momentum = np.float32((t[b] - 1.0) / following)
        t[b] = following
        for i in range(x.shape[1]):
            z[b, i] = x[b, i] + momentum * gradient[b, i]
