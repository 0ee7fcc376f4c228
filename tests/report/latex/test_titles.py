"""Column titles are split and wrapped."""

from __future__ import annotations

import pytest

from cryptobench.report.latex.titles import split_title, wrapped


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("fresh: strict: largest", ("fresh", "strict: largest")),
        ("NPCR %, mean", ("NPCR %", "mean")),
        ("H plain", ("H", "plain")),
        ("Gaussian 10", ("Gaussian", "10")),
        ("mean", ("", "mean")),
    ],
)
def test_titles_are_split_where_neighbours_share_them(title: str, parts: tuple[str, str]) -> None:
    """A mode, a metric or a kind is shared; the rest is the column's own."""
    assert split_title(title) == parts


def test_titles_are_wrapped_at_words() -> None:
    """No word is cut."""
    assert wrapped("largest abs. correlation", 5) == ["largest", "abs.", "correlation"]
