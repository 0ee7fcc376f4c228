"""Rows of bytes: each metric of `byte_sequence`, and a row for each bit plane."""

import numpy as np

from cryptobench.analyses.tools.byte_rows import BYTE_METRICS, byte_rows
from cryptobench.metrics import byte_sequence


def test_rows_are_the_metrics_of_the_sequence():
    """Value and p-value of each, bit planes from the lowest, and the columns that were asked for."""
    data = np.random.default_rng(4).integers(0, 256, 4096, np.uint8)
    rows = list(byte_rows(data, 0.05, condition="here"))
    assert list(dict.fromkeys(row.metric for row in rows)) == list(BYTE_METRICS)
    assert {row.condition for row in rows} == {"here"}
    by_metric = {row.metric: row for row in rows}
    chi_square = byte_sequence.byte_chi_square(data, 0.05)
    assert (by_metric["ent_chi_square"].value, by_metric["ent_chi_square"].p_value) == (
        chi_square.value,
        chi_square.p_value,
    )
    planes = [(row.part, row.value) for row in rows if row.metric == "bit_plane"]
    assert planes == [(str(bit), np.mean(data >> bit & 1)) for bit in range(8)]


def test_short_sequences_have_reasons():
    """A metric that refuses its bytes has a row that says why."""
    rows = {row.metric: row for row in byte_rows(np.zeros(3, np.uint8), 0.05)}
    assert rows["ent_monte_carlo_pi"].status == "unsupported"
    assert rows["ent_monte_carlo_pi"].message
