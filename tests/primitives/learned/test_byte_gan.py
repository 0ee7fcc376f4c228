"""Training of the byte GAN: tiny networks for a moment."""

import numpy as np
import torch

from cryptobench.primitives.learned.byte_gan import ByteGanRecipe, integer_generator
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.training import Training

NOTHING = PictureSet([np.zeros((1, 1), np.uint8)])
TINY = ByteGanRecipe(steps=80, latent=8, chunk=32, chunks=16, learning_rate=2e-3)


def test_training_brings_the_stream_nearer_to_uniform():
    """Before it all bytes are near 128; after it they spread, and entropy gains more than a bit."""
    training = Training(TINY, NOTHING, 1)
    before = training.score(NOTHING)
    training.run()
    after = training.score(NOTHING)
    assert after["entropy"] > before["entropy"] + 1
    assert after["largest_share"] < before["largest_share"]


def test_the_integer_generator_is_the_trained_one():
    """Its bytes are within two levels of the network's floats."""
    torch.manual_seed(3)
    networks = TINY.networks()
    batch = TINY.batch(NOTHING, 1, 0)
    made = integer_generator(networks)((batch["latent"] * 128).numpy().astype(np.int8))
    with torch.no_grad():
        exact = 255 * TINY.forward(networks, batch, 0)["fake"].numpy()
    assert np.abs(made - exact).max() < 2


def test_batches_are_chunks_of_the_hyperchaotic_stream():
    """Uniform bytes over 255 and signed bytes over 128, the same for one seed and step, others for another."""
    one, again, other = TINY.batch(NOTHING, 1, 5), TINY.batch(NOTHING, 1, 5), TINY.batch(NOTHING, 1, 6)
    assert torch.equal(one["real"], again["real"])
    assert not torch.equal(one["real"], other["real"])
    assert one["real"].shape == (16, 32)
    assert one["latent"].shape == (16, 8)
    assert (one["real"] * 255).round().unique().numel() > 200
    assert one["latent"].min() < -0.9
    assert one["latent"].max() > 0.9


def test_only_the_generator_is_shipped():
    """The critic is needed for training only."""
    assert TINY.shipped == ("generator",)
