"""The check that a card says what tables and listings need."""

from __future__ import annotations

import re

from cryptobench.conformance.cipher_under_test import CipherUnderTest, require
from cryptobench.references import is_path

__all__ = ["check_card"]


def check_card(tested: CipherUnderTest) -> str:
    """The card is complete and consistent."""
    card = tested.card
    require(
        is_path(tested.reference) or tested.reference == card.name,
        f"the card's name is {card.name!r}, but the cipher is registered as {tested.reference!r}",
    )
    require(
        not card.doi or re.fullmatch(r"10\.\d{4,9}/\S+", card.doi),
        f"doi is {card.doi!r}, wanted the form 10.1234/abcd, without https://doi.org/",
    )
    require(
        card.fidelity.startswith("A") or card.deviations,
        f"fidelity is {card.fidelity} and there are no deviations; say what was chosen or left out",
    )
    require(card.key and all(field.bits > 0 for field in card.key), "the key needs fields of at least one bit each")
    require(card.family != "control" or card.defect, "a control must state the defect that it plants")
    return f"{card.key_bits} key bits in {len(card.key)} field{'s' if len(card.key) > 1 else ''}"
