"""Numbers of a table with digits that count, and no power of ten where it can be helped."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.layout.tables import Column, Digits


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.14159, "3.14"), (999.6, "1000"), (1042.4, "1042"), (-59804.2, "-59804"), (1.59e6, "1590000"),
        (0.000121, "0.000121"), (3e7, "3e+07"), (float("inf"), "inf"), (0.0, "0"),
    ],
)  # fmt: skip
def test_numbers_below_ten_million_are_written_out(value: float, shown: str) -> None:
    """Three digits count, and those before the point all stand there."""
    assert Digits(3)(value) == Digits(3).format(value) == shown


def test_a_column_takes_them_for_a_format() -> None:
    """Seconds shown as milliseconds."""
    assert Column("ms", "time", Digits(4, 1e3)).texts(pd.DataFrame({"time": [1.04242, 0.0123456]})) == ["1042", "12.35"]
