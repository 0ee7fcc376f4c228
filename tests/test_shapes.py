"""Shapes of values: what fits passes, what does not is named with its place and what is wanted."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cryptobench.shapes import (
    DEEPEST,
    Misfit,
    Shape,
    anything,
    array,
    data,
    either,
    flag,
    hexadecimal,
    inner_path,
    mapping,
    nothing,
    number,
    one_of,
    record,
    string,
    text,
    whole,
)


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("shape", "fits", "misfits"),
    [
        (text, ["", "ä"], [None, 1, b"a", "\udc80"]),
        (string, ["\udc80"], [1]),
        (flag, [True, False], [1, "true", None]),
        (nothing, [None], [0, ""]),
        (data, [b"", b"\xff"], ["a", None]),
        (whole(1, 3), [1, 3], [0, 4, 1.0, True, "1", None, 10**400]),
        (number(0, 1), [0, 0.5, 1], [-0.1, math.nan, math.inf, True, "0", 10**400]),
        (number(finite=False), [math.inf, -math.inf], [math.nan]),
        (one_of(("a", "")), ["a", ""], ["b", None, 1]),
        (hexadecimal(2), ["00fF"], ["0", "00", "zz00", "٠٠٠٠", None]),
        (hexadecimal(), ["", "00"], ["0", "0x"]),
        (inner_path(), ["a", "a.b", "...c", "ü"], ["", "/a", "..", "a/b", "a\0", "x" * 256, "ü" * 128, 3]),
        (inner_path(2), ["kodak/1"], ["a/../b", "../a", "a/b/c", "/etc/passwd"]),
        (array(whole(), 1, 2), [[1], [1, 2]], [[], [1, 2, 3], [1.5], (1,), "1"]),
        (mapping(flag), [{}, {"a": True}], [{"a": 1}, [], {"\udc80": True}]),
        (
            record({"a": flag}, {"b": text}),
            [{"a": True}, {"a": True, "b": ""}],
            [{}, {"b": ""}, {"a": True, "c": 1}, 1],
        ),
        (record({}, others=whole()), [{"x": 1}], [{"x": "1"}]),
        (either(text, nothing), ["a", None], [1]),
        (
            anything,
            [None, [1, {"a": "b"}], _nested(DEEPEST)],
            [_nested(DEEPEST + 1), "\ud800", {"\ud800": 1}, math.nan],
        ),
    ],
)
def test_a_shape_tells_what_fits(shape: Shape, fits: list[Any], misfits: list[Any]) -> None:
    """Each shape takes the values that it is for, at its limits too, and refuses their neighbours."""
    for value in fits:
        shape(value, "")
    for value in misfits:
        with pytest.raises(Misfit):
            shape(value, "")


def test_a_misfit_names_its_place() -> None:
    """The line has the way to the value, the value, cut short where it is long, and what is wanted."""
    shape = record({"a": mapping(array(whole()))})
    with pytest.raises(Misfit, match=r"^a\.b\[1\] is 'x', wanted a whole number from 0$"):
        shape({"a": {"b": [1, "x"]}}, "")
    with pytest.raises(Misfit, match=r"^a is None, wanted a value$"):
        shape({}, "")
    with pytest.raises(Misfit) as refused:
        text([1] * 1000, "many")
    assert len(str(refused.value)) < 100
