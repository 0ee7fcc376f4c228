"""Networks in a library give what our own kernels give, but for rounding."""

import numpy as np
import pytest

pytest.importorskip("openvino", reason='needs OpenVINO: pip install "cryptobench[fast]"')

from cryptobench.primitives.learned.inference.library import LibraryNetwork, precision
from cryptobench.primitives.learned.inference.network import Network
from cryptobench.primitives.learned.sizes import CycleGanSize, DenseResNetSize, EncoderSize
from tests.baselines.tiny_weights import fresh_arrays
from tests.primitives.learned.inference.test_network import IMAGE, SHAPES, SIZES

FURTHER = [CycleGanSize(4, 1, "everywhere"), CycleGanSize(4, 1, "none", 0.2), DenseResNetSize(4, 8, 4, 2, 2)]


def bytes_of(size, numbers):
    """Of a network in both forms, on noise."""
    image = np.random.default_rng(1).integers(0, 256, SHAPES.get(type(size), IMAGE.shape), np.uint8)
    arrays = fresh_arrays(size, 1)
    own, library = Network(size, arrays)(image), LibraryNetwork(size, arrays, numbers)(image)
    assert (own.shape, own.dtype) == (library.shape, library.dtype)
    return own.astype(int), library


@pytest.mark.parametrize("size", SIZES + FURTHER, ids=str)
def test_library_differs_by_rounding_only(size):
    """In float32: at most one level, in at most one sample of a hundred."""
    own, library = bytes_of(size, "f32")
    assert np.abs(own - library).max() <= 1
    assert (own != library).mean() < 0.01


def test_coarse_numbers_are_near():
    """In bfloat16, or whatever the processor has in its place: within a few levels."""
    own, library = bytes_of(DenseResNetSize(2, 8, 4, 1, 1), "")
    assert np.abs(own - library).mean() < 2
    assert precision() in ("bfloat16", "float32")


def test_shapes_take_turns():
    """A network is compiled for each shape, and none is mistaken for another; equal input, equal bytes."""
    network = LibraryNetwork(EncoderSize(3, 4), fresh_arrays(EncoderSize(3, 4), 1))
    images = [np.random.default_rng(n).integers(0, 256, (33 * n, 33, 3), np.uint8) for n in (1, 2)]
    first = [network(image) for image in images]
    assert [one.shape for one in first] == [(3, 4, 1), (6, 4, 1)]
    assert all(np.array_equal(network(image), one) for image, one in zip(images, first, strict=True))


def test_disturbed_weights_are_those_of_our_kernels():
    """The same change of the same weights."""
    size = DenseResNetSize(2, 8, 4, 1, 1)
    arrays = fresh_arrays(size, 1)
    own, library = (
        kind.disturbed(0.1, 7)(IMAGE) for kind in (Network(size, arrays), LibraryNetwork(size, arrays, "f32"))
    )
    assert np.abs(own.astype(int) - library).max() <= 1
    assert not np.array_equal(own, Network(size, arrays)(IMAGE))
