"""Keystreams that run into one cycle are aligned; others show nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from cryptobench.attacks.keystream.shared_cycles import SharedCycles, best_lag
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.answers import tail
from tests.attacks.keyed_toys import Toy, ideal, photograph, stream

RNG = np.random.default_rng
PICTURES = [np.ascontiguousarray(np.roll(photograph(128, 128, 3), 31 * turn, axis=1)) for turn in range(3)]


@cache
def cycle(period: int) -> np.ndarray:
    return stream(b"cycle", period)


def orbit(seed, size, period=1500, transient=100):
    """Bytes of its own, then the cycle from a place of its own: those of all seeds are one cycle."""
    start = int.from_bytes(stream(seed, 4).tobytes(), "big")
    own = stream(seed + b"own", transient)
    return np.concatenate([own, np.resize(np.roll(cycle(period), -start % period), size)])[:size]


def masked(combine, **options):
    return lambda image, seed: combine(image, orbit(seed, image.size, **options).reshape(image.shape))


@pytest.mark.parametrize("combine", [np.bitwise_xor, np.add, lambda image, mask: mask - image])
@pytest.mark.parametrize("shape", [(32, 40), (24, 20, 3)])
def test_all_but_the_transient_is_read(combine, shape) -> None:
    """By the known keystream that fits, shifted: what comes before the cycle stays unknown."""
    run = attack_target(
        SharedCycles(), Toy(masked(combine), nonce=True), photograph(*shape), photographs=PICTURES
    )  # fmt: skip
    assert run.outcome == "recovered", run.result
    assert run.score.share >= 1 - 110 / np.prod(shape)
    assert run.queries.total == 8


def test_a_short_cycle_is_continued() -> None:
    """A stream that has gone round its cycle reaches every place behind the transient of the challenge."""
    body = masked(np.bitwise_xor, period=300, transient=20)
    run = attack_target(SharedCycles(pairs=2), Toy(body, nonce=True), photograph(32, 32), photographs=PICTURES)
    assert run.score.share >= 1 - 30 / 1024, run.result


def test_the_lag_is_that_of_the_shift() -> None:
    """Its p-value is the binomial tail, times all lags of both signs."""
    long = RNG(1).integers(0, 256, 1000, np.uint8)
    for one, other, lag in ((long[:900], long[100:], 100), (long[100:], long[:900], -100)):
        found, share, p_value = best_lag(one, other)
        assert (found, share) == (lag, 1.0)
        assert p_value == pytest.approx(1799 * 256.0**-800, abs=0)
    one, other = RNG(2).integers(0, 256, (2, 900), np.uint8)
    other[:8] = one[-8:]
    _, share, p_value = best_lag(one, one ^ 1)
    assert p_value == 1.0


def test_p_values_are_corrected_for_lags() -> None:
    """Twenty equal samples at one lag, besides those by chance."""
    one, other = RNG(3).integers(0, 256, (2, 600), np.uint8)
    other[100:120] = one[150:170]
    lag, share, p_value = best_lag(one, other)
    hits = round(share * 550)
    assert (lag, hits >= 20) == (50, True)
    assert p_value == pytest.approx(1199 * tail(hits, 550), rel=1e-6)


def test_independent_keystreams_hold() -> None:
    """Six keys: new nonces, or every image its own keystream; nothing is decrypted."""
    for seed in range(6):
        cipher = Toy(lambda image, s: image ^ stream(s, image.size).reshape(image.shape), nonce=True)
        for toy in (cipher, Toy(ideal)):
            run = attack_target(SharedCycles(pairs=3), toy, photograph(24, 24), seed, photographs=PICTURES)
            assert (run.outcome, run.result.recovered) == ("holds", None)


def test_a_fixed_nonce_is_lag_zero() -> None:
    """Every stream cipher falls under it; AES-256-SIV does not."""
    target = photograph(24, 24)
    reused = attack_target(SharedCycles(), load_cipher("aes-256-ctr"), target, mode="fixed", photographs=PICTURES)
    assert (reused.outcome, "at lag 0;" in reused.result.notes) == ("recovered", True)
    sound = attack_target(SharedCycles(), load_cipher("aes-256-siv"), target, mode="fixed", photographs=PICTURES)
    assert sound.outcome == "holds"


def test_small_images_and_other_shapes_are_left_out() -> None:
    """Fewer than 512 samples, or cipher images of another shape; too few queries end it."""
    small = attack_target(SharedCycles(), Toy(ideal), photograph(16, 16), photographs=PICTURES)
    wide = Toy(lambda image, seed: np.concatenate([ideal(image, seed), image[:1]]))
    short = attack_target(SharedCycles(budget=3), Toy(ideal), photograph(24, 24), photographs=PICTURES)
    other = attack_target(SharedCycles(), wide, photograph(24, 24), photographs=PICTURES)
    assert [one.outcome for one in (small, short, other)] == ["n/a"] * 3
    flat = attack_target(SharedCycles(), Toy(ideal), np.full((600, 1), 9, np.uint8), photographs=PICTURES)
    assert flat.outcome == "holds"


def test_one_pair_is_refused() -> None:
    """There would be nothing to compare."""
    with pytest.raises(ValueError, match="pairs is 1, wanted at least 2"):
        SharedCycles(pairs=1)
