"""Affine ciphers are solved, over GF(2), Z/256 and the reals; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.codebook import Codebook, fit_over_reals, patterns_needed, solve_z256
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, order, photograph, stream, xored


def bits_permuted(image, seed):
    bits = np.unpackbits(image)[order(seed, 8 * image.size)]
    return np.packbits(bits).reshape(image.shape) ^ stream(seed, image.size).reshape(image.shape)


def stretched(image, seed):
    """Half as many rows again, each new one the sum of two others."""
    return np.concatenate([image, image[::2] + image[1::2]]) + stream(seed, image.shape[1])


@pytest.mark.parametrize(
    ("name", "queries", "shape"),
    [("add-chain", 5 + 256, (16, 16)), ("xor-chain", 11 + 150, (10, 15)), ("hua2021", 5 + 192, (8, 8, 3))],
)
def test_affine_ciphers_are_solved(name, queries, shape) -> None:
    """Every sample is recovered from one unit image each, after five or eleven probes."""
    run = attack_target(Codebook(), load_cipher(name), photograph(*shape))
    assert (run.outcome, run.score.share, run.result.claims) == ("recovered", 1.0, ("affine",))
    assert run.queries.total == run.queries.encryptions == queries


def sums_xored(image, seed):
    return xored(np.cumsum(image, dtype=np.uint8).reshape(image.shape), seed)


def xors_added(image, seed):
    return added(np.bitwise_xor.accumulate(image.ravel()).reshape(image.shape), seed)


def bits_permuted_added(image, seed):
    return added(bits_permuted(image, seed) ^ bits_permuted(image * 0, seed), seed)


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        (bits_permuted, 6 + 8 * 144), (stretched, 5 + 144), (sums_xored, 5 + 144), (xors_added, 11 + 144),
        (bits_permuted_added, 6 + 8 * 144),
    ],
)  # fmt: skip
def test_unseen_affine_ciphers_are_solved(body, queries) -> None:
    """Bit permutations need eight units a sample, seen to mix planes by the first of six probes or a later one;
    ciphertexts may be larger than plaintexts; masks may be of another kind than the map."""
    run = attack_target(Codebook(), Toy(body), photograph(12, 12))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert queries <= run.queries.total <= queries + 5


@pytest.mark.parametrize("cipher", [load_cipher("aes-256-siv"), load_cipher("sum-ctr"), Toy(ideal)])
def test_others_are_not_its_business(cipher) -> None:
    """It stops after five probes, and four images for sums over the reals, and says why."""
    run = attack_target(Codebook(), cipher, photograph(16, 16), mode="fixed")
    assert (run.outcome, run.queries.total) == ("n/a", 9)
    assert "not affine" in run.result.notes


def test_too_many_unknowns_are_refused() -> None:
    """It says how many there are instead of running for hours."""
    run = attack_target(Codebook(), load_cipher("xor-pad"), photograph(96, 96))
    assert run.outcome == "leak"
    assert "9216 unknowns" in run.result.notes


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
    run = attack_target(Codebook(), Rotated(), photograph(*shape))
    assert run.outcome == "recovered"
    assert run.result.claims == ("affine",)
    assert run.result.notes == "solved over the reals"
    assert patterns_needed(np.prod(shape).item()) == queries
    assert run.queries.total == 5 + 4 + queries


class Measured(Cipher):
    """Compressive: three numbers for four samples, by a secret matrix; the receiver takes neighbours for alike."""

    card = Card(
        name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=False, lossless=False,
        channels=(1,),
    )  # fmt: skip

    def _matrix(self, key, samples):
        return np.random.default_rng(list(key)).normal(size=(3 * samples // 4, samples)) / np.sqrt(samples)

    def encrypt(self, image, key, nonce, *, secret=None):
        measured = self._matrix(key, image.size) @ (image.ravel() - 128.0)
        levels = np.clip(np.rint(measured / 2 + 128), 0, 255)
        return Encrypted(levels.astype(np.uint8).reshape(3, -1), b"")

    def decrypt(self, encrypted, key):
        side = round((encrypted.image.size * 4 / 3) ** 0.5)
        matrix = self._matrix(key, side * side)
        alike = 0.9 ** np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
        seen = np.kron(alike, alike) @ matrix.T
        plain = seen @ np.linalg.solve(matrix @ seen, (encrypted.image.ravel() - 128.0) * 2) + 128
        return np.clip(np.rint(plain), 0, 255).astype(np.uint8).reshape(side, side)


def test_compressive_measurements_are_solved() -> None:
    """Fewer measurements than samples: of all images that were measured so, one that is as alike as photographs."""
    waves = np.add.outer(60 * np.sin(np.arange(16) / 3), 50 * np.cos(np.arange(16) / 4)) + 128
    run = attack_target(Codebook(), Measured(), waves.astype(np.uint8))
    assert (run.outcome, run.queries.total) == ("recovered", 9 + patterns_needed(256))
    assert run.score.gain > 20


def test_a_bent_rotation_is_not_affine() -> None:
    """The control: the same matrix behind a curve is left alone after nine queries."""
    run = attack_target(Codebook(), Rotated(bent=True), photograph(12, 12))
    assert (run.outcome, run.queries.total) == ("n/a", 9)


def test_nothing_fits_in_sound_ciphers() -> None:
    """In 50 keys sums explain next to nothing, and p-values are those of chance."""
    for cipher in (load_cipher("aes-256-siv"), load_cipher("chacha20-poly1305"), Toy(ideal)):
        fits = [
            fit_over_reals(
                Oracle(AttackExperiment(cipher, photograph(12, 12), seed), "CPA"), np.random.default_rng(seed)
            )
            for seed in range(50)
        ]
        shares, p_values = np.array(fits).T
        assert shares.max() < 0.2
        assert p_values.min() > 1e-6
        assert 0.3 < p_values.mean() < 0.7


@pytest.mark.parametrize(("m", "n"), [(1, 1), (70, 70), (130, 65), (64, 64)])
def test_solutions_over_z256_are_exact(m, n) -> None:
    """A unit lower and a unit upper triangle make an invertible matrix."""
    generator = np.random.default_rng(m)
    lower = np.tril(generator.integers(0, 256, (n, n)), -1) + np.eye(n, dtype=int)
    upper = np.triu(generator.integers(0, 256, (n, n)), 1) + np.eye(n, dtype=int)
    rest = generator.integers(0, 256, (m - n, n))
    matrix = (np.concatenate([lower @ upper, rest]) % 256)[generator.permutation(m)]
    x = generator.integers(0, 256, n)
    solved = solve_z256(matrix.astype(np.uint8), (matrix @ x % 256).astype(np.uint8))
    assert solved is not None
    assert np.array_equal(solved, x)


def test_singular_matrices_are_refused() -> None:
    """Columns that are even have no unique solution."""
    assert solve_z256(np.eye(3, dtype=np.uint8) * 2, np.full(3, 2, np.uint8)) is None
