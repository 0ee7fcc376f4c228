"""Rounding never says what is not so: p-values of 0, shares of 100 %."""

from __future__ import annotations

import pytest

from cryptobench.results.rounding import p_text, percentage


@pytest.mark.parametrize(("p_value", "text"), [(0.0, "<1e-300"), (5e-324, "4.9e-324"), (0.031415, "0.031"), (1.0, "1")])
def test_a_p_value_is_never_0(p_value: float, text: str) -> None:
    """What a float cannot hold is below what it can."""
    assert p_text(p_value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100.00%"), (0.99999, "99.99%"), (0.98765, "98.77%"), (0.0, "0.00%")]
)
def test_only_all_of_it_is_100_percent(share: float, text: str) -> None:
    """The one sample that an attack has wrong counts."""
    assert percentage(2)(share) == text
