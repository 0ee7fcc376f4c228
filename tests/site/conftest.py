"""A small site, of the made-up run with attacks and hostile texts, written once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cryptobench.results.run import RunData, load_run
from cryptobench.site import write_site
from tests.report.html_run import attacked_run
from tests.report.synthetic import synthetic_run

_TEST = {"task": "attack:reuse", "metric": "statistic", "nonce": "fresh", "image": "32x32x3", "seeds": 1000}
_LEVELS = ((0.05, 0.048, "ok", ""), (1e-6, 0.0, "conservative", "whole counts"))


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four ciphers with attacks, cards and hostile texts."""
    return attacked_run(tmp_path_factory.mktemp("site") / "attacked")


@pytest.fixture(scope="session")
def run(run_folder: Path) -> RunData:
    """The same, read."""
    return load_run(run_folder)


@pytest.fixture(scope="session")
def calibration_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two levels of one test on two sources, and detections of two tests on a control and on a sound cipher."""
    folder = tmp_path_factory.mktemp("calibration")
    alarms = [
        _TEST | {"level": level, "rate": rate, "low": 0.03, "high": 0.06, "verdict": verdict, "note": note}
        | {"source": source, "verdicts": 1000, "statistic": ""}
        for level, rate, verdict, note in _LEVELS
        for source in ("all", "ideal")
    ]  # fmt: skip
    pd.DataFrame(alarms).to_csv(folder / "false_alarms.csv", index=False)
    detections = [
        {"task": task, "test": test, "source": source, "sound": sound, "defect": "" if sound else "equal shifts"}
        | {"seeds": 20, "detections": count, "rate": count / 20}
        for task, test in (("attack:reuse", "reuse"), ("entropy", "global entropy"))
        for source, sound, count in (("caesar", False, 20), ("ideal", True, 0))
    ]
    pd.DataFrame(detections).to_csv(folder / "detections.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def site(run_folder: Path, calibration_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, pictures as the run kept them."""
    out = tmp_path_factory.mktemp("site") / "pages"
    write_site(run_folder, out, calibration=calibration_folder, docs="docs", pictures=False)
    return out


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """One cipher on a colour image, every analysis finished, no picture kept."""
    folder = tmp_path_factory.mktemp("site") / "small"
    return load_run(
        synthetic_run(folder, ["hua2021"], images=["astronaut"], trials=6, pictures=False, unfinished=False)
    )
