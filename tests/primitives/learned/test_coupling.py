"""The network that is undone by running it backwards."""

import math

import numpy as np
import pytest
import torch

from cryptobench.primitives.learned.coupling import CouplingResNet, bounded
from cryptobench.primitives.learned.inference.coupling import inverted
from cryptobench.primitives.learned.sizes import CouplingSize, DenseResNetSize, shapes_of
from tests.primitives.learned.tiny import pair_recipe

SIZES = [CouplingSize(), CouplingSize(2, 5, 1, 2), CouplingSize(2, 4, 3, 6)]


def _network(size):
    torch.manual_seed(0)
    network = CouplingResNet(size)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn(weight.shape))
    return network


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_inverse_gives_the_image_back(size):
    """Whatever the weights are, as long as no output is cut; and the network changes the image."""
    network, image = _network(size), 0.3 * torch.rand(2, 3, 12, 8) - 0.15
    with torch.inference_mode():
        encoded = network(image)
        decoded = network.inverse()(encoded)
    assert encoded.abs().max() < 1
    assert (encoded - image).abs().mean() > 0.02
    torch.testing.assert_close(decoded, image, atol=1e-5, rtol=0)


def test_the_inverse_has_the_same_weights():
    """A change of the network is one of its inverse, whose own inverse is the network."""
    network = _network(SIZES[0])
    inverse = network.inverse()
    assert {id(weight) for weight in network.parameters()} == {id(weight) for weight in inverse.parameters()}
    image = torch.rand(1, 3, 8, 8)
    assert torch.equal(inverse.inverse()(image), network(image))


@pytest.mark.parametrize(
    "size", [CouplingSize(couplings=3), CouplingSize(couplings=0), CouplingSize(factor=3), CouplingSize(growth=0)]
)
def test_sizes_without_two_halves_are_refused(size):
    """An odd factor or number of couplings, or none."""
    with pytest.raises(ValueError, match="wanted an even factor"):
        CouplingResNet(size)


def test_cut_values_are_drawn_back():
    """Outside of [-1, 1] only a gradient that leads back in passes."""
    x = torch.tensor([-2.0, -2.0, 0.5, 2.0, 2.0], requires_grad=True)
    y = bounded(x)
    assert y.tolist() == [-1, -1, 0.5, 1, 1]
    y.backward(torch.tensor([1.0, -1.0, 3.0, 1.0, -1.0]))
    assert x.grad.tolist() == [0, -1, 3, 1, 0]


def test_matrices_are_inverted():
    """Against numpy, with a zero where the first pivot would be; a singular one is an error."""
    matrix = np.random.default_rng(0).normal(size=(48, 48))
    matrix[0, 0] = 0
    np.testing.assert_allclose(inverted(matrix), np.linalg.inv(matrix), atol=1e-9)
    with pytest.raises(ValueError, match="singular"):
        inverted(np.zeros((3, 3)))


def test_recipes_train_one_network_for_both():
    """The decoder is the encoder backwards: each weight is trained once, and one network is stored."""
    recipe = pair_recipe(1, network="coupling-resnet", factor=2)
    networks = recipe.networks()
    assert recipe.shipped == ("encoder",)
    assert networks["decoder"].size.backwards
    assert networks["decoder"].mixes is networks["encoder"].mixes
    assert pair_recipe(1).shipped == ("encoder", "decoder")
    with pytest.raises(ValueError, match="wanted dense-resnet or coupling-resnet"):
        pair_recipe(1, network="resnet").networks()


@pytest.mark.parametrize(
    ("size", "products"),
    [(CouplingSize(4, 8, 2, 4), 1680), (CouplingSize(4, 16, 2, 4), 3072), (DenseResNetSize(2, 32, 16, 3, 2), 14144)],
)
def test_products_a_pixel_are_as_documented(size, products):
    """A convolution's weights are each used once at every position, one of factor x factor pixels."""
    weights = sum(math.prod(shape) for shape in shapes_of(size).values() if len(shape) == 4)
    assert weights / size.factor**2 == products
