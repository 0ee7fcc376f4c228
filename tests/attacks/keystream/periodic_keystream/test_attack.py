"""A keystream that repeats within an image is found, and the image is recovered from its ciphertext alone."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.keystream.periodic_keystream.attack import PeriodicKeystream, recurrence
from cryptobench.attacks.runner import attack_target, photographs_for
from cryptobench.images import load_image
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, photograph, stream


def added_again(image, seed):
    return image + np.resize(stream(seed, 23), image.size).reshape(image.shape)


PHOTOGRAPHS = photographs_for("astronaut")


def test_a_repeated_block_is_removed() -> None:
    """A period of 16 under a nonce that is not the challenge's: every sample, with eight known pairs."""
    target = load_image("astronaut", 32)
    run = attack_target(PeriodicKeystream(), load_cipher("stuck-counter"), target, photographs=PHOTOGRAPHS)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.known == 8


def test_an_added_keystream_is_removed() -> None:
    """A period of 23 in a grey image gives a recognisable picture, though its levels may be shifted."""
    target = photograph(48, 40)
    cipher = Toy(added_again, nonce=True)
    run = attack_target(PeriodicKeystream(), cipher, target, photographs=PHOTOGRAPHS)
    assert (run.outcome in ("recovered", "leak"), run.result.statistic) == (True, 1.0)
    assert run.score.psnr is not None
    assert run.score.psnr > 15


def test_a_long_period_is_only_found() -> None:
    """One known pair has a period of 251 in 768 samples, exactly."""
    run = attack_target(PeriodicKeystream(), load_cipher("short-cycle"), photograph(16, 16, 3), photographs=PHOTOGRAPHS)
    assert (run.outcome, run.queries.total, run.score.share) == ("leak", 1, 0.0)
    assert "lag 251" in run.result.notes


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_hold(name) -> None:
    """20 keys."""
    cipher = load_cipher(name)
    assert {attack_target(PeriodicKeystream(), cipher, photograph(16, 16), seed).outcome for seed in range(20)} == {
        "holds"
    }


def test_the_shortest_period_counts() -> None:
    """Of a stream of period 12 that is not one of 6 or 4; and noise has none."""
    generator = np.random.default_rng(1)
    lag, share, p_value = recurrence(np.resize(generator.permutation(256)[:12].astype(np.uint8), 1000))
    assert (lag, share) == (12, 1.0)
    assert p_value < 1e-100
    noise = [recurrence(generator.integers(0, 256, 500, np.uint8))[2] for _ in range(200)]
    assert sum(p < 0.05 for p in noise) <= 22  # binomial: 10, and four standard deviations
