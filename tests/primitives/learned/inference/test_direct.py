"""Convolutions of large kernels, with sums that stay in registers and without."""

import numpy as np
import pytest

from cryptobench.primitives.learned.inference.direct import convolve_patches, convolve_rows, kernel_rows
from cryptobench.primitives.learned.inference.planes import Plane

RNG = np.random.default_rng(6)


@pytest.mark.parametrize(("inputs", "side", "width", "height"), [(3, 9, 24, 24), (1, 5, 33, 33), (1, 3, 7, 2)])
def test_patches_give_the_bytes_of_rows(inputs, side, width, height):
    """Two images below one another: ReLU of the same sums, zeros between them and around."""
    pitch, border = height + side // 2, side // 2
    source = Plane.empty(2 * pitch, width, inputs, border)
    source.values[:] = 0
    source.inner.reshape(2, pitch, width, inputs)[:, :height] = RNG.standard_normal((2, height, width, inputs))
    weights = kernel_rows(RNG.standard_normal((16, inputs, side, side)), inputs, 16)
    bias = RNG.standard_normal(16).astype(np.float32)
    rows, patches = Plane.empty(2 * pitch, width, 16), Plane.empty(2 * pitch, width, 16)
    convolve_rows(source, weights, bias, rows, before=side // 2)
    wanted = np.maximum(rows.inner, 0).reshape(2, pitch, width, 16)
    wanted[:, height:] = 0
    patches.values[:] = 7
    convolve_patches(source, weights, bias, patches, height, pitch)
    assert np.array_equal(patches.inner.reshape(wanted.shape), wanted)
    assert np.count_nonzero(patches.framed) == np.count_nonzero(wanted)
