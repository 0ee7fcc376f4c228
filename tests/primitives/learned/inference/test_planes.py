"""Bytes go into planes and come out of them as torch's layers would have it."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cryptobench.primitives.learned.inference import planes
from cryptobench.primitives.learned.inference.forward import to_tensor
from cryptobench.primitives.learned.inference.planes import Plane, image_of, mix, plane_of

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(("factor", "channels", "border"), [(1, 3, 3), (2, 16, 1), (4, 48, 1)])
def test_samples_are_where_pixel_unshuffle_has_them(factor, channels, border):
    """Values to the last bit but one, zeros in all channels and pixels that are more."""
    image = RNG.integers(0, 256, (3 * factor, 5 * factor, 3), dtype=np.uint8)
    plane = plane_of(image, factor, channels, border)
    expected = F.pixel_unshuffle(to_tensor(image), factor)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(plane.inner[..., : 3 * factor**2], expected, atol=1e-7)
    assert not plane.inner[..., 3 * factor**2 :].any()
    framed = plane.framed.copy()
    framed[border : border + 3, border : border + 5] = 0
    assert not framed.any()


@pytest.mark.parametrize("factor", [1, 2])
def test_bytes_are_those_of_the_tangent(factor):
    """The byte nearest to 127.5 (1 + tanh), from one saturated end to the other; at most next to it by rounding."""
    plane = Plane.empty(40, 50, 3 * factor**2 if factor == 1 else 16)
    plane.inner[:] = np.linspace(-9, 9, plane.inner.size, dtype=np.float32).reshape(plane.inner.shape)
    values = np.ascontiguousarray(plane.inner[..., : 3 * factor**2].transpose(2, 0, 1))[None]
    exact = 127.5 * (
        1 + np.tanh(F.pixel_shuffle(torch.from_numpy(values), factor)[0].permute(1, 2, 0).double().numpy())
    )
    made = image_of(plane, factor)
    assert np.abs(made - exact).max() < 0.501
    assert (made.min(), made.max()) == (0, 255)


def test_mixing_is_a_product_for_each_pixel():
    """With a bias, then onto what is there; the frame stays zero."""
    source, out = Plane.empty(5, 6, 16), Plane.empty(5, 6, 24)
    source.values[:] = RNG.standard_normal(source.values.size)
    out.values[:] = 3
    weights, bias = (RNG.standard_normal(shape).astype(np.float32) for shape in ((9, 16), 16))
    product = source.inner[..., :9].astype(np.float64) @ weights
    mix(source, 9, weights, bias, out)
    np.testing.assert_allclose(out.inner[..., :16], product + bias, atol=1e-5)
    mix(source, 9, weights, None, out)
    np.testing.assert_allclose(out.inner[..., :16], 2 * product + bias, atol=1e-5)
    assert np.count_nonzero(out.framed[..., :16]) == 5 * 6 * 16
    assert (out.inner[..., 16:] == 3).all()


def test_behind_a_plane_are_zeros(monkeypatch):
    """The pixels that are read besides, and dropped, are no denormal numbers, which take ten times as long."""
    monkeypatch.setattr(planes, "aligned", lambda *shape: np.full(shape, 1e-42, np.float32))
    plane = Plane.empty(5, 9, 8, border=3)
    assert not plane.values[plane.framed.size :].any()
    assert plane.values.size > plane.framed.size


@pytest.mark.parametrize(("height", "width", "border"), [(4, 4, 1), (6, 9, 2), (2, 8, 1)])
def test_all_around_a_map_is_cleared(height: int, width: int, border: int) -> None:
    """Above, below, left and right, in the channels that are named and in no others; the map itself stays."""
    plane = Plane.empty(height, width, 24, border)
    plane.values[:] = 7
    wanted = np.full((plane.rows, plane.columns, 24), 7, np.float32)
    wanted[..., 8:16] = 0
    wanted[border : height + border, border : width + border] = 7
    plane.clear(8, 8)
    assert np.array_equal(plane.framed, wanted)
    assert (plane.values[wanted.size :] == 7).all()
