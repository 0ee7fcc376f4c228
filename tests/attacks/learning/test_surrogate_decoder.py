"""A decoder is cloned from known pairs of local ciphers, and of no others."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import natural_image
from cryptobench.attacks.learning.surrogate_decoder import SurrogateDecoder, fit_linear, train_network
from cryptobench.attacks.runner import attack_target
from tests.attacks.keyed_toys import Toy, ideal, permuted_and_xored, photograph

TARGET = photograph(32, 32, 3)
QUICK = SurrogateDecoder(pairs=(1, 4), steps=12, width=8)


def curved(image, seed):
    """A secret mixture of the four pixels of each 2x2 tile, bent by tanh: local, not linear, not exact."""
    height, width = image.shape[:2]
    tiles = image.reshape(height // 2, 2, width // 2, 2, -1).transpose(0, 2, 1, 3, 4)
    depth = tiles[0, 0].size
    mixture = np.linalg.qr(np.random.default_rng(list(seed)).normal(size=(depth, depth)))[0]
    mixed = np.tanh(0.6 * (tiles.reshape(height // 2, width // 2, depth) / 127.5 - 1) @ mixture)
    cipher_image = np.rint(127.5 * (mixed + 1)).astype(np.uint8)
    return cipher_image.reshape(height // 2, width // 2, 2, 2, -1).transpose(0, 2, 1, 3, 4).reshape(image.shape)


def test_a_local_cipher_is_cloned() -> None:
    """Far nearer than the mean image after one pair, nearer yet after four, and far from chance."""
    run = attack_target(QUICK, Toy(curved), TARGET)
    numbers = run.result.numbers
    assert numbers["psnr_mean_image"] + 5 < numbers["psnr_from_1"] < numbers["psnr_from_4"]
    assert run.score.p_value < 1e-6
    assert run.score.gain > 10


@pytest.mark.parametrize("body", [ideal, permuted_and_xored])
def test_without_a_local_relation_it_ends(body) -> None:
    """A few pairs are asked for, nothing is trained, nothing is guessed."""
    run = attack_target(SurrogateDecoder(), Toy(body), TARGET)
    assert (run.outcome, run.result.recovered) == ("holds", None)
    assert run.result.notes == "no local relation"
    assert run.queries.total == 4 + 16  # held out, and what 32 x 32 pixels need for enough of them


def test_a_rounding_mixture_is_recovered_to_the_eye() -> None:
    """A cipher that mixes channels and rounds: hardly a sample is exact, and everything is visible."""
    attack = SurrogateDecoder(pairs=(8,), steps=40, width=16)
    run = attack_target(attack, Toy(lambda image, seed: 255 - image // 2 - np.roll(image, 1, 2) // 4), TARGET)
    assert run.result.statistic > 0.9
    assert run.score.share < 0.5
    assert run.outcome == "recovered"


def test_cipher_images_of_other_sizes_are_not_attacked() -> None:
    """Another width or height than the plaintext's."""
    assert attack_target(QUICK, Toy(lambda image, seed: image[:5, :5].copy()), TARGET).outcome == "n/a"


@pytest.mark.parametrize("shape", [(21, 18), (20, 23, 3)])
def test_decoders_keep_awkward_shapes(shape) -> None:
    """Sides that are no multiple of the tile are decoded whole, and training twice gives the same bytes."""
    generator = np.random.default_rng(6)
    pairs = [(image, 255 - image) for image in (natural_image([], shape, generator) for _ in range(3))]
    linear = fit_linear(pairs[:2], 4)
    channels = 1 if len(shape) == 2 else 3
    whole = linear(pairs[2][1], channels)
    assert whole.shape == (*shape[:2], channels)
    once, again = (train_network(pairs[:2], linear, [pairs[2][1]], steps=3, width=4, seed=1)[0] for _ in range(2))
    assert once.shape == whole.shape
    assert np.array_equal(once, again)


def test_the_network_learns_the_linear_residual() -> None:
    """Its error on an unknown image is smaller than the linear decoder's."""
    generator = np.random.default_rng(7)
    cipher = Toy(lambda image, seed: np.rint((np.roll(image, 1, 2) / 255) ** 3 * 255).astype(np.uint8))
    plain = [natural_image([], (32, 32, 3), generator) for _ in range(5)]
    pairs = [(image, cipher.encrypt(image, bytes(16), bytes(16)).image) for image in plain]
    linear = fit_linear(pairs[:4], 2)
    truth = plain[4] / 127.5 - 1
    trained = train_network(pairs[:4], linear, [pairs[4][1]], steps=60, width=16, seed=3)[0]
    assert np.mean((trained - truth) ** 2) < 0.8 * np.mean((linear(pairs[4][1], 3) - truth) ** 2)


def test_parameters_are_checked() -> None:
    """No pairs, and no steps, are refused."""
    with pytest.raises(ValueError, match="wanted numbers of known pairs"):
        SurrogateDecoder(pairs=())
    with pytest.raises(ValueError, match="wanted at least 2 and 1"):
        SurrogateDecoder(steps=0)
