"""Colour planes side by side, and back."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (5, 7, 1), (33, 47, 3), (1, 9, 4)], ids=str)
def test_planes_lie_side_by_side(shape: tuple[int, ...]):
    """Plane k is columns k W to (k+1) W; `interleaved` undoes it."""
    image = RNG.integers(0, 256, shape, np.uint8)
    planes = side_by_side(image)
    parts = [image] if image.ndim == 2 else list(np.moveaxis(image, -1, 0))
    assert np.array_equal(planes, np.concatenate(parts, axis=1))
    assert np.array_equal(interleaved(planes, shape), image)
    assert np.array_equal(side_by_side(np.asfortranarray(image)), planes)
