"""Ciphers that treat places equally, or similar images similarly, are found; sound ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.diffusion.equivariance import Equivariance, correlation_test, distance_test
from cryptobench.attacks.runner import attack_target
from cryptobench.images import load_image
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, xored

TARGET = load_image("astronaut", 32)
RNG = np.random.default_rng(17)


def _convolved(image, seed):
    """A cipher of 3x3 neighbourhoods on whole 2x2 tiles, the same at every tile."""
    tiles = image.reshape(16, 2, 16, 2, -1).transpose(0, 2, 1, 3, 4).reshape(16, 16, -1).astype(np.float64)
    weights = np.random.default_rng(list(seed)).normal(size=(9, tiles.shape[2], tiles.shape[2])) / 4
    near = [np.roll(tiles, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    mixed = np.tanh(sum(part @ weight for part, weight in zip(near, weights, strict=True)) / 128 - 1)
    cipher_image = np.rint(127.5 * (mixed + 1)).astype(np.uint8)
    return cipher_image.reshape(16, 16, 2, 2, -1).transpose(0, 2, 1, 3, 4).reshape(image.shape)


def _substituted(image, seed):
    return order(seed, 256).astype(np.uint8)[image]


@pytest.mark.parametrize(("body", "shift"), [(_convolved, "shift_"), (_substituted, "shift_0_1")])
def test_treating_places_equally_is_equivariance(body, shift) -> None:
    """A convolution on 2x2 tiles by even shifts, one substitution table for all places by every shift."""
    run = attack_target(Equivariance(), Toy(body), TARGET)
    assert run.outcome == "leak"
    assert run.result.claims == ("distinguisher",)
    assert run.result.notes.startswith(f"equivariant to {shift}")
    assert run.result.statistic == pytest.approx(1)
    assert run.result.numbers["correlation_shift_2_2"] == pytest.approx(1)
    assert (run.queries.known, run.queries.encryptions) == (1, 21)


def test_a_fixed_mask_is_continuous_and_not_equivariant() -> None:
    """The curve of distances rises from about the step itself; nothing is correlated after a transposition."""
    run = attack_target(Equivariance(), Toy(xored), TARGET)
    assert run.outcome == "leak"
    assert "added" in run.result.notes
    assert run.result.numbers["distance_at_1"] < 8 < run.result.numbers["distance_at_4"] < 40
    assert run.result.statistic < 0.15


@pytest.mark.parametrize("name", ["dense-resnet-xor-core", "caesar", "identity", "aes-256-ecb", "add-chain"])
def test_registered_ciphers_of_these_kinds_are_found(name) -> None:
    """The network without diffusion, position-independent ciphers, and a chain of additions, whose low planes stay."""
    assert attack_target(Equivariance(), load_cipher(name), TARGET).outcome == "leak"


@pytest.mark.parametrize("seed", range(8))
def test_ideal_ciphers_show_nothing(seed) -> None:
    """Neither a deterministic ideal cipher nor the reference, on colour and on an odd grey shape."""
    for cipher in (Toy(ideal), load_cipher("aes-256-siv")):
        for target in (TARGET, TARGET[:23, :17, 0].copy()):
            assert attack_target(Equivariance(), cipher, target, seed=seed).outcome == "holds"


def test_p_values_of_unrelated_bytes_are_calibrated() -> None:
    """Of 600 pairs of uniform images no more than chance allows are below 0.05, by correlation and by distance."""
    tests = (correlation_test, distance_test)
    p = np.array([[test(*RNG.integers(0, 256, (2, 20, 31), np.uint8))[1] for test in tests] for _ in range(600)])
    assert (p < 0.05).sum(axis=0).max() <= 50  # binomial: 30 expected, over 50 once in 5000
    assert (p < 0.05).sum(axis=0).min() >= 3


def test_single_pixels_and_flat_ciphertexts_are_judged() -> None:
    """One pixel cannot be shifted; two flat images are equal, as their histograms require."""
    assert attack_target(Equivariance(), Toy(xored), TARGET[:1, :1].copy()).outcome in ("holds", "leak")
    assert correlation_test(np.full((4, 4), 9, np.uint8), np.full((4, 4), 9, np.uint8)) == (0.0, 1.0)
