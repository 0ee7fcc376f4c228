"""Tables of the key by field."""

from __future__ import annotations

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import run_in_memory
from tests.report.tables.rows import row_of


def test_dead_key_bits_stand_by_field(full_tables: dict[str, Table]) -> None:
    """The truncated key's 128 dead bits lie in its last field, and the key space fails."""
    where = {"cipher": "truncated-key", "image": "astronaut"}
    whole = row_of(full_tables["key_space"], **where)
    assert (whole["nominal bits"], whole["effective bits"], whole["dead bits"]) == ("256", "128*", "128")
    assert row_of(full_tables["key_space_fields"], **where, **{"key field": "x0"})["dead bits"] == "0"
    assert row_of(full_tables["key_space_fields"], **where, **{"key field": "seed"})["dead bits"] == "64"


def test_key_bits_of_attacks_are_left_out() -> None:
    """An attack that counts effective key bits is no measurement of the key space, and no field of the key."""
    card = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x"}
    rows = [
        {"analysis": "attack:weak_keys"} | Measurement("effective_key_bits", 12.0, condition="COA").row(),
        {"analysis": "keyspace"} | Measurement("effective_key_bits", 256.0).row(),
        {"analysis": "keyspace"} | Measurement("effective_key_bits", 64.0, part="x0").row(),
    ]
    run = run_in_memory(frame(card | row for row in rows))
    assert make_table(run, "key_space").values["effective"].tolist() == [256.0]
    assert make_table(run, "key_space_fields").values[["part", "effective"]].values.tolist() == [["x0", 64.0]]
