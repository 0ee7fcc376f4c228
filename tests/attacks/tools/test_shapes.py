"""Attacks that compare images sample by sample are not applicable where shapes differ."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment, Mode
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.shapes import (
    OTHER_SHAPE,
    RANDOMISED,
    SHAPES_DIFFER,
    other_shape,
    randomised,
    shapes_differ,
)  # fmt: skip
from cryptobench.registry import load_cipher

WIDE, HIGH = np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8)


def test_images_of_one_shape_are_usable() -> None:
    """Also one image, and none."""
    assert shapes_differ(WIDE, WIDE + 1) is shapes_differ(HIGH) is shapes_differ() is None
    assert other_shape((2, 3), WIDE, WIDE) is other_shape((2, 3)) is None


def test_images_of_several_shapes_are_not() -> None:
    """Equal sizes do not help; the notes say what the attack would need."""
    assert (shapes_differ(WIDE, HIGH).applicable, shapes_differ(WIDE, HIGH).notes) == (False, SHAPES_DIFFER)
    assert (other_shape((2, 3), WIDE, HIGH).applicable, other_shape((2, 3), HIGH).notes) == (False, OTHER_SHAPE)


@pytest.mark.parametrize(("mode", "notes"), [("fresh", RANDOMISED), ("fixed", None)])
def test_one_plaintext_asked_for_twice_tells(mode: Mode, notes: str | None) -> None:
    """Fresh nonces give two cipher images, a fixed one gives one; two queries either way."""
    oracle = Oracle(AttackExperiment(load_cipher("aes-256-ctr"), np.zeros((4, 4), np.uint8)), "CPA", mode=mode)
    found = randomised(oracle)
    assert (None if found is None else found.notes) == notes
    assert oracle.queries.encryptions == 2
