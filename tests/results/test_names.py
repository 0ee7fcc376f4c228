"""Marks behind the names of ciphers, and their legend."""

from __future__ import annotations

import pytest

from cryptobench.results.names import display_name, grade_counts, grades_text, marks_legend


@pytest.mark.parametrize(("fidelity", "shown"), [("A", "x"), ("A-", "x"), ("B+", "x [B+]"), ("C", "x [C]"), ("", "x")])
def test_other_fidelity_than_a_is_marked(fidelity: str, shown: str) -> None:
    """B and C stand behind the name."""
    assert display_name("x", fidelity) == shown


def test_our_own_mark_comes_last() -> None:
    """Behind the fidelity, once."""
    assert display_name("x", "C", ours=True) == "x [C] (ours)"


def test_the_legend_explains_what_occurs() -> None:
    """Each mark once, in the order B, C, ours; nothing where nothing is marked."""
    legend = marks_legend(["C+", "A", "B", "C"], "this work")
    assert [legend.index(mark) for mark in ("[B]:", "[C]:", "(ours): this work.")] == sorted(
        legend.index(mark) for mark in ("[B]:", "[C]:", "(ours): this work.")
    )
    assert legend.count("[C]") == 1
    assert marks_legend(["A", ""]) == ""
    assert marks_legend(["B"], form="{}").startswith("B: ")


def test_grades_are_counted_without_their_steps() -> None:
    """B+ and B- are B; a letter that no scheme has is none."""
    counts = grade_counts(["B+", "A", "B-", "B"])
    assert counts == {"A": 1, "B": 3, "C": 0}
    assert grades_text(counts) == "Published schemes here: 1 A (full algorithm from a source), 3 B, 0 C."
    assert grades_text(grade_counts([])) == ""
