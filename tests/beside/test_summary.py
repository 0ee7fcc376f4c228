"""The summary of a run: what it keeps, how precisely, and which digests."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cryptobench.beside.summary import kept, read_summary, summary_rows, write_summary
from cryptobench.measurement import Measurement, frame
from cryptobench.registry import code_version
from cryptobench.results.run import ReportError, RunData, run_in_memory


@pytest.fixture(scope="module")
def path(others: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the summary of a run of three ciphers."""
    path = tmp_path_factory.mktemp("summary") / "tiny.json.xz"
    assert write_summary(others, path) == path.stat().st_size < 30_000
    return path


def test_a_summary_is_read_as_written(others: RunData, path: Path) -> None:
    """All rows but single trials, in their order, with seven digits; cards, settings and images are the run's."""
    summary = read_summary(path)
    pd.testing.assert_frame_equal(summary.table, summary_rows(others.table))
    whole = kept(others.table)
    whole = whole[whole["trial"].isna()].reset_index(drop=True)
    assert 0 < len(summary.table) == len(whole) < len(others.table)
    np.testing.assert_allclose(summary.table["value"], whole["value"], rtol=1e-6)
    assert summary.cards == others.cards
    for key in ("settings", "images", "git_commit", "cpu", "measurements"):
        assert summary.settings[key] == others.settings[key]


def test_digests_are_those_with_and_without_prose(others: RunData, path: Path) -> None:
    """Of each cipher and task: the digest that the run kept, and today's without prose, since it is the same code."""
    about = read_summary(path).settings
    assert about["ciphers"]["caesar"] == {
        "code": others.settings["ciphers"]["caesar"]["code"],
        "meaning": code_version("cipher", "caesar", prose=False),
    }
    task = others.settings["analyses"]["attack:determinism"]
    meaning = code_version("attack", "determinism", prose=False)
    assert about["analyses"]["attack:determinism"] == task | {"meaning": meaning}


def test_no_digest_without_prose_of_other_code(others: RunData, tmp_path: Path) -> None:
    """Where a run's code is no longer today's, nobody can know what it meant."""
    write_summary(others, tmp_path / "s.json.xz", lambda *of, **prose: "other")
    about = read_summary(tmp_path / "s.json.xz").settings
    assert about["ciphers"] == others.settings["ciphers"]
    assert about["analyses"] == others.settings["analyses"]


def test_infinities_gaps_and_counts_are_kept(tmp_path: Path) -> None:
    """An infinite PSNR, a missing value and a whole number of ten digits are what they were; 0.1 has its digits."""
    values = [float("inf"), float("-inf"), None, 1234567890.0, 0.123456789, 1e-300, 0.0]
    rows = [Measurement("m", value, message="\"'\n,") for value in values]
    cells = {"cipher": "c", "analysis": "a", "seed": 1, "height": 2, "width": 2, "channels": 1, "image": "i"}
    run = run_in_memory(frame(row.row() | cells for row in rows), {"ciphers": {"c": {}}, "analyses": {"a": {}}})
    write_summary(run, tmp_path / "s.json.xz", lambda *of, **prose: "")
    table = read_summary(tmp_path / "s.json.xz").table
    wanted = [np.inf, -np.inf, np.nan, 1234567890.0, 0.1234568, 1e-300, 0.0]
    np.testing.assert_array_equal(table["value"], wanted)
    assert set(table["message"]) == {"\"'\n,"}
    assert table["height"].dtype == "Int64"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"no archive", "is no summary of a run"), (lzma.compress(b"[]"), "is no summary of a run"),
     (lzma.compress(b'{"summary": 99}'), "is of version 99, wanted 1")],
)  # fmt: skip
def test_damaged_files_are_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    """One line names the file."""
    (tmp_path / "s.json.xz").write_bytes(content)
    with pytest.raises(ReportError, match=rf"s\.json\.xz {reason}"):
        read_summary(tmp_path / "s.json.xz")


def test_runs_without_digests_are_refused(tmp_path: Path) -> None:
    """A measurement table alone makes no summary."""
    cells = {"cipher": "c", "analysis": "a", "seed": 1}
    with pytest.raises(ReportError, match=r"run\.json with digests"):
        write_summary(run_in_memory(frame([Measurement("m", 1.0).row() | cells])), tmp_path / "s.json.xz")
