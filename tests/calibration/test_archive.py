import gzip
import json

import pytest

from cryptobench.calibration.archive import ARCHIVE, ArchivedSeeds, read_archive, write_archive
from cryptobench.calibration.error_rates import detection_rates, false_alarm_rates
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import run_seeds
from cryptobench.calibration.findings import Findings, RowKey
from cryptobench.calibration.run import CalibrationSettings, calibrate, plan
from cryptobench.calibration.store import SeedResult, SeedStore, TaskOnSource
from tests.calibration import samples

ADDRESS = "ab" * 32
SETTINGS = CalibrationSettings(seeds=40, control_seeds=5)
TABLES = ("false_alarms.csv", "false_alarm_rows.csv", "detections.csv", "detections.md")


def archived(results, task="mine", address=ADDRESS):
    return ArchivedSeeds(task, "ideal", address, results)


def test_rates_are_those_of_the_seeds(tmp_path):
    """An archive gives the same false alarms and detections, values that several rows of a seed give included."""
    units = [TaskOnSource(samples.task(name), source) for name in ("Right", "TooNarrow")
             for source in (samples.IDEAL_SOURCE, samples.IDENTITY)]  # fmt: skip
    results = {unit: run_seeds(unit, range(1, 61)) for unit in units}
    write_archive(tmp_path, [archived(run, unit.task.label, unit.address) for unit, run in results.items()])
    back = {line.address: line.results for line in read_archive(tmp_path)}
    again = {unit: back[unit.address] for unit in units}
    assert detection_rates(again) == detection_rates(results)
    assert false_alarm_rates(again, apart=True) == false_alarm_rates(results, apart=True)
    assert false_alarm_rates(results)  # there is something to compare


def test_what_no_rate_asks_for_is_left_out(tmp_path):
    """Values at or above 0.05 come back as 1; seeds, messages and the sum of seconds stay, also with gaps."""
    key, rule = RowKey("npcr", channel="red"), RowKey("exact", rule=True)
    results = [
        SeedResult(1, (Findings(key, (0.04999999, 0.05, 0.7)), Findings(rule, (0.0,))), 0.5),
        SeedResult(2, (), 1.0, "ValueError: no"),
        SeedResult(7, (Findings(key, (3e-9, 0.9, 0.01)), Findings(rule, (1.0,))), 1.5),
    ]
    path = write_archive(tmp_path, [archived(results)])
    (line,) = read_archive(tmp_path)
    assert [one.seed for one in line.results] == [1, 2, 7]
    assert [one.message for one in line.results] == ["", "ValueError: no", ""]
    assert sum(one.seconds for one in line.results) == pytest.approx(3.0)
    found = [{one.key: one.values for one in result.findings} for result in line.results]
    assert found == [{key: (0.04999999, 1.0, 1.0), rule: (0.0,)}, {}, {key: (3e-9, 0.01, 1.0), rule: (1.0,)}]
    again = tmp_path / "again"
    again.mkdir()
    assert write_archive(again, read_archive(tmp_path)).read_bytes() == path.read_bytes()


def test_a_calibration_goes_on_from_an_archive(tmp_path, monkeypatch):
    """In another clone, which has no database, no seed is run again, and the tables are the same."""
    goals = plan(SETTINGS, [samples.task("Right")], [samples.IDEAL_SOURCE, samples.IDENTITY])
    first, second = tmp_path / "first", tmp_path / "second"
    calibrate(goals, SETTINGS, first, lambda line: None)
    second.mkdir()
    (second / ARCHIVE).write_bytes((first / ARCHIVE).read_bytes())
    monkeypatch.setattr("cryptobench.calibration.execute._run_seed", None)  # whatever is run now fails
    calibrate(goals, SETTINGS, second, lambda line: None)
    for name in TABLES:
        assert (second / name).read_bytes() == (first / name).read_bytes()
    assert (second / ARCHIVE).read_bytes() == (first / ARCHIVE).read_bytes()
    with SeedStore(second) as store:
        assert all(len(store.results(goal.unit.address)) == goal.seeds for goal in goals)


def test_seeds_of_other_tasks_stay_and_those_of_old_code_go(tmp_path):
    """A call with --only keeps what it does not name; a line whose address nobody has any more is left out."""
    other = archived([SeedResult(1, (), 0.0, "kept")], task="other")
    task = samples.task("Right")
    outdated = archived([SeedResult(1, (), 0.0, "old")], task=task.label, address="cd" * 32)
    write_archive(tmp_path, [other, outdated])
    goals = plan(SETTINGS, [task], [samples.IDEAL_SOURCE])
    calibrate(goals, SETTINGS, tmp_path, lambda line: None)
    assert {line.address for line in read_archive(tmp_path)} == {ADDRESS, goals[0].unit.address}


def test_no_archive_is_an_empty_one(tmp_path):
    assert list(read_archive(tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"address": "12"}, "address"),
        ({"seeds": [[1, 10**9]]}, "at most"),
        ({"core_seconds": -1}, "core_seconds"),
        ({"tests": [["npcr"]]}, "tests"),
        ({"tests": [["npcr", *[""] * 9, False, False, [3], [[1, 0.01]]]]}, "a number for each of 2 seeds"),
        ({"tests": [["npcr", *[""] * 9, False, False, 1, [[1, 0.01, 0.02]]]]}, "no more values"),
        ({"tests": [["npcr", *[""] * 9, False, False, 1, [[2, 0.01]]]]}, "no more values"),
        ({"tests": [["npcr", *[""] * 9, False, False, 1, [[1, 0.9]]]]}, "0.9"),
        ({"tests": [["npcr", *[""] * 9, False, 0, 1, []]]}, "true or false"),
    ],
)  # fmt: skip
def test_a_damaged_archive_is_one_clear_line(tmp_path, change, says):
    """The message names the file, what is wrong in it and what to do."""
    path = write_archive(tmp_path, [archived([SeedResult(seed, (), 0.0) for seed in (1, 2)])])
    line = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps(line | change).encode()))
    with pytest.raises(CalibrationError, match=rf"{ARCHIVE} is damaged \(.*{says}.*\); move it away"):
        list(read_archive(tmp_path))


@pytest.mark.parametrize("kind", ["empty", "two bytes", "no gzip", "a list", "half a line"])
def test_what_is_no_archive_is_one_clear_line(tmp_path, kind):
    contents = {
        "empty": b"", "two bytes": b"\x1f\x8b", "no gzip": b"no gzip", "a list": gzip.compress(b"[1]"),
        "half a line": gzip.compress(b"{"),
    }  # fmt: skip
    (tmp_path / ARCHIVE).write_bytes(contents[kind])
    with pytest.raises(CalibrationError, match=ARCHIVE):
        list(read_archive(tmp_path))
