"""The table of time: programs are told from code."""

from __future__ import annotations

from typing import Any

from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables.cost import TABLES
from cryptobench.results.run import run_in_memory
from tests.report.tables.rows import row_of


def _rows(cipher: str, message: str, memory: float | None) -> list[dict[str, Any]]:
    found = [
        Measurement("encrypt_time", 0.02, statistic="median", unit="s", message=message),
        Measurement("key_setup_time", 0.01, statistic="median", unit="s", message=message),
        Measurement("peak_memory", memory, unit="byte"),
    ]
    fields = {"cipher": cipher, "family": "mine", "fidelity": "A", "image": "coffee", "analysis": "timing"}
    return [{**fields, "channels": 3, "seed": 1, **row.row()} for row in found]


def test_programs_are_marked_in_times() -> None:
    """A column and a sentence say so, where there are programs; without any the table is as it was."""
    code = _rows("code", "1x1 pixels", 2.0**20)
    program = _rows("mine", "1x1 pixels; a program: with the time of its start and of pictures", None)
    both, alone = (TABLES[0](run_in_memory(frame(rows))) for rows in (code + program, code))
    assert row_of(both, cipher="mine")["timed as"] == "program"
    assert row_of(both, cipher="mine")["peak memory MiB"] == "–"
    assert row_of(both, cipher="code")["timed as"] == "code"
    assert "Such times do not compare with others." in both.caption
    assert "timed as" not in alone.display().columns
    assert "program" not in alone.caption
