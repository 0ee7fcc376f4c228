"""Chosen ciphertexts decrypt any image of an affine cipher, at any size."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.malleability.affine_cca import AffineCca
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools.combiners import BASE4_ADDITION
from cryptobench.measurement import Outcome
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, order, photograph, stream, xored


def dna(image, seed):
    shuffled = image.ravel()[order(seed, image.size)]
    return BASE4_ADDITION.combine(shuffled, stream(seed, image.size)).reshape(image.shape)


def undna(image, seed):
    plain = np.empty(image.size, np.uint8)
    plain[order(seed, image.size)] = BASE4_ADDITION.invert(image.ravel(), stream(seed, image.size))
    return plain.reshape(image.shape)


def padded(image, seed):
    return np.cumsum(np.pad(image, ((0, 3), (0, 5))), axis=0, dtype=np.uint8) + stream(seed, 1)


def unpadded(image, seed):
    return np.diff(image - stream(seed, 1), axis=0, prepend=np.uint8(0))[:-3, :-5]


def sums_of_masked(image, seed):
    return np.cumsum(xored(image, seed), axis=0, dtype=np.uint8)


def masked_differences(image, seed):
    return xored(np.diff(image, axis=0, prepend=np.uint8(0)), seed)


@pytest.mark.parametrize(
    "cipher",
    [load_cipher(name) for name in ("add-chain", "xor-chain", "permutation-xor", "hua2021", "aes-256-ctr")]
    + [Toy(dna, undna), Toy(padded, unpadded), Toy(sums_of_masked, masked_differences)],
    ids=lambda cipher: cipher.card.name,
)
@pytest.mark.parametrize("shape", [(48, 48, 3), (40, 56)])
def test_affine_ciphers_fall_to_five_queries(cipher, shape) -> None:
    """Three to decrypt and two as a check, whatever the addition and the ciphertext's shape."""
    if cipher.card.name == "toy" and cipher.body is padded and len(shape) == 3:
        shape = (40, 56)
    run = attack_target(AffineCca(), cipher, photograph(*shape))
    assert (run.outcome, run.score.share, run.result.statistic) == ("recovered", 1.0, 1.0)
    assert run.result.claims == ("affine", "malleable")
    assert run.queries.total == run.queries.decryptions == 5


def test_full_size_hua2021_falls() -> None:
    """All of a 256x256x3 image is recovered."""
    run = attack_target(AffineCca(), load_cipher("hua2021"), photograph(256, 256, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_authenticated_ciphers_reject_all() -> None:
    """It claims that, and recovers nothing under 50 keys."""
    for seed in range(50):
        run = attack_target(AffineCca(), load_cipher("aes-256-siv"), photograph(16, 16), seed)
        assert (run.outcome, run.result.claims) == ("holds", ("rejects",))


@pytest.mark.parametrize("target", [np.zeros((1, 1), np.uint8), np.full((1, 3), 255, np.uint8)])
def test_tiny_and_extreme_challenges_are_attacked(target) -> None:
    """A cipher image that would be the challenge itself is no query."""
    for seed in range(5):
        assert attack_target(AffineCca(), load_cipher("xor-pad"), target, seed).outcome in set(Outcome)
