"""Tables of the randomness analysis, from its own rows."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from cryptobench.analyses.base import unjudged
from cryptobench.analyses.randomness import aes_rows, sequence_rows
from cryptobench.measurement import frame
from cryptobench.report.tables.randomness import (
    randomness,
    randomness_bit_planes,
    randomness_bytes,
    randomness_tests,
)
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from cryptobench.results.verdicts import pool_all

TABLES = (randomness, randomness_tests, randomness_bytes, randomness_bit_planes)


@cache
def randomness_rows() -> list[dict[str, Any]]:
    """A noise cipher, and one with a stuck bit when its nonce is fixed."""
    noise = list(np.random.default_rng(1).integers(0, 256, (8, 4000), dtype=np.uint8))
    stuck = [one | 1 for one in noise]
    reference = [unjudged(row) for row in aes_rows(1, 8, 4000, 0.05)]
    found: list[dict[str, Any]] = []
    for cipher, fixed in (("good", noise), ("bad", stuck)):
        fields = {"cipher": cipher, "family": "toy", "fidelity": "A", "image": "camera", "analysis": "randomness"}
        measured = [
            *sequence_rows(noise, 0.05, condition="distinct images", nonce="fresh"),
            *sequence_rows(fixed, 0.05, condition="distinct images", nonce="fixed"),
            *reference,
        ]
        found += [{**fields, "channels": 1, "seed": 1, **row.row()} for row in measured]
    return found


@pytest.fixture(scope="module")
def run() -> RunData:
    return run_in_memory(frame(randomness_rows()))


def test_the_reference_stands_beside_each_cipher(run: RunData) -> None:
    """One row a source and nonce mode; AES's count of rejected statistics is a column of each."""
    table = randomness(run)
    assert table.values["condition"].tolist() == ["distinct images", "distinct images, fixed nonce"] * 2
    beside = table.values["AES-256-CTR sp800_22_rejected"]
    expected = run.table.query("condition == 'AES-256-CTR' and metric == 'sp800_22_rejected'")["value"].iloc[0]
    assert beside.tolist() == [expected] * 4


def test_what_fails_has_a_star(run: RunData) -> None:
    """The stuck bit is found by the battery, the frequency test, and in bit plane 0, where the nonce is fixed."""
    for table, column in (
        (randomness(run), "adjusted p, corrected"),
        (randomness_tests(run), "frequency"),
        (randomness_bytes(run), "mean"),
        (randomness_bit_planes(run), "bit 0"),
    ):
        shown = table.display().set_index(["cipher", "source"])[column]
        assert shown["bad", "distinct images, fixed nonce"].endswith("*"), table.name
        assert not shown["good", "distinct images"].endswith("*"), table.name


def test_the_overview_counts_fresh_nonces_alone(run: RunData) -> None:
    """A defect under a fixed nonce is no failure of randomness; AES's rows belong to no cipher."""
    assert pool_all(run.table)["bad", "randomness"].state == "pass"
    proper = run.table.assign(nonce=run.table["nonce"].replace("fixed", "none"))
    assert pool_all(proper)["bad", "randomness"].state == "fail"
    assert pool_all(proper)["good", "randomness"].state == "pass"


def test_runs_without_randomness_have_no_such_tables(run: RunData) -> None:
    """Each says so."""
    for make in TABLES:
        with pytest.raises(NothingToShow, match="no randomness analysis"):
            make(run_in_memory(run.table.assign(analysis="entropy")))
