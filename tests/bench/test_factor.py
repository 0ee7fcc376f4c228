"""What sets apart a task or a cipher, learned from few cells."""

import pytest

from cryptobench.bench.factor import Factor


def test_others_count_not_their_cells():
    """A hundred cells of one cipher in a sixteenth count as one of it does; a second cipher counts as much."""
    once, often = Factor(), Factor()
    once.add("one", 1.0, 16.0, 1.0)
    for _ in range(100):
        often.add("one", 0.01, 0.16, 1.0)
    assert often.value(1.0, 0.0, 1.0) == pytest.approx(once.value(1.0, 0.0, 1.0)) == pytest.approx(1 / 4)
    often.add("two", 1.0, 16.0, 1.0)
    assert often.value(1.0, 0.0, 1.0) == pytest.approx(16 ** (-2 / 3))


def test_load_that_is_believed_later_is_given_back():
    """What was not believed to be the load's when a cell was seen, and is now, is not counted as the task's."""
    factor = Factor()
    factor.add("one", 2.718281828, 1.0, 0.0)
    assert factor.value(0.0, 1.0, 0.0) == pytest.approx(2.718281828)
    assert factor.value(0.0, 1.0, 1.0) == pytest.approx(1.0)


def test_nothing_expected_says_nothing():
    """A cell that was expected to take no time at all leaves the factor at 1."""
    factor = Factor()
    assert factor.value(1.0, 0.0, 1.0) == 1.0
    factor.add("one", 5.0, 0.0, 1.0)
    assert factor.value(1.0, 0.0, 1.0) == 1.0
