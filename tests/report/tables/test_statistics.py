"""Tables of one cipher image hold full precision, and what is missing is missing."""

from __future__ import annotations

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory
from tests.report.tables.rows import row_of


def test_values_keep_full_precision(full: RunData, full_tables: dict[str, Table]) -> None:
    """The table's values are those of the measurements, to the last bit; only the display is rounded."""
    rows = full.table.query("metric == 'global_entropy' and part == 'cipher' and cipher == 'aes-256-ctr'")
    measured = rows.query("image == 'astronaut' and channel == 'R'")["value"].item()
    table = full_tables["entropy_global"]
    assert table.values.query("cipher == 'aes-256-ctr' and image == 'astronaut'")["R"].item() == measured
    assert row_of(table, cipher="aes-256-ctr", image="astronaut")["R"].rstrip("*") == f"{measured:.5f}"


def test_directions_and_pairs_have_columns(full: RunData, full_tables: dict[str, Table]) -> None:
    """H, V, D and A before and after encryption; pairs of channels as R-G."""
    row = row_of(full_tables["correlation"], cipher="caesar", image="camera")
    rows = full.table.query("cipher == 'caesar' and image == 'camera' and metric == 'correlation' and part == 'cipher'")
    for direction, value in zip(rows["direction"], rows["value"], strict=True):
        assert row[f"{direction} cipher"].rstrip("*") == f"{value:+.4f}"
    assert set(rows["direction"]) == set("HVDA")
    assert {"R-G plain", "G-B cipher"} <= set(full_tables["channel_correlation"].display())


def test_a_correlation_near_0_has_no_minus() -> None:
    """-0.00001 reads +0.0000."""
    card = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "analysis": "correlation"}
    row = Measurement("correlation", -1e-5, channel="R", direction="H", part="cipher", low=-0.1, high=0.1)
    table = make_table(run_in_memory(frame([card | row.row()])), "correlation")
    assert table.display()["H cipher"].item() == "+0.0000"


def test_contours_stand_beside_texture(full: RunData, full_tables: dict[str, Table]) -> None:
    """Each row of the texture table has its channel's contour correlation, in full, with the verdict."""
    measured = full.numbers[full.numbers["metric"] == "contour_correlation"]
    measured = measured.set_index(["cipher", "image", "channel"])
    groups = list(full_tables["texture"].values.groupby(["cipher", "image", "channel"]))
    assert len(groups) > 20
    for place, found in groups:
        row = measured.loc[place]
        assert set(found["contours"]) == {row["value"]}
        assert set(found["contours verdict"]) == {row["verdict"]}


def test_texture_without_contours_has_no_column(full: RunData) -> None:
    """The texture table of such a run ends with texture."""
    table = make_table(run_in_memory(full.table[full.table["analysis"] != "contours"]), "texture")
    assert "contours" not in [column.title for column in table.columns]
