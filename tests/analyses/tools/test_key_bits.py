"""Key bits: numbering, flipping, spreading, printing."""

import pytest

from cryptobench.analyses.tools.key_bits import evenly_spread, flip_bit, format_ranges, key_fields, key_parts
from tests.analyses.keyed_toys import Pad, TruncatedPad


def test_bit_0_is_the_first_bytes_highest_bit() -> None:
    """Bits are numbered from the first byte's most significant bit."""
    assert flip_bit(b"\0\0", 0) == b"\x80\0"
    assert flip_bit(b"\0\0", 7) == b"\x01\0"
    assert flip_bit(b"\0\0", 8) == b"\0\x80"


@pytest.mark.parametrize("bit", [-1, 16])
def test_a_bit_outside_the_key_is_refused(bit: int) -> None:
    """A bit that the key does not have is named."""
    with pytest.raises(ValueError, match=f"bit {bit} of a key of 16 bits, wanted 0 to 15"):
        flip_bit(b"\0\0", bit)


def test_fields_follow_one_another_in_the_cards_order() -> None:
    """Fields are consecutive runs of bits; a card with one field has no parts but the whole."""
    assert key_fields(TruncatedPad.card) == (("k0", range(0, 40)), ("k1", range(40, 64)))
    assert key_parts(TruncatedPad.card) == (("", range(64)), ("k0", range(0, 40)), ("k1", range(40, 64)))
    assert key_parts(Pad.card) == (("", range(64)),)


def test_spread_bits_are_different_and_reach_both_ends() -> None:
    """Every count gives that many different bits; 0 gives all."""
    for total in (1, 2, 63, 256):
        for count in range(1, total):
            bits = evenly_spread(total, count)
            assert len(set(bits)) == count
            assert bits[0] == 0
            assert count == 1 or bits[-1] == total - 1
        assert evenly_spread(total, 0) == evenly_spread(total, total + 1) == tuple(range(total))


def test_runs_of_bits_are_shortened() -> None:
    """Runs are printed by their ends."""
    assert format_ranges([3, 5, 6, 7, *range(128, 256)]) == "3, 5-7, 128-255"
    assert format_ranges([]) == ""
