"""The figures on the page about clusters follow from the committed run and from what was measured."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def make_cluster() -> ModuleType:
    """docs/make_cluster.py."""
    return load_script("docs/make_cluster.py")


def test_the_page_says_what_the_run_took(make_cluster: ModuleType) -> None:
    """Sums by an independent count over the measurement table, and the page as the script would write it."""
    seconds: dict[tuple[str, ...], float] = {}
    with gzip.open(make_cluster.REFERENCE / "measurements.csv.gz", "rt", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    places = [header.index(name) for name in (*make_cluster.CELL, "seconds")]
    for row in rows:
        *cell, spent = (row[place] for place in places)
        if spent:
            seconds.setdefault(tuple(cell), float(spent))
    cells = make_cluster.cells_of(make_cluster.REFERENCE)
    total, ciphers = sum(seconds.values()), len({cipher for cipher, *_ in seconds})
    assert len(cells) == len(seconds)
    assert sum(cells.values()) == pytest.approx(total)
    text = make_cluster.PAGE.read_text("utf-8")
    assert f"run of {ciphers} ciphers has {len(seconds):,} cells, which took {total:,.0f} core-" in text
    assert f"{1000 * total / ciphers / 3600:,.0f} core-hours" in text
    assert make_cluster.page(text, cells, json.loads(make_cluster.MEASURED.read_text("utf-8"))) == text


def test_a_simulated_run_takes_what_its_workers_take(make_cluster: ModuleType) -> None:
    """Equal cells are dealt out evenly, each with its overhead; timing comes after, one at a time."""
    row = {"cipher": "caesar", "image": "camera", "height": 16, "width": 16, "channels": 1, "analysis": "entropy"}
    one = make_cluster._cell(row, "{}")
    cells = {replace(one, image_name=f"{number}"): 1.0 for number in range(12)}
    assert make_cluster.simulated(cells, 4, 0.5).seconds == 4.5
    assert make_cluster.simulated(cells, 4, 0.5).efficiency == pytest.approx(2 / 3)
    cells |= {replace(one, image_name="x", alone=True): 2.0, replace(one, image_name="y", alone=True): 3.0}
    assert make_cluster.simulated(cells, 4, 0.5).seconds == 10.5
    long = {replace(one, image_name="z", analysis_name="differential", analysis="differential"): 9.0}
    assert make_cluster.simulated(long | cells, 4, 0.0).seconds == 9.0 + 5.0
