"""State probes are of the state that they are for, and encode the index of all but a few samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cryptobench.attacks.plaintext_state.probes import (
    STATE_ENUMERATIONS,
    probes_of_sum,
    probes_of_totals,
    probes_of_xor,
)

SHAPE = (12, 10, 3)
SAMPLES = 360


def _images(probe):
    return [probe.flat, *probe.digits]


def _share_encoded(probe) -> float:
    return np.mean(probe.source_indices([image.ravel() for image in probe.digits]) == np.arange(SAMPLES))


@pytest.mark.parametrize(
    ("probes", "state"),
    [
        (probes_of_sum, lambda image: image.sum(dtype=int) % 256),
        (probes_of_xor, lambda image: np.bitwise_xor.reduce(image, axis=None)),
    ],
    ids=["sum", "XOR"],
)
def test_probes_have_each_state_once(probes, state) -> None:
    """All images of probe s have state s, and one sample at most is not encoded."""
    found = list(probes(SHAPE))
    assert len(found) == 256
    for number in (0, 1, 100, 255):
        assert {int(state(image)) for image in _images(found[number])} == {number}
        assert _share_encoded(found[number]) >= 1 - 1 / SAMPLES


@pytest.mark.parametrize("totals", [[43210], [15000, 9000, 20000]], ids=["image", "channels"])
def test_probes_have_the_exact_sums(totals) -> None:
    """Of the image or of each channel; at most one sample in twenty is not encoded."""
    (probe,) = probes_of_totals(SHAPE, [totals])
    for image in _images(probe):
        assert image.reshape(-1, len(totals)).sum(axis=0, dtype=int).tolist() == totals
    assert _share_encoded(probe) >= 0.95


def test_impossible_sums_are_omitted() -> None:
    """Black and white leave no levels to encode indices in."""
    assert list(probes_of_totals(SHAPE, [[0], [255 * SAMPLES]])) == []


def test_enumerations_reach_every_small_state() -> None:
    """Some enumeration has every sum mod 256, XOR, mean, minimum and maximum."""
    images = [
        list(itertools.islice(one((12, 10, 3), np.random.default_rng(0)), 256)) for one in STATE_ENUMERATIONS.values()
    ]
    states = {
        "sum mod 256": lambda image: int(image.sum(dtype=int)) % 256, "mean": lambda image: int(image.mean()),
        "XOR": lambda image: int(np.bitwise_xor.reduce(image, axis=None)), "minimum": np.min, "maximum": np.max,
    }  # fmt: skip
    for name, state in states.items():
        assert max(len({int(state(image)) for image in some}) for some in images) == 256, name
