"""Transforms that are linear but for rounding are solved from Hadamard patterns; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.codebook import Codebook, patterns_needed, real_fit
from cryptobench.attacks.experiment import Scene
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import play
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph


def rotation(size, key):
    """A random orthogonal matrix."""
    matrix, _ = np.linalg.qr(np.random.default_rng(list(key)).normal(size=(size, size)))
    return matrix


class Rotated(Cipher):
    """c = round(Q (p - 128) / 2 + 128), Q a secret orthogonal matrix over all samples, cubed where ``bent``."""

    card = Card(
        name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), uses_nonce=False, lossless=False
    )

    def __init__(self, bent: bool = False) -> None:
        self.bent = bent

    def encrypt(self, image, key, nonce, *, secret=None):
        turned = rotation(image.size, key) @ (image.ravel() - 128.0) / 2
        turned = turned**3 / 1000 if self.bent else turned
        return Encrypted(np.clip(np.rint(turned + 128), 0, 255).astype(np.uint8).reshape(image.shape), b"")

    def decrypt(self, encrypted, key):
        turned = encrypted.image.ravel() - 128.0
        turned = np.cbrt(turned * 1000) if self.bent else turned
        plain = rotation(turned.size, key).T @ turned * 2 + 128
        return np.clip(np.rint(plain), 0, 255).astype(np.uint8).reshape(encrypted.image.shape)


@pytest.mark.parametrize(("shape", "queries"), [((12, 12), 257), ((16, 16), 257), ((5, 9, 3), 257)])
def test_a_secret_rotation_is_solved(shape, queries) -> None:
    """As well as its receiver decrypts, whether or not the samples are a power of two."""
    played = play(Codebook(), Rotated(), photograph(*shape))
    assert played.verdict == "broken"
    assert played.result.claims == ("affine",)
    assert played.result.notes == "solved over the reals"
    assert patterns_needed(np.prod(shape).item()) == queries
    assert played.queries.total == 5 + 4 + queries


def test_a_bent_rotation_is_not_affine() -> None:
    """The control: the same matrix behind a curve is left alone after nine queries."""
    played = play(Codebook(), Rotated(bent=True), photograph(12, 12))
    assert (played.verdict, played.queries.total) == ("none", 9)


def test_nothing_fits_in_sound_ciphers() -> None:
    """In 50 keys sums explain next to nothing, and p-values are those of chance."""
    for cipher in (load_cipher("aes-256-siv"), load_cipher("chacha20-poly1305"), Toy(ideal)):
        fits = [
            real_fit(Oracle(Scene(cipher, photograph(12, 12), seed), "CPA"), np.random.default_rng(seed))
            for seed in range(50)
        ]
        shares, p_values = np.array(fits).T
        assert shares.max() < 0.2
        assert p_values.min() > 1e-6
        assert 0.3 < p_values.mean() < 0.7
