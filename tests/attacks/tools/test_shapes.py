"""Attacks that compare images sample by sample are not applicable where shapes differ."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.tools.shapes import OTHER_SHAPE, SHAPES_DIFFER, other_shape, shapes_differ

WIDE, HIGH = np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8)


def test_images_of_one_shape_are_usable() -> None:
    """Also one image, and none."""
    assert shapes_differ(WIDE, WIDE + 1) is shapes_differ(HIGH) is shapes_differ() is None
    assert other_shape((2, 3), WIDE, WIDE) is other_shape((2, 3)) is None


def test_images_of_several_shapes_are_not() -> None:
    """Equal sizes do not help; the notes say what the attack would need."""
    assert (shapes_differ(WIDE, HIGH).applicable, shapes_differ(WIDE, HIGH).notes) == (False, SHAPES_DIFFER)
    assert (other_shape((2, 3), WIDE, HIGH).applicable, other_shape((2, 3), HIGH).notes) == (False, OTHER_SHAPE)
