"""Layers of sorted DCT rows, against whole matrices, and the descent against the paper's slower solvers."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.primitives.learned.dct_network import (
    Dct,
    FlatDct,
    FrameDct,
    blocks_of,
    descend,
    logistic_order,
    read_outputs,
    samples_of,
    write_outputs,
)  # fmt: skip

RNG = np.random.default_rng(2022)
SMALL: list[Dct] = [FlatDct(4, 6), FrameDct(4, 6)]


def kind(base: Dct) -> str:
    return type(base).__name__


def matrix_of(base: Dct) -> np.ndarray:
    """The whole matrix, (m, n), from its definition."""
    if isinstance(base, FlatDct):
        rows, columns = np.arange(base.m)[:, None], np.arange(base.n)
        W: np.ndarray = np.sqrt(2 / base.m) * np.cos(np.pi * rows * (2 * columns + 1) / (2 * base.m))
        W[0] /= np.sqrt(2)
        return W
    D = np.cos(np.pi * np.outer(np.arange(base.larger), np.arange(base.side)) / base.larger)
    D[1:] -= D[1:].mean(axis=1)[:, None]
    D = D / np.sqrt((D**2).sum(axis=1))[:, None]
    return np.kron(D, D)


@pytest.mark.parametrize("base", SMALL, ids=kind)
def test_products_are_those_of_the_matrix(base: Dct) -> None:
    """W x, W^T w, the least-squares solution and the largest eigenvalue, of three rows at once."""
    W = matrix_of(base)
    x, w = RNG.normal(size=(3, base.n)), RNG.normal(size=(3, base.m))
    assert np.allclose(base.apply(x), x @ W.T, atol=1e-12)
    assert np.allclose(base.adjoint(w.copy()), w @ W, atol=1e-12)
    assert np.allclose(base.invert(w), w @ np.linalg.pinv(W).T, atol=1e-10)
    assert base.squared_norm == pytest.approx(np.linalg.eigvalsh(W.T @ W)[-1])


def test_the_flat_matrix_keeps_lengths() -> None:
    """W^T W = 1, at the size of the first layer."""
    base = FlatDct(64, 95)
    x = RNG.normal(size=(2, base.n))
    assert np.allclose(base.adjoint(base.apply(x)), x, atol=1e-12)


def test_inverting_leaves_outputs_as_they_were() -> None:
    """`adjoint` may write over its argument, `invert` may not."""
    w = RNG.normal(size=(2, 36))
    before = w.copy()
    FlatDct(4, 6).invert(w)
    assert np.array_equal(w, before)


def test_orders_sort_the_orbit() -> None:
    """The states in plain floats, the first new one first, sorted stably."""
    states, r = [], 0.3
    for _ in range(500):
        r = (3.99 * r) * (1 - r)
        states.append(r)
    assert logistic_order(0.3, 3.99, 500).tolist() == sorted(range(500), key=states.__getitem__)


def plain_descent(W: np.ndarray, outputs: np.ndarray, least: float, steps: int) -> np.ndarray:
    """One row, in float64."""
    x = np.full(W.shape[1], 0.5)
    z, t, on = x, 1.0, outputs > least
    for _ in range(steps):
        w = W @ z
        moved = np.clip(z - W.T @ np.where(on, w - outputs, np.maximum(w, 0)) / np.linalg.norm(W, 2) ** 2, 0, 1)
        if np.sum((z - moved) * (moved - x)) > 0:
            t = 1.0
        following = (1 + np.sqrt(1 + 4 * t**2)) / 2
        z, x, t = moved + (t - 1) / following * (moved - x), moved, following
    return x


@pytest.mark.parametrize("base", SMALL, ids=kind)
def test_descent_takes_the_steps_of_float64(base: Dct) -> None:
    """40 steps of each of 18 rows, more than are worked on together, with restarts of their own."""
    W = matrix_of(base)
    outputs = np.maximum(RNG.random((18, base.n)) @ W.T, 0)
    found = descend(base, outputs, 1e-3, 40)
    wanted = np.stack([plain_descent(W, row, 1e-3, 40) for row in outputs])
    assert abs(found - wanted).max() < 2e-5


def test_images_are_cut_and_put_together() -> None:
    """Edges are continued, channels come one after the other, blocks in reading order."""
    image = RNG.integers(0, 256, (5, 7, 2), np.uint8)
    blocks = blocks_of(image, 4)
    assert blocks.shape == (8, 16)
    assert np.allclose(blocks[5] * 255, np.pad(image[:4, 4:, 1], ((0, 0), (0, 1)), mode="edge").ravel())
    assert np.array_equal(samples_of(blocks, 4, (8, 8, 2))[:5, :7], image)


@pytest.mark.parametrize("bits", [8, 16])
def test_outputs_are_read_as_written(bits: int) -> None:
    """Within half a step; -1 and 1, which tanh never reaches, one step off; high bytes stand above low ones."""
    y = RNG.uniform(-0.98, 0.98, (6, 9))
    image = write_outputs(y, 3, (6, 9), bits)
    assert image.shape == (6 * bits // 8, 9)
    assert abs(read_outputs(image, 3, bits) - y).max() <= 1.01 / (2**bits - 1)
    assert image[0, 0] == int(np.floor((y[0, 0] + 1) / 2 * (2**bits - 1) + 0.5)) >> bits - 8
    for value, wanted in ((0, -1), (255, 1)):
        read = read_outputs(np.full_like(image, value), 3, bits)
        assert np.allclose(read, wanted * (1 - 1 / (2**bits - 1)))
