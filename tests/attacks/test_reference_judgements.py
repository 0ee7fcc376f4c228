"""What follows from how the reference ciphers are built: with the nonce kept, with one for all, with changed bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cryptobench.attacks.judgements import MINIMUM_CCA, Evidence, judge
from cryptobench.attacks.runner import attack_target, modes_of
from cryptobench.registry import cipher_names, load_attack, load_cipher, read_card
from tests.attacks.keyed_toys import photograph

ATTACKS = ("determinism", "keystream_reuse", "affine_gf2", "locality", "one_way_diffusion", *MINIMUM_CCA)
EXPECTED = {
    "aes-256-ctr": (5, 0, "malleable"),
    "aes-256-gcm": (5, 0, "rejects"),  # one keystream for two images
    "aes-256-gcm-siv": (5, 4, "rejects"),
    "aes-256-siv": (5, 4, "rejects"),
    "ascon-aead128": (5, 2, "rejects"),  # read block by block, by more queries than 1024 at 512x512x3
    "chacha20-poly1305": (5, 0, "rejects"),
    "hctr2": (4, 4, "garbles"),
    "hctr2-tweaked": (5, 4, "garbles"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_reference_ciphers_are_judged_by_structure(name: str) -> None:
    """The best levels that these few attacks leave, which all attacks together leave too, and the word of integrity."""
    cipher, target, found = load_cipher(name), photograph(8, 8), []
    for attack in map(load_attack, ATTACKS):
        for mode in modes_of(attack, cipher.card):
            run = attack_target(attack, cipher, target, 0, mode=mode)
            queries, claims = run.queries_at_reference, run.result.claims
            found.append(
                Evidence(attack.name, attack.model, run.nonce, run.outcome, queries, claims, min(target.shape))
            )
    judged = judge(found)
    assert (judged.confidentiality.at_most, judged.misuse.at_most, judged.integrity.word) == EXPECTED[name]


def test_documented_judgements_are_these() -> None:
    """The table of docs/limits.md has every reference cipher, with its three judgements."""
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text("utf-8")
    found: dict[str, tuple[int, int, str]] = {}
    for line in text.splitlines():
        names, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if names.startswith("`"):
            found |= {name.strip("` "): (int(cells[0]), int(cells[1]), cells[2]) for name in names.split(",")}
    assert found == EXPECTED
    assert set(found) == {name for name in cipher_names() if read_card(name).family == "reference"}


def test_ascon_under_one_nonce_is_read_by_blocks() -> None:
    """The whole image, chosen block by block of 16 samples; one query for each block at least."""
    target = photograph(16, 16)
    run = attack_target(load_attack("one_way_diffusion"), load_cipher("ascon-aead128"), target, 0, mode="fixed")
    assert run.outcome == "recovered"
    assert target.size // 16 <= run.queries.total
    assert 512 * 512 * 3 // 16 <= run.queries_at_reference < 512 * 512 * 3 // 8
