"""Networks run on this package's kernels as on torch, but for roundings, and give the same bytes every time."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from cryptobench.primitives.learned.inference.forward import apply_network, apply_with_torch, one_thread
from cryptobench.primitives.learned.networks import network_of
from cryptobench.primitives.learned.sensing_networks import BlockDecoder, BlockEncoder
from cryptobench.primitives.learned.sizes import (
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DecoderSize,
    DenseResNetSize,
    EncoderSize,
)  # fmt: skip

SIZES = [
    DenseResNetSize(2, 32, 16, 3, 2),
    DenseResNetSize(2, 8, 4, 1, 1),
    DenseResNetSize(4, 20, 9, 2, 3),
    CycleGanSize(16, 2, "branches", 0.2),
    CycleGanSize(6, 1, "none"),
    CycleGanSize(8, 1, "everywhere"),
    ByteResNetSize(40, 2),
    CouplingSize(4, 16, 2, 4),
    CouplingSize(2, 5, 1, 6),
]


def _network(size):
    """With weights that use the range of tanh, biases and norms' parameters among them."""
    torch.manual_seed(0)
    network = network_of(size)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.02 * torch.randn(weight.shape))
    return network.eval()


def _image(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("shape", [(8, 8), (12, 36), (44, 28)])
def test_bytes_are_those_of_torch_but_for_roundings(size, shape):
    """Nowhere more than one level apart, and one byte in a hundred at most is apart at all."""
    network, image = _network(size), _image(*shape)
    expected = apply_with_torch(network, image).astype(int)
    difference = np.abs(apply_network(network, image) - expected)
    assert expected.std() > 5
    assert difference.max() <= 1
    assert np.mean(difference > 0) < 0.01


def test_an_inverse_has_the_bytes_of_torch():
    """Its matrices are inverted here; one level apart at most, in one byte of a hundred."""
    network, image = _network(SIZES[-2]).inverse().eval(), _image(44, 28)
    difference = np.abs(apply_network(network, image) - apply_with_torch(network, image).astype(int))
    assert difference.max() <= 1
    assert np.mean(difference > 0) < 0.01


@pytest.mark.parametrize(("rows", "columns", "blocks"), [(24, 24, 1), (17, 16, 6), (3, 3, 66)])
def test_codes_of_blocks_are_those_of_torch(rows, columns, blocks):
    """Codes and rebuilt blocks, of more blocks than go together too: one level in a hundred bytes at most."""
    torch.manual_seed(blocks)
    encoder, decoder = BlockEncoder(EncoderSize(rows, columns)).eval(), BlockDecoder(DecoderSize(rows, columns)).eval()
    with torch.no_grad():
        for last in (encoder.merge[-1], decoder.contours[-1]):
            last.weight.mul_(60)  # so that levels are far apart
    for network, image in ((encoder, _image(33, 33 * blocks)), (decoder, _image(rows, columns * blocks)[..., :1])):
        expected = apply_with_torch(network, image).astype(int)
        difference = np.abs(apply_network(network, image) - expected)
        assert expected.std() > 5
        assert difference.max() <= 1
        assert np.mean(difference > 0) < 0.01


def test_the_smallest_images_are_carried():
    """Two pixels by two, and a strip."""
    network = _network(SIZES[0])
    for shape in [(2, 2), (2, 30), (34, 2)]:
        difference = np.abs(
            apply_network(network, _image(*shape)) - apply_with_torch(network, _image(*shape)).astype(int)
        )
        assert difference.max() <= 1


def test_other_networks_run_on_torch():
    """With normalisation, or of any other class."""
    for network in (_network(DenseResNetSize(2, 8, 8, 1, 1, norm=True)), nn.Sequential(nn.Conv2d(3, 3, 1), nn.Tanh())):
        image = _image(8, 12)
        np.testing.assert_array_equal(apply_network(network, image), apply_with_torch(network, image))


def test_changed_weights_are_noticed():
    """In place, without a trace in torch's counters, or in a copy: the result is that of the weights as they are."""
    network, image = _network(SIZES[1]), _image(16, 16)
    before = apply_network(network, image)
    altered = copy.deepcopy(network)
    for weight in altered.parameters():
        weight.data.mul_(1.5)
    assert np.abs(apply_network(altered, image) - apply_with_torch(altered, image).astype(int)).max() <= 1
    np.testing.assert_array_equal(apply_network(network, image), before)
    network.tail.bias.data.add_(1)
    assert (apply_network(network, image) >= before).all()
    assert apply_network(network, image).mean() > before.mean() + 10


def test_threads_change_no_byte():
    """One or two of torch's, and a call from within `one_thread`."""
    network, image = _network(SIZES[0]), _image(50, 70)
    threads, results = torch.get_num_threads(), []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            results.append(apply_network(network, image))
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    with one_thread():
        results.append(apply_network(network, image))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_trunk_of_one_pixel_cannot_be_normalised():
    """As torch refuses it."""
    with pytest.raises(ValueError, match="spatial"):
        apply_network(_network(SIZES[3]), _image(4, 4))
    assert apply_network(_network(SIZES[4]), _image(4, 4)).shape == (4, 4, 3)
