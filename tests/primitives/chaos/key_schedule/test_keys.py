"""Key expansions, bit-field readers, and the hash of the plaintext as a per-message secret."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from cryptobench.cipher import CipherError
from cryptobench.primitives.chaos.key_schedule.keys import (
    bit_fields,
    image_hash,
    interval,
    kdf,
    require_session,
    session_of,
    shake_fractions,
)

KEY = bytes(range(32))


def test_kdf_is_sha256_in_counter_mode():
    """Uniform 5 comes from the second word of the second block, by exact rational arithmetic."""
    block = hashlib.sha256(KEY + b"secret" + b"label" + b"\x00\x00\x00\x01").digest()
    v = int.from_bytes(block[8:16], "big") >> 12
    assert kdf(KEY, b"secret", "label", 6)[5] == float(Fraction(2 * v + 1, 2**53))


def test_kdf_output_is_a_prefix_in_unit_interval():
    """Asking for more uniforms changes none of the first; 0 and 1 do not occur."""
    long = kdf(KEY, b"", "label", 1001)
    assert len(long) == 1001
    assert kdf(KEY, b"", "label", 7) == long[:7]
    assert 0 < min(long) < 0.01
    assert 0.99 < max(long) < 1


@pytest.mark.parametrize("bit", [0, 7, 128, 255])
def test_every_uniform_depends_on_every_key_bit(bit: int):
    """One flipped key bit, another secret or another label changes all uniforms."""
    flipped = (int.from_bytes(KEY, "big") ^ (1 << bit)).to_bytes(32, "big")
    base = kdf(KEY, b"", "label", 20)
    for other in (kdf(flipped, b"", "label", 20), kdf(KEY, b"h", "label", 20), kdf(KEY, b"", "lobel", 20)):
        assert not set(base) & set(other)


def test_bit_fields_start_at_most_significant_bit():
    """0xA5C3 is 1010 0101 1100 0011."""
    assert bit_fields(b"\xa5\xc3", [4, 3, 5, 4]) == (0b1010, 0b010, 0b11100, 0b0011)
    assert bit_fields(KEY, [16] * 2) == (0x0001, 0x0203)


def test_bit_fields_longer_than_the_key_are_refused():
    """The message says how many bits were asked and how many there are."""
    with pytest.raises(ValueError, match="17 bits asked from a key of 16 bits"):
        bit_fields(b"ab", [8, 9])


def test_interval_is_linear():
    """The ends and the middle of the unit interval go to those of the target."""
    assert [interval(u, 3.0, 5.0) for u in (0.0, 0.5, 1.0)] == [3.0, 4.0, 5.0]


IMAGE = np.arange(12, dtype=np.uint8).reshape(2, 3, 2)


def test_hash_covers_shape_and_samples():
    """It is SHA-256 of the printed shape and the bytes; the same bytes in another shape hash differently."""
    assert image_hash(IMAGE) == hashlib.sha256(b"(2, 3, 2)" + bytes(range(12))).digest()
    assert image_hash(IMAGE) != image_hash(IMAGE.reshape(3, 2, 2))


def test_a_given_secret_replaces_the_hash():
    """It is used as it is, and without one the image's hash is."""
    assert session_of("toy", IMAGE, bytes(32)) == bytes(32)
    assert session_of("toy", IMAGE, None) == image_hash(IMAGE)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_secret_of_the_wrong_length_is_refused(secret: bytes):
    """The message names the cipher, what was given and what is wanted."""
    for take in (lambda: session_of("toy", IMAGE, secret), lambda: require_session("toy", secret)):
        with pytest.raises(CipherError, match=rf"^toy: secret is {len(secret)} bytes, wanted 32 bytes"):
            take()


def test_a_secret_that_is_no_bytes_is_refused():
    """Text of 32 characters is named as such."""
    with pytest.raises(CipherError, match="secret is str"):
        require_session("toy", "x" * 32)  # type: ignore[arg-type]


def test_shake_fractions_are_low_bits_of_shake_256():
    """The first fraction of the empty seed follows from the published digest 46b9dd2b0ba88d13 23 ... of FIPS 202."""
    word = 0x46B9DD2B0BA88D13
    assert hashlib.shake_256(b"").digest(8) == word.to_bytes(8, "big")
    assert shake_fractions(b"", 1) == [((word & (2**52 - 1)) + 0.5) / 2**52]
    assert shake_fractions(b"", 9)[:4] == shake_fractions(b"", 4)


def test_every_seed_bit_changes_every_fraction():
    """For 64 bits of a key and 8 fractions; all lie in (0, 1), with a mean near 1/2."""
    seed = bytes(range(8))
    base, others = shake_fractions(seed, 8), []
    for bit in range(64):
        flipped = (int.from_bytes(seed, "big") ^ 1 << bit).to_bytes(8, "big")
        others.append(shake_fractions(flipped, 8))
        assert all(one != two for one, two in zip(base, others[-1], strict=True))
    assert 0 < np.min(others) < np.max(others) < 1
    assert np.mean(others) == pytest.approx(0.5, abs=0.05)
