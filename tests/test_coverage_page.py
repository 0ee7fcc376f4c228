"""docs/coverage.md: every name is one, and every point has an answer or says what is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cryptobench.registry import analysis_names, attack_names, load_attack
from cryptobench.report.tables import TABLES

PAGE = (Path(__file__).parents[1] / "docs" / "coverage.md").read_text(encoding="utf-8")
NAMES = {"analyses": set(analysis_names()), "tables": set(TABLES), "attacks": set(attack_names())}


def rows(section: int) -> list[dict[str, str]]:
    """The table below a heading, by its columns."""
    lines = [line for line in PAGE.split("\n## ")[section].splitlines() if line.startswith("|")]
    head, _, *cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in cells]


@pytest.mark.parametrize("column", NAMES)
def test_every_name_on_the_page_exists(column: str) -> None:
    """Analyses and attacks are registered, tables are a report's; nothing else stands in their columns."""
    for row in (*rows(1), *rows(2)):
        names = re.findall(r"`(\w+)`", row[column])
        assert set(names) <= NAMES[column], row["what is asked"]
        assert row[column] == ", ".join(f"`{name}`" for name in names)


def test_twenty_points_are_answered() -> None:
    """And every rule, by a measurement, an attack, or by what is left."""
    assert [row["point"] for row in rows(1)] == [str(number) for number in range(1, 21)]
    for row in (*rows(1), *rows(2)):
        assert row["analyses"] or row["attacks"]
        assert not (row["tables"] == "" and row["what is left to you"] == "")


def test_every_analysis_of_any_cipher_is_there() -> None:
    """But for those of learned ciphers alone."""
    named = {name for row in (*rows(1), *rows(2)) for name in re.findall(r"`(\w+)`", row["analyses"])}
    assert NAMES["analyses"] - named == {"network", "generalisation"}


def test_every_attack_on_any_cipher_is_there() -> None:
    """But for those on one published scheme."""
    named = {name for row in (*rows(1), *rows(2)) for name in re.findall(r"`(\w+)`", row["attacks"])}
    published = {name for name in NAMES["attacks"] if ".published." in load_attack(name).__module__}
    assert NAMES["attacks"] - named == published
