"""Sums over sets in which one sample takes all values: what vanishes, and how improbable that is."""

from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import pytest

from cryptobench.attacks.tools import integral
from cryptobench.attacks.tools.integral import (
    GRID,
    grid_p_value,
    integral_tests,
    saturated_grid,
    saturated_sets,
    table_p_value,
)
from tests.attacks.answers import Answers, tail

RNG = np.random.default_rng
BOX = RNG(0).permutation(256).astype(np.uint8)


def close(p):
    return pytest.approx(p, rel=1e-6, abs=0)


def test_sets_run_through_one_sample() -> None:
    """Every value once, in a place of its own; the others are random in each set and fixed within it."""
    sets = saturated_sets(Answers((8, 8), encrypt=np.copy), RNG(1))
    assert sets.shape == (6, 256, 64)  # 384 equations
    for one in sets:
        active = np.flatnonzero((one != one[0]).any(axis=0))
        assert active.size == 1
        assert sorted(one[:, active[0]]) == list(range(256))
    assert all((one[0] != other[0]).mean() > 0.9 for one, other in pairwise(sets))


@pytest.mark.parametrize(("side", "sets"), [(2, 3), (4, 3), (5, 16), (8, 6), (16, 3)])
def test_the_number_of_sets_follows_the_size(side, sets) -> None:
    """Up to 16, if they give 384 equations, otherwise 3."""
    assert len(saturated_sets(Answers((side, side), encrypt=np.copy), RNG(1))) == sets


def test_sums_that_vanish_are_counted() -> None:
    """Of 2 sets of 8 samples, 5 have XOR 0, and others sum 0; in plane 7 one parity is odd."""
    sets = RNG(2).integers(0, 256, (2, 256, 8), np.uint8)
    wanted = np.array([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200], np.uint8).reshape(2, 8)
    sets[:, -1] ^= np.bitwise_xor.reduce(sets, axis=1) ^ wanted
    tests = integral_tests(sets)
    assert tests["XORs"] == close(tail(5, 16))
    zero = int(np.sum(sets.astype(int).sum(axis=1) % 256 == 0))
    assert tests["sums mod 256"] == close(tail(zero, 16) if zero else 1.0)
    assert tests["parities of plane 7"] == close(tail(15, 16, 0.5))
    assert len(tests) == 11


def test_samples_that_never_vary_do_not_count() -> None:
    """Padding vanishes whatever the cipher is."""
    sets = RNG(3).integers(0, 256, (3, 256, 5), np.uint8)
    padded = np.concatenate([sets, np.full((3, 256, 40), 7, np.uint8)], axis=2)
    assert integral_tests(padded) == integral_tests(sets)
    assert integral_tests(padded[:, :, 5:]) == {"XORs": 1.0}


def test_a_last_table_is_seen_through() -> None:
    """Sets whose XORs vanish before a table that all samples share, and only then."""
    sets = RNG(4).integers(0, 256, (4, 256, 100), np.uint8)
    assert integral_tests(BOX[sets])["XORs before a last table"] == 1.0
    sets[:, -1] ^= np.bitwise_xor.reduce(sets, axis=1)
    tests = integral_tests(BOX[sets])
    assert tests["XORs before a last table"] < 1e-30
    assert min(p for name, p in tests.items() if name != "XORs before a last table") > 1e-4
    own = np.stack([RNG(place).permutation(256).astype(np.uint8) for place in range(100)])
    assert integral_tests(own[np.arange(100), sets])["XORs before a last table"] == 1.0


def test_a_table_is_as_improbable_as_all_bits_together() -> None:
    """The sum over bits that are 1 for w values, each as probable as parities of 256 random bytes say."""
    odd = np.zeros((300, 256), np.uint8)
    odd[:, 1:] = RNG(5).integers(0, 2, (300, 255), np.uint8)
    odd[:, 0] = odd[:, 7]  # the bit that is 1 for 0 and 7 has even sums
    even = [
        sum(comb(256, k) * (w / 256) ** k * (1 - w / 256) ** (256 - k) for k in range(0, 257, 2)) for w in range(256)
    ]
    assert table_p_value(odd) == pytest.approx(sum(comb(256, w) * even[w] ** 300 for w in range(1, 256)), rel=1e-3)
    odd[:, 0] = RNG(6).integers(0, 2, 300)
    assert table_p_value(odd) == 1.0


def test_a_grid_runs_through_two_samples() -> None:
    """All 65,536 pairs; the other samples stay."""
    asked = []

    def encrypt(image):
        asked.append(image.tobytes())
        return image.copy()

    grid = saturated_grid(Answers((1, 3), encrypt=encrypt), RNG(1))
    assert len(set(asked)) == len(asked) == GRID
    assert sum(not (grid[:, :, place] == grid[0, 0, place]).all() for place in range(3)) == 2


def test_a_samples_own_table_is_seen_through() -> None:
    """Where XORs over rows and columns vanish before it; random bytes, and a sample that never varies, show nothing."""
    grid = RNG(1).integers(0, 256, (256, 256, 2), np.uint8)
    grid[:, :, 0] = 7
    assert grid_p_value(grid) == 1.0
    rows, columns = (RNG(seed).permutation(256).astype(np.uint8) for seed in (2, 3))
    grid[:, :, 1] = BOX[rows[:, None] ^ columns]
    assert grid_p_value(grid) < 1e-60


def test_even_rows_and_columns_are_as_improbable_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table of four values, all 4^16 grids of four rows and columns: by counting the patterns of each bit."""
    monkeypatch.setattr(integral, "_LEVELS", 4)
    monkeypatch.setattr(integral, "GRID", 16)
    patterns = np.array([[pattern >> place & 1 for place in range(16)] for pattern in range(1 << 16)]).reshape(-1, 4, 4)
    even = ~(patterns.sum(axis=1) % 2).any(axis=1) & ~(patterns.sum(axis=2) % 2).any(axis=1)
    ones = patterns[even].sum(axis=(1, 2))
    wanted = sum(comb(4, w) * np.sum((w / 4) ** ones * (1 - w / 4) ** (16 - ones)) for w in range(1, 4))
    grid = np.array([[0, 1], [1, 0]], np.uint8).repeat(2, axis=0).repeat(2, axis=1)[:, :, None]
    assert 0 < wanted < 1
    assert grid_p_value(grid) == pytest.approx(wanted)
