"""Tables of the key by field."""

from __future__ import annotations

import math

from cryptobench.attacks.keys.key_search import KeySearch
from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import run_in_memory
from tests.report.tables.rows import row_of


def test_dead_key_bits_stand_by_field(full_tables: dict[str, Table]) -> None:
    """The truncated key's 128 dead bits lie in its last field, and the key space fails."""
    where = {"cipher": "truncated-key", "image": "astronaut"}
    whole = row_of(full_tables["key_space"], **where)
    assert (whole["nominal bits"], whole["bits with an effect"], whole["dead bits"]) == ("256", "128*", "128")
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


def test_captions_name_slow_ciphers() -> None:
    """Those whose keys were flipped on a smaller picture, and its side; nothing where there are none."""
    row = {"family": "control", "fidelity": "A", "image": "x", "analysis": "key_sensitivity"}
    for part, table in (("", "key_sensitivity"), ("k0", "key_sensitivity_fields")):
        quick = {"cipher": "quick"} | Measurement("key_npcr_mean", 99.6, part=part).row()
        slow = {"cipher": "snail"} | Measurement("key_npcr_mean", 99.6, part=part, parameter="64").row()
        says = 'cards say cost="slow" (snail), keys are flipped on the central 64 x 64 pixels.'
        assert says in make_table(run_in_memory(frame(row | one for one in (quick, slow))), table).caption
        assert "slow" not in make_table(run_in_memory(frame([row | quick])), table).caption


def test_captions_say_what_bounds_the_key_space(full_tables: dict[str, Table]) -> None:
    """Bits with an effect bound it from above; 1,024 keys without a collision show more than 2^17, as computed here."""
    assert "bound the key space from above alone" in full_tables["key_space"].caption
    assert "none among 1,024 means more than 2^17 keys (95 % confidence)" in full_tables["key_space"].caption
    assert KeySearch().keys == 1024
    assert math.exp(-math.comb(1024, 2) / 2**17) < 0.05 < math.exp(-math.comb(1024, 2) / 2**18)
    assert "key bits with an effect" in [column.title for column in full_tables["summary"].columns]
