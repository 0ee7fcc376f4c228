"""Under the challenge's header, bodies of one's own making open schemes that mix an image hash into the key."""

from __future__ import annotations

import hashlib

import pytest

from cryptobench.attacks.malleability.header_replay import HeaderReplay
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, moved_and_xored, photograph, unxored_and_moved, xored


def _digest(image):
    return hashlib.sha256(image.tobytes()).digest()[:8]


@pytest.mark.parametrize(
    ("cipher", "how", "most"),
    [
        (load_cipher("sum-ctr"), "keystream", 2),
        (load_cipher("channelwise"), "keystream", 2),
        (Toy(xored, xored, state=_digest, told=True), "keystream", 2),
        (Toy(moved_and_xored, unxored_and_moved, state=_digest, shown=True), "permutation", 5),
    ],
)
def test_hash_in_the_key_is_no_protection(cipher, how, most) -> None:
    """Every sample is recovered in a few decryptions."""
    played = play(HeaderReplay(), cipher, photograph(24, 24, 3))
    assert (played.verdict, played.score.share, played.result.claims) == ("broken", 1.0, ("malleable",))
    assert played.result.notes.startswith(how)
    assert played.queries.total == played.queries.decryptions <= most


def test_authenticated_and_diffusing_ciphers_hold() -> None:
    """Rejections and garbage, over 30 keys."""
    assert play(HeaderReplay(), load_cipher("aes-256-siv"), photograph(16, 16)).result.claims == ("rejects",)
    garbage = Toy(ideal, lambda image, seed: xored(image * 0, seed + image.tobytes()), state=_digest, shown=True)
    for seed in range(30):
        played = play(HeaderReplay(), garbage, photograph(12, 16), seed)
        assert (played.verdict, played.result.claims) == ("holds", ("diffuses",))


def test_without_a_header_there_is_nothing_to_replay() -> None:
    """It says so."""
    assert "nothing to replay" in play(HeaderReplay(), load_cipher("add-chain"), photograph(12, 16)).result.notes
