"""Key search: are so few keys different that trying them opens the challenge?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import LocalCipher, Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.key_collisions import find_collisions
from cryptobench.attacks.tools.smoothness import smoothness
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeySearch", "ShownKey", "shown_key"]

_KEYS = 12
_MOST_SAMPLES, _MOST_HEADER, _MOST_MIXED = 4096, 64, 256
_Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class ShownKey:
    """The user's key as a known pair shows it: (key bytes,) values, which are known, and the p-value of any at all."""

    pair: tuple[Image, Encrypted]
    values: _Bytes
    known: NDArray[np.bool_]
    p_value: float


def shown_key(oracle: Oracle, generator: np.random.Generator) -> ShownKey | None:
    """Which bytes of a message are key bytes, XORed with or added to a constant, under 12 keys of the attacker's own.

    Looked at are the header, both masks of the first 4096 samples (C XOR P and C - P), and XORs of these with header
    bytes, as where the key is joined with a nonce. None if no key byte shows; else one known pair gives the user's.
    """
    length, shape = oracle.cipher.card.key_bytes, oracle.shape
    keys = np.frombuffer(generator.bytes(_KEYS * length), np.uint8).reshape(_KEYS, length)
    seen = []
    for key in keys:
        plain = generator.integers(0, 256, shape, np.uint8)
        try:
            seen.append(_parts(plain, oracle.local_cipher.encrypt(plain, key.tobytes(), generator.bytes(NONCE_BYTES))))
        except CipherError:
            return None
    size = min(len(parts) for parts in seen)
    if len({len(parts) for parts in seen}) > 1 or not (places := _places(np.stack(seen), keys)):
        return None
    pair = oracle.known_pair()
    parts = _parts(*pair)
    if len(parts) != size:
        return None
    values, known = np.zeros(length, np.uint8), np.zeros(length, np.bool_)
    for index, (place, added) in places.items():
        known[index] = True
        mine, theirs, own = (int(part) for part in (seen[0][place], parts[place], keys[0, index]))
        values[index] = (own + added * (theirs - mine)) % 256 if added else own ^ theirs ^ mine
    return ShownKey(pair, values, known, min(1.0, 3.0 * size * length * 256.0 ** (1 - _KEYS)))


def _parts(plain: Image, sealed: Encrypted) -> _Bytes:
    """All bytes of a message in which a key byte is looked for."""
    header = np.frombuffer(sealed.header[:_MOST_HEADER], np.uint8)
    if sealed.image.shape != plain.shape:
        return np.concatenate([header, _mixed(header, header)])
    body, bare = sealed.image.ravel()[:_MOST_SAMPLES], plain.ravel()[:_MOST_SAMPLES]
    masks = [body ^ bare, body - bare]
    return np.concatenate([header, *masks, _mixed(header, header), *(_mixed(header, mask) for mask in masks)])


def _mixed(header: _Bytes, part: _Bytes) -> _Bytes:
    mixed: _Bytes = np.bitwise_xor.outer(header, part[:_MOST_MIXED]).ravel()
    return mixed


def _places(seen: _Bytes, keys: _Bytes) -> dict[int, tuple[int, int]]:
    """Of each key byte that is shown: where, and 0 if by XOR, 1 or -1 if it is added or subtracted."""
    found: dict[int, tuple[int, int]] = {}
    ways = {0: (seen[1:] ^ seen[0], keys[1:] ^ keys[0]), 1: (seen[1:] - seen[0], keys[1:] - keys[0])}
    ways[-1] = ways[1][0], -ways[1][1]
    for added, (here, wanted) in ways.items():
        columns = {column.tobytes(): place for place, column in enumerate(np.ascontiguousarray(here.T))}
        for index, column in enumerate(np.ascontiguousarray(wanted.T)):
            if index not in found and (place := columns.get(column.tobytes())) is not None:
                found[index] = place, added
    return found


_LEAK_LOG = math.log(1e-6)
_TRIES_PER_KEY, _FEWEST_PER_KEY = 16, 2  # decryptions for each key that acts differently
_FEWEST_TRIES = 1 << 14  # some keys are rarer than the birthday bound has it


@dataclass(frozen=True)
class KeySearch(Attack):
    """Looks for key bytes in headers and masks (`shown_key`), and tries what few keys are left. If none show, estimates
    by the birthday bound how many keys act differently; if ``tries`` decryptions can cover them, tries random keys, or
    all keys where there are no more, on one known pair and on the challenge, offline.

    The key under which the known pair decrypts right is taken, if it makes the challenge smooth; else the one that
    makes the challenge smoothest. The search ends with the first key that a receiver does not reject although he
    rejected others, or that opens the pair exactly. Without the per-message secret no key decrypts: not applicable.
    """

    name: ClassVar[str] = "key_search"
    title: ClassVar[str] = "Key search"
    identifier: ClassVar[str] = "A16"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 32

    keys: int = 1024
    tries: int = 1 << 18

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        card = oracle.cipher.card
        if card.secret_bits:
            return AttackResult.inapplicable("decryption needs the per-message secret, whatever the key")
        if (shown := shown_key(oracle, generator)) is not None:
            return self._rest_of(oracle, shown)
        found = find_collisions(oracle.local_cipher, oracle.shape, generator, self.keys)
        bits = min(float(card.key_bits), math.inf if found.bits is None else found.bits)
        numbers = {} if found.bits is None else {"effective_key_bits": bits}
        if 2**bits * (1 if card.key_bits == bits else _FEWEST_PER_KEY) > self.tries:
            note = f"no {self.tries} tries cover its keys: {found.pairs} collisions among {found.keys} random ones"
            return AttackResult(p_value=1.0, notes=note, numbers=numbers | oracle.local_cipher.numbers)
        tries = min(self.tries, 2**card.key_bits)
        if tries < 2**card.key_bits:
            tries = min(tries, max(_FEWEST_TRIES, math.ceil(_TRIES_PER_KEY * 2**bits)))
        search = _Search(oracle, oracle.known_pair())
        search.over_all(_candidates(card.key_bytes, tries, generator))
        recovered = search.answer()
        share, samples = search.share, search.samples
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="samples of the known pair that the best key decrypts right",
            expected=BYTE_CHANCE,
            p_value=binomial_sf(round(share * samples), samples, tries=search.tried) if share > ALMOST_ALL else 1.0,
            notes=f"{search.tried} keys tried; about {bits:.1f} effective key bits",
            numbers=numbers | {"keys_tried": search.tried} | oracle.local_cipher.numbers,
        )

    def _rest_of(self, oracle: Oracle, shown: ShownKey) -> AttackResult:
        """The result where messages show some or all of the key."""
        search, missing = _Search(oracle, shown.pair), int((~shown.known).sum())
        if 256**missing <= self.tries:
            search.over_all(_completions(shown))
        return AttackResult(
            recovered=search.answer() if search.tried else None,
            statistic=float(shown.known.mean()),
            statistic_name="key bytes that messages show",
            expected=0.0,
            p_value=shown.p_value,
            claims=("distinguisher",),
            notes=f"{shown.known.sum()} of {shown.known.size} key bytes stand in the header or in the mask",
            numbers={"keys_tried": search.tried} | oracle.local_cipher.numbers,
        )


def _completions(shown: ShownKey) -> Iterator[bytes]:
    """All keys with the bytes that are shown."""
    missing = np.flatnonzero(~shown.known)
    for number in range(256 ** len(missing)):
        key = shown.values.copy()
        key[missing] = np.frombuffer(number.to_bytes(len(missing), "big"), np.uint8)
        yield key.tobytes()


def _candidates(length: int, tries: int, generator: np.random.Generator) -> Iterator[bytes]:
    """All keys in a random order, if ``tries`` is their number, else random ones."""
    if tries == 256**length:
        yield from (int(number).to_bytes(length, "big") for number in generator.permutation(tries))
        return
    for _ in range(tries):
        yield generator.bytes(length)


class _Search:
    """The candidates so far: which key opens the known pair best, and which makes the challenge smoothest."""

    def __init__(self, oracle: Oracle, pair: tuple[Image, Encrypted]) -> None:
        self._offline: LocalCipher = oracle.local_cipher
        self._challenge, self._shape = oracle.challenge, oracle.shape
        self._plain, self._sealed = pair
        self._smoothest: tuple[float, bytes] | None = None
        self._by_pair: bytes | None = None
        self._rejected = 0
        self.tried, self.share, self.samples = 0, 0.0, self._plain.size

    def over_all(self, keys: Iterable[bytes]) -> None:
        """Try keys until one is certainly right."""
        for key in keys:
            if self.over(key):
                break

    def over(self, key: bytes) -> bool:
        """Try a key; whether it is certainly right."""
        self.tried += 1
        opened = self._open(self._challenge, key)
        if opened is None:
            self._rejected += 1
        else:
            smooth = smoothness(opened)
            if self._smoothest is None or smooth < self._smoothest[0]:
                self._smoothest = smooth, key
        known = self._open(self._sealed, key)
        share = 0.0 if known is None else float(np.mean(known == self._plain))
        if share > self.share:
            self.share, self._by_pair = share, key
        return opened is not None and (share == 1.0 and (self._rejected > 0 or smoothness(opened) < _LEAK_LOG))

    def answer(self) -> Image | None:
        """The challenge under the best key."""
        if self._by_pair is not None and self.share > BYTE_CHANCE:
            opened = self._open(self._challenge, self._by_pair)
            if opened is not None and smoothness(opened) < _LEAK_LOG:
                return opened
        return None if self._smoothest is None else self._open(self._challenge, self._smoothest[1])

    def _open(self, sealed: Encrypted, key: bytes) -> Image | None:
        try:
            image = self._offline.decrypt(sealed, key)
        except CipherError:
            return None
        return image if image.shape == self._shape else None
