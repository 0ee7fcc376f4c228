"""Each breach of the contract is one line, and what a cipher replaces is put back."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cryptobench import libraries
from cryptobench.api import attack
from cryptobench.cipher import Cipher, ContractError
from cryptobench.contract import Harm, find_breaches, process_state
from tests.contract.breakers import BREACHES, HERE, InPlace, ReplacesNumpy, TextHeader
from tests.contract.harmful import HARMFUL, Elsewhere, LeavesThreads
from tests.contract.toys import Toy

ALL = BREACHES | HARMFUL


@pytest.mark.parametrize("toy", ALL, ids=lambda toy: toy.__name__)
def test_each_breach_is_one_line(toy: type[Cipher]) -> None:
    """The line names the cipher, what is wrong, what to write instead, and the place in the user's file."""
    LeavesThreads.end.clear()
    before = process_state()
    lines = find_breaches(toy())
    assert len(lines) == 1
    assert re.fullmatch(rf"toy: {ALL[toy]}(?: {HERE})?", lines[0])
    assert re.search(HERE, lines[0])
    assert lines[0].isprintable()
    LeavesThreads.end.set()
    assert process_state() == before


def test_replaced_functions_are_put_back() -> None:
    """What a cipher sets in NumPy is as it was after the look at it."""
    before = np.array_equal
    find_breaches(ReplacesNumpy())
    assert np.array_equal is before
    assert libraries.replaced() == []


def test_harm_is_told_from_other_breaches() -> None:
    """What changes the process is marked; a wrong answer is not."""
    toys: dict[type[Cipher], bool] = {ReplacesNumpy: True, Elsewhere: True, TextHeader: False, InPlace: False}
    assert {toy: [isinstance(line, Harm) for line in find_breaches(toy())] for toy in toys} == {
        toy: [harm] for toy, harm in toys.items()
    }


def test_replacements_of_others_are_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another library had replaced is no breach of this cipher; what was replaced since a given time is."""
    monkeypatch.setattr(np, "array_equal", re.match)
    assert find_breaches(Toy()) == []
    since = libraries.functions()
    monkeypatch.setattr(np, "array_equal", re.search)
    assert len(find_breaches(Toy(), since)) == 1


def test_attacks_refuse_a_broken_cipher() -> None:
    """`attack` says the line, and runs nothing, of an instance that only this process has."""

    class Here(TextHeader):
        pass

    with pytest.raises(ContractError, match=rf"^toy: {BREACHES[TextHeader]}( {HERE})?$"):
        attack(Here(), only=["determinism"])
