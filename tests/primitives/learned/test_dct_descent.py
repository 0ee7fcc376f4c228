"""The descent in lanes, against the one on a library's transforms."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.primitives.learned.dct_descent import INPUTS, ORDER, descended
from cryptobench.primitives.learned.dct_network import FlatDct, descend

RNG = np.random.default_rng(2022)
BASE = FlatDct(64, 95)


class OnLibrary(FlatDct):
    """The same layer, of a class that has no kernel."""


def outputs_of(blocks: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.maximum(BASE.apply(blocks), 0).astype(np.float32)
    return found


BLOCKS = np.concatenate([RNG.random((1, INPUTS)), np.linspace(0, 1, INPUTS)[None], np.zeros((1, INPUTS))])


def test_sizes_are_those_of_the_cipher() -> None:
    """The squares of 64 and 95."""
    assert (BASE.n, BASE.m) == (INPUTS, ORDER)


@pytest.mark.parametrize("steps", [1, 2, 25])
def test_steps_are_those_of_the_library(steps: int) -> None:
    """Noise, a ramp and black, and outputs that no block has: a few roundings of float32 apart."""
    outputs = np.concatenate([outputs_of(BLOCKS), RNG.normal(size=(1, ORDER)).clip(0).astype(np.float32)])
    found, wanted = descended(outputs, 1e-3, steps), descend(OnLibrary(64, 95), outputs, 1e-3, steps)
    assert found.dtype == np.float32
    assert abs(found - wanted).max() < 2e-6


def test_the_flat_layer_has_the_kernel() -> None:
    """`descend` gives its bits."""
    outputs = outputs_of(BLOCKS[:1])
    assert np.array_equal(descend(BASE, outputs, 1e-3, 4), descended(outputs, 1e-3, 4))


def test_every_output_counts_alike() -> None:
    """One step from 1/2 with each of the 9025 rows of its own value, against the product with the whole layer."""
    outputs = 0.5 * BASE.apply(np.ones((1, INPUTS))) + RNG.normal(size=(1, ORDER)) / 200
    least = float(outputs.min()) - 1  # all are fitted
    wanted = 0.5 + BASE.adjoint(outputs - 0.5 * BASE.apply(np.ones((1, INPUTS))))
    assert abs(descended(outputs.astype(np.float32), least, 1) - wanted).max() < 1e-6


def test_a_block_is_found_by_itself() -> None:
    """The same bits alone and beside others, in any order."""
    outputs = outputs_of(BLOCKS)
    together = descended(outputs, 1e-3, 5)
    assert np.array_equal(descended(outputs[::-1], 1e-3, 5)[::-1], together)
    assert np.array_equal(descended(outputs[1:2], 1e-3, 5), together[1:2])


def test_results_stay_between_zero_and_one() -> None:
    """Whatever the outputs are."""
    found = descended(1000 * RNG.random((1, ORDER), np.float32), 1e-3, 10)
    assert found.min() >= 0
    assert found.max() <= 1
    assert len(descended(np.empty((0, ORDER), np.float32), 1e-3, 10)) == 0
