"""The summaries that come with the package are of the runs that are committed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cryptobench.beside.sources import SUMMARIES
from cryptobench.beside.summary import LARGEST, read_summary

COMMITTED = Path(__file__).parents[2] / "results" / "reference"


@pytest.mark.skipif(not COMMITTED.is_dir(), reason="no checkout")
def test_the_summary_is_of_the_committed_run() -> None:
    """The measurements, settings, digests, commit and machine of results/reference; `make summary` makes it so."""
    about = json.loads((COMMITTED / "run.json").read_text("utf-8"))
    summary = read_summary(SUMMARIES / "standard.json.xz")
    digest = hashlib.sha256((COMMITTED / "measurements.csv.gz").read_bytes()).hexdigest()
    assert summary.settings["measurements"] == about["measurements"]
    assert about["measurements"]["sha256"] == digest
    for key in ("settings", "images", "git_commit", "cpu", "finished"):
        assert summary.settings[key] == about[key]
    for what in ("ciphers", "analyses"):
        codes = {name: one["code"] for name, one in summary.settings[what].items()}
        assert codes == {name: one["code"] for name, one in about[what].items()}
    assert set(summary.ciphers) == set(about["ciphers"])
    assert summary.cards == json.loads((COMMITTED / "cards.json").read_text("utf-8"))


def test_all_summaries_are_below_two_mebibytes() -> None:
    """Together, since the wheel carries them all."""
    sizes = [path.stat().st_size for path in SUMMARIES.iterdir()]
    assert 0 < sum(sizes) < LARGEST == 2 << 20
