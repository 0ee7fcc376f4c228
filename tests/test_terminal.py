"""Durations in words, and hints for misspelt names."""

from __future__ import annotations

import pytest

from cryptobench.terminal import duration, nearest


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")]
)
def test_durations_read_as_people_say_them(seconds, text):
    """Seconds, minutes and hours."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "known", "otherwise", "end"),
    [
        ("budgt", ["trials", "budget"], "", "; did you mean 'budget'?"),
        ("MEIN", ["Mine", "Other"], "see the docs", "; did you mean 'Mine'?"),
        ("xyz", ["trials", "budget"], "", "; known: trials, budget"),
        ("xyz", ["trials", "budget"], "see the docs", "; see the docs"),
        ("xyz", [], "", ""),
    ],
)
def test_a_near_name_comes_before_all_names(name, known, otherwise, end):
    """The nearest name whatever its case, else what the caller says, else all of them."""
    assert nearest(name, known, otherwise) == end
