"""The CycleGAN generator has the published shape, keeps sizes, and carries brightness where its norm lets it."""

import pytest
import torch

from cryptobench.primitives.learned.networks import ByteResNet, CycleGanGenerator, network_of
from cryptobench.primitives.learned.sensing_networks import BlockDecoder, BlockEncoder
from cryptobench.primitives.learned.sizes import (
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DecoderSize,
    DenseResNetSize,
    EncoderSize,
    shapes_of,
)  # fmt: skip


def _parameters(network):
    return sum(weight.numel() for weight in network.parameters())


def test_published_generator_has_11_378_179_weights():
    """Width 64, 9 blocks: 11,378,179 weights with biases and norms without weights, as torch.hub's generators have.

    Per convolution: inputs x outputs x kernel area + outputs; affine norms add 2 per channel of a residual branch.
    """
    network = CycleGanGenerator(CycleGanSize(64, 9, "branches"))
    plain = 3 * 64 * 49 + 64 + 64 * 128 * 9 + 128 + 128 * 256 * 9 + 256 + 9 * 2 * (256 * 256 * 9 + 256)
    plain += 256 * 128 * 9 + 128 + 128 * 64 * 9 + 64 + 64 * 3 * 49 + 3
    assert plain == 11_378_179
    assert _parameters(network) == plain + 9 * 2 * 2 * 256


SIZES = [
    CouplingSize(2, 5, 2, 4), DenseResNetSize(2, 8, 5, 2, 2), DenseResNetSize(4, 6, 3, 1, 1, norm=True),
    DenseResNetSize(2, 8, 4, 3, 0), CycleGanSize(4, 2, "everywhere"), CycleGanSize(4, 1), CycleGanSize(4, 2, "none"),
    ByteResNetSize(9, 2), EncoderSize(3, 4), DecoderSize(3, 4),
]  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sizes_name_the_arrays_of_networks(size):
    """Each name and shape, and no other, of what torch would store."""
    kinds = {EncoderSize: BlockEncoder, DecoderSize: BlockDecoder}
    network = kinds[type(size)](size) if type(size) in kinds else network_of(size)
    assert shapes_of(size) == {name: tuple(value.shape) for name, value in network.state_dict().items()}


@pytest.mark.parametrize("norm", ["everywhere", "branches", "none"])
@pytest.mark.parametrize("side", [(8, 8), (12, 32)])
def test_shape_and_range_are_kept(norm, side):
    """Any multiple of 4 comes out as it went in, within [-1, 1]; a fresh network does not saturate."""
    torch.manual_seed(0)
    network = CycleGanGenerator(CycleGanSize(8, 2, norm))
    with torch.inference_mode():
        out = network(torch.rand(2, 3, *side) * 2 - 1)
    assert out.shape == (2, 3, *side)
    assert out.abs().max() <= 1
    assert (out.abs() > 0.99).float().mean() < 0.01


def test_only_a_norm_on_the_trunk_loses_contrast():
    """A picture and the same one at half contrast give the same output with norm everywhere, and only then."""
    difference = {}
    for norm in ("everywhere", "branches"):
        torch.manual_seed(0)
        network = CycleGanGenerator(CycleGanSize(8, 1, norm))
        picture = torch.rand(1, 3, 32, 32) * 2 - 1
        with torch.inference_mode():
            difference[norm] = float((network(picture) - network(picture / 2)).abs().mean())
    assert difference["everywhere"] < 1e-3
    assert difference["branches"] > 0.02


def test_trunk_of_one_pixel_cannot_be_normalised():
    """On 4x4 the trunk is a single pixel, which instance norm refuses; 8x8 is the least that it takes."""
    network = CycleGanGenerator(CycleGanSize(4, 1, "branches"))
    with pytest.raises(ValueError, match="spatial"):
        network(torch.zeros(1, 3, 4, 4))
    assert network(torch.zeros(1, 3, 8, 8)).shape == (1, 3, 8, 8)


def test_the_network_for_bytes_starts_as_the_identity():
    """And keeps shape and range with any weights."""
    network = ByteResNet(ByteResNetSize(8, 2))
    image = torch.rand(2, 3, 8, 12) * 2 - 1
    assert torch.equal(network(image), image)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn(weight.shape))
    assert network(image).shape == image.shape
    assert network(image).abs().max() == 1
