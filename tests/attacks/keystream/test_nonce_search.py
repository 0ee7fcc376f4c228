"""Nonces with few effective bits are found, and where they are few enough the challenge is decrypted."""

from __future__ import annotations

import pytest

from cryptobench.attacks.keystream.nonce_search import NonceSearch
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, order, photograph, xored


def first_bytes(count, body):
    """The keystream depends on the first bytes of the nonce only."""
    return Toy(lambda image, seed: body(image, seed[: 16 + count]), nonce=True)


@pytest.mark.parametrize("body", [xored, added])
def test_a_nonce_of_one_byte_is_no_nonce(body) -> None:
    """All 256 keystreams are queried, and one of them decrypts the challenge."""
    run = attack_target(NonceSearch(), first_bytes(1, body), photograph(32, 32))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.encryptions <= 6 * 2**9
    assert run.result.numbers["effective_nonce_bits"] == pytest.approx(8, abs=1)


def test_a_nonce_of_two_bytes_leaks() -> None:
    """Messages share a keystream by chance, but not every keystream is queried."""
    run = attack_target(NonceSearch(), first_bytes(2, xored), photograph(32, 32))
    assert (run.outcome, run.queries.total) == ("leak", 0)
    assert run.result.numbers["effective_nonce_bits"] == pytest.approx(16, abs=3)


def test_collisions_of_tiny_images_are_counted_again() -> None:
    """Orders of eight rows collide soon; those of thirty-two do not."""

    def body(image, seed):
        return xored(image, seed[:16])[order(seed, len(image))]

    run = attack_target(NonceSearch(nonces=512), Toy(body, nonce=True), photograph(32, 32))
    assert (run.outcome, run.result.statistic) == ("holds", 0.0)


def test_an_unused_nonce_is_found() -> None:
    """One keystream for all: a few queries."""
    run = attack_target(NonceSearch(), first_bytes(0, xored), photograph(32, 32))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total <= 8


@pytest.mark.parametrize("name", ["aes-256-ctr", "chacha20-poly1305", "aes-256-siv"])
def test_sound_nonces_hold(name) -> None:
    """No query is made; a cipher that takes no nonce is not attacked."""
    cipher = load_cipher(name)
    run = attack_target(NonceSearch(), cipher, photograph(16, 16))
    assert (run.outcome, run.queries.total) == ("holds" if cipher.card.uses_nonce else "n/a", 0)
