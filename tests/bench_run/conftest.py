"""Runs with toys: in this process, and as commands that can be stopped and killed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from driving import ROOT, toy

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import Outcome, run
from cryptobench.bench.settings import Settings
from cryptobench.measurement import read_measurements


@pytest.fixture
def toy_settings() -> Callable[..., Settings]:
    """Settings of a small run with two toy ciphers; keywords replace some of them."""

    def make(analyses: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Settings:
        return Settings(
            **{
                "name": "toys",
                "ciphers": (toy("Xor"), toy("Shift")),
                "images": ("flat-black", "gradient"),
                "size": 16,
                "jobs": 2,
                "timeout": 60.0,
                "analyses": analyses if analyses is not None else {toy("Mean"): {}},
            }
            | changes
        )

    return make


@pytest.fixture
def toy_run(toy_settings: Callable[..., Settings], tmp_path: Path) -> Callable[..., tuple[Outcome, pd.DataFrame]]:
    """Runs toys in a temporary folder: its outcome, and its measurements."""

    def start(*arguments: Any, folder: str = "run", **changes: Any) -> tuple[Outcome, pd.DataFrame]:
        settings = toy_settings(*arguments, **changes)
        outcome = run(settings, tmp_path / folder, Progress(io.StringIO()))
        return outcome, read_measurements(tmp_path / folder / "measurements.csv.gz")

    return start


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``cryptobench run`` on toy settings in a process group of its own; killed when the test ends."""
    started: list[subprocess.Popen[str]] = []

    def start(settings: Settings, *arguments: str, folder: str = "run", **options: Any) -> subprocess.Popen[str]:
        profile = tmp_path / "toys.toml"
        profile.write_text(settings.toml())
        line = [sys.executable, "-m", "cryptobench", "run", "--profile", str(profile), "--no-report"]
        process = subprocess.Popen(
            [*line, "--out", str(tmp_path / folder), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True, **options,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()
