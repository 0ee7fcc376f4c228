import sqlite3

import pytest

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import run_seeds
from cryptobench.calibration.sources import Source
from cryptobench.calibration.store import SeedStore, TaskOnSource
from cryptobench.calibration.tasks import CalibrationTask
from tests.calibration import samples

UNIT = TaskOnSource(samples.task("Right"), samples.IDEAL_SOURCE)


def test_addresses_depend_on_what_is_run():
    """Another parameter, side, source or test has another address."""
    units = [
        UNIT, TaskOnSource(samples.task("TooNarrow"), UNIT.source), TaskOnSource(UNIT.task, Source("identity", False)),
        TaskOnSource(CalibrationTask("analysis", UNIT.task.name, 32), UNIT.source),
        TaskOnSource(CalibrationTask("analysis", UNIT.task.name, UNIT.task.side, {"alpha": 0.01}), UNIT.source),
    ]  # fmt: skip
    assert len({unit.address for unit in units}) >= len(units) - 1  # both classes are of one file
    assert UNIT.address != units[2].address


def test_findings_survive_the_store(tmp_path):
    """What is read back is what was kept, to eight digits."""
    results = run_seeds(UNIT, [1, 2])
    with SeedStore(tmp_path) as store:
        store.add("address", results)
        for kept, read in zip(results, store.results("address"), strict=True):
            assert [one.key for one in read.findings] == [one.key for one in kept.findings]
            assert read.findings[0].values == pytest.approx(kept.findings[0].values, rel=1e-7)


def test_damaged_seeds_are_one_clear_line(tmp_path):
    """Bytes that hold no findings: the message names the file and what to do."""
    with SeedStore(tmp_path) as store:
        store.add("address", run_seeds(UNIT, [1]))
    connection = sqlite3.connect(tmp_path / SeedStore.FILE)
    with connection:
        connection.execute("UPDATE seeds SET findings = ?", (b"no findings",))
    connection.close()
    with SeedStore(tmp_path) as store, pytest.raises(CalibrationError, match=r"calibration\.sqlite is damaged \("):
        store.results("address")
