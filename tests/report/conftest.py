"""One made-up run, shared by the report's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.synthetic import synthetic_run

SOME = ("caesar", "zhang2015", "aes-256-ctr", "arnold-cat", "aes-256-siv", "hua2021", "truncated-key", "chen2004")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight ciphers on a colour and a grey image, some cells of them broken. To be read only."""
    return synthetic_run(tmp_path_factory.mktemp("runs") / "full", SOME, trials=12)


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cipher on one grey image, nothing broken. To be read only."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return synthetic_run(folder, ["hua2021"], images=["camera"], trials=6, broken=False)
