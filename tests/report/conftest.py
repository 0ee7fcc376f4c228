"""Made-up runs shared by the report's tests. All of them are to be read only."""

from __future__ import annotations

from pathlib import Path

import pytest

from cryptobench.layout.tables import Table
from cryptobench.report.tables import make_tables
from cryptobench.results.run import RunData, load_run
from tests.report.html_run import attacked_run
from tests.report.synthetic import synthetic_run

SOME = ("caesar", "zhang2015", "aes-256-ctr", "arnold-cat", "aes-256-siv", "hua2021", "truncated-key", "chen2004")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight ciphers on a colour and a grey image; some cells did not finish."""
    return synthetic_run(tmp_path_factory.mktemp("runs") / "full", SOME, trials=12)


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cipher on one grey image; every cell finished."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return synthetic_run(folder, ["hua2021"], images=["camera"], trials=6, unfinished=False)


@pytest.fixture(scope="session")
def attacked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four ciphers with attacks, cards and hostile texts."""
    return attacked_run(tmp_path_factory.mktemp("runs") / "attacked")


@pytest.fixture(scope="session")
def full(run_folder: Path) -> RunData:
    """The run of eight ciphers."""
    return load_run(run_folder)


@pytest.fixture(scope="session")
def full_made(full: RunData) -> tuple[list[Table], list[str]]:
    """The tables of the run of eight ciphers, and a line for each that it has no data for."""
    return make_tables(full)


@pytest.fixture(scope="session")
def full_tables(full_made: tuple[list[Table], list[str]]) -> dict[str, Table]:
    """The tables of the run of eight ciphers, by name."""
    return {table.name: table for table in full_made[0]}


@pytest.fixture(scope="session")
def own_tables(full: RunData) -> dict[str, Table]:
    """The same tables in a report with --mine hua2021."""
    return {table.name: table for table in make_tables(full.only(mine="hua2021"))[0]}


@pytest.fixture(scope="session")
def attacked(attacked_folder: Path) -> RunData:
    """The run with attacks."""
    return load_run(attacked_folder)


@pytest.fixture(scope="session")
def attacked_tables(attacked: RunData) -> dict[str, Table]:
    """The tables of the run with attacks, by name."""
    return {table.name: table for table in make_tables(attacked)[0]}
