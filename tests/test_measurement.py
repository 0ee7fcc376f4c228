"""The measurement table: writing, reading, and what a row says."""

import csv
import gzip

import pandas as pd
import pytest

from cryptobench.measurement import COLUMNS, Measurement, frame, read_measurements, write_measurements
from cryptobench.metrics.result import Result


@pytest.fixture
def table():
    rows = [
        Measurement("entropy", 7.997191234567891, channel="R", expected=7.9, low=7.8, high=8.1, p_value=0.3),
        Measurement("psnr", float("inf"), trial=3, message='has, a comma and a "quote"'),
        Measurement("psnr", None, message="rejected"),
    ]
    common = {"cipher": "none", "image": "astronaut", "height": 5, "width": 7, "channels": 3, "seed": 2**40}
    return frame(row.row() | common for row in rows)


def test_a_table_survives_its_file(table, tmp_path):
    """Reading gives back the very table that was written, infinities, gaps and names such as "none" included."""
    write_measurements(table, tmp_path / "m.csv.gz")
    again = read_measurements(tmp_path / "m.csv.gz")
    assert again.equals(table)
    assert list(again.columns) == list(COLUMNS)


def test_equal_tables_are_equal_bytes(table, tmp_path):
    """Nothing but the table's content gets into the file."""
    for name in ("one.csv.gz", "two.csv.gz"):
        write_measurements(table, tmp_path / name)
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()


def test_verdicts_follow_the_p_value():
    """Below alpha fails, at or above it passes, and no p-value means no verdict."""
    assert Measurement.of("m", Result(1.0, p_value=0.049), 0.05).verdict == "fail"
    assert Measurement.of("m", Result(1.0, p_value=0.05), 0.05).verdict == "pass"
    assert Measurement.of("m", Result(1.0), 0.05).verdict == "none"


def test_a_file_without_the_columns_is_refused(tmp_path):
    """Missing columns are named."""
    path = tmp_path / "other.csv.gz"
    pd.DataFrame({"a": [1]}).to_csv(path, index=False)
    with pytest.raises(ValueError, match="lacks the column"):
        read_measurements(path)


def test_a_table_of_schema_1_is_refused(tmp_path):
    """One line says what it is and what to do."""
    path = tmp_path / "old.csv.gz"
    pd.DataFrame({"cipher": ["a"], "direction": ["horizontal"], "variant": ["plain"]}).to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"older cryptobench, before schema 2; measure anew") as refused:
        read_measurements(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "'=x", "\r\n=x", 'a,"b"\nc', "x\ry", "'x"])
def test_names_come_back_and_run_nowhere(name, tmp_path):
    """A spreadsheet takes no cell for a formula, and a reader gets the name that was written."""
    path = tmp_path / "m.csv.gz"
    row = {"cipher": name, "image": "i", "message": name} | Measurement("m", -1.5, parameter="-0.5").row()
    row |= {"cipher": name, "message": name}
    write_measurements(frame([row, row]), path)
    back = read_measurements(path)
    assert back["cipher"].tolist() == back["message"].tolist() == [name, name]
    assert (back["value"].tolist(), back["parameter"].tolist()) == ([-1.5, -1.5], ["-0.5", "-0.5"])
    with gzip.open(path, "rt", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+@") or cell.startswith("-x")]
