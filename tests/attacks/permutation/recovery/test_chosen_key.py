"""A public map beside a keyed permutation is taken off with a key of one's own; keyed maps on both sides are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import Scene
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.recovery.chosen_key import moved_under_own_key
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, moved_and_xored, order, photograph, stream, unxored_and_moved

BOX = order(b"public", 256).astype(np.uint8)
UNBOX = np.argsort(BOX).astype(np.uint8)


def diffused(image, seed):
    """Two chains through an S-box, one each way; the public map takes no notice of its seed."""
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


def samples_moved(image, seed):
    return image.ravel()[order(seed, image.size)].reshape(image.shape)


def samples_restored(image, seed):
    values = np.empty(image.size, np.uint8)
    values[order(seed, image.size)] = image.ravel()
    return values.reshape(image.shape)


def bits_moved(image, seed):
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
MOVED = (moved_and_xored, unxored_and_moved)
BITS = (bits_moved, bits_restored)
SUMS = (lambda image, seed: shifted(samples_moved(image, seed), seed),
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


@pytest.mark.parametrize("keyed", [MOVED, BITS], ids=["samples", "bits"])
def test_a_public_map_behind_the_key_is_taken_off(keyed) -> None:
    """The challenge comes back whole, from chosen plaintexts alone."""
    played = play(Permutation(), chain(keyed, PUBLIC), photograph(12, 15, 3))
    assert (played.verdict, played.score.share, played.queries.decryptions) == ("broken", 1.0, 0)
    assert "after decryption with an own key" in played.result.notes


@pytest.mark.parametrize("keyed", [MOVED, BITS, SUMS], ids=["samples", "bits", "samples and a sum"])
def test_a_public_map_before_the_key_is_taken_off(keyed) -> None:
    """Also where the mask is added."""
    played = play(Permutation(), chain(PUBLIC, keyed), photograph(12, 15, 3))
    assert (played.verdict, played.score.share, played.queries.decryptions) == ("broken", 1.0, 0)
    assert "of images decrypted with an own key" in played.result.notes


def test_keys_on_both_sides_of_the_map_or_inside_it_hold() -> None:
    """The control: the same parts, with the map keyed, or between two keyed permutations."""
    for cipher in (chain(MOVED, PUBLIC, BITS), chain(MOVED, (diffused, undiffused))):
        oracle = Oracle(Scene(cipher, photograph(12, 15, 3)), "CPA", 100)
        assert moved_under_own_key(oracle, np.random.default_rng(1)) is None
        assert oracle.queries.total <= 4


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "aes-256-ecb", "chacha20-poly1305"])
def test_references_hold(name) -> None:
    """In 30 keys nothing is read, and four queries at most are asked."""
    for seed in range(30):
        oracle = Oracle(Scene(load_cipher(name), photograph(12, 10), seed), "CPA", 100)
        assert moved_under_own_key(oracle, np.random.default_rng(seed)) is None
        assert oracle.queries.total <= 4


def test_ciphers_that_cannot_be_decrypted_ask_for_nothing() -> None:
    """Without a decryption of one's own there is no view."""
    oracle = Oracle(Scene(Toy(ideal), photograph(12, 10)), "CPA", 100)
    assert moved_under_own_key(oracle, np.random.default_rng(0)) is None
    assert oracle.queries.total == 0
