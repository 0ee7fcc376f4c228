"""Cells that failed, and rows as bytes."""

from __future__ import annotations

import math

import numpy as np

from cryptobench import measurement
from cryptobench.bench import cell as module
from cryptobench.bench.cell import decode_rows, encode_columns, failure
from cryptobench.bench.plan import make_plan
from cryptobench.measurement import COLUMNS


def test_rows_survive_encoding_exactly():
    """Floats keep every bit, NumPy numbers become Python's, None stays None, and infinities are kept."""
    rows = [
        {"metric": "a", "value": 0.1 + 0.2, "trial": np.int64(1), "p_value": None, "seed": 3},
        {"metric": "b", "value": np.float32(0.1), "trial": None, "p_value": 1e-300, "seed": 3},
        {"metric": "c", "value": math.inf, "trial": 3, "p_value": 1.0, "seed": 3},
    ]
    decoded = list(decode_rows(encode_columns({name: [row[name] for row in rows] for name in rows[0]}, len(rows))))
    assert decoded == rows
    assert [type(value) for value in decoded[0].values()] == [str, float, int, type(None), int]
    assert list(decode_rows(encode_columns({"metric": [], "seed": 1}, 0))) == []
    assert math.isnan(next(decode_rows(encode_columns({"value": [math.nan]}, 1)))["value"])


def test_numbers_are_the_measurement_tables_numbers():
    """The columns that are read back as numbers are those of the measurement table."""
    assert set(measurement._INTEGERS) == module._INTEGERS
    assert set(measurement._FLOATS) == module._FLOATS


def test_a_failure_is_one_whole_row(toy_settings):
    """It has every column of the measurement table, and says which cell failed."""
    cell = make_plan(toy_settings()).cells[0]
    (row,) = decode_rows(failure(cell, "crashed", "it broke", 1.5, final=False).rows)
    assert set(row) == set(COLUMNS)
    assert (row["cipher"], row["image"], row["analysis"]) == ("toy-xor", "flat-black", "mean")
    assert (row["metric"], row["value"], row["status"], row["message"]) == ("", None, "crashed", "it broke")
    assert (row["seconds"], row["height"], row["channels"], row["verdict"]) == (1.5, 16, 3, "none")
