"""Channels of an image as amplitudes of fields, and back."""

import numpy as np
import pytest

from cryptobench.primitives.optics.planes import amplitudes, as_image, channels_first, samples


@pytest.mark.parametrize("shape", [(1, 1), (33, 47), (33, 47, 1), (33, 47, 3), (5, 6, 4)])
def test_channels_and_amplitudes_come_back(shape: tuple[int, ...]):
    """Every sample survives as an amplitude, in the image's own shape."""
    image = np.random.default_rng(8).integers(0, 256, shape, np.uint8)
    assert np.array_equal(as_image(channels_first(image), image.ndim), image)
    assert np.array_equal(samples(amplitudes(image), image.ndim), image)
    assert amplitudes(np.full(shape, 255, np.uint8)).max() == 1


def test_amplitudes_out_of_range_are_clipped():
    """Below 0 black, above 1 white, rounded in between."""
    assert samples(np.array([[[-0.2, 0.5, 7.0]]]), 2).tolist() == [[0, 128, 255]]
