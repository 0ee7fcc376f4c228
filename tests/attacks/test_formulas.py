"""Query formulas: every attack that can recover an image has one, and the documentation has the same."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from cryptobench.attacks.query_formula import REFERENCE_SAMPLES, queries_at
from cryptobench.registry import attack_names, load_attack
from tests.attacks.keyed_toys import photograph
from tests.attacks.test_power import run

ROWS = re.findall(r"^\| [A0-9]* ?\| `(\w+)` \| \w+ \| (.*?) \| ", Path("docs/attacks.md").read_text(), re.MULTILINE)


def sources(name: str) -> str:
    """The text of the attack's file, and of those beside it in a folder of its own."""
    file = Path(inspect.getfile(type(load_attack(name))))
    files = file.parent.glob("*.py") if file.name == "attack.py" else [file]
    return "".join(one.read_text() for one in files)


@pytest.mark.parametrize("name", attack_names())
def test_what_recovers_has_a_formula(name: str) -> None:
    """By class or by result; it can be read, and gives a number of queries at 512x512x3. What recovers nothing has
    none."""
    formula, text = load_attack(name).formula, sources(name)
    assert bool(formula or "formula=" in text) == ("recovered=" in text)
    if formula:
        assert 0 < queries_at(formula) <= 131 * REFERENCE_SAMPLES


def test_documentation_has_the_same_formulas() -> None:
    """In the column of queries, as the class has it."""
    documented = dict(ROWS)
    formulas = {name: load_attack(name).formula for name in attack_names()}
    wrong = {name: one for name, one in formulas.items() if one and f"`{one}`" not in documented.get(name, "")}
    assert wrong == {}


@pytest.mark.parametrize(
    ("attack", "cipher", "side", "channels", "formula"),
    [
        ("codebook", "add-chain", 6, 1, "N + 5"), ("codebook", "xor-chain", 6, 1, "N + 11"),
        ("bit_plane_lifting", "two-way-chain", 6, 1, "N + 21"),
        ("permutation", "permutation-only", 16, 3, "ceil(log256(N)) + 1"),
        ("keystream_reuse", "xor-pad", 8, 3, "2"), ("header_replay", "public-hash", 16, 3, "2"),
    ],
)  # fmt: skip
def test_formulas_follow_from_what_is_found(attack: str, cipher: str, side: int, channels: int, formula: str) -> None:
    """They give the queries made at the size attacked, and no more at the reference size than they have to."""
    one = run(attack, cipher, photograph(side, side, channels))
    assert (one.outcome, one.formula) == ("recovered", formula)
    assert one.queries.total <= queries_at(formula, side * side * channels) <= one.queries.total + 2


def test_attacks_inside_a_class_count_once() -> None:
    """What was asked before the attack that opens the class, its own formula, and one query that confirms."""
    one = run("state_class", "xor-keyed-chain", photograph(16, 16))
    samples = 16 * 16
    assert one.outcome == "recovered"
    assert one.queries.total <= queries_at(one.formula, samples) <= one.queries.total + 64
