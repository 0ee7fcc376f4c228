"""Permutations are recovered in ceil(log256 N) + 1 queries, under masks too."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.runner import play
from cryptobench.attacks.tools.combiners import JOINS
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, fed, ideal, moved, order, photograph, stream

RULES = np.array([[0, 1, 2, 3], [0, 2, 1, 3], [1, 0, 3, 2], [2, 0, 3, 1]], np.uint8)


def masked(join):
    def body(image, seed):
        moved = image.ravel()[order(seed, image.size)]
        return join.put(moved, stream(seed, image.size)).reshape(image.shape)

    return body


def by_rows(image, seed):
    """Every row moved within itself, then padded to a larger image of constant bytes."""
    rows = [row.ravel()[order(seed + bytes([i]), row.size)].reshape(row.shape) for i, row in enumerate(image)]
    return np.pad(np.stack(rows), ((2, 1), (0, 4)) + ((0, 0),) * (image.ndim - 2), constant_values=99)


def dna_rules(image, seed):
    """Digits recoded by one rule of several a sample, added to a key's, and decoded by another rule."""
    moved, choice = image.ravel()[order(seed, image.size)], stream(seed + b"rules", image.size)
    out = np.zeros(image.size, np.uint8)
    for place in (0, 2, 4, 6):
        coded = RULES[choice & 3, moved >> np.uint8(place) & 3] + (stream(seed, image.size) >> np.uint8(place) & 3)
        out |= RULES[choice >> 2 & 3, coded & 3] << np.uint8(place)
    return out.reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "shape", "queries"),
    [
        (load_cipher("permutation-only"), (40, 40), 3),
        (load_cipher("arnold-cat"), (48, 48, 3), 3),
        (load_cipher("permutation-xor"), (256, 256, 3), 4),
        (Toy(masked(JOINS[1])), (33, 47, 3), 3),
        (Toy(masked(JOINS[2])), (16, 15), 2),
        (Toy(masked(JOINS[3])), (33, 47), 3),
        (Toy(by_rows), (24, 20, 3), 3),
    ],
)
def test_permutations_are_recovered(cipher, shape, queries) -> None:
    """Every sample, with one query a digit and one for the mask."""
    played = play(Permutation(), cipher, photograph(*shape))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert played.queries.total == played.queries.encryptions == queries


@pytest.mark.parametrize(
    "body",
    [
        fed(lambda p, f, k: (p + f) ^ k),
        fed(lambda p, f, k: p + (f ^ k), lag=3),
        fed(lambda p, f, k: p - f + k, back=True),
        fed(lambda p, f, k: (k - p) ^ f, lag=60, back=True),
    ],
)
def test_permutations_are_read_through_chains(body) -> None:
    """A step of diffusion behind the permutation costs no more queries."""
    played = play(Permutation(), Toy(moved(body)), photograph(24, 20, 3))
    assert (played.verdict, played.queries.total) == ("broken", 3)
    assert played.score.share > 0.95


@pytest.mark.parametrize("join", JOINS[:3], ids=lambda join: join.name)
def test_moved_bits_take_a_query_for_each_binary_digit(join) -> None:
    """All bits of an image are moved to each other's places, and masked."""

    def body(image, seed):
        bits = np.packbits(np.unpackbits(image)[order(seed, 8 * image.size)])
        return join.put(bits, stream(seed, image.size)).reshape(image.shape)

    played = play(Permutation(), Toy(body), photograph(16, 20, 3))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert played.queries.total == 1 + 2 + 13  # zeros, two digits of samples, 13 of 7680 bits
    assert "bits moved" in played.result.notes


def test_rules_of_dna_coding_take_three_more_queries() -> None:
    """A digit's table may be any, and another one for each sample."""
    played = play(Permutation(), Toy(dna_rules), photograph(30, 30, 3))
    assert (played.verdict, played.score.share, played.queries.total) == ("broken", 1.0, 6)
    assert played.result.notes == "mask: tables of base-4 digits"


def test_one_shift_for_all_samples_is_no_other_permutation() -> None:
    """One more query tells a shift from an XOR, which also give permutations."""
    played = play(Permutation(), load_cipher("caesar"), photograph(32, 32, 3))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert played.queries.total <= 4


@pytest.mark.parametrize("mode", ["respect", "misuse"])
def test_references_hold(mode) -> None:
    """In 50 keys nothing is found in AES-SIV, nor in AES-CTR with its nonce respected."""
    names = ("aes-256-siv", "aes-256-ctr") if mode == "respect" else ("aes-256-siv",)
    for name in names:
        played = [play(Permutation(), load_cipher(name), photograph(24, 16), seed, mode=mode) for seed in range(50)]
        assert {one.verdict for one in played} == {"holds"}
    assert play(Permutation(), Toy(ideal), photograph(24, 16)).verdict == "holds"
