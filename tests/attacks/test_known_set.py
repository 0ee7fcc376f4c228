"""Collecting known pairs, and what is tested on them."""

from __future__ import annotations

import time

import numpy as np
import pytest

from cryptobench.attacks.known_set import bits_of, collect, couples_p_value, share_explained
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scene import Scene
from tests.attacks.keyed_toys import Toy, ideal, xored
from tests.attacks.toys import smooth

TARGET = smooth(12, 10)
RNG = np.random.default_rng(3)


def _oracle(body=ideal, budget=None):
    return Oracle(Scene(Toy(body), TARGET), "KPA", budget)


def test_pairs_are_those_of_the_oracle() -> None:
    """Rows are known plaintexts and their ciphertexts, each one query."""
    oracle = _oracle(xored)
    pairs = collect(oracle, 20, 100.0, 8)
    assert pairs.plain.shape == pairs.sealed.shape == (20, TARGET.size)
    assert len(pairs) == oracle.queries.known == len(pairs.headers) == 20
    assert np.unique(pairs.plain ^ pairs.sealed, axis=0).shape == (1, TARGET.size)  # one pad for all


def test_a_slow_cipher_gives_fewer_pairs() -> None:
    """Halved until they fit the time, never below the fewest, and never beyond the budget."""

    def slow(image, seed):
        end = time.process_time() + 0.004
        while time.process_time() < end:
            pass
        return ideal(image, seed)

    assert len(collect(_oracle(slow), 64, 0.1, 8)) in (8, 16)
    assert len(collect(_oracle(slow), 64, 0.0, 16)) == 16
    assert len(collect(_oracle(budget=5), 64, 100.0, 8)) == 5


def test_changing_shapes_give_no_table() -> None:
    """A cipher image that grows with its content leaves None."""
    assert collect(_oracle(lambda image, seed: np.zeros((1, 2 + int(image.sum()) % 7), np.uint8)), 12, 1.0, 8) is None


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
