"""Headers that are a function of the plaintext alone are found, and no others."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.leakage.public_header import PublicHeader
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.answers import Answers
from tests.attacks.keyed_toys import Toy, photograph, xored

TARGET = photograph(16, 16)


def _hash(image):
    return hashlib.sha256(image.tobytes()).digest()[:8]


@pytest.mark.parametrize("name", ["public-hash", "sum-ctr"])
def test_keyless_digests_in_headers_leak(name: str) -> None:
    """A hash and a one-byte checksum identify each of twelve plaintexts: p = 1/12!, unless checksums coincide."""
    run = attack_target(PublicHeader(), load_cipher(name), TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 1.0, ("distinguisher",))
    assert (run.queries.known, run.queries.total) == (12, 12)


@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_a_digest_beside_a_nonce_leaks_too(mode) -> None:
    """Bytes of the nonce are ignored, those of the hash are counted."""
    run = attack_target(PublicHeader(), Toy(xored, xored, state=_hash, in_header=True, nonce=True), TARGET, mode=mode)
    assert (run.outcome, run.result.numbers["telling_header_bytes"]) == ("leak", 8)


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_nonces_tags_and_synthetic_ivs_do_not(name: str, mode) -> None:
    """None is claimed of a reference under any of 5 keys."""
    cipher = load_cipher(name)
    for seed in range(5):
        run = attack_target(PublicHeader(), cipher, TARGET, seed, mode=mode)
        assert (run.outcome, run.result.claims) == ("holds", ())


def test_constant_or_missing_headers_prove_nothing() -> None:
    """A constant header holds; without a header the attack is not applicable."""
    constant = Toy(xored, xored, state=lambda image: b"size", in_header=True)
    assert attack_target(PublicHeader(), constant, TARGET).outcome == "holds"
    assert attack_target(PublicHeader(), Toy(xored, xored), TARGET).outcome == "n/a"


def test_one_right_prediction_proves_nothing() -> None:
    """A hash under the user's key that agrees once in twelve times with that of the plaintext alone."""
    plains = [np.full((4, 4), level, np.uint8) for level in range(12)]
    oracle = Answers((4, 4), header=b"header")
    oracle.local_cipher.cipher = Toy(xored, state=_hash, in_header=True)
    headers = [_hash(plains[0]), *(_hash(plain + np.uint8(100)) for plain in plains[1:])]
    pairs = iter([(plain, Encrypted(plain, header)) for plain, header in zip(plains, headers, strict=True)])
    oracle.known_pair = lambda: next(pairs)
    result = PublicHeader().run(oracle, np.random.default_rng(1))
    assert (result.statistic, result.p_value, result.claims) == (1 / 12, 1.0, ())
