"""Permutations are recovered in ceil(log256 N) + 1 queries, under masks too."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools.combiners import ADDITION, BASE4_ADDITION, BYTE_COMBINERS, SUBTRACTION
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, chained, ideal, order, permuted, photograph, stream

RULES = np.array([[0, 1, 2, 3], [0, 2, 1, 3], [1, 0, 3, 2], [2, 0, 3, 1]], np.uint8)


def masked(combiner):
    def body(image, seed):
        shuffled = image.ravel()[order(seed, image.size)]
        return combiner.combine(shuffled, stream(seed, image.size)).reshape(image.shape)

    return body


def by_rows(image, seed):
    """Every row permuted by itself, then padded to a larger image of constant bytes."""
    rows = [row.ravel()[order(seed + bytes([i]), row.size)].reshape(row.shape) for i, row in enumerate(image)]
    return np.pad(np.stack(rows), ((2, 1), (0, 4)) + ((0, 0),) * (image.ndim - 2), constant_values=99)


def dna_rules(image, seed):
    """Base-4 digits coded by a rule that depends on the sample, added to a key's, and decoded by another rule."""
    shuffled, choice = image.ravel()[order(seed, image.size)], stream(seed + b"rules", image.size)
    out = np.zeros(image.size, np.uint8)
    for place in (0, 2, 4, 6):
        coded = RULES[choice & 3, shuffled >> np.uint8(place) & 3] + (stream(seed, image.size) >> np.uint8(place) & 3)
        out |= RULES[choice >> 2 & 3, coded & 3] << np.uint8(place)
    return out.reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "shape", "queries"),
    [
        (load_cipher("permutation-only"), (40, 40), 3),
        (load_cipher("arnold-cat"), (48, 48, 3), 3),
        (load_cipher("permutation-xor"), (256, 256, 3), 4),
        (Toy(masked(ADDITION)), (33, 47, 3), 3),
        (Toy(masked(SUBTRACTION)), (16, 15), 2),
        (Toy(masked(BASE4_ADDITION)), (33, 47), 3),
        (Toy(by_rows), (24, 20, 3), 3),
    ],
)
def test_permutations_are_recovered(cipher, shape, queries) -> None:
    """Every sample, with one query for each digit and one for the mask."""
    run = attack_target(Permutation(), cipher, photograph(*shape))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.encryptions == queries


@pytest.mark.parametrize(
    "body",
    [
        chained(lambda p, f, k: (p + f) ^ k),
        chained(lambda p, f, k: p + (f ^ k), lag=3),
        chained(lambda p, f, k: p - f + k, back=True),
        chained(lambda p, f, k: (k - p) ^ f, lag=60, back=True),
    ],
)
def test_permutations_behind_chains_are_recovered(body) -> None:
    """A step of diffusion behind the permutation costs no more queries."""
    run = attack_target(Permutation(), Toy(permuted(body)), photograph(24, 20, 3))
    assert (run.outcome, run.queries.total) == ("recovered", 3)
    assert run.score.share > 0.95


@pytest.mark.parametrize("combiner", BYTE_COMBINERS, ids=lambda combiner: combiner.name)
def test_bits_take_a_query_each_binary_digit(combiner) -> None:
    """All bits of an image are permuted and masked."""

    def body(image, seed):
        bits = np.packbits(np.unpackbits(image)[order(seed, 8 * image.size)])
        return combiner.combine(bits, stream(seed, image.size)).reshape(image.shape)

    run = attack_target(Permutation(), Toy(body), photograph(16, 20, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == 1 + 2 + 13  # zeros, two digits of samples, 13 of 7680 bits
    assert "bits permuted" in run.result.notes


def test_dna_coding_rules_take_three_more_queries() -> None:
    """Any table of a digit, and another one for each sample."""
    run = attack_target(Permutation(), Toy(dna_rules), photograph(30, 30, 3))
    assert (run.outcome, run.score.share, run.queries.total) == ("recovered", 1.0, 6)
    assert run.result.notes == "mask: tables of base-4 digits"


def test_a_constant_shift_is_no_other_permutation() -> None:
    """One more query distinguishes a shift from an XOR, under which there is a permutation too."""
    run = attack_target(Permutation(), load_cipher("caesar"), photograph(32, 32, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total <= 4


@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_references_hold(mode) -> None:
    """Under 50 keys nothing is found in AES-SIV, nor in AES-CTR with fresh nonces."""
    names = ("aes-256-siv", "aes-256-ctr") if mode == "fresh" else ("aes-256-siv",)
    for name in names:
        runs = [
            attack_target(Permutation(), load_cipher(name), photograph(24, 16), seed, mode=mode) for seed in range(50)
        ]
        assert {one.outcome for one in runs} == {"holds"}
    assert attack_target(Permutation(), Toy(ideal), photograph(24, 16)).outcome == "holds"
