"""Tables of NPCR, UACI and BACI keep nonce modes and one-sided intervals apart."""

from __future__ import annotations

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory
from tests.report.tables.rows import row_of


def test_fresh_and_fixed_nonce_stand_apart(full_tables: dict[str, Table]) -> None:
    """A nonce cipher scores well fresh and badly fixed; one without nonce has no fresh columns."""
    row = row_of(full_tables["npcr"], cipher="aes-256-ctr", image="astronaut")
    assert float(row["fresh: mean"].rstrip("*")) > 99
    assert row["fixed: mean"] == "0.0081*"
    bare = row_of(full_tables["npcr"], cipher="caesar", image="astronaut")
    assert (bare["fresh: mean"], bare["fixed: mean"]) == ("–", "0.0081*")
    assert row["plain vs cipher"] == "99.5800"


def test_a_one_sided_interval_is_an_inequality() -> None:
    """NPCR has only a lower critical value."""
    card = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "analysis": "differential"}
    rows = [
        Measurement("npcr", 99.6, low=99.5693, trial=0, nonce="fresh"),
        Measurement("npcr_mean", 99.6, nonce="fresh"),
    ]
    table = make_table(run_in_memory(frame(card | row.row() for row in rows)), "npcr")
    assert row_of(table, cipher="toy")["critical interval"] == "≥ 99.5693"


def test_places_and_channels_have_columns(full: RunData, full_tables: dict[str, Table]) -> None:
    """One column a place of the change, one a pair of changed and reached channel."""
    row = row_of(full_tables["differential_positions"], cipher="aes-256-ctr", image="astronaut", nonce="fixed")
    assert {f"NPCR {place}" for place in ("first", "last", "corner", "middle", "random")} <= set(row)
    reach = row_of(full_tables["channel_reach"], cipher="caesar", nonce="fixed")
    where = "cipher == 'caesar' and metric == 'channel_reach' and channel == 'R' and other_channel"
    assert float(reach["R→R"]) == round(full.table.query(f"{where} == 'R'")["value"].item(), 2) > 0
    assert float(reach["R→G"]) == full.table.query(f"{where} == 'G'")["value"].item() == 0
