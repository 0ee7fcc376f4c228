"""What tests of runs share besides fixtures."""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from click.testing import CliRunner, Result

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import RunSummary, run
from cryptobench.bench.settings import Settings
from cryptobench.bench.store import CellStore
from cryptobench.cli import main
from cryptobench.measurement import read_measurements

TOYS = Path(__file__).with_name("toys.py")
ROOT = TOYS.parents[2]


def toy(name: str) -> str:
    return f"{TOYS}:{name}"


def settings_of_toys(analyses: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Settings:
    """Settings of a small run of two toy ciphers with one worker; keywords replace some of them."""
    return Settings(
        **{
            "name": "toys",
            "ciphers": (toy("Xor"), toy("Shift")),
            "images": ("flat-black", "gradient"),
            "size": 16,
            "jobs": 1,
            "timeout": 60.0,
            "analyses": analyses if analyses is not None else {toy("Mean"): {}},
        }
        | changes
    )


def run_toys(folder: Path, *arguments: Any, **changes: Any) -> tuple[RunSummary, pd.DataFrame]:
    """Run toys with these settings in a folder: its outcome, and its measurements."""
    outcome = run(settings_of_toys(*arguments, **changes), folder, Progress(io.StringIO()))
    return outcome, read_measurements(folder / "measurements.csv.gz")


def invoke(settings: Settings, folder: Path, *arguments: str) -> Result:
    """Give ``cryptobench run`` in this process, with these settings and without a report."""
    profile = folder.with_name("toys.toml")
    profile.write_text(settings.toml())
    return CliRunner().invoke(main, ["run", f"--profile={profile}", "--no-report", f"--out={folder}", *arguments])


def finished_cells(folder: Path) -> int:
    """How many cells the store holds, read as any other program would."""
    if not (folder / CellStore.FILE).exists():
        return 0
    connection = sqlite3.connect(f"file:{folder / CellStore.FILE}?mode=ro", uri=True)
    try:
        count: int = connection.execute("SELECT count(*) FROM cells").fetchone()[0]
        return count
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)
