"""The report as one HTML file that opens offline: everything that it shows lies inside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptobench.files import write_text
from cryptobench.layout.tables import Table
from cryptobench.report.html.page import html_page
from cryptobench.results.run import RunData

__all__ = ["html_page", "write_html"]


def write_html(out: Path, run: RunData, tables: Sequence[Table], skipped: Sequence[str]) -> Path:
    """Write report.html into the folder ``out``; ``skipped`` says what the run has no data for."""
    return write_text(out / "report.html", html_page(run, tables, skipped))
