"""The avalanche scheme's diffusion follows its equation, is undone exactly, and is ideal in NPCR and UACI."""

import numpy as np
import pytest

from cryptobench.baselines.learned.cyclegan_avalanche import CycleGanAvalanche
from cryptobench.metrics import npcr, uaci
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes
from tests.baselines.scheme_checks import NONCE, key_for
from tests.baselines.tiny_weights import with_tiny_weights

KEY = key_for("avalanche")


class Stubbed(CycleGanAvalanche):
    """The scheme with networks that change nothing."""

    def encode(self, image, pair=0):
        height, width, channels = image.shape
        return image.copy(), np.array([height, width], "<u4").tobytes() + bytes([channels])

    def decode(self, encoded, shape, pair=0):
        return encoded


def _image(shape=(16, 12, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", [(8, 8, 3), (16, 12, 3), (256, 64, 3)], ids=str)
def test_without_networks_decryption_is_exact(shape):
    """The loss is all the networks': the diffusion gives every byte back, and only under its key and nonce."""
    image, cipher = _image(shape), Stubbed()
    encrypted = cipher.encrypt(image, KEY, NONCE)
    assert np.array_equal(cipher.decrypt(encrypted, KEY), image)
    wrong = cipher.decrypt(encrypted, key_for("other"))
    assert np.mean(wrong == image) < 0.03


def test_the_diffusion_follows_its_equation():
    """In plain Python: rotl3(((m + c) mod 256) ^ k) forwards with k1, then backwards with k2."""
    image = _image((8, 5, 3))
    k1, k2 = (pwlcm_bytes(KEY, NONCE, label, image.size).tolist() for label in ("k1", "k2"))
    start, end = pwlcm_bytes(KEY, NONCE, "iv", 2).tolist()

    def one_pass(data, stream, previous):
        out = []
        for m, k in zip(data, stream, strict=True):
            mixed = (m + previous) % 256 ^ k
            previous = (mixed << 3 | mixed >> 5) % 256
            out.append(previous)
        return out

    forward = one_pass(image.ravel().tolist(), k1, start)
    backward = one_pass(forward[::-1], k2[::-1], end)[::-1]
    assert Stubbed().encrypt(image, KEY, NONCE).image.ravel().tolist() == backward


def test_a_changed_bit_changes_bytes_like_chance():
    """At the first byte NPCR and UACI are ideal; at the last all bytes change, since each pass is a bijection.

    A pass carries a difference on for ever while the bytes that follow are equal, so bytes that only the backward
    pass reaches never fall together by chance.
    """
    image, cipher = _image((128, 128, 3)), Stubbed()
    base = cipher.encrypt(image, KEY, NONCE).image
    scores = {}
    for place in (0, image.size - 1):
        other = image.copy()
        other.flat[place] ^= 1
        changed = cipher.encrypt(other, KEY, NONCE).image
        scores[place] = (npcr(base, changed).value, uaci(base, changed).value)
    assert scores[0] == pytest.approx((99.609, 33.464), abs=0.3)
    assert scores[image.size - 1] == pytest.approx((100.0, 33.6), abs=0.3)


def test_another_nonce_gives_another_ciphertext(tmp_path):
    """The nonce is in the header, and with it the receiver decrypts to the same image."""
    cipher = with_tiny_weights(CycleGanAvalanche, tmp_path)()
    image, other = _image(), bytes(range(16))
    first, second = cipher.encrypt(image, KEY, NONCE), cipher.encrypt(image, KEY, other)
    assert np.mean(first.image == second.image) < 0.03
    assert second.header.endswith(other)
    assert np.array_equal(cipher.decrypt(first, KEY), cipher.decrypt(second, KEY))
    assert np.array_equal(cipher.intermediate(first, KEY), cipher.intermediate(second, KEY))


def test_both_cycles_are_trained_towards_noise():
    """What sets it apart from the authors' autoencoder: two cycles and two critics."""
    recipe = CycleGanAvalanche.recipe("cpu")
    assert (recipe.both_cycles, recipe.domain, recipe.objective) == (True, "noise", "lsgan")
