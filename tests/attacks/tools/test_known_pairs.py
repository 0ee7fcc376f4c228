"""Collecting known pairs, and what is tested on them."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import Scene
from cryptobench.attacks.oracle import BudgetExceeded, Oracle
from cryptobench.attacks.tools.known_pairs import bits_of, collect, couples_p_value, share_explained
from tests.attacks.keyed_toys import Toy, ideal, xored
from tests.attacks.toys import smooth

TARGET = smooth(12, 10)
RNG = np.random.default_rng(3)


def _oracle(body=ideal, budget=None):
    return Oracle(Scene(Toy(body), TARGET), "KPA", budget)


def test_pairs_are_those_of_the_oracle() -> None:
    """Rows are known plaintexts and their ciphertexts, each one query."""
    oracle = _oracle(xored)
    pairs = collect(oracle, 20, 8)
    assert pairs.plain.shape == pairs.sealed.shape == (20, TARGET.size)
    assert len(pairs) == oracle.queries.known == len(pairs.headers) == 20
    assert np.unique(pairs.plain ^ pairs.sealed, axis=0).shape == (1, TARGET.size)  # one pad for all


def test_the_budget_limits_the_pairs() -> None:
    """As many as it allows, and not one query more; too few are no table."""
    oracle = _oracle(budget=9)
    assert (len(collect(oracle, 64, 8)), oracle.remaining) == (9, 0)
    with pytest.raises(BudgetExceeded, match="larger budget"):
        collect(_oracle(budget=7), 64, 8)


def test_changing_shapes_give_no_table() -> None:
    """A cipher image that grows with its content leaves None."""
    assert collect(_oracle(lambda image, seed: np.zeros((1, 2 + int(image.sum()) % 7), np.uint8)), 12, 8) is None


def test_bits_are_signs_and_long_ciphertexts_bytes() -> None:
    """8 columns for a byte up to 4096 bytes, one beyond that; both of variance about 1 for uniform bytes."""
    assert bits_of(np.array([[0b10100000]], np.uint8)).tolist() == [[1, -1, 1, -1, -1, -1, -1, -1]]
    table = RNG.integers(0, 256, (9, 5000), np.uint8)
    assert bits_of(table).shape == (9, 5000)
    assert bits_of(table).std() == pytest.approx(1, abs=0.02)


def test_couples_are_a_fair_coin_without_a_relation() -> None:
    """Of 500 tables of guesses that know nothing no more than chance allows are below 0.05; good ones are."""
    p = []
    for _ in range(500):
        guesses, truths = np.cumsum(RNG.normal(size=(2, 60, 40)), axis=2)
        p.append(couples_p_value(guesses, truths))
    assert sum(value < 0.05 for value in p) <= 40  # a discrete test: at most 25 expected
    truths = np.cumsum(RNG.normal(size=(60, 40)), axis=1)
    assert couples_p_value(truths + RNG.normal(size=truths.shape), truths) == pytest.approx(2.0**-30)
    assert couples_p_value(np.zeros((60, 40)), truths) == 1.0


def test_share_explained() -> None:
    """1 of the truth, 0 of the mean, negative of worse."""
    truths = RNG.normal(size=(10, 6))
    mean = truths.mean(axis=0)
    assert share_explained(truths, truths, mean) == 1.0
    assert share_explained(np.tile(mean, (10, 1)), truths, mean) == 0.0
    assert share_explained(-10 * truths, truths, mean) < 0
