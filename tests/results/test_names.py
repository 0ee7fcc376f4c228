"""Marks behind the names of ciphers, and their legend."""

from __future__ import annotations

import pytest

from cryptobench.results.names import display_name, marks_legend


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
