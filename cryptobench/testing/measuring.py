"""Measurements for a test: through a run folder that keeps finished cells, or in this process."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.bench.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.cipher import Cipher

__all__ = ["measure_instance", "measure_reference"]


def measure_reference(reference: str, wanted: Settings, folder: Path) -> tuple[str, pd.DataFrame]:
    """The name and the rows of a cipher that workers can load, measured as `cryptobench run` does.

    Finished cells are kept under ``folder``.
    """
    from filelock import FileLock

    from cryptobench.bench.progress import Progress
    from cryptobench.bench.settled import run_until_settled
    from cryptobench.measurement import read_measurements

    stem = re.sub(r"[^A-Za-z0-9_.-]", "-", Path(reference.rpartition(":")[2]).name)
    place = folder / f"{stem}-{hashlib.sha256(reference.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):  # pytest-xdist may test one cipher in several processes
        run_until_settled(replace(wanted, ciphers=(reference,)), place, Progress(io.StringIO(), quiet=True))
        (name,) = json.loads((place / "cards.json").read_bytes())
        return name, read_measurements(place / "measurements.csv.gz")


def measure_instance(cipher: Cipher, wanted: Settings) -> pd.DataFrame:
    """Measure an instance in this process: the rows that a run of the same settings would have."""
    from cryptobench.bench.cell import decode_rows, failure
    from cryptobench.bench.measure import measure_here
    from cryptobench.bench.plan import make_plan
    from cryptobench.measurement import frame

    plan = make_plan(replace(wanted, ciphers=()), [cipher])
    breaches = plan.ciphers[0].breaches
    results = (
        [failure(cell, "failed", breaches[0], 0.0, final=False) for cell in plan.cells]
        if breaches
        else [result for _, result in measure_here(plan)]
    )
    return frame(row for result in results for row in decode_rows(result.rows))
