"""Nonces with few effective bits are found, and where they are few enough the challenge is decrypted."""

from __future__ import annotations

import pytest

from cryptobench.attacks.keystream.nonce_search import NonceSearch
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, chained, order, permuted, permuted_and_xored, photograph, stream, xored


def first_bytes(count, body):
    """The keystream depends on the first bytes of the nonce only."""
    return Toy(lambda image, seed: body(image, seed[: 16 + count]), nonce=True)


def few(seed):
    """Three bits of the nonce."""
    return bytes([seed[16] & 0x1C])


@pytest.mark.parametrize("body", [xored, added])
def test_a_nonce_of_one_byte_is_no_nonce(body) -> None:
    """All 256 keystreams are queried, and one of them decrypts the challenge."""
    run = attack_target(NonceSearch(), first_bytes(1, body), photograph(32, 32))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.encryptions <= 6 * 2**9
    assert run.result.numbers["effective_nonce_bits"] == pytest.approx(8, abs=1)


@pytest.mark.parametrize("body", [permuted_and_xored, permuted(chained(lambda p, k, f: (p + k) ^ f))])
def test_permutations_of_few_nonces_fall(body) -> None:
    """Each nonce of a few bits has its own; images of indices are asked for until the challenge's comes again."""
    cipher = Toy(lambda image, seed: body(image, seed[:16] + few(seed)), nonce=True)
    run = attack_target(NonceSearch(nonces=256), cipher, photograph(16, 16))
    assert run.outcome == "recovered"
    assert run.score.share > 0.98  # behind a chain, the first samples depend on the nonce's own first byte
    assert "permutation" in run.result.notes
    assert run.queries.total < 200


class HashedHeader(Toy):
    """The header is a hash of the nonce, whose few bits in use it does not show."""

    def encrypt(self, image, key, nonce, *, secret=None):
        header = stream(key + nonce, 16).tobytes()
        return Encrypted(super().encrypt(image, key, nonce, secret=secret).image, header)


def test_headers_that_tell_no_nonce_protect() -> None:
    """No bit of them is the same wherever a nonce acts the same: the leak is found, no image is recovered."""
    cipher = HashedHeader(lambda image, seed: permuted_and_xored(image, seed[:16] + few(seed)), nonce=True)
    run = attack_target(NonceSearch(nonces=256), cipher, photograph(16, 16))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert run.queries.total < 96  # those for keystreams, and one image of indices


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
