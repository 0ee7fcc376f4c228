import math

import numpy as np
import pytest

from cryptobench.analyses.base import attempt, member, planes_and_all, result_row, shape_difference, unjudged
from cryptobench.metrics.result import Result


def declines() -> Result:
    raise ValueError("too small, wanted 2x2")


def test_a_metric_that_declines_becomes_a_row():
    """A metric's ValueError is the message of an unsupported row."""
    row = result_row("baci", attempt(declines), 0.05, channel="R")
    assert (row.value, row.status, row.message, row.verdict) == (None, "unsupported", "too small, wanted 2x2", "none")
    assert row.channel == "R"


def test_other_errors_are_not_hidden():
    """Only ValueError is a metric's way to decline."""
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 // 0)


def test_what_has_no_finite_value_is_unsupported():
    """Neither a missing result nor nan becomes a number."""
    for outcome in (None, Result(math.nan), Result(math.inf)):
        row = result_row("correlation", outcome, 0.05)
        assert (row.value, row.status) == (None, "unsupported")
    assert member({"horizontal": Result(1.0)}, "vertical") is None
    assert member("declined", "vertical") == "declined"


def test_unjudged_keeps_the_comparison():
    """Without its verdict a row still shows expected value and interval."""
    row = unjudged(result_row("npcr", Result(99.0, 99.6, 99.5, None, 0.001), 0.05))
    assert (row.p_value, row.verdict, row.expected, row.low) == (None, "none", 99.6, 99.5)


def test_planes_and_the_whole():
    """A colour image is its three planes and all of it; a grey one is its plane twice."""
    colour = np.zeros((4, 5, 3), np.uint8)
    assert [(name, part.shape) for name, part in planes_and_all(colour)] == [
        ("R", (4, 5)), ("G", (4, 5)), ("B", (4, 5)), ("all", (4, 5, 3)),
    ]  # fmt: skip
    assert [name for name, _ in planes_and_all(colour[..., 0])] == ["grey", "all"]
    assert shape_difference(colour, colour) == ""
    assert "(4, 5)" in shape_difference(colour, colour[..., 0])
