"""The discrete fractional Fourier transform: the DFT among its members, and the rules of powers."""

import numpy as np
import pytest

from cryptobench.primitives.optics.fractional import dmpfrft, eigenvectors

RNG = np.random.default_rng(6)
SHAPES = [(1, 1), (2, 3), (5, 4), (8, 7), (33, 64), (2, 37, 12)]


def noise(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


def every(order: float, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return np.full(shape[-2], order), np.full(shape[-1], order)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_orders_of_one_give_the_fourier_transform(shape: tuple[int, ...]):
    """The orthonormal DFT, for even and odd sides; 2 mirrors, 4 and 0 do nothing."""
    field = noise(shape)
    assert abs(dmpfrft(field, *every(1, shape)) - np.fft.fft2(field, norm="ortho")).max() < 1e-12
    mirrored = np.roll(field[..., ::-1, ::-1], (1, 1), axis=(-2, -1))
    assert abs(dmpfrft(field, *every(2, shape)) - mirrored).max() < 1e-12
    for order in (0, 4):
        assert abs(dmpfrft(field, *every(order, shape)) - field).max() < 1e-12


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_orders_add_up_and_can_be_undone(shape: tuple[int, ...]):
    """Two transforms in a row are one of the summed orders; energy is kept."""
    field = noise(shape)
    a, b, c, d = (RNG.uniform(0, 4, shape[axis]) for axis in (-2, -1, -2, -1))
    twice = dmpfrft(dmpfrft(field, a, b), c, d)
    assert abs(twice - dmpfrft(field, a + c, b + d)).max() < 1e-12
    assert np.sum(abs(twice) ** 2) == pytest.approx(np.sum(abs(field) ** 2))
    assert abs(dmpfrft(dmpfrft(field, a, b), a, b, inverse=True) - field).max() < 1e-12


@pytest.mark.parametrize("n", [4, 9, 16, 31])
def test_vectors_are_orthonormal_with_zeros_by_order(n: int):
    """Discrete Hermite-Gauss functions: vector k, centred, changes sign k times for low k."""
    vectors = np.fft.fftshift(eigenvectors(n, np.float64), axes=0)
    assert abs(vectors.T @ vectors - np.eye(n)).max() < 1e-12
    for k in range(n // 3):
        column = vectors[abs(vectors[:, k]) > 1e-9, k]
        assert np.sum(column[1:] * column[:-1] < 0) == k


def test_single_precision_stays_single():
    """complex64 in, complex64 out, within its precision of the double result."""
    field, orders = noise((31, 44)), (RNG.uniform(0, 4, 31), RNG.uniform(0, 4, 44))
    single = dmpfrft(field.astype(np.complex64), *orders)
    assert single.dtype == np.complex64
    assert abs(single - dmpfrft(field, *orders)).max() < 1e-4
