"""Adversarial recipes train: losses fall, critics learn, both cycles and both target domains are used."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cryptobench.images import load_image
from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.domains import drpe_amplitude, sample, uniform_noise
from cryptobench.primitives.learned.inference.forward import to_tensor
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
    return PictureSet([np.uint8(127 * wave + 128) for wave in waves])


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
def test_the_critic_learns_to_separate_them(objective):
    """Against an encoder that does not try to deceive it, the critic's loss falls, and it scores noise higher."""
    training, first, last = _train(replace(TINY, objective=objective, encryption_weight=0.0, learning_rate=1e-4))
    assert last["critic"] < 0.8 * first["critic"]
    critic, encoder = training.networks["critic"], training.networks["encoder"]
    batch = TINY.batch(_pictures(), 9, 0)
    state = TINY.forward(training.networks, batch, 1.0)
    with torch.inference_mode():
        assert critic(state["target"]).mean() > critic(encoder(batch)).mean()


def test_the_encryption_weight_makes_the_encoder_deceive():
    """With the critic fixed, an encoder trained against it scores better than one that is not."""
    still = replace(TINY, critic_learning_rate=0.0, ramp_end=0.01)
    deceived = {weight: _train(replace(still, encryption_weight=weight))[2]["encryption"] for weight in (0.0, 10.0)}
    assert deceived[10.0] < 0.8 * deceived[0.0]


def test_each_player_moves_only_its_own_networks():
    """A step of the critics leaves encoder and decoder as they are, and the other way round."""
    for fixed, moved in (("learning_rate", "critic."), ("critic_learning_rate", "encoder.")):
        training = Training(replace(TINY, steps=1, **{fixed: 0.0}), _pictures(), 1)
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


def _bytes(batch):
    levels = ((batch + 1) * 127.5).numpy()
    assert np.abs(levels - np.rint(levels)).max() < 1e-3
    return np.rint(levels).astype(int)


def _entropy(values):
    share = np.bincount(values.ravel(), minlength=256) / values.size
    return -(share[share > 0] * np.log2(share[share > 0])).sum()


def test_noise_is_uniform_over_the_256_bytes():
    """All bytes occur, evenly: chi-square in its 99.9 % interval, entropy above 7.998."""
    torch.manual_seed(1)
    values = _bytes(uniform_noise(torch.empty(1, 3, 256, 256)))
    counts = np.bincount(values.ravel(), minlength=256)
    assert counts.min() > 0
    assert 187 < ((counts - values.size / 256) ** 2 / (values.size / 256)).sum() < 336
    assert _entropy(values) > 7.998


def test_drpe_amplitude_is_rayleigh():
    """On a photograph: mean square kept, mean of sqrt(pi/4) of its root, entropy near 7.1 bits, no correlation."""
    torch.manual_seed(1)
    picture = to_tensor(load_image("astronaut", 256))
    values = _bytes(drpe_amplitude(picture))
    amplitude = values * 1.7 / 255
    energy = float(((picture + 1) / 2).square().mean())
    assert (amplitude**2).mean() == pytest.approx(energy, rel=0.01)
    root = np.sqrt((amplitude**2).mean((2, 3)))
    assert amplitude.mean((2, 3)) / root == pytest.approx(np.full(root.shape, np.sqrt(np.pi / 4)), rel=0.01)
    assert 6.95 < _entropy(values) < 7.25
    assert abs(np.corrcoef(values[..., 1:].ravel(), values[..., :-1].ravel())[0, 1]) < 0.06


def test_drpe_is_decoded_by_the_inverse_phases():
    """The complex field that the amplitude is of comes back to the image: the encoding in numpy, with its own masks."""
    generator = np.random.default_rng(0)
    f = generator.random((16, 24))
    n, b = generator.random((2, 16, 24))
    field = np.fft.ifft2(np.fft.fft2(f * np.exp(2j * np.pi * n)) * np.exp(2j * np.pi * b))
    assert np.abs(np.fft.ifft2(np.fft.fft2(field) * np.exp(-2j * np.pi * b))) == pytest.approx(f)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        masks = torch.rand(1, 1, 16, 24), torch.rand(1, 1, 16, 24)
        torch.manual_seed(0)
        ours = drpe_amplitude(torch.from_numpy(f * 2 - 1).float()[None, None])
    n, b = (mask.numpy()[0, 0].astype(float) for mask in masks)
    field = np.fft.ifft2(np.fft.fft2(f * np.exp(2j * np.pi * n)) * np.exp(2j * np.pi * b))
    expected = np.rint(np.minimum(np.abs(field) / 1.7, 1) * 255)
    assert np.abs(_bytes(ours)[0, 0] - expected).max() <= 1


def test_brightness_is_kept_in_the_amplitude():
    """The scale is fixed, so a picture half as bright has an amplitude half as large."""
    torch.manual_seed(0)
    bright = _bytes(drpe_amplitude(torch.full((1, 1, 64, 64), 0.2))).mean()
    torch.manual_seed(0)
    dark = _bytes(drpe_amplitude(torch.full((1, 1, 64, 64), -0.4))).mean()
    assert dark / bright == pytest.approx(0.5, abs=0.01)


def test_an_unknown_domain_is_refused():
    """The message names the domains that there are."""
    with pytest.raises(ValueError, match="'noise' and 'drpe'"):
        sample("arnold", torch.zeros(1, 3, 8, 8))
