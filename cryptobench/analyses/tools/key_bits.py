"""Bits of a key: numbered from the first byte's most significant bit, fields in the card's order."""

from __future__ import annotations

from collections.abc import Sequence

from cryptobench.cipher import Card

__all__ = ["evenly_spread", "flip_bit", "format_ranges", "key_fields", "key_parts"]


def key_fields(card: Card) -> tuple[tuple[str, range], ...]:
    """Each key field's name and its bit numbers."""
    fields, start = [], 0
    for field in card.key:
        fields.append((field.name, range(start, start + field.bits)))
        start += field.bits
    return tuple(fields)


def key_parts(card: Card) -> tuple[tuple[str, range], ...]:
    """The whole key, named "", and then its fields if there are several."""
    fields = key_fields(card)
    return (("", range(card.key_bits)), *(fields if len(fields) > 1 else ()))


def flip_bit(key: bytes, bit: int) -> bytes:
    """The key with one bit flipped; ValueError if it has no such bit."""
    if not 0 <= bit < 8 * len(key):
        raise ValueError(f"bit {bit} of a key of {8 * len(key)} bits, wanted 0 to {8 * len(key) - 1}")
    flipped = bytearray(key)
    flipped[bit // 8] ^= 128 >> bit % 8
    return bytes(flipped)


def evenly_spread(total: int, count: int) -> tuple[int, ...]:
    """``count`` different numbers from 0 to total - 1, both ends among them; all of them if count is 0 or too large."""
    if count <= 0 or count >= total:
        return tuple(range(total))
    if count == 1:
        return (0,)
    return tuple(round(index * (total - 1) / (count - 1)) for index in range(count))


def format_ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers with runs shortened: "3, 5-7, 128-255"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
