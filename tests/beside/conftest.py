"""A tiny run of three ciphers, and the same of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import run
from cryptobench.bench.settings import Settings, settings
from cryptobench.results.run import RunData, load_run

TIMING = {"runs": 2, "warmups": 0, "sides": [16], "scaling_runs": 1, "budget": 0.01}
ANALYSES: dict[str, dict[str, Any]] = {"entropy": {}, "differential": {"trials": 2}, "timing": TIMING}


def wanted(*ciphers: str, **changed: Any) -> Settings:
    """Settings of a tiny run."""
    values: dict[str, Any] = {"images": ("astronaut", "camera"), "size": 16, "jobs": 1, "attack_sides": (8,)}
    return settings("quick", ciphers=ciphers, **(values | {"analyses": ANALYSES, "attacks": ["determinism"]} | changed))


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """Three ciphers, measured once."""
    folder = tmp_path_factory.mktemp("beside") / "others"
    run(wanted("caesar", "xor-pad", "aes-256-ctr"), folder, Progress(quiet=True))
    return load_run(folder)


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one cipher."""
    folder = tmp_path_factory.mktemp("beside") / "own"
    run(wanted("arnold-cat"), folder, Progress(quiet=True))
    return folder
