"""Affine ciphers are solved from unit images; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.codebook import Codebook
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, order, photograph, stream, xored


def bits_moved(image, seed):
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
    played = play(Codebook(), load_cipher(name), photograph(*shape))
    assert (played.verdict, played.score.share, played.result.claims) == ("broken", 1.0, ("affine",))
    assert played.queries.total == played.queries.encryptions == queries


def sums_xored(image, seed):
    return xored(np.cumsum(image, dtype=np.uint8).reshape(image.shape), seed)


def xors_added(image, seed):
    return added(np.bitwise_xor.accumulate(image.ravel()).reshape(image.shape), seed)


def bits_moved_added(image, seed):
    return added(bits_moved(image, seed) ^ bits_moved(image * 0, seed), seed)


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        (bits_moved, 6 + 8 * 144), (stretched, 5 + 144), (sums_xored, 5 + 144), (xors_added, 11 + 144),
        (bits_moved_added, 6 + 8 * 144),
    ],
)  # fmt: skip
def test_unseen_affine_ciphers_are_solved(body, queries) -> None:
    """Bit permutations need eight units a sample, seen to mix planes by the first of six probes or a later one;
    ciphertexts may be larger than plaintexts; masks may be of another kind than the map."""
    played = play(Codebook(), Toy(body), photograph(12, 12))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert queries <= played.queries.total <= queries + 5


@pytest.mark.parametrize("cipher", [load_cipher("aes-256-siv"), load_cipher("sum-ctr"), Toy(ideal)])
def test_others_are_not_its_business(cipher) -> None:
    """It stops after five probes, and four images for sums over the reals, and says why."""
    played = play(Codebook(), cipher, photograph(16, 16), mode="misuse")
    assert (played.verdict, played.queries.total) == ("none", 9)
    assert "not affine" in played.result.notes


def test_too_many_unknowns_are_refused() -> None:
    """It says how many there are instead of running for hours."""
    played = play(Codebook(), load_cipher("xor-pad"), photograph(96, 96))
    assert played.verdict == "leak"
    assert "9216 unknowns" in played.result.notes
