import json
import math
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import Pending, _executor, execute
from cryptobench.calibration.run import Settings, calibrate, plan
from cryptobench.calibration.sources import IDEAL, Source
from cryptobench.calibration.store import Store
from tests.calibration import samples

SOURCES = [Source(IDEAL, True), Source("identity", False)]


def goals_of(settings, *names):
    return plan(settings, [samples.task(name) for name in names or ("Right", "TooNarrow")], SOURCES)


def outcomes_in(folder, goals):
    with Store(folder) as store:
        return {goal.unit.address: list(store.outcomes(goal.unit.address)) for goal in goals}


def findings_in(folder, goals):
    """What was found by unit and seed, up to the number of seeds that the goals ask for."""
    stored = outcomes_in(folder, goals)
    return {
        (goal.unit.address, one.seed): one.findings
        for goal in goals
        for one in stored[goal.unit.address]
        if one.seed <= goal.seeds
    }


def play(goals, folder, jobs=1):
    with Store(folder) as store:
        execute([Pending.of(goal, store) for goal in goals], store, jobs, math.inf, lambda one: None)


_CHILD = """
import sys
from pathlib import Path
from tests.calibration.test_run import Settings, calibrate, goals_of
settings = Settings(seeds=100_000, power_seeds=100_000)
calibrate(goals_of(settings), settings, Path(sys.argv[1]), print)
"""


def test_workers_end_with_what_they_play_for():
    """A worker in the middle of a long seed is not waited for."""
    with _executor(2) as pool:
        pool.submit(time.sleep, 3600)
        (*workers,) = pool._processes.values()
    assert workers
    # Not `join`: the pool's own thread may be the one that collects a worker, and for a moment it counts as alive.
    deadline = time.monotonic() + 60
    while any(worker.is_alive() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(worker.is_alive() for worker in workers)


def test_a_killed_calibration_goes_on_where_it_was(tmp_path):
    """After SIGKILL the same call plays only what is missing, and ends with what an undisturbed one finds."""
    child = subprocess.Popen([sys.executable, "-c", _CHILD, tmp_path / "killed"], stdout=subprocess.DEVNULL)
    try:
        wait_for_seeds(tmp_path / "killed" / Store.FILE, 20)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    settings = Settings(seeds=60, power_seeds=30)
    goals = goals_of(settings)
    before = outcomes_in(tmp_path / "killed", goals)
    assert sum(map(len, before.values())) >= 20
    play(goals, tmp_path / "killed")
    after = outcomes_in(tmp_path / "killed", goals)
    assert all(after[address][: len(played)] == played for address, played in before.items())  # seconds too
    play(goals, tmp_path / "undisturbed")
    assert findings_in(tmp_path / "killed", goals) == findings_in(tmp_path / "undisturbed", goals)


def wait_for_seeds(path, count):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists():
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                try:
                    if connection.execute("SELECT COUNT(*) FROM seeds").fetchone()[0] >= count:
                        return
                except sqlite3.OperationalError:
                    pass  # no table yet
        time.sleep(0.02)
    raise AssertionError("nothing was played in a minute")


def test_everything_is_written(tmp_path):
    """A calibration leaves tables, figures, a page and its settings, and finds the wrong test."""
    settings = Settings(seeds=100, power_seeds=5)
    found = calibrate(
        goals_of(settings, "Right", "TooNarrow", "Silent", "Failing"), settings, tmp_path, lambda line: None
    )
    assert {size.test.task.rpartition(":")[2] for size in found.wrong} == {"TooNarrow"}
    assert all(count == 5 and "planted" in message for count, message in found.failed.values())
    for name in ("size.csv", "size_rows.csv", "power.csv", "size.md", "power.md", "figures/power_analyses.pdf"):
        assert (tmp_path / name).stat().st_size > 0
    page = (tmp_path / "calibration.md").read_text()
    assert "### Too high" in page
    assert "The ciphertext is the plaintext" in page
    assert json.loads((tmp_path / "settings.json").read_text())["settings"]["seeds"] == 100


def test_time_is_kept_within_bounds(tmp_path):
    """When the time is up nothing more is played, and what there is is written."""
    settings = Settings(seeds=10**6, power_seeds=0, minutes=0.001)
    calibrate(goals_of(settings, "Right"), settings, tmp_path, lambda line: None)
    played = sum(map(len, outcomes_in(tmp_path, goals_of(settings, "Right")).values()))
    assert 0 < played < 10**6
    assert (tmp_path / "calibration.md").exists()


def test_a_folder_is_calibrated_into_once_at_a_time(tmp_path):
    """A second calibration of the same folder is refused with one line."""
    settings = Settings(seeds=1, power_seeds=0)

    def again(line):
        with pytest.raises(CalibrationError, match="is being written by another calibration"):
            calibrate(goals_of(settings), settings, tmp_path, print)

    calibrate(goals_of(settings), settings, tmp_path, again)


def test_unknown_names_and_numbers_are_refused():
    """The nearest name is suggested, and numbers out of range are named."""
    with pytest.raises(CalibrationError, match="did you mean 'histogram'"):
        plan(Settings(only=("histogramm",)))
    with pytest.raises(CalibrationError, match="jobs is 0, wanted at least 1"):
        Settings(jobs=0)


def test_two_workers_find_what_one_finds(tmp_path):
    """The number of worker processes changes nothing that was found."""
    goals = goals_of(Settings(seeds=8, power_seeds=2), "Right")
    for jobs in (1, 2):
        play(goals, tmp_path / str(jobs), jobs)
    assert findings_in(tmp_path / "1", goals) == findings_in(tmp_path / "2", goals)
