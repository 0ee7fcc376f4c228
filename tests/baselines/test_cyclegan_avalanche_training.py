"""cyclegan-avalanche: what its networks are trained on, and what their scores and losses say."""

import numpy as np
import pytest
import torch

from cryptobench.baselines.learned.cyclegan_avalanche import CycleGanAvalanche
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.domains import likeness
from cryptobench.primitives.learned.networks import ByteResNet


def test_networks_are_trained_on_uniform_bytes():
    """No picture is looked at; batches differ by step and repeat by seed."""
    recipe = CycleGanAvalanche.recipe("cpu")
    assert isinstance(recipe.backbone(), ByteResNet)
    black = PictureSet([np.zeros((64, 64, 3), np.uint8)])
    batch = recipe.batch(black, 1, 2)
    levels = (batch + 1) * 127.5
    assert torch.equal(levels.round(), levels.round().clamp(0, 255))
    assert levels.mean().item() == pytest.approx(127.5, abs=2)
    assert torch.equal(batch, recipe.batch(black, 1, 2))
    assert not torch.equal(batch, recipe.batch(black, 1, 3))


def test_scores_say_what_is_exact():
    """Fresh networks: every byte comes back, none is moved, and encoded samples are the given ones."""
    recipe = AdversarialRecipe(generator="bytes", plain="noise", width=8, blocks=1, side=16)
    scores = recipe.score(recipe.networks(), PictureSet([np.zeros((64, 64, 3), np.uint8)]))
    assert (scores["inexact"], scores["moved"]) == (0, 0)
    assert scores["psnr"] > 100
    assert scores["likeness"] == pytest.approx(1)


def test_likeness_is_a_squared_correlation():
    """1 for the image and its negative, near 0 for other noise."""
    one, two = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1)), torch.rand(2, 3, 32, 32)
    assert likeness(one, one).item() == pytest.approx(1, abs=1e-4)
    assert likeness(one, -one).item() == pytest.approx(1, abs=1e-4)
    assert likeness(one, two).item() < 0.02


def test_likeness_is_a_part_of_the_loss():
    """With its weight."""
    losses = []
    for weight in (0.0, 3.0):
        recipe = AdversarialRecipe(generator="bytes", plain="noise", width=8, blocks=1, side=32, likeness_weight=weight)
        torch.manual_seed(1)
        networks = recipe.networks()
        state = recipe.forward(networks, recipe.batch(PictureSet([np.zeros((64, 64, 3), np.uint8)]), 1, 1), 1.0)
        losses.append(recipe.encryption(networks, state)[0].item())
    assert losses[1] - losses[0] == pytest.approx(3, abs=0.01)
