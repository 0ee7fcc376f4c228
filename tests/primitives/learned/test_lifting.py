"""The lossless network in training: its bytes are the kernels', its loss knows noise, and training moves it there."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cryptobench.primitives.learned.inference.forward import apply_with_torch
from cryptobench.primitives.learned.inference.lifting import Lifting
from cryptobench.primitives.learned.lifting import LiftingResNet, circular_distance
from cryptobench.primitives.learned.lifting_recipe import LiftingRecipe
from cryptobench.primitives.learned.sizes import LiftingSize
from cryptobench.primitives.learned.training import Training
from tests.primitives.learned.tiny import pictures

SIZES = [LiftingSize(), LiftingSize(1, gain=16, layers=3)]


def arrays_of(network):
    return {name: value.detach().numpy() for name, value in network.state_dict().items()}


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_training_has_the_kernels_bytes(size):
    """What is trained is what encrypts: on noise and on a picture large enough for any form of convolution."""
    torch.manual_seed(3)
    network = LiftingResNet(size)
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, size.channels), np.uint8)
    waves = np.ascontiguousarray(pictures(1, 96, 128).images[0][..., : size.channels])
    for image in (noise, waves):
        assert np.array_equal(apply_with_torch(network, image), Lifting(size, arrays_of(network))(image))


def test_every_weight_has_a_gradient():
    """Through rounding, cuts and the wrap: smooth stand-ins take their place."""
    torch.manual_seed(0)
    network = LiftingResNet(LiftingSize())
    batch = torch.rand(1, 3, 16, 16) * 2 - 1
    sum(circular_distance(network(batch)).values()).backward()
    assert all(weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_the_loss_knows_uniform_noise():
    """All four terms are near 0 for noise; each is far from it for the kind of picture that it is for."""
    generator = torch.Generator().manual_seed(1)

    def noise():
        return torch.randint(256, (2, 3, 64, 64), generator=generator) / 127.5 - 1

    uniform = {name: float(value) for name, value in circular_distance(noise()).items()}
    assert max(uniform.values()) < 0.04
    flat = torch.full((1, 3, 64, 64), 0.3)
    half_known = noise().where(torch.arange(64) < 32, torch.tensor(0.0))
    smooth = noise().cumsum(3) / 20  # a walk of small steps, around the circle
    copied = noise()[:, :1].expand(-1, 3, -1, -1)
    assert float(circular_distance(flat)["histogram"]) > 5
    assert float(circular_distance(smooth)["correlation"]) > 10 * uniform["correlation"]
    assert float(circular_distance(copied)["channels"]) > 10 * uniform["channels"]
    assert float(circular_distance(half_known)["patches"]) > 10 * uniform["patches"]


def test_the_loss_knows_of_no_wrap():
    """Around the circle by any amount, the terms stay: 255 is beside 0."""
    encoded = torch.randint(256, (1, 1, 24, 24), generator=torch.Generator().manual_seed(2)).square() % 256
    terms = circular_distance(encoded / 127.5 - 1)
    moved = circular_distance((encoded + 77) % 256 / 127.5 - 1)
    for name in ("histogram", "channels", "patches"):
        torch.testing.assert_close(moved[name], terms[name], atol=1e-4, rtol=1e-3)


def test_training_lowers_the_loss_and_resumes(tmp_path):
    """Of both networks, in some steps; stopped and resumed it ends with the same weights."""
    recipe = LiftingRecipe(steps=12, crops=2, side=24, couplings=2)
    lines = []
    whole = Training(replace(recipe, steps=12), pictures(), 1)
    before = [circular_distance(whole.recipe.forward(whole.networks, recipe.batch(pictures(), 1, 0), 0)["grey"])]
    whole.run(lines.append)
    after = [circular_distance(whole.recipe.forward(whole.networks, recipe.batch(pictures(), 1, 0), 0)["grey"])]
    assert sum(after[0].values()) < sum(before[0].values())
    path = tmp_path / "run.ckpt"
    first = Training(recipe, pictures(), 1, path)
    first.run(stop=lambda: first.step >= 5)
    second = Training(recipe, pictures(), 1, path)
    assert second.step == 5
    second.run()
    for name, value in whole.networks.state_dict().items():
        assert torch.equal(value, second.networks.state_dict()[name]), name


def test_scores_are_of_both_networks():
    """Entropy in bits, mean and least; the inverses have no weights of their own."""
    recipe = LiftingRecipe(couplings=2)
    scores = recipe.score(recipe.networks(), pictures())
    assert set(scores) == {"entropy", "entropy_min", "entropy_grey", "entropy_grey_min"}
    assert 0 < scores["entropy_min"] <= scores["entropy"] <= 8
    assert recipe.shipped == ("encoder", "grey")
    assert recipe.weights_of("grey_decoder") == "grey"
    assert recipe.lifting_size("grey_decoder") == LiftingSize(1, couplings=2, backwards=True)
