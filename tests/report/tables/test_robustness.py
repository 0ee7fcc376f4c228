"""Tables of damage: levels as people write them, and ciphers that reject."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.layout.tables import Table
from cryptobench.report.tables.robustness import damage_of, level_text
from tests.report.tables.rows import row_of


@pytest.mark.parametrize(
    ("level", "text"), [("0.25", "1/4"), ("0.015625", "1/64"), ("0.05", "0.05"), ("5", "5"), ("x", "x")]
)
def test_levels_read_as_people_write_them(level: str, text: str) -> None:
    """Shares that are powers of one half are fractions."""
    assert level_text(level) == text


def test_damage_is_its_kind_and_place() -> None:
    """A kind without a place stands alone."""
    rows = pd.DataFrame({"condition": ["occlusion", "gaussian"], "place": ["corner", ""]})
    assert damage_of(rows).tolist() == ["occlusion corner", "gaussian"]


def test_a_rejected_ciphertext_reads_rejected(full_tables: dict[str, Table]) -> None:
    """An authenticated cipher's damaged ciphertexts have no PSNR and are no error."""
    row = row_of(full_tables["robustness_occlusion"], cipher="aes-256-siv", image="astronaut")
    assert row["occlusion corner 1/4"] == "rejected"
    errors = full_tables["errors"].values
    assert not ((errors["cipher"] == "aes-256-siv") & (errors["analysis"] == "robustness")).any()


def test_traces_stand_by_kind_place_and_level(full_tables: dict[str, Table]) -> None:
    """Each in a column of its own; what has no place has a dash."""
    shown = full_tables["traceability"].display()
    assert set(shown["damage"]) == {"occlusion", "lost rows"}
    assert set(shown.loc[shown["damage"] == "occlusion", "place"]) == {"corner", "centre"}
    assert set(shown.loc[shown["damage"] == "lost rows", "place"]) == {"–"}
    assert shown["level"].tolist()[:4] == ["1", "4", "1/64", "1/16"]
