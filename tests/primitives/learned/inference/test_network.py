"""Networks as arrays: what fits is run, what does not is named, and weights can be disturbed."""

import numpy as np
import pytest

from cryptobench.primitives.learned.inference.network import Network, crop_to, has_kernels, pad_to_multiple
from cryptobench.primitives.learned.sizes import (
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DecoderSize,
    DenseResNetSize,
    EncoderSize,
)  # fmt: skip
from tests.baselines.tiny_weights import fresh_arrays

SIZES = [
    CouplingSize(2, 4, 1, 2),
    CouplingSize(2, 4, 1, 2, backwards=True),
    DenseResNetSize(2, 8, 4, 1, 1), CycleGanSize(4, 1), ByteResNetSize(8, 1), EncoderSize(3, 4), DecoderSize(3, 4),
]  # fmt: skip
SHAPES = {EncoderSize: (33, 66, 3), DecoderSize: (3, 8, 1)}
IMAGE = np.random.default_rng(3).integers(0, 256, (12, 8, 3), np.uint8)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_size_is_run(size):
    """Twice with the same bytes; codes are of blocks of 33 pixels, anything else keeps its shape."""
    network = Network(size, fresh_arrays(size, 1))
    shape = SHAPES.get(type(size), IMAGE.shape)
    image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    made = network(image)
    expected = {EncoderSize: (3, 8, 1), DecoderSize: (33, 66, 3)}.get(type(size), shape)
    assert (made.shape, made.dtype) == (expected, np.uint8)
    assert np.array_equal(network(image), made)


def test_blocks_do_not_see_one_another():
    """The code of each of 70 blocks, more than go together, is that of the block alone; so is what is rebuilt."""
    image = np.random.default_rng(2).integers(0, 256, (7 * 33, 10 * 33, 3), np.uint8)
    encoder, decoder = (Network(size, fresh_arrays(size, 2)) for size in (EncoderSize(6, 7), DecoderSize(6, 7)))
    codes = encoder(image)
    rebuilt = decoder(codes)
    for row, column in ((0, 0), (6, 3), (6, 9)):
        alone = encoder(np.ascontiguousarray(image[33 * row : 33 * row + 33, 33 * column : 33 * column + 33]))
        assert np.array_equal(codes[6 * row : 6 * row + 6, 7 * column : 7 * column + 7], alone)
        whole = rebuilt[33 * row : 33 * row + 33, 33 * column : 33 * column + 33]
        assert np.array_equal(whole, decoder(alone))


def test_arrays_that_do_not_fit_are_named():
    """One that is missing, one too many, and one of another shape."""
    size = DenseResNetSize(2, 8, 4, 1, 1)
    arrays = fresh_arrays(size, 1)
    without = {name: array for name, array in arrays.items() if name != "fuse.bias"}
    for given, line in (
        (without, r"fuse\.bias is missing, wanted \(8,\)"),
        ({**arrays, "more": np.zeros(3)}, r"more is \(3,\), wanted none"),
        ({**arrays, "tail.bias": np.zeros(13)}, r"tail\.bias is \(13,\), wanted \(12,\)"),
    ):
        with pytest.raises(ValueError, match=line):
            Network(size, given)


def test_sizes_without_kernels_are_refused():
    """Dense networks with a norm, or without a block."""
    for size in (DenseResNetSize(2, 8, 4, 1, 1, norm=True), DenseResNetSize(2, 8, 4, 1, 0)):
        assert not has_kernels(size)
        with pytest.raises(ValueError, match="no kernels"):
            Network(size, {})


def test_disturbed_weights_differ_by_the_share():
    """By seed; with a share of 0 nothing changes, and the network itself never does."""
    size = DenseResNetSize(2, 8, 4, 1, 1)
    network = Network(size, fresh_arrays(size, 1))
    before = network(IMAGE)
    one, again, other = (network.disturbed(0.1, seed) for seed in (5, 5, 6))
    assert np.array_equal(network.disturbed(0, 5)(IMAGE), before)
    assert np.array_equal(one(IMAGE), again(IMAGE))
    assert not np.array_equal(one(IMAGE), other(IMAGE))
    assert np.array_equal(network(IMAGE), before)
    changes = np.concatenate([(one.arrays[name] / array - 1).ravel() for name, array in network.arrays.items()])
    assert np.std(changes) == pytest.approx(0.1, rel=0.1)


def test_images_are_mirrored_and_cropped():
    """At the bottom and the right edge; an image that fits is the same object."""
    padded = pad_to_multiple(IMAGE[:11, :7], 4)
    assert padded.shape == (12, 8, 3)
    assert np.array_equal(padded[11, :7], IMAGE[10, :7])
    assert np.array_equal(crop_to(padded, 11, 7), IMAGE[:11, :7])
    assert pad_to_multiple(IMAGE, 4) is IMAGE
