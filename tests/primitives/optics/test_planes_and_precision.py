"""Channels as fields, and error curves of keys."""

import numpy as np
import pytest

from cryptobench.primitives.optics.planes import amplitudes, as_image, channels_first, samples
from cryptobench.primitives.optics.precision import ErrorCurve, error_curve


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


def test_a_curve_holds_the_psnr_at_each_error():
    """An error of e grey levels everywhere has PSNR 20 log10(255 / e), in rising order of the errors."""
    plain = np.full((4, 4), 100, np.uint8)
    curve = error_curve(plain, lambda error: plain + np.uint8(error), (50, 1, 0, 10))
    assert curve.errors == (0, 1, 10, 50)
    assert curve.psnr[0] == float("inf")
    assert curve.psnr[1:] == pytest.approx([20 * np.log10(255 / e) for e in (1, 10, 50)])


def test_tolerance_lies_where_the_curve_falls_below():
    """20 dB at 0.01 and 10 dB at 0.1: 15 dB halfway on the log scale; the span counts in both directions."""
    curve = ErrorCurve((0.001, 0.01, 0.1, 1.0), (30.0, 20.0, 10.0, 5.0))
    assert curve.tolerance(15) == pytest.approx(10**-1.5)
    assert curve.effective_bits(4, 15) == pytest.approx(np.log2(4 / (2 * 10**-1.5)))
    assert curve.tolerance(40) == 0
    assert curve.effective_bits(4, 40) == float("inf")
    assert curve.tolerance(1) == 1
    assert curve.effective_bits(1, 1) == 0
