"""Winograd's tiles give the convolution of the definition."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from cryptobench.primitives.learned.inference import winograd
from cryptobench.primitives.learned.inference.planes import Plane
from cryptobench.primitives.learned.inference.winograd import convolve, transform_weights

RNG = np.random.default_rng(0)


def _plane(height, width, channels):
    plane = Plane.empty(height, width, channels)
    plane.values[:] = 0
    plane.inner[:] = RNG.standard_normal((height, width, channels))
    return plane


def _definition(values, weights, bias):
    """Double precision, zeros around: sum over inputs of two-dimensional correlations."""
    maps = [sum(correlate2d(values[..., c], w[c], "same") for c in range(len(w))) for w in weights.astype(np.float64)]
    return np.stack(maps, 2) + bias


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (5, 3), (1, 9), (18, 23)])
@pytest.mark.parametrize(("inputs", "outputs"), [(8, 8), (16, 24)])
def test_convolution_is_that_of_the_definition(shape, inputs, outputs):
    """Any size, tiles that overhang among them, within the error of tiles of this size; zeros stay around it."""
    plane = _plane(*shape, inputs + 8)
    weights = RNG.standard_normal((outputs, inputs, 3, 3)).astype(np.float32)
    bias = RNG.standard_normal(outputs).astype(np.float32)
    out = Plane.empty(*shape, outputs + 8)
    out.values[:] = 7
    plane.convolve(inputs, transform_weights(weights), bias, 1.0, out, 8)
    expected = _definition(plane.inner[..., :inputs].astype(np.float64), weights, bias)
    np.testing.assert_allclose(out.inner[..., 8:], expected, atol=2e-5 * np.abs(expected).max())
    assert np.count_nonzero(out.framed[..., 8:]) == expected.size
    assert (out.inner[..., :8] == 7).all()


def test_activation_is_leaky():
    """Negative values are multiplied by the slope, others are kept; an array may be read and written at once."""
    plane = _plane(8, 8, 16)
    weights = RNG.standard_normal((8, 8, 3, 3)).astype(np.float32)
    bias = np.zeros(8, np.float32)
    expected = _definition(plane.inner[..., :8].astype(np.float64), weights, bias)
    plane.convolve(8, transform_weights(weights), bias, 0.25, plane, 8)
    np.testing.assert_allclose(plane.inner[..., 8:], np.where(expected < 0, expected / 4, expected), atol=5e-4)


def test_weights_that_do_not_fit_are_refused():
    """Before memory is read that is not theirs."""
    plane = _plane(4, 4, 8)
    with pytest.raises(ValueError, match="do not fit"):
        convolve(plane.framed, 8, np.zeros(10, np.float32), np.zeros(8, np.float32), 1.0, plane.framed, 0)


@pytest.mark.parametrize(("height", "width"), [(4, 4), (8, 12), (32, 32)])
def test_no_garbage_is_multiplied(height, width, monkeypatch):
    """What lay in memory may be denormal numbers, which take ten times as long: none is among products, dropped ones
    too."""
    made, denormal = [], np.float32(1e-42)

    def full_of_denormals(*shape):
        made.append(np.full(shape, denormal, np.float32))
        return made[-1]

    weights, bias = transform_weights(RNG.standard_normal((8, 8, 3, 3))), np.ones(8, np.float32)
    monkeypatch.setattr(winograd, "aligned", full_of_denormals)
    _plane(height, width, 8).convolve(8, weights, bias, 1.0, Plane.empty(height, width, 8))
    _, sums = made
    assert not ((sums != 0) & (sums != denormal) & (np.abs(sums) < 1e-30)).any()
