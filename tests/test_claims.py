"""Claims and requirements: one text for what is said of a cipher and what is asked of it."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from cryptobench.card import Card, KeyField
from cryptobench.claims import INTEGRITIES, Claims, ClaimsError
from cryptobench.cli import main


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("confidentiality=5,misuse=4,integrity=rejects", Claims(5, 4, "rejects")), ("", Claims()), (" ", Claims()),
        (" integrity = map recovered , misuse=0", Claims(None, 0, "map recovered")),
    ],
)  # fmt: skip
def test_claims_are_read_from_text(text: str, claims: Claims) -> None:
    """Spaces do not count, nor does the order; what is written is read again."""
    assert Claims.of(text) == claims
    assert Claims.of(str(claims)) == claims


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("confidentiality=6", "confidentiality is '6', wanted a level from 0 to 5"),
        ("confidentiality=05", "confidentiality is '05', wanted a level from 0 to 5"),
        ("misuse=5", "misuse is '5', wanted a level from 0 to 4; one nonce for all messages leaves at best 4"),
        ("integrity=reject", "integrity is 'reject', wanted one of " + ", ".join(INTEGRITIES)),
        ("secrecy=5", "'secrecy=5' names no judgement; wanted such as \"confidentiality=5,misuse=4,integrity=rejects"),
        ("confidentiality", "'confidentiality' names no judgement"), ("misuse=1,", "'' names no judgement"),
        ("misuse=1,misuse=2", "misuse is given twice in 'misuse=1,misuse=2'"), ("4", "'4' names no judgement"),
    ],
)  # fmt: skip
def test_wrong_claims_are_one_clear_line(text: str, message: str) -> None:
    """The error says what was given and what is wanted."""
    with pytest.raises(ClaimsError) as caught:
        Claims.of(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("claims", "message"), [("misuse=9", "claims: misuse is '9'"), (5, "claims: 5 is no text")])
def test_a_card_states_its_claims(claims: Any, message: str) -> None:
    """What is no claim is refused with the card's name."""
    about: Any = {"name": "c", "title": "C", "family": "f", "fidelity": "A", "key": (KeyField("k", 8),)}
    assert Card(**about, claims="misuse=4").claims == "misuse=4"
    with pytest.raises(ValueError, match=f"card 'c': {message}"):
        Card(**about, claims=claims)


def test_show_names_the_claims() -> None:
    """Of a card that has any."""
    found = CliRunner().invoke(main, ["show", "aes-256-siv"]).output
    assert "  claims     confidentiality=5, misuse=4, integrity=rejects" in found
    assert "claims" not in CliRunner().invoke(main, ["show", "xor-pad"]).output
