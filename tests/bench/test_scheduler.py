"""The order in which cells are run."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

from cryptobench.bench.costs import Costs
from cryptobench.bench.plan import make_plan
from cryptobench.bench.scheduler import Queue


def in_turn(queue):
    """The cells as one worker takes them."""
    cells = [queue.pop()]
    while (cell := queue.pop(cells[-1])) is not None:
        cells.append(cell)
    return cells


def test_unknown_analyses_come_first_then_the_longest(toy_settings):
    """An analysis of which nothing is known is tried once; from then on the longest cell comes first."""
    settings = toy_settings(images=("gradient", "camera", "coffee"))
    cells = make_plan(settings).cells
    costs = Costs()
    queue = Queue(cells, costs)
    first = queue.pop()
    assert first.image_name == "coffee"
    for _ in range(4):
        costs.learn(cells[0], 1.0)
        costs.learn(cells[-1], 3.0)
    order = [queue.pop() for _ in range(len(queue))]
    estimates = [costs.seconds(cell) for cell in order]
    assert estimates == sorted(estimates, reverse=True)
    assert queue.pop() is None


def test_costs_that_are_known_need_no_trial(toy_settings):
    """With built-in analyses the longest comes first from the start."""
    tables = {"histogram": {}, "differential": {"trials": 100}, "entropy": {}}
    cells = make_plan(toy_settings(ciphers=("aes-256-siv", "hua2021"), images=("camera",), analyses=tables)).cells
    queue = Queue(cells, Costs())
    assert [queue.pop().analysis_name for _ in range(2)] == ["differential"] * 2


def test_one_worker_runs_analyses_that_share_trials(toy_settings):
    """The worker that has finished one takes the other of this image; another worker takes other cells first."""
    tables = {"histogram": {}, "avalanche": {"trials": 2}, "differential": {"trials": 100}}
    settings = toy_settings(ciphers=("aes-256-siv",), images=("camera", "coffee"), analyses=tables)
    queue = Queue(make_plan(settings).cells, Costs())
    first, second = queue.pop(), queue.pop()
    assert (first.shares_trials, second.shares_trials) == (True, True)
    assert first.image_name != second.image_name
    for cell in (first, second):
        partner = queue.pop(cell)
        assert (partner.image_name, partner.shares_trials) == (cell.image_name, True)
    assert [queue.pop(first).analysis_name for _ in range(2)] == ["histogram"] * 2
    assert queue.pop() is None


def test_long_attacks_come_before_short_ones(toy_settings):
    """Attacks stay together, but for those that a worker would be alone with at the end."""
    tables = {"equality_leak": {}, "sums_of_tables": {}, "near_target": {}}
    settings = toy_settings({}, attacks=tables, ciphers=("hua2021", "chen2004"), images=("camera",), attack_sides=(32,))
    costs = Costs()
    queue = Queue(make_plan(settings).cells, costs)
    order = [costs.seconds(cell) for cell in in_turn(queue)]
    long = [seconds for seconds in order if seconds > 0.01 * sum(order)]
    assert order[: len(long)] == sorted(long, reverse=True)
    assert len(long) > 4


def test_each_cipher_is_loaded_by_one_worker(toy_settings):
    """When no cell takes long, a worker keeps its cipher to the end, and then takes one that the other is not at."""
    names = ("aes-256-siv", "hua2021", "chen2004", "caesar", "xor-pad")
    tables = {"entropy": {}, "histogram": {}, "texture": {}}
    cells = make_plan(toy_settings(tables, ciphers=names, images=("camera",))).cells
    many = [replace(cell, image_name=f"{cell.image_name} {i}") for i in range(100) for cell in cells]
    queue = Queue(many, Costs())
    at, workers = [None, None], {name: set() for name in names}
    for turn in range(len(many)):
        worker = turn % 2
        at[worker] = queue.pop(at[worker])
        workers[at[worker].cipher_name].add(worker)
    assert queue.pop() is None
    assert sum(map(len, workers.values())) <= len(names) + 2  # the first may be begun by both, the last is shared


def test_two_workers_compile_different_attacks(toy_settings):
    """While an attack is run for the first time, the other worker takes another one, as long as another one waits."""
    tables = {"equality_leak": {}, "float_leak": {}, "periodic_keystream": {}, "locality": {}, "determinism": {}}
    settings = toy_settings({}, attacks=tables, ciphers=("hua2021", "chen2004"), images=("camera",), attack_sides=(32,))
    waiting = set(make_plan(settings).cells)
    queue = Queue(waiting, Costs())
    at, finished, looked = [None, None], set(), 0
    for turn in range(len(queue)):
        worker, other = turn % 2, at[1 - turn % 2]
        finished |= {at[worker].analysis_name} if at[worker] else set()
        others = {cell.analysis_name for cell in waiting} - {other.analysis_name if other else None}
        at[worker] = queue.pop(at[worker])
        waiting.remove(at[worker])
        if other is not None and other.analysis_name not in finished and others:
            looked += 1
            assert at[worker].analysis_name != other.analysis_name
    assert looked > 3


def test_what_is_compiled_now_waits_in_other_ciphers(toy_settings):
    """A worker that begins a cipher leaves the longest analysis for later while another runs it for the first time."""
    tables = {"entropy": {}, "randomness": {"sequences": 6, "bits": 50_000}}
    cells = make_plan(toy_settings(tables, ciphers=("hua2021", "chen2004"), images=("camera",))).cells
    many = [replace(cell, image_name=f"{cell.image_name} {i}") for i in range(500) for cell in cells]
    queue = Queue(many, Costs())
    first = queue.pop()
    other = queue.pop(replace(first, cipher_name="another", analysis_name="done"))
    assert (first.analysis_name, other.analysis_name) == ("randomness", "entropy")
    assert first.cipher_name != other.cipher_name
    assert queue.pop(first).analysis_name == "randomness"
    assert queue.pop(replace(other, analysis_name="done")).analysis_name == "randomness"  # it has been run once


def test_ten_times_as_many_cells_take_ten_times_as_long(toy_settings):
    """Handing out cells looks at some groups for each, not at all: 4,000 cells against 400, with margin."""
    tables = {"histogram": {}, "entropy": {}, "differential": {"trials": 100}}
    cells = make_plan(toy_settings(tables, ciphers=("aes-256-siv", "hua2021"), images=("camera",))).cells

    def seconds(count: int) -> float:
        many = [replace(cells[i % len(cells)], cipher_name=f"cipher {i // 3}") for i in range(count)]
        gc.collect()
        gc.disable()  # a collection counts what all tests before this one have left
        try:
            start = time.process_time()
            costs = Costs(cells=count)
            queue = Queue(many, costs)
            while (cell := queue.pop()) is not None:
                costs.learn(cell, 0.01)
            assert len(queue) == 0
            return time.process_time() - start
        finally:
            gc.enable()

    assert min(seconds(4_000) for _ in range(3)) < 30 * min(seconds(400) for _ in range(3))
