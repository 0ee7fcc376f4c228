"""A public map beside a keyed permutation is removed with a chosen key; keyed maps on both sides are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.recovery.chosen_key import permutation_under_chosen_key
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, permuted_and_xored, photograph, stream, xored_and_restored

BOX = order(b"public", 256).astype(np.uint8)
UNBOX = np.argsort(BOX).astype(np.uint8)


def diffused(image, seed):
    """Two chains through an S-box, one in each direction; under a fixed seed it is a public map."""
    values = image.ravel().tolist()
    for _ in range(2):
        last = seed[0]
        for place, value in enumerate(values):
            last = values[place] = int(BOX[value ^ last])
        values.reverse()
    return np.array(values, np.uint8).reshape(image.shape)


def undiffused(image, seed):
    values = image.ravel()
    for _ in range(2):
        values = values[::-1]
        values = UNBOX[values] ^ np.concatenate([np.frombuffer(seed[:1], np.uint8), values[:-1]])
    return values.reshape(image.shape)


def samples_permuted(image, seed):
    return image.ravel()[order(seed, image.size)].reshape(image.shape)


def samples_restored(image, seed):
    values = np.empty(image.size, np.uint8)
    values[order(seed, image.size)] = image.ravel()
    return values.reshape(image.shape)


def bits_permuted(image, seed):
    return np.packbits(np.unpackbits(image)[order(seed, 8 * image.size)]).reshape(image.shape)


def bits_restored(image, seed):
    bits = np.empty(8 * image.size, np.uint8)
    bits[order(seed, bits.size)] = np.unpackbits(image)
    return np.packbits(bits).reshape(image.shape)


def shifted(image, seed):
    return image + stream(seed, image.size).reshape(image.shape)


def unshifted(image, seed):
    return image - stream(seed, image.size).reshape(image.shape)


PUBLIC = (lambda image, seed: diffused(image, b"p"), lambda image, seed: undiffused(image, b"p"))
SAMPLES = (permuted_and_xored, xored_and_restored)
BITS = (bits_permuted, bits_restored)
SUMS = (lambda image, seed: shifted(samples_permuted(image, seed), seed),
        lambda image, seed: samples_restored(unshifted(image, seed), seed))  # fmt: skip


def chain(*steps) -> Toy:
    def body(image, seed):
        for there, _ in steps:
            image = there(image, seed)
        return image

    def inverse(image, seed):
        for _, back in reversed(steps):
            image = back(image, seed)
        return image

    return Toy(body, inverse)


@pytest.mark.parametrize("keyed", [SAMPLES, BITS], ids=["samples", "bits"])
def test_public_maps_after_the_key_are_removed(keyed) -> None:
    """The challenge is recovered whole, from chosen plaintexts alone."""
    run = attack_target(Permutation(), chain(keyed, PUBLIC), photograph(12, 15, 3))
    assert (run.outcome, run.score.share, run.queries.decryptions) == ("recovered", 1.0, 0)
    assert "after decryption under a chosen key" in run.result.notes


@pytest.mark.parametrize("keyed", [SAMPLES, BITS, SUMS], ids=["samples", "bits", "samples and a sum"])
def test_public_maps_before_the_key_are_removed(keyed) -> None:
    """Also where the mask is added."""
    run = attack_target(Permutation(), chain(PUBLIC, keyed), photograph(12, 15, 3))
    assert (run.outcome, run.score.share, run.queries.decryptions) == ("recovered", 1.0, 0)
    assert "of images decrypted under a chosen key" in run.result.notes


def test_keys_on_both_sides_or_inside_hold() -> None:
    """The control: the same parts, with the map keyed, or between two keyed permutations."""
    for cipher in (chain(SAMPLES, PUBLIC, BITS), chain(SAMPLES, (diffused, undiffused))):
        oracle = Oracle(AttackExperiment(cipher, photograph(12, 15, 3)), "CPA", 100)
        assert permutation_under_chosen_key(oracle, np.random.default_rng(1)) is None
        assert oracle.queries.total <= 4


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "aes-256-ecb", "chacha20-poly1305"])
def test_references_hold(name) -> None:
    """Under 30 keys nothing is found, in four queries at most."""
    for seed in range(30):
        oracle = Oracle(AttackExperiment(load_cipher(name), photograph(12, 10), seed), "CPA", 100)
        assert permutation_under_chosen_key(oracle, np.random.default_rng(seed)) is None
        assert oracle.queries.total <= 4


def test_ciphers_without_decryption_take_no_queries() -> None:
    """Without local decryption there is nothing to compose."""
    oracle = Oracle(AttackExperiment(Toy(ideal), photograph(12, 10)), "CPA", 100)
    assert permutation_under_chosen_key(oracle, np.random.default_rng(0)) is None
    assert oracle.queries.total == 0
