"""The page of what a quick run costs follows from the costs of one, and budgets what all cells may cost."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

DOCS = Path(__file__).resolve().parents[1] / "docs"
COSTS = {
    "cells": 60.0,
    "besides": 4.0,
    "calibration_seconds": 0.016,
    "calibrated": 4000.0,
    "analyses": {"timing": 30.0, "entropy": 2.5},
    "attacks": {"attack:weak_keys": 20.0, "attack:locality": 7.5},
    "ciphers": {"one": 50.0, "two": 10.0},
}
RUN = {"git_commit": "0123456789abcdef", "started": "2026-01-02T03", "cpu": "some", "settings": {"name": "quick"}}


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """docs/make_core_seconds.py."""
    return load_script("docs/make_core_seconds.py")


def test_the_page_is_that_of_its_run(made: ModuleType) -> None:
    """The script writes it anew as it is."""
    assert (DOCS / "core_seconds.md").read_text("utf-8") == made.page(json.loads(made.KEPT.read_text("utf-8")))


def test_budgets_come_to_what_a_run_may_cost(made: ModuleType) -> None:
    """400 core-seconds with the report; each name is one of the run's."""
    assert sum(made.BUDGET.values()) == 400
    costs = json.loads(made.KEPT.read_text("utf-8"))["costs"]
    rest = {"other analyses", "other attacks", "besides", "report"}
    assert made.BUDGET.keys() - rest <= costs["analyses"].keys() | costs["attacks"].keys()


def test_rows_are_what_the_run_says(made: ModuleType) -> None:
    """Those with a budget by name, the others summed, the report where it was measured, and what is over."""
    lines = made.page(made.kept(RUN | {"costs": COSTS}, 25.0)).splitlines()
    assert "| `timing` | 30.0 | 28 | 2.0 |" in lines
    assert "| `weak_keys` | 20.0 | 15 | 5.0 |" in lines
    assert "| other attacks | 7.5 | 31 |  |" in lines
    assert "| report | 25.0 | 20 | 5.0 |" in lines
    assert "| **sum** | **89** | **400** |  |" in lines
    assert "| `one` | 50.0 | 83.3% |" in lines
