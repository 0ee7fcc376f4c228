import math

import pytest

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import Goal, GoalState, execute, run_seeds
from cryptobench.calibration.run import CalibrationSettings, plan
from cryptobench.calibration.store import SeedResult, SeedStore, TaskOnSource
from tests.calibration import samples

UNIT = TaskOnSource(samples.task("Right"), samples.IDEAL_SOURCE)


@pytest.fixture
def store(tmp_path):
    with SeedStore(tmp_path) as opened:
        yield opened


def test_equal_seeds_give_equal_findings():
    """A seed fixes everything but the time it takes."""
    (one,), (two,) = run_seeds(UNIT, [7]), run_seeds(UNIT, [7])
    assert one.findings == two.findings
    assert one.findings != run_seeds(UNIT, [8])[0].findings


def test_the_first_seed_goes_alone(store):
    """Nothing is handed out beside the first seed; a new start leaves out what is stored."""
    state = GoalState.of(Goal(UNIT, 10, 100.0), store)
    assert state.take() == (1,)
    assert not state.open
    results = run_seeds(UNIT, [1])
    store.add(state.address, results)
    state.finish(results)
    assert state.open
    again = GoalState.of(Goal(UNIT, 10, 100.0), store)
    assert (again.done, sorted(again.waiting)) == (1, list(range(2, 11)))


def test_time_that_is_spent_ends_a_goal(store):
    """A goal that has had its seconds is not open."""
    state = GoalState.of(Goal(UNIT, 10, 1.0), store)
    state.take()
    state.finish([SeedResult(1, run_seeds(UNIT, [1])[0].findings, 2.0)])
    assert not state.open
    assert state.left == 0


def test_without_verdicts_a_goal_is_given_up(store):
    """After five seeds without a verdict no more are run."""
    state = GoalState.of(Goal(UNIT, 100, 1000.0), store)
    run = 0
    while state.open:
        seeds = state.take()
        run += len(seeds)
        state.finish([SeedResult(seed, (), 0.001) for seed in seeds])
    assert run == 5


def test_two_workers_find_what_one_finds(tmp_path):
    """The number of worker processes changes nothing that was found."""
    goals = plan(CalibrationSettings(seeds=8, control_seeds=2), [UNIT.task], [samples.IDEAL_SOURCE, samples.IDENTITY])
    found = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        with SeedStore(folder) as opened:
            execute([GoalState.of(goal, opened) for goal in goals], opened, jobs, math.inf, lambda state: None)
            found.append([[one.findings for one in opened.results(goal.unit.address)] for goal in goals])
    assert [len(results) for results in found[0]] == [8, 2]
    assert found[0] == found[1]


def test_a_lost_worker_is_one_clear_line(store):
    """A worker that is killed ends the calibration, and the message says that finished seeds are kept."""
    goals = plan(CalibrationSettings(seeds=2), [samples.task("Deadly")], [samples.IDEAL_SOURCE])
    with pytest.raises(CalibrationError, match=r"was killed by SIGKILL .*finished seeds are kept: .*--jobs"):
        execute([GoalState.of(goal, store) for goal in goals], store, 2, math.inf, lambda state: None)
