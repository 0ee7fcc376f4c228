"""Kept histograms are found, under other levels too."""

from __future__ import annotations

import pytest

from cryptobench.attacks.permutation.histogram_preserved import HistogramKept
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph


def renamed(image, seed):
    """One table for all samples, which are moved too."""
    moved = image.ravel()[order(seed, image.size)]
    return order(seed + b"table", 256).astype("uint8")[moved].reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "notes"),
    [
        (load_cipher("arnold-cat"), "every level keeps its count"),
        (load_cipher("permutation-only"), "every level keeps its count"),
        (load_cipher("caesar"), "every count is kept, under other levels"),
        (Toy(renamed), "every count is kept, under other levels"),
    ],
)
def test_kept_histograms_leak(cipher, notes) -> None:
    """One known pair shows it."""
    played = play(HistogramKept(), cipher, photograph(40, 40))
    assert (played.verdict, played.result.notes, played.queries.known) == ("leak", notes, 1)


@pytest.mark.parametrize("name", ["aes-256-siv", "add-chain", "permutation-xor"])
def test_flat_histograms_hold(name) -> None:
    """Over 15 keys no p-value is a leak."""
    played = [play(HistogramKept(), load_cipher(name), photograph(24, 24), seed) for seed in range(15)]
    assert {one.verdict for one in played} == {"holds"}


def test_its_p_value_is_no_smaller_than_it_says() -> None:
    """Over 100 keys of an ideal cipher at most 13 are below 0.05 (5 expected)."""
    p_values = [play(HistogramKept(), Toy(ideal), photograph(20, 20), seed).result.p_value for seed in range(100)]
    assert sum(p < 0.05 for p in p_values if p is not None) <= 13


def test_small_images_are_not_its_business() -> None:
    """It says how many samples it wants."""
    played = play(HistogramKept(), load_cipher("permutation-only"), photograph(8, 8))
    assert "64 samples, wanted at least 256" in played.result.notes
