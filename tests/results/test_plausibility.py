"""Printed numbers beside those of an ideal cipher: values by hand, rounding, sizes, what is refused."""

from __future__ import annotations

import doctest
import math
from typing import Any

import pytest

from cryptobench.results import plausibility
from cryptobench.results.plausibility import PlausibilityError, half_digit, plausible


@pytest.mark.parametrize(
    ("given", "size", "z", "answer"),
    [
        # mean 99.609375, deviation 6.23776 / sqrt(40000) = 0.0311888: (99.9800 - 0.00005 - mean) / deviation
        ({"npcr": "99.9800"}, "200x200x1", 11.88, "implausible (too good)"),
        ({"npcr": "99.9875"}, "200x200", 12.12, "implausible (too good)"),
        ({"npcr": "99.98"}, "200x200x1", 11.72, "implausible (too good)"),  # half a hundredth is allowed for
        ({"npcr": 99.87}, "", 10.49, "implausible (too good)"),  # at 256x256: deviation 0.0243662
        ({"npcr": 99.42}, "", -7.57, "not ideal"),
        ({"npcr": "99.61"}, "512x512x3", 0.0, "plausible"),  # the mean rounds to it
        ({"npcr": 100}, "200x200x1", 0.0, "plausible"),  # 99.61 rounds to 100
        ({"npcr": "100.0"}, "200x200x1", 10.92, "implausible (too good)"),
        # mean 33.463542, deviation 23.66284 / sqrt(n)
        ({"uaci": "33.4365"}, "200x200x1", -0.23, "plausible"),
        ({"uaci": 13.84}, "", -212.25, "not ideal"),
        ({"uaci": "34.2"}, "256x256x1", 7.43, "not ideal"),  # too high is no virtue either
        # mean 8 - 255 / (2 n ln 2), deviation sqrt(510) / (2 n ln 2)
        ({"entropy": "7.9998"}, "512x512x1", 7.33, "implausible (too good)"),
        ({"entropy": "7.9854"}, "256x256x1", -47.17, "not ideal"),
        ({"entropy": "7.9993"}, "512x512x1", 0.0, "plausible"),
    ],
)
def test_answers_are_those_by_hand(given: dict[str, Any], size: str, z: float, answer: str) -> None:
    """z to a hundredth (entropies to a quarter, whose moments here are exact), and the word."""
    (found,) = plausible(**given, size=size)
    assert found.z == pytest.approx(z, abs=0.25 if "entropy" in given else 0.006)
    assert found.answer == answer
    assert found.outside == (answer != "plausible")


@pytest.mark.parametrize(
    ("size", "npcr", "uaci", "mean", "entropy"),
    [
        ("200x200x1", 0.0312, 0.1183, 7.99540, 0.00041), ("256x256x3", 0.0141, 0.0534, 7.99906, 0.00008),
        ("512x512x3", 0.0070, 0.0267, 7.99977, 0.00002),
    ],
)  # fmt: skip
def test_moments_are_those_of_uniform_bytes(size: str, npcr: float, uaci: float, mean: float, entropy: float) -> None:
    """Deviations of NPCR, UACI and entropy to the printed digit, and the mean of the entropy."""
    found = plausible(99.6, 33.4, 7.99, size=size)
    assert [round(one.deviation, 4) for one in found[:2]] == [npcr, uaci]
    assert (round(found[2].expected, 5), round(found[2].deviation, 5)) == (mean, entropy)


def test_the_limit_is_five_deviations() -> None:
    """One sample more changed, and the answer is another; a mean of 25 images has a fifth of the deviation."""
    n = 200 * 200
    edge = 99.609375 + 5 * 6.23776 / math.sqrt(n)
    inside, outside = (plausible(f"{edge + step:.8f}", size="200x200x1")[0] for step in (-0.001, 0.001))
    assert (inside.answer, outside.answer) == ("plausible", "implausible (too good)")
    (mean,) = plausible("99.6700", size="200x200x1", mean_of=25)
    assert mean.z == pytest.approx(9.71, abs=0.01)
    assert not plausible("99.6700", size="200x200x1")[0].outside


def test_entropy_without_size_is_judged_above() -> None:
    """A low one may come from a small picture; of 7.99990 nobody can say, of 7.99995 the question is asked."""
    answers = [one.answer for one in plausible(entropy=["7.2", "7.9999", "7.99995"])]
    assert answers == ["not judged", "not judged", "implausible (too good)"]
    assert str(plausible(entropy=7.2)[0]) == "not judged"


def test_several_numbers_keep_their_order() -> None:
    """NPCR first, then UACI, then entropy, each as printed."""
    found = plausible(["99.60", 99.7], "33.5", [7.99], size="64x64")
    assert [(one.metric, one.printed) for one in found] == [
        ("npcr", "99.60"), ("npcr", "99.7"), ("uaci", "33.5"), ("entropy", "7.99"),
    ]  # fmt: skip
    assert {one.samples for one in found} == {4096}
    assert str(plausible("33.46", size="64x64")[0]).startswith("not ideal, z -")
    assert str(plausible(uaci="33.4600", size="512x512x3")[0]) == "plausible, z -0.1"


@pytest.mark.parametrize(
    ("printed", "half"), [("99.9800", 0.00005), (99.98, 0.005), (7, 0.5), ("1e60", 0.5e60), ("inf", 0.0)]
)
def test_zeros_at_the_end_count(printed: float | str, half: float) -> None:
    """Half a unit of the last printed digit."""
    assert half_digit(printed) == pytest.approx(half)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "there is nothing to judge"),
        ({"npcr": 100.1}, "NPCR '100.1' is none that can be printed, wanted percent from 0 to 100"),
        ({"uaci": "33,4"}, "UACI '33,4' is none that can be printed"),
        ({"uaci": "nan"}, "UACI 'nan' is none that can be printed"),
        ({"entropy": "8.1"}, "entropy '8.1' is none that can be printed, wanted bits from 0 to 8"),
        ({"npcr": 99.6, "size": "200"}, "'200' is no size, wanted HEIGHTxWIDTHxCHANNELS"),
        ({"npcr": 99.6, "size": "0x5"}, "'0x5' is no size"),
        ({"npcr": 99.6, "size": "15x17"}, "15x17x1 has 255 samples; to judge NPCR 256 to"),
        ({"entropy": 7.9, "size": "63x65"}, "63x65x1 has 4095 samples; to judge entropy 4096 to"),
        ({"npcr": 99.6, "size": "999999x999999"}, "999999x999999x1 has 999998000001 samples"),
        ({"npcr": 99.6, "mean_of": 0}, "mean_of is 0, wanted the number of images"),
    ],
)
def test_what_cannot_be_judged_is_refused(given: dict[str, Any], message: str) -> None:
    """One line that says what was given and what is wanted."""
    with pytest.raises(PlausibilityError) as caught:
        plausible(**given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_the_example_holds() -> None:
    """The call in the docstring prints what it says."""
    assert doctest.testmod(plausibility).attempted == 1
    assert doctest.testmod(plausibility).failed == 0
