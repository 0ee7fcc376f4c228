"""A PNG file stores the samples of every cipher image."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.png_round_trip import through_png


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4), (1, 40, 6)])
def test_png_stores_every_shape(shape) -> None:
    """Grey, colour, and channels that no picture has."""
    image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    read = through_png(image)
    assert read.shape == shape
    assert np.array_equal(read, image)
