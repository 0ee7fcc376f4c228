"""The small network for attacks computes and learns as one of torch's layers does."""

import numpy as np
import pytest

from cryptobench.attacks.tools.tile_network import TileNetwork, one_cycle, tiled, untiled

RNG = np.random.default_rng(4)


def test_tiles_become_channels_and_back():
    """Each tile of 2x2 pixels, row by row."""
    images = RNG.standard_normal((2, 4, 6, 3)).astype(np.float32)
    tiles = tiled(images, 2)
    assert tiles.shape == (2, 2, 3, 12)
    assert np.array_equal(tiles[1, 1, 2], images[1, 2:4, 4:6].ravel())
    assert np.array_equal(untiled(tiles, 2), images)


def test_steps_grow_then_shrink():
    """From a 25th of the largest rate to almost none, the largest after three tenths; one or two steps are enough."""
    rates, firsts = zip(*(one_cycle(step, 100, 1.0) for step in range(100)), strict=True)
    assert rates[0] == pytest.approx(1 / 25)
    assert (int(np.argmax(rates)), int(np.argmin(firsts))) == (29, 29)
    assert (rates[29], firsts[29]) == (1.0, 0.85)
    assert rates[99] == pytest.approx(1 / 25e4)
    assert all(np.isfinite(one_cycle(step, 2, 1.0)).all() for step in range(2))


def test_a_local_map_is_learned():
    """A blur of the channels, of which a fresh network knows nothing: its error falls by nine tenths."""
    network = TileNetwork(3, 2, 8, np.random.default_rng(1))
    x = RNG.standard_normal((4, 6, 5, 3)).astype(np.float32)
    wanted = x[..., :2] + 0.5 * x[..., 1:]
    assert not network(x).any()
    errors = [network.learn(x, wanted, *one_cycle(step, 250, 0.02)) for step in range(250)]
    assert errors[-1] < 0.1 * errors[0]


def test_training_is_that_of_torch():
    """From the same weights, by Adam, OneCycleLR and clipped gradients: the same outputs after twelve steps."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    network = TileNetwork(3, 2, 5, np.random.default_rng(2))
    layers = []
    for layer in network.layers:
        convolution = nn.Conv2d(len(layer.weight) // 9, len(layer.bias), 3, padding=1, padding_mode="replicate")
        weight = layer.weight.reshape(3, 3, -1, len(layer.bias)).transpose(3, 2, 0, 1)
        convolution.load_state_dict({"weight": torch.tensor(weight.copy()), "bias": torch.tensor(layer.bias.copy())})
        layers += [convolution, nn.LeakyReLU(0.1)]
    other = nn.Sequential(*layers[:-1])
    optimiser = torch.optim.Adam(other.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=12)
    x, y = (RNG.standard_normal((2, 4, 6, depth)).astype(np.float32) for depth in (3, 2))
    given, wanted = (torch.tensor(one.transpose(0, 3, 1, 2).copy()) for one in (x, 20 * y))
    for step in range(12):
        loss = nn.functional.l1_loss(other(given), wanted)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(other.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        assert network.learn(x, 20 * y, *one_cycle(step, 12, 4e-3)) == pytest.approx(loss.item(), rel=1e-5)
    np.testing.assert_allclose(network(x), other(given).detach().numpy().transpose(0, 2, 3, 1), atol=1e-4)
