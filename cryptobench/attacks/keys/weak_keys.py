"""Weak and equivalent keys: do different keys give equal ciphertexts, or simple ones?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import LocalCipher, Mode, Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.key_collisions import KeyComparison, find_collisions, tiny_shape
from cryptobench.cipher import NONCE_BYTES, Card, CipherError, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["WeakKeys"]

_SIDE, _RANDOM_KEYS, _LAGS = 16, 64, 64
_UNUSUAL = 1e-4  # a p-value of a flat image under random keys below this: special keys are nothing special
_WORD_BYTES = 8  # a double, or an integer that becomes one


@dataclass(frozen=True)
class WeakKeys(Attack):
    """Three searches under keys of its own, with a fixed nonce and per-message secret, on small images: no queries.

    Random keys that collide (the cipher image alone is compared, and the birthday bound gives the effective key bits);
    keys related to ``bases`` random keys that give the same cipher image and header, by kind of relation, each
    confirmed at the challenge's size; and special keys under which a flat image's ciphertext is biased or repeats,
    unless it does so under random keys too. ``weak_key_share`` is the share of all keys tried that are weak or have an
    equivalent.
    """

    name: ClassVar[str] = "weak_keys"
    title: ClassVar[str] = "Weak and equivalent keys"
    identifier: ClassVar[str] = "A16"
    model: ClassVar[Model] = "COA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    largest_side: ClassVar[int | None] = 32

    keys: int = 4096
    bases: int = 3

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        local_cipher = oracle.local_cipher
        collisions = find_collisions(local_cipher, oracle.shape, generator, self.keys)
        tried, equal = self._equivalent(local_cipher, oracle.shape, generator)
        weak, special, weakest = self._weak(local_cipher, oracle.shape, generator)
        pairs = collisions.keys * (collisions.keys - 1) // 2
        compared = sum(tried.values()) + pairs
        hits = sum(equal.values()) + collisions.pairs
        chance = min(1.0, compared * 2.0 ** -min(8 * prod(oracle.shape), 1000)) if hits else 1.0
        p_value = min(1.0, 2 * min(chance, weakest))
        notes = [f"{collisions.pairs} of {pairs} pairs of random keys are equivalent"] if collisions.pairs else []
        notes += [f"{kind}: {equal[kind]} of {tried[kind]} keys equivalent" for kind in equal]
        notes += [f"weak: {', '.join(weak[:4])}" + (f" and {len(weak) - 4} more" if len(weak) > 4 else "")] * bool(weak)
        bits = {} if collisions.bits is None else {"effective_key_bits": collisions.bits}
        tried_keys = collisions.keys + sum(tried.values()) + special
        share = (collisions.colliding + sum(equal.values()) + len(weak)) / tried_keys
        return AttackResult(
            statistic=float(hits),
            statistic_name=f"equal ciphertexts among {compared} pairs of different keys",
            expected=0.0,
            p_value=p_value,
            claims=("distinguisher",) if p_value < LEAK_LEVEL else (),
            notes="; ".join(notes),
            numbers={"colliding_key_pairs": collisions.pairs, "equivalent_partners": sum(equal.values())}
            | {"weak_keys": len(weak), "weak_key_share": share} | bits | local_cipher.numbers,
        )  # fmt: skip

    def _equivalent(
        self, local_cipher: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator
    ) -> tuple[Counter[str], Counter[str]]:
        """How many related keys of each kind were tried, and how many of them are equivalent."""
        tried: Counter[str] = Counter()
        equal: Counter[str] = Counter()
        for _ in range(self.bases):
            key = generator.bytes(local_cipher.cipher.card.key_bytes)
            tiny, full = (
                KeyComparison(local_cipher, size, generator) for size in (tiny_shape(local_cipher, shape), shape)
            )
            base, base_full = tiny.ciphertext(key), full.ciphertext(key)
            for kind, other in _related_keys(key, local_cipher.cipher.card):
                if other == key:
                    continue
                tried[kind] += 1
                equal[kind] += tiny.ciphertext(other) == base and full.ciphertext(other) == base_full
        return tried, +equal

    def _weak(
        self, local_cipher: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator
    ) -> tuple[list[str], int, float]:
        """The special keys under which a flat image's ciphertext is far from random; how many keys were tried, and the
        least p-value of all."""
        card, nonce = local_cipher.cipher.card, generator.bytes(NONCE_BYTES)
        side = card.side_from(_SIDE)
        flat = np.zeros((side, side, *shape[2:]), np.uint8)
        random_keys = [generator.bytes(card.key_bytes) for _ in range(_RANDOM_KEYS)]

        def p_value_under(key: bytes) -> float:
            return _uniform_p(local_cipher.varying(local_cipher.encrypt(flat, key, nonce).image, flat.shape))

        if min(map(p_value_under, random_keys)) < _UNUSUAL:
            return [], 0, 1.0
        weak, least = [], 1.0
        special = list(_special_keys(card))
        for name, key in special:
            try:
                p_value = len(special) * p_value_under(key)
            except CipherError:
                continue
            least = min(least, p_value)
            if p_value < LEAK_LEVEL:
                weak.append(name)
        return weak, len(special), least


def _uniform_p(image: Image) -> float:
    """The p-value of bytes as independent and uniform: the commonest value's count, and the best of the short lags."""
    from scipy.special import bdtrc

    data = image.ravel()
    common = binomial_sf(int(np.bincount(data, minlength=256).max()), data.size, BYTE_CHANCE, 256)
    lags = np.arange(1, min(_LAGS, data.size // 2) + 1)
    hits = _recurrences(data, len(lags))
    chances = np.where(hits > 0, bdtrc(np.maximum(hits - 1, 0), data.size - lags, BYTE_CHANCE), 1.0)
    return min(1.0, 2 * min(common, len(lags) * float(chances.min())))


@njit(cache=True, nogil=True)
def _recurrences(data: Image, lags: int) -> NDArray[np.int64]:
    """How many bytes are equal to the one 1, 2, ... and ``lags`` before."""
    hits = np.zeros(lags, np.int64)
    for lag in range(1, lags + 1):
        equal = 0
        for i in range(lag, len(data)):
            equal += data[i] == data[i - lag]
        hits[lag - 1] = equal
    return hits


def _related_keys(key: bytes, card: Card) -> Iterator[tuple[str, bytes]]:
    """Keys related to ``key`` by its structure, each with the name of its kind.

    Kinds: a bit flipped; a word complemented or negated mod 2^bits, read big- or little-endian, as x -> 1 - x does to
    a fraction; a word's bytes reversed; words swapped; neighbouring bytes swapped, XORed with one value, or one
    incremented and the other decremented. Words are the key fields, the 8-byte words and the whole key.
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
            reversed_word = int.from_bytes(word.to_bytes(width // 8, "big"), "little")
            negative = (-reversed_word & mask).to_bytes(width // 8, "little")
            yield "negated, little-endian", _bytes(rest | int.from_bytes(negative, "big") << low, bits)
            yield "bytes reversed", _bytes(rest | reversed_word << low, bits)
    yield from _swapped_words(whole, bits, card)
    for index in range(len(key) - 1):
        one, other = key[index], key[index + 1]
        for kind, pair in (
            ("neighbouring bytes swapped", (other, one)),
            ("neighbouring bytes XORed with one value", (one ^ 0x5A, other ^ 0x5A)),
            ("one byte incremented, the next decremented", (one + 1 & 255, other - 1 & 255)),
        ):
            yield kind, key[:index] + bytes(pair) + key[index + 2 :]
    yield "rotated by a byte", key[1:] + key[:1]


def _special_keys(card: Card) -> Iterator[tuple[str, bytes]]:
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
