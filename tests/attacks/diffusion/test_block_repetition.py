"""Ciphertexts of flat images that repeat are found, and short blocks are read from a dictionary."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.diffusion.block_repetition import BlockRepetition
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, stream


def blockwise(size):
    """Every block of ``size`` bytes through one keyed function."""

    def body(image, seed):
        padded = np.pad(image.ravel(), (0, -image.size % size)).tobytes()
        blocks = [hashlib.shake_256(seed + padded[i : i + size]).digest(size) for i in range(0, len(padded), size)]
        return np.frombuffer(b"".join(blocks), np.uint8)[: image.size].reshape(image.shape)

    return body


def short_cycle(image, seed):
    return image ^ np.resize(stream(seed, 100), image.shape)


def pairs_of_bytes(image, seed):
    """A permutation of all 65536 pairs of bytes."""
    words = order(seed, 65536).astype("<u2")[np.ascontiguousarray(image).view("<u2")]
    return words.view(np.uint8).reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "period"),
    [(load_cipher("aes-256-ecb"), 16), (Toy(blockwise(8)), 8), (Toy(blockwise(20)), 20), (Toy(short_cycle), 100)],
)
def test_repetition_leaks_and_the_period_is_found(cipher, period) -> None:
    """Whatever the block's size."""
    run = attack_target(BlockRepetition(), cipher, photograph(32, 32, 3))
    assert (run.outcome, run.result.statistic) == ("leak", 1.0)
    assert f"period {period};" in run.result.notes


def test_flat_areas_under_ecb_are_read() -> None:
    """A drawing with flat areas is recovered where blocks are of one level."""
    target = np.where(np.indices((48, 48))[0] < 44, 255, 17).astype(np.uint8)
    run = attack_target(BlockRepetition(), load_cipher("aes-256-ecb"), target)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_short_blocks_are_read_completely() -> None:
    """All 65536 pairs of bytes are asked for."""
    run = attack_target(BlockRepetition(), Toy(pairs_of_bytes), photograph(48, 48))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total <= 1 + 65536 // (48 * 24) + 1


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "xor-pad", "add-chain"])
def test_ciphertexts_that_do_not_repeat_hold(name) -> None:
    """No leak in 15 keys, one query each."""
    runs = [attack_target(BlockRepetition(), load_cipher(name), photograph(24, 24), seed) for seed in range(15)]
    assert {(one.outcome, one.queries.total) for one in runs} == {("holds", 1)}


def test_its_p_value_is_calibrated() -> None:
    """Over 60 keys of an ideal cipher at most 10 are below 0.05 (3 expected)."""
    p_values = [
        attack_target(BlockRepetition(), Toy(ideal), photograph(16, 16), seed).result.p_value for seed in range(60)
    ]
    assert sum(p < 0.05 for p in p_values if p is not None) <= 10
