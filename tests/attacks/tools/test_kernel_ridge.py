"""Ridge regression by inner products is ridge regression."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools import known_pairs
from cryptobench.attacks.tools.known_pairs import gram, predict

RNG = np.random.default_rng(5)


def test_it_agrees_with_the_normal_equations(monkeypatch) -> None:
    """Predictions are those of (X'X + a I) w = X'y with centred inputs."""
    monkeypatch.setattr(known_pairs, "_PENALTIES", (0.2,))
    train, other = RNG.normal(size=(30, 7)).astype(np.float32), RNG.normal(size=(5, 7)).astype(np.float32)
    targets = RNG.normal(size=(30, 3))
    mean = train.mean(axis=0)
    x = (train - mean).astype(np.float64)
    penalty = 0.2 * np.mean(np.sum(x**2, axis=1))
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(7), x.T @ (targets - targets.mean(axis=0)))
    expected = (other - mean) @ weights + targets.mean(axis=0)
    np.testing.assert_allclose(predict(*gram(train, other), targets), expected, atol=1e-5)


def test_the_penalty_fits_the_relation() -> None:
    """A linear relation is followed; without one the answer is the mean."""
    train, other = RNG.normal(size=(80, 10)).astype(np.float32), RNG.normal(size=(9, 10)).astype(np.float32)
    weights = RNG.normal(size=(10, 2))
    np.testing.assert_allclose(predict(*gram(train, other), train @ weights), other @ weights, atol=0.2)
    noise = RNG.normal(size=(80, 400))
    guesses = predict(*gram(train, other), noise)
    assert np.sqrt(np.mean((guesses - noise.mean(axis=0)) ** 2)) < 0.1


def test_constant_inputs_predict_the_mean() -> None:
    """A Gram matrix of zeros is no fault."""
    flat = np.ones((6, 4), np.float32)
    assert predict(*gram(flat, flat[:2]), np.arange(6.0)[:, None]) == pytest.approx(2.5)
