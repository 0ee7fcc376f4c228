"""Where diffusion runs one way, the challenge is found from its beginning; elsewhere nothing is found."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.diffusion.one_way_diffusion import OneWayDiffusion
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, chained, ideal, order, permuted, photograph, xored

BOX = order(b"box", 256).astype(int)
SHAPE = (12, 15)
SAMPLES = 12 * 15


def by_prefix(image, seed):
    """Each byte's keystream is a hash of all plaintext before it."""
    flat = image.ravel()
    stream = [hashlib.sha256(seed + flat[:place].tobytes()).digest()[0] for place in range(flat.size)]
    return (flat ^ np.array(stream, np.uint8)).reshape(image.shape)


def upwards(image, seed):
    """Columns, from the end."""
    return np.ascontiguousarray(by_prefix(image.T.ravel()[::-1], seed)[::-1].reshape(image.T.shape).T)


def twice(image, seed):
    """Forwards, and forwards again."""
    once = chained(lambda p, f, k: (p + f) ^ k)
    return once(once(image, seed), seed + b"2")


def in_blocks(image, seed):
    """Blocks of 10 bytes that depend on all before them."""
    parts = [image.ravel()[: end + 10] for end in range(0, image.size, 10)]
    return np.concatenate([ideal(part, seed)[-10:] for part in parts]).reshape(image.shape)


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (by_prefix, 19 + SAMPLES + 8),
        (upwards, 19 + SAMPLES + 8),
        (permuted(by_prefix), 19 + 2 * SAMPLES + 8),
        (chained(lambda p, f, k: p ^ BOX[f] ^ k, back=True), 19 + SAMPLES + 8),
        (chained(lambda p, f, k: p ^ BOX[f] ^ k, plain=True), 19 + SAMPLES + 8),
        (twice, 19 + 8 * SAMPLES),
        (chained(lambda p, f, k: BOX[p ^ f ^ k]), 19 + 256 + 4 * SAMPLES),
        (permuted(chained(lambda p, f, k: BOX[(p + f) & 255] + k)), 19 + 256 + 6 * SAMPLES),
    ],
)
def test_one_way_diffusion_is_followed(body, most) -> None:
    """Every sample is recovered, one query each where it is combined with a keystream, more behind S-boxes."""
    run = attack_target(OneWayDiffusion(), Toy(body), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.queries.total <= most


def test_chains_of_blocks_leak_without_recovery() -> None:
    """In a chain of blocks no first change belongs to a single sample."""
    run = attack_target(OneWayDiffusion(), Toy(in_blocks), photograph(*SHAPE))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert "not sample by sample" in run.result.notes


def test_tables_without_a_pattern_end_the_search() -> None:
    """Independent tables at all places are not worth 256 queries each."""
    tables = np.stack([order(bytes([place]), 256) for place in range(SAMPLES)]).astype(np.uint8)

    def body(image, seed):
        return tables[np.arange(image.size), image.ravel()].reshape(image.shape)

    run = attack_target(OneWayDiffusion(), Toy(body), photograph(*SHAPE))
    assert run.outcome == "leak"
    assert run.queries.total < 2000


@pytest.mark.parametrize("name", ["aes-256-siv", "chacha20-poly1305", "aes-256-ctr"])
def test_references_hold(name) -> None:
    """With fresh nonces encryption is randomised; under a fixed one only a stream cipher falls."""
    target = photograph(*SHAPE)
    assert attack_target(OneWayDiffusion(), load_cipher(name), target).outcome in ("holds", "n/a")
    reused = attack_target(OneWayDiffusion(), load_cipher(name), target, mode="fixed").outcome
    assert reused == ("holds" if name == "aes-256-siv" else "recovered")


def test_ideal_ciphers_hold_and_p_values_are_right() -> None:
    """60 keys, 19 queries each."""
    runs = [attack_target(OneWayDiffusion(), Toy(ideal), photograph(9, 10), seed) for seed in range(60)]
    assert {(one.outcome, one.queries.total) for one in runs} == {("holds", 19)}
    assert sum(one.result.p_value < 0.05 for one in runs if one.result.p_value is not None) <= 10


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 3, 4)])
def test_small_and_odd_images_end_in_a_verdict(shape) -> None:
    """Whether they can be followed or not."""
    target = np.full(shape, 200, np.uint8)
    assert attack_target(OneWayDiffusion(), Toy(ideal), target).outcome == "holds"
    assert attack_target(OneWayDiffusion(), Toy(xored), target).outcome in ("recovered", "leak", "holds")
