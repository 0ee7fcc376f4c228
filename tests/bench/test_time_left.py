"""The time left: recorded runs in simulated time."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from cryptobench.bench.costs import Costs
from cryptobench.bench.plan import make_plan
from cryptobench.bench.time_left import TimeLeft
from tests.bench.replay import Replay, recorded

SOME = ("aes-256-siv", "hua2021", "sum-ctr", "chen2004", "drpe", "dense-resnet-xor")
REBUILT = ("yu2022", "cyclegan-avalanche")
PAIRS = ("hua2021", "yu2022", "caesar", "kumar2022", "cyclegan-avalanche", "drpe")


@cache
def cells(profile, *ciphers):
    return {cell: taken for cell, taken in whole(profile).items() if cell.cipher_name in ciphers}


@cache
def whole(profile):
    return recorded(profile, {*SOME, *PAIRS, *REBUILT})


@pytest.mark.parametrize("profile", ["quick", "standard"])
@pytest.mark.parametrize("width", [1, 2, 8])
@pytest.mark.parametrize("load", [1.0, 5.0])
def test_a_tenth_tells_the_time_left(profile, width, load):
    """After a tenth of the cells, as the scheduler orders them, it is within a factor of 2, busy machine or not."""
    ratios = Replay(cells(profile, *SOME), width, load=lambda share: load).ratios(0.06, 0.1, 0.2, 0.5)
    assert all(0.5 < ratio < 2 for ratio in ratios), ratios


@pytest.mark.parametrize("profile", ["quick", "standard"])
@pytest.mark.parametrize("cipher", PAIRS)
def test_one_cipher_beside_aes_is_told(profile, cipher):
    """The same for two ciphers, whose tenth is a dozen cells."""
    for width in (1, 2):
        (ratio,) = Replay(cells(profile, "aes-256-siv", cipher), width).ratios(0.1)
        assert 0.5 < ratio < 2


@pytest.mark.parametrize("profile", ["quick", "standard"])
@pytest.mark.parametrize("width", [1, 2])
def test_rebuilt_ciphers_do_not_scale_the_rest(profile, width):
    """Two take a fifteenth of what the table says, and come first: at a tenth of the cells it is within 0.6 to 1.7."""
    taken = {
        cell: seconds / 15 if cell.cipher_name in REBUILT else seconds
        for cell, seconds in cells(profile, *SOME, *PAIRS, *REBUILT).items()
    }
    (ratio,) = Replay(taken, width).ratios(0.1)
    assert 0.6 < ratio < 1.7


@pytest.mark.parametrize("profile", ["quick", "standard"])
def test_any_order_tells_the_time_left(profile):
    """In twenty random orders the estimate after a tenth is within a factor of 2 nine times in ten."""
    generator = np.random.default_rng(1)
    ratios = []
    for _ in range(20):
        place = dict(zip(cells(profile, *SOME), generator.random(len(cells(profile, *SOME))), strict=True))
        ratios += Replay(cells(profile, *SOME), 2, order=place.__getitem__).ratios(0.1)
    assert np.mean([0.5 < ratio < 2 for ratio in ratios]) >= 0.9


def test_a_machine_that_slows_down_is_followed():
    """Three times slower from the middle on: a little later it is within a factor of 2 in nine of ten random orders."""
    slows = lambda share: 3.0 if share > 0.5 else 1.0  # noqa: E731
    generator = np.random.default_rng(2)
    ratios = []
    for _ in range(20):
        place = dict(zip(cells("quick", *SOME), generator.random(len(cells("quick", *SOME))), strict=True))
        ratios += Replay(cells("quick", *SOME), 2, load=slows, order=place.__getitem__).ratios(0.75)
    assert np.mean([0.5 < ratio < 2 for ratio in ratios]) >= 0.9


def test_what_is_running_counts(toy_settings):
    """The rest of a running cell is left, and one that is overdue needs a fifth of what it has taken."""
    (cell, *rest) = make_plan(toy_settings(ciphers=("aes-256-siv",), analyses={"entropy": {}})).cells
    now = [0.0]
    costs = Costs()
    left = TimeLeft(costs, [cell, *rest], lambda: 2, lambda: now[0])
    left.started(cell)
    before = left.seconds()
    assert before > 0
    now[0] = 100.0
    assert left.seconds() == pytest.approx(20.0, rel=0.01)
    left.finished(cell)
    assert left.seconds() <= before
