"""Error curves of keys, and the bits of a key that count."""

import numpy as np
import pytest

from cryptobench.primitives.optics.precision import ErrorCurve, error_curve


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
