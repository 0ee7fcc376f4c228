"""Each breach of the contract is one line, and what a cipher replaces is put back."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cryptobench import libraries
from cryptobench.api import attack
from cryptobench.cipher import Cipher, ContractError
from cryptobench.contract import find_breaches
from tests.contract.breakers import BREACHES, ReplacesNumpy, TextHeader
from tests.contract.toys import Toy


@pytest.mark.parametrize("toy", BREACHES, ids=lambda toy: toy.__name__)
def test_each_breach_is_one_line(toy: type[Cipher]) -> None:
    """The line names the cipher, what is wrong, what is wanted and what to write instead."""
    assert [re.sub(r"^toy: ", "", line) for line in find_breaches(toy())] == [Matching(BREACHES[toy])]


class Matching(str):
    """A pattern that equals the texts that it matches whole."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(str(self), other) is not None

    __hash__ = str.__hash__


def test_replaced_functions_are_put_back() -> None:
    """What a cipher sets in NumPy is as it was after the look at it."""
    before = np.array_equal
    find_breaches(ReplacesNumpy())
    assert np.array_equal is before
    assert libraries.replaced() == []


def test_replacements_of_others_are_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another library had replaced is no breach of this cipher; what was replaced since a given time is."""
    monkeypatch.setattr(np, "array_equal", re.match)
    assert find_breaches(Toy()) == []
    since = libraries.functions()
    monkeypatch.setattr(np, "array_equal", re.search)
    assert len(find_breaches(Toy(), since)) == 1


def test_attacks_refuse_a_broken_cipher() -> None:
    """`attack` says the line, and runs nothing."""
    with pytest.raises(ContractError, match=rf"^toy: {BREACHES[TextHeader]}$"):
        attack(TextHeader(), only=["determinism"])
