"""DeepEDN's key selects a trained pair, and no diffusion spreads a change."""

import numpy as np
import pytest

from cryptobench.baselines.learned.deepedn import DeepEdn
from cryptobench.cipher import Encrypted
from tests.baselines.scheme_checks import NONCE
from tests.baselines.tiny_weights import with_tiny_weights

IMAGE = np.random.default_rng(1).integers(0, 256, (24, 20, 3), np.uint8)


@pytest.fixture(scope="module")
def cipher(tmp_path_factory):
    return with_tiny_weights(DeepEdn, tmp_path_factory.mktemp("weights"))()


def test_the_key_modulo_two_selects_the_pair(cipher):
    """Keys 0 and 2 encrypt alike, key 1 does not, and decrypts what key 0 encrypted to something else."""
    images = [cipher.encrypt(IMAGE, bytes([key]), NONCE).image for key in range(3)]
    assert np.array_equal(images[0], images[2])
    assert not np.array_equal(images[0], images[1])
    encrypted = cipher.encrypt(IMAGE, b"\0", NONCE)
    assert not np.array_equal(cipher.decrypt(encrypted, b"\0"), cipher.decrypt(encrypted, b"\1"))


def test_the_nonce_is_not_used(cipher):
    """Another nonce gives the same ciphertext, as the card says."""
    assert not cipher.card.uses_nonce
    other = cipher.encrypt(IMAGE, b"\0", bytes(range(16)))
    assert np.array_equal(cipher.encrypt(IMAGE, b"\0", NONCE).image, other.image)


def test_a_secret_is_refused(cipher):
    """The scheme has no per-message secret."""
    encrypted = cipher.encrypt(IMAGE, b"\0", NONCE)
    with pytest.raises(ValueError, match="secret"):
        cipher.decrypt(Encrypted(encrypted.image, encrypted.header, b"x"), b"\0")


def test_objective_is_binary_cross_entropy_in_one_cycle():
    """As in the scheme: BCE, L1 of weight 10, no second cycle, no variation term."""
    recipe = DeepEdn.recipe("cpu")
    assert (recipe.objective, recipe.both_cycles) == ("bce", False)
    assert (recipe.encryption_weight, recipe.decryption_weight, recipe.variation_weight) == (1.0, 10.0, 0.0)
