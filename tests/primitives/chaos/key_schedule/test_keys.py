"""Key expansion and bit-field readers."""

import hashlib
from fractions import Fraction

import pytest

from cryptobench.primitives.chaos.key_schedule.keys import bit_fields, interval, kdf

KEY = bytes(range(32))


def test_kdf_is_sha256_in_counter_mode_read_as_52_bit_fractions():
    """Uniform 5 comes from the second word of the second block, by exact rational arithmetic."""
    block = hashlib.sha256(KEY + b"secret" + b"label" + b"\x00\x00\x00\x01").digest()
    v = int.from_bytes(block[8:16], "big") >> 12
    assert kdf(KEY, b"secret", "label", 6)[5] == float(Fraction(2 * v + 1, 2**53))


def test_kdf_output_is_a_prefix_of_a_longer_one_and_lies_inside_the_unit_interval():
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


def test_bit_fields_are_read_from_the_most_significant_bit():
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
