"""Chosen cipher images under the challenge's header break schemes that mix an image hash into the key."""

from __future__ import annotations

import hashlib

import pytest

from cryptobench.attacks.malleability.header_replay import HeaderReplay
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, permuted_and_xored, photograph, xored, xored_and_restored


def _digest(image):
    return hashlib.sha256(image.tobytes()).digest()[:8]


@pytest.mark.parametrize(
    ("cipher", "how", "most"),
    [
        (load_cipher("sum-ctr"), "keystream", 2),
        (load_cipher("channelwise"), "keystream", 2),
        (Toy(xored, xored, state=_digest, in_secret=True), "keystream", 2),
        (Toy(permuted_and_xored, xored_and_restored, state=_digest, in_header=True), "permutation", 5),
    ],
)
def test_hash_in_the_key_is_no_protection(cipher, how, most) -> None:
    """Every sample is recovered in a few decryptions."""
    run = attack_target(HeaderReplay(), cipher, photograph(24, 24, 3))
    assert (run.outcome, run.score.share, run.result.claims) == ("recovered", 1.0, ("malleable",))
    assert run.result.notes.startswith(how)
    assert run.queries.total == run.queries.decryptions <= most


def test_authenticated_and_diffusing_ciphers_hold() -> None:
    """Rejections and garbage, over 30 keys."""
    assert attack_target(HeaderReplay(), load_cipher("aes-256-siv"), photograph(16, 16)).result.claims == ("rejects",)
    garbage = Toy(ideal, lambda image, seed: xored(image * 0, seed + image.tobytes()), state=_digest, in_header=True)
    for seed in range(30):
        run = attack_target(HeaderReplay(), garbage, photograph(12, 16), seed)
        assert (run.outcome, run.result.claims) == ("holds", ("diffuses",))


def test_without_a_header_there_is_nothing_to_replay() -> None:
    """Its notes say so."""
    run = attack_target(HeaderReplay(), load_cipher("add-chain"), photograph(12, 16))
    assert "nothing to replay" in run.result.notes
