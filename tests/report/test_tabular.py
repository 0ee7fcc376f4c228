"""Columns turn values into text."""

from __future__ import annotations

import pandas as pd

from cryptobench.layout.tables import Column


def test_the_star_stands_for_failed_verdicts_only() -> None:
    """A value is starred when its verdict is "fail", and missing values are not."""
    values = pd.DataFrame({"v": [1.5, 2.5, float("nan")], "d": ["pass", "fail", "fail"]})
    assert Column("t", "v", "{:.1f}", "d").texts(values) == ["1.5", "2.5*", "–"]
