"""What the attacks on a cipher mean, in sentences."""

import pytest

from cryptobench.attacking.conclusion import Found, conclusion
from cryptobench.attacks.base import CLAIMS


def test_a_broken_cipher_is_said_to_be():
    """The first attack is named, with its queries and what that means; others are counted."""
    found = [
        Found("reuse", "KPA", "none", "recovered", 1, 1.0), Found("codebook", "CPA", "none", "recovered", 900, 0.97),
        Found("equal", "CPA", "none", "leak", 2),
    ]  # fmt: skip
    assert conclusion("mine", found) == (
        "mine is broken: reuse recovered all of the image without the key, with 1 query; whoever knows some other "
        "images and their ciphertexts under the same key sees this one too. 1 other attack recovered it as well."
    )


@pytest.mark.parametrize(
    ("model", "who"),
    [
        ("COA", "whoever has the ciphertext alone"), ("KPA", "whoever knows some other images"),
        ("CPA", "images of their own encrypted"),
    ],
)  # fmt: skip
def test_the_threat_model_says_who_sees_it(model, who):
    """Each threat model is a different reader of the image."""
    assert who in conclusion("mine", [Found("a", model, "none", "recovered", 5, 0.95)])


def test_a_leak_is_no_break():
    """What leaks is said in words where the attack claims it, and that the image itself was not recovered."""
    found = [
        Found("determinism", "CPA", "none", "leak", 2, None, ("rejects", "deterministic")),
        Found("x", "CPA", "none", "holds"),
    ]
    assert conclusion("mine", found) == (
        "mine leaks: by determinism, equal images give equal ciphertexts, and whoever sees two knows whether the "
        "images are equal. No attack recovered the image itself."
    )
    assert "not like those of an ideal cipher" in conclusion("mine", [Found("a", "COA", "none", "leak")])


def test_nothing_found_proves_nothing():
    """It says of how many attacks, and that no more follows; one that applies to nothing is not counted."""
    found = [
        Found("a", "CPA", "fresh", "holds"),
        Found("b", "CPA", "fresh", "n/a"),
        Found("c", "CPA", "fixed", "recovered", 2, 1.0),
    ]
    text = conclusion("mine", found)
    assert text.startswith(
        "Nothing broke mine with fresh nonces: of 1 attack, none recovered the image or found a leak."
    )
    assert "no more. mine is broken under a fixed nonce, which is misuse: c recovered" in text


def test_unfinished_attacks_prove_nothing():
    """Neither those that failed nor those that do not apply are taken for attacks that found nothing."""
    assert conclusion("mine", [Found("a", "CPA", "none", "failed")]) == (
        "1 attack did not finish: nothing follows from that."
    )
    assert conclusion("mine", [Found("a", "CPA", "none", "n/a")]) == (
        "None of these attacks applies to mine: nothing follows from that."
    )


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_gives_a_sentence(claim):
    """A leak with any claim is put into words."""
    assert conclusion("mine", [Found("a", "CPA", "none", "leak", 1, None, (claim,))]).startswith("mine leaks: by a, ")


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Found("a", "CCA", "none", "recovered", 15, 1.0), "mine is malleable: by a, with 15 queries, whoever can have "
         "changed ciphertexts decrypted sees this image too."),
        (Found("a", "CCA", "fixed", "leak", 1), "mine is malleable: by a, with 1 query, whoever changes a ciphertext "
         "on its way changes the image in a way that they foresee."),
        (Found("a", "CCA", "none", "recovered", 9, 1.0, ("map",)), "Chosen ciphertexts give a map that decrypts others"
         ": by a, with 9 queries, whoever can have ciphertexts of their choice decrypted reads other images under the "
         "same key."),
        (Found("a", "CCA", "none", "holds", 9, None, ("crashes",)),
         "Changed ciphertexts make decryption crash, which is no rejection."),
        (Found("a", "CCA", "none", "holds", 9, None, ("rejects",)), "Changed ciphertexts were rejected."),
        (Found("a", "CCA", "none", "holds", 9, None, ("diffuses",)), "Changed ciphertexts decrypt to garbage."),
        (Found("a", "CCA", "none", "holds", 9), "Chosen ciphertexts found nothing."),
    ],
)  # fmt: skip
def test_chosen_ciphertexts_break_nothing(one, text):
    """What they find is malleability, or a map that reads other ciphertexts."""
    assert conclusion("mine", [one]) == text
    found = conclusion("mine", [Found("b", "CPA", "none", "holds"), one])
    assert found.startswith("Nothing broke mine: of 1 attack, ")
    assert found.endswith(text)
