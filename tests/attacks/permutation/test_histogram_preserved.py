"""Preserved histograms are detected, also at other levels."""

from __future__ import annotations

import pytest

from cryptobench.attacks.permutation.histogram_preserved import HistogramPreserved
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph


def renamed(image, seed):
    """One table for all samples, which are permuted too."""
    shuffled = image.ravel()[order(seed, image.size)]
    return order(seed + b"table", 256).astype("uint8")[shuffled].reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "notes"),
    [
        (load_cipher("arnold-cat"), "every level has the same count"),
        (load_cipher("permutation-only"), "every level has the same count"),
        (load_cipher("caesar"), "the same counts, at other levels"),
        (Toy(renamed), "the same counts, at other levels"),
    ],
)
def test_preserved_histograms_leak(cipher, notes) -> None:
    """One known pair is enough."""
    run = attack_target(HistogramPreserved(), cipher, photograph(40, 40))
    assert (run.outcome, run.result.notes, run.queries.known) == ("leak", notes, 1)


@pytest.mark.parametrize("name", ["aes-256-siv", "add-chain", "permutation-xor"])
def test_flat_histograms_hold(name) -> None:
    """Over 15 keys no p-value is a leak."""
    runs = [attack_target(HistogramPreserved(), load_cipher(name), photograph(24, 24), seed) for seed in range(15)]
    assert {one.outcome for one in runs} == {"holds"}


def test_p_values_of_an_ideal_cipher_are_valid() -> None:
    """Over 100 keys at most 13 are below 0.05 (5 expected)."""
    p_values = [
        attack_target(HistogramPreserved(), Toy(ideal), photograph(20, 20), seed).result.p_value for seed in range(100)
    ]
    assert sum(p < 0.05 for p in p_values if p is not None) <= 13


def test_small_images_are_inapplicable() -> None:
    """Its notes say how many samples it needs."""
    run = attack_target(HistogramPreserved(), load_cipher("permutation-only"), photograph(8, 8))
    assert "64 samples, wanted at least 256" in run.result.notes


def test_its_trials_are_those_of_its_old_name() -> None:
    """Known pairs and p-values do not change with the name."""
    assert (HistogramPreserved.name, HistogramPreserved.seed_name) == ("histogram_preserved", "histogram_kept")
