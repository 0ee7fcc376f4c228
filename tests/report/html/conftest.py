"""The page of the run with attacks."""

from __future__ import annotations

import pytest

from cryptobench.layout.tables import Table
from cryptobench.report.html import html_page
from cryptobench.results.run import RunData


@pytest.fixture(scope="session")
def page(attacked: RunData, attacked_tables: dict[str, Table]) -> str:
    """Written once, with one thing that the run has no data for."""
    return html_page(attacked, list(attacked_tables.values()), ["figure x: the run holds no y"])
