"""What cells are likely to cost, before any has finished and after."""

from __future__ import annotations

import pytest

from cryptobench.bench.costs import Costs, known
from cryptobench.bench.plan import make_plan
from cryptobench.registry import analysis_names, attack_names, cipher_names, read_card
from tests.bench.replay import recorded


def test_costs_of_all_that_is_registered_are_known():
    """costs.json has every registered analysis, attack and cipher; `python docs/make_costs.py` renews it."""
    assert {*analysis_names(), *(f"attack:{name}" for name in attack_names())} <= known().tasks
    assert {read_card(name).name for name in cipher_names()} <= known().ciphers.keys()


def test_more_work_and_slower_ciphers_cost_more():
    """Ten times the trials of the profile take ten times as long, and a slow cipher longer than a fast one."""

    def seconds(cipher, trials, warm=None):
        parameters = f'{{"alpha": 0.05, "trials": {trials}}}'
        return known().expected(cipher, "differential", parameters, 196608, warm).seconds

    assert seconds("hua2021", 1000) == pytest.approx(10 * seconds("hua2021", 100))
    assert seconds("hua2021", 100) > 5 * seconds("aes-256-siv", 100)
    assert seconds("nobody", 100, warm=1.0) > 20 * seconds("nobody", 100, warm=0.01)
    assert seconds("nobody", 100, warm=0.0001) < seconds("nobody", 100) < seconds("nobody", 100, warm=0.1)


def test_load_is_learned_within_some_cells():
    """One odd cell changes nothing; a machine that becomes three times slower is noticed within a window."""
    cells = list(recorded("quick", ("aes-256-siv", "hua2021", "sum-ctr")).items())
    costs = Costs()
    for cell, seconds in cells[:100]:
        costs.learn(cell, seconds)
    before = costs.load
    assert 0.5 < before < 2
    costs.learn(cells[100][0], 100 * cells[100][1])
    assert costs.load == pytest.approx(before, rel=0.3)
    for cell, seconds in cells[101:125]:
        costs.learn(cell, 3 * seconds)
    assert costs.load == pytest.approx(3 * before, rel=0.5)


def test_an_unknown_analysis_is_learned_at_once(toy_settings):
    """Of an analysis of which nothing was known, the first cell says nearly all."""
    cell, other = make_plan(toy_settings(ciphers=("aes-256-siv", "aes-256-ctr"))).cells[::2]
    costs = Costs()
    assert not costs.knows("mean")
    for _ in range(4):
        costs.learn(cell, 40.0)
    assert costs.knows("mean")
    assert 10 < costs.seconds(other) < 160
