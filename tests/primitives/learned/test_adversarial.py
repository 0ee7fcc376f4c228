"""Adversarial recipes train: losses fall, the critics learn, both cycles are used, and weights do what they say."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cryptobench.cipher import CipherError
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.crops import Pictures
from cryptobench.primitives.learned.recipe import settings_of
from cryptobench.primitives.learned.training import Training

TINY = AdversarialRecipe(
    steps=40,
    crops=4,
    side=16,
    learning_rate=5e-3,
    width=8,
    growth=4,
    layers=1,
    blocks=1,
    critic_width=4,
    critic_learning_rate=2e-3,
    ramp_start=0.0,
    ramp_end=0.5,
    optimiser="adam",
)
MUON = replace(TINY, optimiser="muon", learning_rate=3e-2)
OWN = replace(TINY, generator="cyclegan", width=4, slope=0.2)


def _pictures(side=48, count=3):
    """Smooth colour pictures, so that a tiny network can learn something of them."""
    y, x = np.mgrid[:side, :side] / side
    waves = [np.stack([np.sin(6 * x + i), np.cos(5 * y - i), np.sin(4 * (x + y) + i)], 2) for i in range(count)]
    return Pictures([np.uint8(127 * wave + 128) for wave in waves])


def _terms(recipe, networks):
    """All terms of all players on one batch that training does not use."""
    torch.manual_seed(5)
    state = recipe.forward(networks, recipe.batch(_pictures(), 99, 0), 1.0)
    return {
        name: value.item()
        for player in recipe.players()
        for name, value in recipe.loss(player, networks, state, 1.0)[1].items()
    }


def _train(recipe):
    """A finished run, and the terms before and after it."""
    training = Training(recipe, _pictures(), 1)
    before = _terms(recipe, training.networks)
    assert training.run()
    return training, before, _terms(recipe, training.networks)


@pytest.mark.parametrize("recipe", [TINY, OWN, MUON], ids=["dense-resnet", "cyclegan", "muon"])
def test_the_pair_learns_to_decode(recipe):
    """In some dozen steps the L1 of the reconstruction falls, and the scores are finite numbers."""
    training, first, last = _train(recipe)
    assert last["decryption"] < 0.75 * first["decryption"]
    scores = training.score(_pictures(45, 1))
    assert all(np.isfinite(value) for value in scores.values())


@pytest.mark.parametrize("objective", ["lsgan", "bce"])
def test_the_critic_learns_to_tell_them_apart(objective):
    """Against an encoder that does not try to deceive it, the critic's loss falls, and it scores noise higher."""
    training, first, last = _train(replace(TINY, objective=objective, encryption_weight=0.0, learning_rate=1e-4))
    assert last["critic"] < 0.8 * first["critic"]
    critic, encoder = training.networks["critic"], training.networks["encoder"]
    batch = TINY.batch(_pictures(), 9, 0)
    state = TINY.forward(training.networks, batch, 1.0)
    with torch.inference_mode():
        assert critic(state["target"]).mean() > critic(encoder(batch)).mean()


def test_the_encryption_weight_makes_the_encoder_deceive():
    """With the critic held still, an encoder trained against it scores better than one that is not."""
    still = replace(TINY, critic_learning_rate=0.0, ramp_end=0.01)
    deceived = {weight: _train(replace(still, encryption_weight=weight))[2]["encryption"] for weight in (0.0, 10.0)}
    assert deceived[10.0] < 0.8 * deceived[0.0]


def test_each_player_moves_only_its_own_networks():
    """A step of the critics leaves encoder and decoder as they are, and the other way round."""
    for still, moved in (("learning_rate", "critic."), ("critic_learning_rate", "encoder.")):
        training = Training(replace(TINY, steps=1, **{still: 0.0}), _pictures(), 1)
        before = {name: weight.clone() for name, weight in training.networks.state_dict().items()}
        training.run()
        changed = {name for name, weight in training.networks.state_dict().items() if not weight.equal(before[name])}
        assert any(name.startswith(moved) for name in changed)
        assert all(name.startswith("critic.") == (moved == "critic.") for name in changed)


def test_both_cycles_are_trained():
    """Noise decoded and encoded comes back closer to itself, the second critic learns, and only then exists."""
    both = replace(TINY, both_cycles=True, encryption_weight=0.0, decryption_weight=0.0, width=24, learning_rate=1e-2)
    training, first, last = _train(both)
    assert last["cycle"] < 0.9 * first["cycle"]
    assert last["plain_critic"] < first["plain_critic"]
    assert set(training.networks) == {"encoder", "decoder", "critic", "plain_critic"}
    assert set(TINY.networks()) == {"encoder", "decoder", "critic"}
    assert both.shipped == ("encoder", "decoder")


def test_the_second_cycle_changes_the_encoder():
    """The same seed with and without the weight of the second cycle gives other weights after two steps."""
    tails = []
    for weight in (0.0, 10.0):
        training = Training(replace(TINY, steps=2, both_cycles=True, cycle_weight=weight), _pictures(), 1)
        training.run()
        tails.append(training.networks["encoder"].tail.weight.detach())
    assert not tails[0].equal(tails[1])


def test_the_drpe_domain_is_what_the_critic_sees():
    """The target of a step has DRPE's mean, far below that of uniform noise."""
    networks, batch = TINY.networks(), TINY.batch(_pictures(), 1, 0)
    noise = TINY.forward(networks, batch, 0.0)["target"]
    drpe = replace(TINY, domain="drpe").forward(networks, batch, 0.0)["target"]
    assert drpe.shape == noise.shape == batch.shape
    assert drpe.mean() < noise.mean() - 0.2


def test_a_stopped_run_resumes_to_the_same_weights(tmp_path):
    """Two runs of a cycle recipe, one saved and loaded half way, end with equal weights of all four networks."""
    recipe = replace(TINY, both_cycles=True, domain="drpe", steps=6)
    whole = Training(recipe, _pictures(), 3)
    whole.run()
    path = tmp_path / "run.pt"
    part = Training(recipe, _pictures(), 3, path)
    assert not part.run(stop=lambda: part.step == 3)
    resumed = Training(recipe, _pictures(), 3, path)
    assert resumed.step == 3
    resumed.run()
    expected = whole.networks.state_dict()
    assert all(weight.equal(expected[name]) for name, weight in resumed.networks.state_dict().items())


def test_an_unknown_preset_is_refused():
    """The message names the presets that there are."""
    with pytest.raises(CipherError, match="no preset 'gpu'; there are cpu and paper"):
        settings_of({"cpu": {}, "paper": {}}, "gpu")
