"""Tables of the randomness analysis, from its own rows."""

from __future__ import annotations

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
from cryptobench.results.run import NothingToShow, Run
from cryptobench.results.verdicts import pool_all

TABLES = (randomness, randomness_tests, randomness_bytes, randomness_bit_planes)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """A noise cipher, and one with a stuck bit when its nonce is held still."""
    noise = list(np.random.default_rng(1).integers(0, 256, (8, 4000), dtype=np.uint8))
    stuck = [one | 1 for one in noise]
    reference = [unjudged(row) for row in aes_rows(1, 8, 4000, 0.05)]
    found: list[dict[str, Any]] = []
    for cipher, fixed in (("good", noise), ("bad", stuck)):
        fields = {"cipher": cipher, "family": "toy", "fidelity": "A", "image": "camera", "analysis": "randomness"}
        measured = [
            *sequence_rows(noise, 0.05, variant="distinct images", nonce="fresh"),
            *sequence_rows(fixed, 0.05, variant="distinct images", nonce="fixed"),
            *reference,
        ]
        found += [{**fields, "channels": 1, "seed": 1, **row.row()} for row in measured]
    return found


@pytest.fixture(scope="module")
def run(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("run"), frame(rows))


def test_the_reference_stands_beside_each_cipher(run: Run) -> None:
    """One row a source and nonce mode; AES's count of rejected statistics is a column of each."""
    table = randomness(run)
    assert table.values["variant"].tolist() == ["distinct images", "distinct images, fixed nonce"] * 2
    beside = table.values["AES-256-CTR sp800_22_rejected"]
    expected = run.table.query("variant == 'AES-256-CTR' and metric == 'sp800_22_rejected'")["value"].iloc[0]
    assert beside.tolist() == [expected] * 4


def test_what_fails_has_a_star(run: Run) -> None:
    """The stuck bit shows in the battery, in the frequency test, and in bit plane 0, where the nonce is held still."""
    for table, column in (
        (randomness(run), "adjusted p, corrected"),
        (randomness_tests(run), "frequency"),
        (randomness_bytes(run), "mean"),
        (randomness_bit_planes(run), "bit 0"),
    ):
        shown = table.display().set_index(["cipher", "source"])[column]
        assert shown["bad", "distinct images, fixed nonce"].endswith("*"), table.name
        assert not shown["good", "distinct images"].endswith("*"), table.name


def test_the_overview_counts_fresh_nonces_alone(run: Run) -> None:
    """A defect under a nonce that is held still is no failure of randomness; AES's rows belong to no cipher."""
    assert pool_all(run.table)["bad", "randomness"].state == "pass"
    broken = run.table.assign(nonce=run.table["nonce"].replace("fixed", "none"))
    assert pool_all(broken)["bad", "randomness"].state == "fail"
    assert pool_all(broken)["good", "randomness"].state == "pass"


def test_a_run_without_the_analysis_has_no_such_tables(run: Run) -> None:
    """Each says so."""
    for make in TABLES:
        with pytest.raises(NothingToShow, match="no randomness analysis"):
            make(Run(run.folder, run.table.assign(analysis="entropy")))
