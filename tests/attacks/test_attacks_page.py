"""docs/attacks.md says of levels, claims, models and sizes what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from cryptobench.attacks.base import CLAIMS
from cryptobench.attacks.judgements import INTEGRITIES, LEVELS, MINIMUM, MINIMUM_CCA, MINIMUM_FRESH
from cryptobench.bench.settings import settings
from cryptobench.registry import attack_names, load_attack

PAGE = (Path(__file__).parents[2] / "docs" / "attacks.md").read_text(encoding="utf-8")


def between(start: str, end: str) -> str:
    return PAGE.partition(start)[2].partition(end)[0]


def test_the_levels_are_those_of_the_code() -> None:
    """Each with the words that reports use, and every word for integrity, the worst first."""
    levels = re.findall(r"^\| ([0-5]) \| (.*) \|$", between("| level | meaning |", "With one nonce"), re.MULTILINE)
    assert levels == [(str(level), words) for level, words in enumerate(LEVELS)]
    words = re.findall(
        r"^\| ([a-z ]+) \|", between("| integrity | meaning |\n", "The worst that was seen"), re.MULTILINE
    )
    assert tuple(words) == INTEGRITIES


def test_the_minimum_set_is_that_of_the_code() -> None:
    """In both parts: for levels, and for integrity."""
    plain, _, chosen = between("**Without a stated minimum set", "What is known all the same").partition(
        "for integrity"
    )
    assert sorted(re.findall(r"`(\w+)`", plain)) == sorted({*MINIMUM, *MINIMUM_FRESH})
    assert sorted(re.findall(r"`(\w+)`", chosen)) == sorted(MINIMUM_CCA)


def test_numbers_and_models_are_those_of_attacks() -> None:
    """One row an attack."""
    rows = re.findall(r"^\| (A\d+|) ?\| `(\w+)` \| (\w{3}) \|", PAGE, re.MULTILINE)
    attacks = [load_attack(name) for name in attack_names()]
    assert sorted(rows) == sorted((one.identifier, one.name, one.model) for one in attacks)


def test_claims_that_count_are_those_of_results() -> None:
    """In the section on attacks of one's own."""
    assert set(re.findall(r"`(\w+)`", between("for the judgements (", ")"))) == set(CLAIMS)


def test_how_often_attacks_are_tried_is_counted() -> None:
    """Sizes and nonce modes of the standard profile: the bound on wrong judgements follows."""
    standard = settings("standard")
    tried, own = 0, set()
    for name, parameters in standard.attacks.items():
        one, sides = load_attack(name), parameters.get("sides")
        if sides:
            own.add(name)
        fit = [side for side in sides or standard.attack_sides if one.largest_side is None or side <= one.largest_side]
        tried += (len(fit) + (one.largest_side is None)) * len({"fresh", "fixed"}.intersection(one.modes))
    assert f"{tried} times in the standard profile" in PAGE
    assert tried * 1e-6 <= 1 / 5000
    listed = between("The built-in profiles give ", "sides of their own")
    assert {*re.findall(r"`(\w+)`", listed), "wang2022_orders"} == own
