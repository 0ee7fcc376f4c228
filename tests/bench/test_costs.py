"""What cells are likely to cost, before any has finished and after."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from cryptobench.bench.costs import Costs, Warm, known
from cryptobench.bench.estimate import costs_of
from cryptobench.bench.plan import make_plan
from cryptobench.catalogue import plugins
from cryptobench.preflight import Preflight
from cryptobench.registry import analysis_names, attack_names, load_cipher
from tests.bench.replay import recorded


def seconds_of(cipher="aes-256-siv", task="differential", parameters="{}", *, warm=None, family=""):
    """Of a cell on a colour picture of 64 pixels a side."""
    return known().expected(cipher, task, parameters, 12288, warm, family).seconds


def instance(delay):
    """A cipher whose encryption takes so many seconds longer; with None it raises."""
    cipher = load_cipher("aes-256-siv")
    encrypt = cipher.encrypt

    def slow(*arguments, **named):
        if delay is None:
            raise ArithmeticError("no")
        time.sleep(delay)
        return encrypt(*arguments, **named)

    cipher.encrypt = slow
    return cipher


def test_a_new_attack_costs_as_its_family_does():
    """It lies within its family's costs; one of no known family, and an analysis, within those of all of their kind."""
    costs = {name: seconds_of(task=f"attack:{name}") for name in attack_names()}
    family = [costs[name] for name, (place, *_) in plugins("attack").items() if ".attacks.keys." in place]
    with pytest.MonkeyPatch.context() as patch:
        places = {**plugins("attack"), "mine": ("cryptobench.attacks.keys.mine:Mine",)}
        patch.setattr("cryptobench.catalogue.plugins", lambda kind: places)
        assert min(family) <= seconds_of(task="attack:mine") <= max(family)
    assert sorted(costs.values())[5] < seconds_of(task="attack:theirs") < sorted(costs.values())[-5]
    analyses = sorted(seconds_of(task=name) for name in analysis_names())
    assert analyses[1] < seconds_of(task="mine") < analyses[-2]


def test_a_new_cipher_costs_as_its_family_does():
    """Learned ciphers are slow and references fast; of no known family it is as fast as the median of all."""
    learned, references = seconds_of("mine", family="learned"), seconds_of("mine", family="reference")
    assert learned > 3 * references
    assert references < seconds_of("mine", family="mine") == seconds_of("mine") < learned


def test_what_is_known_needs_not_be_registered(monkeypatch):
    """A cipher that has been removed since the table was written belongs to no family, and stops nothing."""
    gone = replace(known(), ciphers={**known().ciphers, "gone": (9.0, 9.0, 9.0, 9.0)})
    assert gone.expected("mine", "entropy", "{}", 4096, family="learned").seconds < 100
    assert gone.expected("mine", "attack:mine", "{}", 4096).seconds < 100


def test_more_work_and_slower_ciphers_cost_more():
    """Ten times the trials of the profile take ten times as long, and a slow cipher longer than a fast one."""

    def seconds(cipher, trials):
        return seconds_of(cipher, parameters=f'{{"alpha": 0.05, "trials": {trials}}}')

    assert seconds("hua2021", 1000) == pytest.approx(10 * seconds("hua2021", 100))
    hua2021, aes = (known().expected(name, "differential", "{}", 196608).seconds for name in ("hua2021", "aes-256-siv"))
    assert hua2021 > 5 * aes  # at 256 pixels; at 64 the analysis itself takes a third


@pytest.mark.parametrize(("fixed", "slope"), [(1e-4, 1e-8), (1e-4, 1e-6), (1e-3, 1e-5), (0.01, 1e-5)])
def test_a_cipher_that_was_tried_is_as_fast_as_then(fixed, slope):
    """Known by what 4096 samples took, a foreign cipher is within a factor of 2 of what its two speeds give."""
    there = replace(known(), ciphers={**known().ciphers, "mine": (fixed, slope, fixed, slope)})
    true = there.expected("mine", "differential", '{"trials": 100}', 196608).calls
    tried = known().expected("mine", "differential", '{"trials": 100}', 196608, Warm(2 * (fixed + 4096 * slope), 4096))
    mean = known().profiles["standard"]["differential"]["mean"]
    assert 0.5 < tried.calls / (true * mean) < 2


def test_ciphers_of_a_plan_count_as_tried(toy_settings):
    """Of a file by its trial, of an instance by a call now, of a built-in one by the table; one that raises by that."""
    plan = make_plan(toy_settings(ciphers=("aes-256-siv",), analyses={"differential": {"trials": 10}}))
    foreign = replace(plan.ciphers[0], trial=Preflight(reference="slow.py:Slow", seconds=2.0, samples=4096))
    foreign = replace(foreign, card=replace(foreign.card, name="slow"))
    cell = replace(plan.cells[0], cipher_name="slow")
    costs = costs_of(replace(plan, ciphers=(foreign, *plan.ciphers)), 2, {})
    assert costs.warm == {"slow": Warm(2.0, 4096)}
    assert costs.seconds(cell) > 100 * costs.seconds(plan.cells[0])
    here = [replace(foreign, trial=None, instance=instance(delay)) for delay in (0.02, None)]
    assert costs_of(replace(plan, ciphers=(here[0],)), 2, {}).warm["slow"].seconds >= 0.02
    assert costs_of(replace(plan, ciphers=(here[1],)), 2, {}).warm == {}


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


def test_cells_that_compiled_tell_little_of_the_load():
    """Minutes of a first use are seen through as soon as two usual cells have finished; a busy machine is followed."""
    cells = list(recorded("quick", ("aes-256-siv", "hua2021", "sum-ctr")).items())
    first, busy = Costs(), Costs()
    for cell, _ in cells[:8]:
        first.learn(cell, 90.0)
    for cell, seconds in cells[8:10]:
        first.learn(cell, seconds)
    for cell, seconds in cells[:16]:
        busy.learn(cell, 40 * seconds)
    assert 0.5 < first.load < 2
    assert 20 < busy.load < 80


def test_one_cipher_says_little_of_many():
    """Forty cells of one in a twentieth of their time: of others, in a run of 60, half of what was known is left."""
    fast, other = (list(recorded("quick", (name,)).items())[:40] for name in ("hua2021", "aes-256-siv"))
    costs, alone = Costs(ciphers=60, tasks=60), Costs()
    before = sum(costs.seconds(cell) for cell, _ in other)
    for cell, _ in fast:
        for learned in (costs, alone):
            learned.learn(cell, learned.expected(cell).seconds / 20)
    shares = [sum(learned.seconds(cell) for cell, _ in other) / before for learned in (costs, alone)]
    assert shares[0] > 0.5
    assert shares[1] < 0.2


def test_an_unknown_analysis_is_learned_at_once(toy_settings):
    """Of an analysis of which nothing was known, the first cell says nearly all."""
    cell, other = make_plan(toy_settings(ciphers=("aes-256-siv", "aes-256-ctr"))).cells[::2]
    costs = Costs()
    assert not costs.knows("mean")
    for _ in range(4):
        costs.learn(cell, 40.0)
    assert costs.knows("mean")
    assert 10 < costs.seconds(other) < 160


def test_of_two_profiles_with_equal_parameters_the_one_with_such_pictures_counts():
    """A cipher whose cells took 10 s on small pictures and 1 s on large ones costs that; between, the nearer one."""
    small, large = (
        {
            "parameters": {"pairs": 5},
            "samples": count,
            "cost": [1.0, 0, 0, 0],
            "mean": 1.0,
            "factors": {"caesar": factor},
        }
        for count, factor in ((10_000, 10.0), (200_000, 1.0))
    )
    both = replace(known(), profiles={"a": {"attack:mine": large}, "b": {"attack:mine": small}})
    at = {count: both.expected("caesar", "attack:mine", '{"pairs": 5}', count).seconds for count in (1, 4e4, 5e4, 1e9)}
    assert at == {1: 10.0, 4e4: 10.0, 5e4: 1.0, 1e9: 1.0}
    assert both.expected("caesar", "attack:mine", '{"pairs": 10}', 10_000).seconds == 20.0
