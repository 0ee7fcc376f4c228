"""The table that is made of columns is the one that is made of rows."""

import pandas as pd

from cryptobench.bench.cell import decode_columns, decode_rows, encode_columns
from cryptobench.bench.table import table_of
from cryptobench.measurement import COLUMNS, frame

SHARED = {"cipher": "caesar", "image": "camera", "analysis": "entropy", "height": 64, "width": 64, "channels": 1}
CELLS = [
    encode_columns(SHARED | {"value": [1.5, None, float("inf")], "trial": [0, None, 2], "message": ["", "a", "b"]}, 3),
    encode_columns(SHARED | {"value": None, "trial": None, "message": [None, "c"], "p_value": [0.5, None]}, 2),
    encode_columns(SHARED | {"value": [], "verdict": []}, 0),
    encode_columns(SHARED | {"value": 2, "seed": 2**53, "verdict": "pass", "outcome": None, "status": "ok"}, 2),
]


def test_columns_give_the_table_that_rows_give():
    rows = frame(row for cell in CELLS for row in decode_rows(cell))
    table = table_of(map(decode_columns, CELLS))
    pd.testing.assert_frame_equal(table, rows, check_exact=True)
    assert table["message"].tolist() == ["", "a", "b", "", "c", "", ""]


def test_no_cells_give_an_empty_table():
    pd.testing.assert_frame_equal(table_of([]), frame([]))
    assert [*table_of([]).columns] == [*COLUMNS]
