"""Known pairs are collected, ridge regression is exact, and independent guesses are not significant."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import BudgetExceeded, Oracle
from cryptobench.attacks.tools import known_pairs
from cryptobench.attacks.tools.known_pairs import (
    bit_features,
    collect_known_pairs,
    explained_variance,
    gram_matrices,
    pairing_p_value,
    ridge_predict,
)
from tests.attacks.keyed_toys import Toy, ideal, xored
from tests.attacks.toys import smooth

TARGET = smooth(12, 10)


def _oracle(body=ideal, budget=None):
    return Oracle(AttackExperiment(Toy(body), TARGET), "KPA", budget)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_pairs_are_those_of_the_oracle() -> None:
    """Rows are known plaintexts and their ciphertexts, each one query."""
    oracle = _oracle(xored)
    pairs = collect_known_pairs(oracle, 20, 8)
    assert pairs.plain.shape == pairs.cipher.shape == (20, TARGET.size)
    assert len(pairs) == oracle.queries.known == len(pairs.headers) == 20
    assert np.unique(pairs.plain ^ pairs.cipher, axis=0).shape == (1, TARGET.size)  # one pad for all


def test_the_budget_limits_the_pairs() -> None:
    """As many as it allows, and not one query more; BudgetExceeded if they are too few."""
    oracle = _oracle(budget=9)
    assert (len(collect_known_pairs(oracle, 64, 8)), oracle.remaining) == (9, 0)
    with pytest.raises(BudgetExceeded, match="larger budget"):
        collect_known_pairs(_oracle(budget=7), 64, 8)


def test_changing_shapes_give_no_pairs() -> None:
    """None, if the size of the cipher image depends on the plaintext."""
    oracle = _oracle(lambda image, seed: np.zeros((1, 2 + int(image.sum()) % 7), np.uint8))
    assert collect_known_pairs(oracle, 12, 8) is None


def test_features_are_bits_or_bytes(rng) -> None:
    """8 columns for a byte up to 4096 bytes, one beyond that; both of variance about 1 for uniform bytes."""
    assert bit_features(np.array([[0b10100000]], np.uint8)).tolist() == [[1, -1, 1, -1, -1, -1, -1, -1]]
    table = rng.integers(0, 256, (9, 5000), np.uint8)
    assert bit_features(table).shape == (9, 5000)
    assert bit_features(table).std() == pytest.approx(1, abs=0.02)


def test_ridge_regression_solves_the_normal_equations(monkeypatch, rng) -> None:
    """Predictions are those of (X'X + a I) w = X'y with centred inputs."""
    monkeypatch.setattr(known_pairs, "_PENALTIES", (0.2,))
    train, other = rng.normal(size=(30, 7)).astype(np.float32), rng.normal(size=(5, 7)).astype(np.float32)
    targets = rng.normal(size=(30, 3))
    mean = train.mean(axis=0)
    x = (train - mean).astype(np.float64)
    penalty = 0.2 * np.mean(np.sum(x**2, axis=1))
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(7), x.T @ (targets - targets.mean(axis=0)))
    expected = (other - mean) @ weights + targets.mean(axis=0)
    np.testing.assert_allclose(ridge_predict(*gram_matrices(train, other), targets), expected, atol=1e-5)


def test_the_penalty_fits_the_relation(rng) -> None:
    """A linear relation is followed; without one the prediction is the mean."""
    train, other = rng.normal(size=(80, 10)).astype(np.float32), rng.normal(size=(9, 10)).astype(np.float32)
    weights, grams = rng.normal(size=(10, 2)), gram_matrices(train, other)
    np.testing.assert_allclose(ridge_predict(*grams, train @ weights), other @ weights, atol=0.2)
    noise = rng.normal(size=(80, 400))
    guesses = ridge_predict(*grams, noise)
    assert np.sqrt(np.mean((guesses - noise.mean(axis=0)) ** 2)) < 0.1


def test_constant_inputs_predict_the_mean() -> None:
    """A Gram matrix of zeros is no error."""
    flat = np.ones((6, 4), np.float32)
    assert ridge_predict(*gram_matrices(flat, flat[:2]), np.arange(6.0)[:, None]) == pytest.approx(2.5)


def test_what_rounding_makes_indefinite_predicts_the_mean() -> None:
    """Where no penalty gives a positive definite matrix nothing is learned, and nothing is raised."""
    within = np.diag([-1e3, 1.0, 1.0])
    assert ridge_predict(within, np.ones((2, 3)), np.arange(3.0)[:, None]) == pytest.approx(1.0)


def test_pairing_is_chance_without_a_relation(rng) -> None:
    """Of 500 tables of independent guesses no more than chance allows are below 0.05; good guesses are."""
    p = []
    for _ in range(500):
        guesses, truths = np.cumsum(rng.normal(size=(2, 60, 40)), axis=2)
        p.append(pairing_p_value(guesses, truths))
    assert sum(value < 0.05 for value in p) <= 40  # a discrete test: at most 25 expected
    truths = np.cumsum(rng.normal(size=(60, 40)), axis=1)
    assert pairing_p_value(truths + rng.normal(size=truths.shape), truths) == pytest.approx(2.0**-30)
    assert pairing_p_value(np.zeros((60, 40)), truths) == 1.0


def test_explained_variance(rng) -> None:
    """1 for the truth, 0 for the mean, negative for worse."""
    truths = rng.normal(size=(10, 6))
    mean = truths.mean(axis=0)
    assert explained_variance(truths, truths, mean) == 1.0
    assert explained_variance(np.tile(mean, (10, 1)), truths, mean) == 0.0
    assert explained_variance(-10 * truths, truths, mean) < 0
