"""A made-up run shared by the tests of reading runs. To be read only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.conftest import SOME
from tests.report.synthetic import synthetic_run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight ciphers on a colour and a grey image, three pictures of each."""
    return synthetic_run(tmp_path_factory.mktemp("runs") / "eight", SOME, ["entropy", "quality"], trials=2)
