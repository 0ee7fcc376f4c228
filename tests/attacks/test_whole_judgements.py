"""The minimum set of attacks, run on whole ciphers: the three judgements that follow are those that are known."""

from __future__ import annotations

import pytest

from cryptobench.attacks.judgements import MINIMUM_CCA, MINIMUM_FRESH, judge, refuted
from cryptobench.attacks.runner import attack_target, modes_of, photographs_for
from cryptobench.claims import Claims
from cryptobench.registry import load_attack, load_cipher
from tests.attacks.keyed_toys import photograph

KNOWN = {
    "aes-256-ctr": ("5", "0", "malleable"),
    "aes-256-siv": ("5", "4", "rejects"),
    "chacha20-poly1305": ("5", "0", "rejects"),
    "equal-tags": ("4", "4", "rejects"),  # a tag of the image tells equal images alone
    "sum-ctr": ("1", "1", "malleable"),
    "xor-pad": ("0", "0", "malleable"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_minimum_set_judges_as_known(name: str) -> None:
    """Each level is known, and no claim of a card is refuted."""
    cipher, found = load_cipher(name), []
    for attack in map(load_attack, (*MINIMUM_FRESH, *MINIMUM_CCA)):
        for mode in modes_of(attack, cipher.card):
            run = attack_target(
                attack, cipher, photograph(16, 16, 3), mode=mode, photographs=photographs_for("astronaut")
            )
            found.append(run.evidence)
    judged = judge(found)
    assert (str(judged.confidentiality), str(judged.misuse), str(judged.integrity)) == KNOWN[name]
    assert refuted(Claims.of(cipher.card.claims), judged) == ()
