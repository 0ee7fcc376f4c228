"""Other keys that a weak key schedule may take for the same, and keys that it may not survive."""

from __future__ import annotations

from collections.abc import Iterator

from cryptobench.cipher import Card

__all__ = ["partners", "special_keys"]

_WORD_BYTES = 8  # a double, or an integer that becomes one


def partners(key: bytes, card: Card) -> Iterator[tuple[str, bytes]]:
    """Keys related to ``key`` by its structure, each with the name of its kind.

    Kinds: a bit flipped; a word complemented or negated mod 2^bits, read big- or little-endian, as x -> 1 - x does to
    a fraction; a word's bytes turned round; words swapped; neighbouring bytes swapped, XORed alike, or one raised and
    the other lowered. Words are the key fields, the 8-byte words and the whole key.
    """
    bits = 8 * len(key)
    whole = int.from_bytes(key, "big")
    for bit in range(bits):
        yield "bit flipped", _bytes(whole ^ 1 << (bits - 1 - bit), bits)
    for start, width in _words(card):
        low = bits - start - width
        mask = (1 << width) - 1
        word = whole >> low & mask
        rest = whole & ~(mask << low)
        yield "complemented", _bytes(rest | (word ^ mask) << low, bits)
        yield "negated", _bytes(rest | (-word & mask) << low, bits)
        if width % 8 == 0:
            turned = int.from_bytes(word.to_bytes(width // 8, "big"), "little")
            negative = (-turned & mask).to_bytes(width // 8, "little")
            yield "negated, little-endian", _bytes(rest | int.from_bytes(negative, "big") << low, bits)
            yield "bytes turned round", _bytes(rest | turned << low, bits)
    yield from _swapped_words(whole, bits, card)
    for index in range(len(key) - 1):
        one, other = key[index], key[index + 1]
        for kind, pair in (
            ("neighbouring bytes swapped", (other, one)),
            ("neighbouring bytes XORed alike", (one ^ 0x5A, other ^ 0x5A)),
            ("one byte raised, the next lowered", (one + 1 & 255, other - 1 & 255)),
        ):
            yield kind, key[:index] + bytes(pair) + key[index + 2 :]
    yield "rotated by a byte", key[1:] + key[:1]


def special_keys(card: Card) -> Iterator[tuple[str, bytes]]:
    """Keys of all zeros or ones, with one bit set, or made of one byte repeated."""
    for value in (0x00, 0xFF, 0x01, 0x0F, 0x55, 0x7F, 0x80, 0xAA, 0xF0, 0xFE):
        yield f"every byte {value:#04x}", bytes([value]) * card.key_bytes
    for bit in range(card.key_bits):
        yield f"only bit {bit} set", _bytes(1 << (card.key_bits - 1 - bit), card.key_bits)


def _words(card: Card) -> list[tuple[int, int]]:
    """(first bit, number of bits) of the whole key, its fields and its 8-byte words, each once."""
    found, start = {(0, card.key_bits)}, 0
    for field in card.key:
        found.add((start, field.bits))
        start += field.bits
    found |= {(8 * byte, 8 * _WORD_BYTES) for byte in range(0, card.key_bytes - _WORD_BYTES + 1, _WORD_BYTES)}
    return sorted(word for word in found if word[1])


def _swapped_words(whole: int, bits: int, card: Card) -> Iterator[tuple[str, bytes]]:
    words = _words(card)
    for index, (start, width) in enumerate(words):
        for other, other_width in words[index + 1 :]:
            if other_width != width or other < start + width:
                continue
            low, other_low, mask = bits - start - width, bits - other - width, (1 << width) - 1
            change = (whole >> low ^ whole >> other_low) & mask
            yield "words swapped", _bytes(whole ^ change << low ^ change << other_low, bits)


def _bytes(number: int, bits: int) -> bytes:
    return number.to_bytes(bits // 8, "big")
