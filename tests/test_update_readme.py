"""The script that puts results into the README."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/update_readme.py."""
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "docs" / "update_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """What the script reads of a run, and a checkout beside it with an older heat map."""
    for folder in ("run/tables", "run/figures", "checkout/docs/pictures"):
        (tmp_path / folder).mkdir(parents=True)
    about = {
        "settings": {"name": "quick", "seed": 7, "ciphers": ["toy", "other"]}, "cells": {"total": 12},
        "cpu": "a processor", "cpu_count": 2,
    }  # fmt: skip
    (tmp_path / "run" / "run.json").write_text(json.dumps(about))
    table = "| cipher | image | bits |\n|---|---|---|\n| a\\|b | astronaut | 256 |"
    (tmp_path / "run" / "tables" / "summary.md").write_text(f"# At a glance\n\n{table}\n\nWhat it means.\n")
    for name in ("heatmap.png", "heatmap_one_column.png"):
        (tmp_path / "run" / "figures" / name).write_bytes(b"new")
    (tmp_path / "checkout" / "docs" / "pictures" / "heatmap_9.png").write_bytes(b"old")
    return tmp_path


def test_what_stands_between_the_markers_is_replaced(script: ModuleType, finished: Path) -> None:
    """The table without its image column, how it was measured, and the heat map; the rest of the page stays."""
    readme = finished / "checkout" / "README.md"
    readme.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    script.update(finished / "run", finished / "checkout")
    text = readme.read_text()
    assert text.startswith(f"before\n{script.BEGIN}")
    assert text.endswith(f"{script.END}\nafter\n")
    assert "| cipher | bits |" in text
    assert "| a\\|b | 256 |" in text
    assert "--profile quick` (12 cells, seed 7, a processor, 2 cores). What it means." in text
    assert "old" not in text
    assert [path.name for path in (finished / "checkout" / "docs" / "pictures").iterdir()] == ["heatmap.png"]


@pytest.mark.parametrize("text", ["no markers", "<!-- results: begin --> and no end", "<!-- results: end -->"])
def test_a_readme_without_markers_is_left_alone(text: str, script: ModuleType, finished: Path) -> None:
    """Nothing is appended, and nothing after the first marker is lost."""
    readme = finished / "checkout" / "README.md"
    readme.write_text(text)
    with pytest.raises(script.Refused, match="lacks"):
        script.update(finished / "run", finished / "checkout")
    assert readme.read_text() == text
    assert (finished / "checkout" / "docs" / "pictures" / "heatmap_9.png").exists()


def test_a_run_without_report_is_refused(script: ModuleType, finished: Path) -> None:
    """The message names the file that is missing and the command that writes it."""
    (finished / "checkout" / "README.md").write_text(f"{script.BEGIN}{script.END}")
    (finished / "run" / "tables" / "summary.md").unlink()
    with pytest.raises(script.Refused, match=r"summary\.md is missing; `cryptobench run`"):
        script.update(finished / "run", finished / "checkout")
