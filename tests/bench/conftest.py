"""Runs with toys: in this process, and as commands that can be stopped and killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cryptobench.bench import plan
from cryptobench.bench.cell import Cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.run import RunSummary
from cryptobench.bench.settings import Settings
from cryptobench.preflight import Preflight, preflights
from tests.bench.driving import ROOT, TOYS, run_toys, settings_of_toys


@pytest.fixture(scope="session", autouse=True)
def _toys_tried_once() -> Iterator[None]:
    """Runs in this process try each toy once for each limit of memory: that takes a process of its own."""
    known: dict[tuple[str, int | None], Preflight] = {}

    def try_new(references: Sequence[str], jobs: int | None = None, memory: int | None = None) -> dict[str, Preflight]:
        tried = preflights([one for one in references if (one, memory) not in known], jobs, memory)
        known.update({(one, memory): trial for one, trial in tried.items() if one.startswith(str(TOYS.parent))})
        return {one: tried.get(one) or known[one, memory] for one in references}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "preflights", try_new)
        yield


@pytest.fixture
def toy_settings() -> Callable[..., Settings]:
    """Settings of a small run with two toy ciphers; keywords replace some of them."""
    return settings_of_toys


@pytest.fixture
def toy_run(tmp_path: Path) -> Callable[..., tuple[RunSummary, pd.DataFrame]]:
    """Runs toys in a temporary folder: its summary, and its measurements."""

    def start(*arguments: Any, folder: str = "run", **changes: Any) -> tuple[RunSummary, pd.DataFrame]:
        return run_toys(tmp_path / folder, *arguments, **changes)

    return start


@pytest.fixture(scope="session")
def _toys_run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    run_toys(folder)
    return folder


@pytest.fixture
def finished_run(_toys_run_once: Path, tmp_path: Path) -> Path:
    """A folder of the test's own, ``run``, with a finished run of the settings of toys."""
    return Path(shutil.copytree(_toys_run_once, tmp_path / "run"))


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


@pytest.fixture
def attack_cells() -> Callable[..., Sequence[Cell]]:
    """The cells of a run of attacks only, on photographs and on one flat image."""

    def cells(attacks: dict[str, dict[str, Any]], **changes: Any) -> Sequence[Cell]:
        settings = {"images": ("flat-black", "astronaut", "camera"), "size": 48, "attack_sides": (16, 24)}
        return make_plan(settings_of_toys({}, **settings | {"attacks": attacks} | changes)).cells

    return cells
