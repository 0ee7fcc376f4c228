import json
import math
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import GoalState, execute
from cryptobench.calibration.run import CalibrationSettings, calibrate, plan
from cryptobench.calibration.store import SeedStore
from tests.calibration import samples

SOURCES = [samples.IDEAL_SOURCE, samples.IDENTITY]


def goals_of(settings, *names):
    return plan(settings, [samples.task(name) for name in names or ("Right", "TooNarrow")], SOURCES)


def run(settings, folder, *names):
    return calibrate(goals_of(settings, *names), settings, folder, lambda line: None)


def finish(goals, folder):
    """Run what the folder lacks, without tables and figures."""
    with SeedStore(folder) as store:
        execute([GoalState.of(goal, store) for goal in goals], store, 1, math.inf, lambda state: None)


def results_in(folder, goals):
    """What the folder holds by task and source, up to the number of seeds that the goals ask for."""
    with SeedStore(folder) as store:
        return {
            goal.unit.address: [one for one in store.results(goal.unit.address) if one.seed <= goal.seeds]
            for goal in goals
        }


_CHILD = """
import sys
from pathlib import Path
from tests.calibration.test_run import CalibrationSettings, run
run(CalibrationSettings(seeds=100_000, control_seeds=100_000), Path(sys.argv[1]))
"""


def test_a_killed_calibration_continues(tmp_path):
    """After SIGKILL the same goals run only what is missing, and end with what undisturbed ones find."""
    child = subprocess.Popen([sys.executable, "-c", _CHILD, tmp_path / "killed"], stdout=subprocess.DEVNULL)
    try:
        wait_for_seeds(tmp_path / "killed" / SeedStore.FILE, 20)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    goals = goals_of(CalibrationSettings(seeds=60, control_seeds=30))
    before = results_in(tmp_path / "killed", goals)
    assert sum(map(len, before.values())) >= 20
    finish(goals, tmp_path / "killed")
    after = results_in(tmp_path / "killed", goals)
    assert all(after[address][: len(kept)] == kept for address, kept in before.items())  # seconds too
    (tmp_path / "undisturbed").mkdir()
    finish(goals, tmp_path / "undisturbed")
    undisturbed = results_in(tmp_path / "undisturbed", goals)
    for address, results in after.items():
        assert [one.findings for one in results] == [one.findings for one in undisturbed[address]]


def wait_for_seeds(path, count):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists():
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            try:
                if connection.execute("SELECT COUNT(*) FROM seeds").fetchone()[0] >= count:
                    return
            except sqlite3.OperationalError:
                pass  # no table yet
            finally:
                connection.close()
        time.sleep(0.02)
    raise AssertionError("no seed was run in a minute")


def test_everything_is_written(tmp_path):
    """A calibration leaves tables, figures, a page and its settings, and finds the wrong test."""
    settings = CalibrationSettings(seeds=100, control_seeds=5)
    names = ("Right", "TooNarrow", "NoVerdict", "Failing")
    report = run(settings, tmp_path, *names)
    assert {rate.test.task.rpartition(":")[2] for rate in report.too_high} == {"TooNarrow"}
    assert all(count == 5 and "planted" in message for count, message in report.failed.values())
    for name in (
        "false_alarms.csv", "false_alarm_rows.csv", "detections.csv", "false_alarms.md", "detections.md",
        "figures/detections_analyses.pdf",
    ):  # fmt: skip
        assert (tmp_path / name).stat().st_size > 0
    page = (tmp_path / "calibration.md").read_text()
    assert "### Too high" in page
    assert "Fewer seeds" not in page  # what has no verdict is not waited for
    assert "The ciphertext is the plaintext" in page
    written = json.loads((tmp_path / "settings.json").read_text())
    assert written["settings"]["seeds"] == 100
    assert written["took"]["seeds"] == sum(map(len, results_in(tmp_path, goals_of(settings, *names)).values()))
    assert f"{written['took']['seeds']} seeds of tests on sources took" in page


def test_time_is_kept_within_bounds(tmp_path):
    """When the time is up nothing more is run, and what there is is written."""
    settings = CalibrationSettings(seeds=10**6, control_seeds=0, minutes=0.001)
    run(settings, tmp_path, "Right")
    finished = sum(map(len, results_in(tmp_path, goals_of(settings, "Right")).values()))
    assert 0 < finished < 10**6
    task = samples.task("Right").label
    assert f"Fewer seeds than wanted, over all sources: `{task}` {finished:,} of 1,000,000.\n" in (
        tmp_path / "calibration.md"
    ).read_text(encoding="utf-8")


def test_a_folder_has_one_calibration_at_once(tmp_path):
    """A second calibration of the same folder is refused with one line."""
    settings = CalibrationSettings(seeds=1, control_seeds=0)

    def again(line):
        with pytest.raises(CalibrationError, match="is being written by another calibration"):
            calibrate(goals_of(settings), settings, tmp_path, print)

    calibrate(goals_of(settings), settings, tmp_path, again)


def test_unknown_names_and_numbers_are_refused():
    """The nearest name is suggested, and numbers out of range are named."""
    with pytest.raises(CalibrationError, match="did you mean 'histogram'"):
        plan(CalibrationSettings(only=("histogramm",)))
    with pytest.raises(CalibrationError, match="jobs is 0, wanted at least 1"):
        CalibrationSettings(jobs=0)
