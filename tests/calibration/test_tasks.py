import pytest

from cryptobench.calibration.execute import Goal, Pending, play_seeds
from cryptobench.calibration.sources import IDEAL, Source
from cryptobench.calibration.store import Outcome, Store, Unit
from cryptobench.calibration.tasks import BATTERY, Task, every_task, select_tasks
from cryptobench.registry import analysis_names, attack_names
from tests.calibration import samples

UNIT = Unit(samples.task("Right"), Source(IDEAL, True))


def test_every_analysis_and_attack_is_a_task():
    """All registered analyses and attacks are calibrated but the one that measures time, and SP 800-22 by itself."""
    labels = [task.label for task in every_task()]
    wanted = {*analysis_names(), *(f"attack:{name}" for name in attack_names()), BATTERY} - {"timing"}
    assert set(labels) == wanted
    assert len(labels) == len(set(labels))


def test_tasks_are_chosen_by_either_name():
    """An attack is found as locality and as attack:locality, once."""
    chosen = select_tasks(["locality", "attack:locality", "entropy"], every_task())
    assert [task.label for task in chosen] == ["attack:locality", "entropy"]


def test_equal_seeds_give_equal_findings():
    """A seed fixes everything but the time it takes."""
    (one,), (two,) = play_seeds(UNIT, [7]), play_seeds(UNIT, [7])
    assert one.findings == two.findings
    assert one.findings != play_seeds(UNIT, [8])[0].findings


def test_a_battery_seed_has_all_tests_of_a_megabit():
    """A megabit gives the p-values of all fifteen tests, and the four mended ones in both forms."""
    found = Task("battery", BATTERY, 354).play(Source(IDEAL, True).cipher(), 1)
    standard = {one.key.metric for one in found if one.key.variant == "standard"}
    assert len(standard - {"random_excursions", "random_excursions_variant"}) == 13  # those two need 500 cycles
    assert {one.key.metric for one in found if one.key.variant == "corrected"} == {
        "longest_run", "spectral", "overlapping_template", "linear_complexity"
    }  # fmt: skip


def test_addresses_depend_on_what_is_played():
    """Another parameter, side, source or test has another address."""
    units = [
        UNIT, Unit(samples.task("TooNarrow"), UNIT.source), Unit(UNIT.task, Source("identity", False)),
        Unit(Task("analysis", UNIT.task.name, 32), UNIT.source),
        Unit(Task("analysis", UNIT.task.name, UNIT.task.side, {"alpha": 0.01}), UNIT.source),
    ]  # fmt: skip
    assert len({unit.address for unit in units}) >= len(units) - 1  # both classes are of one file
    assert UNIT.address != units[2].address


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as opened:
        yield opened


def test_the_first_seed_goes_alone_and_finished_ones_are_not_repeated(store):
    """Nothing is handed out beside the first seed; a new start leaves out what is stored."""
    pending = Pending.of(Goal(UNIT, 10, 100.0), store)
    assert pending.take() == (1,)
    assert not pending.open
    outcomes = play_seeds(UNIT, [1])
    store.add(pending.address, outcomes)
    pending.finish(outcomes)
    assert pending.open
    again = Pending.of(Goal(UNIT, 10, 100.0), store)
    assert (again.done, sorted(again.waiting)) == (1, list(range(2, 11)))


def test_time_that_is_spent_ends_a_goal(store):
    """A goal that has had its seconds is not open."""
    pending = Pending.of(Goal(UNIT, 10, 1.0), store)
    pending.take()
    pending.finish([Outcome(1, play_seeds(UNIT, [1])[0].findings, 2.0)])
    assert not pending.open
    assert pending.left == 0


def test_what_never_speaks_is_given_up(store):
    """After five seeds without a verdict no more are played."""
    pending = Pending.of(Goal(UNIT, 100, 1000.0), store)
    played = 0
    while pending.open:
        seeds = pending.take()
        played += len(seeds)
        pending.finish([Outcome(seed, (), 0.001) for seed in seeds])
    assert played == 5


def test_findings_survive_the_store(store):
    """What is read back is what was kept, to eight digits."""
    outcomes = play_seeds(UNIT, [1, 2])
    store.add("address", outcomes)
    for kept, read in zip(outcomes, store.outcomes("address"), strict=True):
        assert [one.key for one in read.findings] == [one.key for one in kept.findings]
        assert read.findings[0].values == pytest.approx(kept.findings[0].values, rel=1e-7)
