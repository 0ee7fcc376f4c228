"""Key search: do messages leak key bytes, or are there so few keys that all can be tried?"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import LocalCipher, Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.key_collisions import Collisions, find_collisions
from cryptobench.attacks.tools.smoothness import smoothness
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeyLeak", "KeySearch", "find_key_leak"]

_KEYS = 12  # of the attacker's own, under which key bytes are looked for
_MOST_SAMPLES, _MOST_HEADER, _MOST_MIXED = 4096, 64, 256
_HASHES = ("md5", "sha1", "sha256", "sha512", "sha3_256")  # of a plaintext, that a header may hide under the key
_LOG_LEAK_LEVEL = math.log(LEAK_LEVEL)
_TRIES_PER_KEY, _FEWEST_PER_KEY = 16, 2  # decryptions for each key that acts differently
_FEWEST_TRIES = 1 << 14  # some keys are rarer than the birthday bound says
_PATIENCE = 256  # rejected keys, after which it is seen whether keys that act alike decrypt for one another at all
_Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class KeySearch(Attack):
    """Looks for key bytes in headers and masks (`find_key_leak`), and tries the remaining keys if they are few. Without
    a leak it estimates, by the birthday bound, how many keys act differently; if ``tries`` decryptions can cover them,
    it tries random keys, or all keys where there are no more, on one known pair and on the challenge, without queries.
    Where the first 256 are rejected, and so are messages under either key of pairs that give equal cipher images by the
    other, as where a tag depends on the whole key, it gives up: another key than the right one decrypts nothing.

    The key that decrypts the known pair best is taken, if it makes the challenge smooth; else the one that makes the
    challenge smoothest. The search ends with the first key that decrypts the pair exactly, if other keys were rejected
    or the challenge becomes smooth. Without the per-message secret no key decrypts: not applicable.
    """

    name: ClassVar[str] = "key_search"
    title: ClassVar[str] = "Key search"
    identifier: ClassVar[str] = "A16"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 32
    formula: ClassVar[str] = "1"

    keys: int = 1024
    tries: int = 1 << 18

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        card = oracle.cipher.card
        if card.secret_bits:
            return AttackResult.inapplicable("decryption needs the per-message secret, whatever the key")
        if (leak := find_key_leak(oracle, generator)) is not None:
            return self._with_leak(oracle, leak)
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
        search.try_all(_candidates(card.key_bytes, tries, generator), lambda: _one_for_another(found))
        recovered = search.answer()
        share, samples = search.share, search.samples
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="samples of the known pair that the best key decrypts right",
            expected=BYTE_CHANCE,
            p_value=binomial_sf(round(share * samples), samples, tries=search.tried) if share > ALMOST_ALL else 1.0,
            notes=f"{search.tried} keys tried; about {bits:.1f} effective key bits{search.gave_up}",
            numbers=numbers | {"keys_tried": search.tried} | oracle.local_cipher.numbers,
        )

    def _with_leak(self, oracle: Oracle, leak: KeyLeak) -> AttackResult:
        """The result where messages leak some or all of the key."""
        search, missing = _Search(oracle, leak.pair), int((~leak.known).sum())
        if 256**missing <= self.tries:
            search.try_all(_completions(leak))
        return AttackResult(
            recovered=search.answer() if search.tried else None,
            statistic=float(leak.known.mean()),
            statistic_name="key bytes that messages leak",
            expected=0.0,
            p_value=leak.p_value,
            claims=("distinguisher",),
            notes=f"{leak.known.sum()} of {leak.known.size} key bytes are visible in the header or in the mask",
            numbers={"keys_tried": search.tried} | oracle.local_cipher.numbers,
        )


def _candidates(length: int, tries: int, generator: np.random.Generator) -> Iterator[bytes]:
    """All keys in a random order, if ``tries`` is their number, else random ones."""
    if tries == 256**length:
        yield from (int(number).to_bytes(length, "big") for number in generator.permutation(tries))
        return
    for _ in range(tries):
        yield generator.bytes(length)


def _one_for_another(found: Collisions) -> bool:
    """Whether the message of some pair of keys, with equal cipher images, is accepted under the other key too."""
    comparison = found.comparison
    if comparison is None or not found.alike:
        return True
    return any(comparison.decrypts(comparison.message(one), other) for one, other in found.alike)


def _completions(leak: KeyLeak) -> Iterator[bytes]:
    """All keys with the leaked bytes."""
    missing = np.flatnonzero(~leak.known)
    for number in range(256 ** len(missing)):
        key = leak.values.copy()
        key[missing] = np.frombuffer(number.to_bytes(len(missing), "big"), np.uint8)
        yield key.tobytes()


class _Search:
    """The candidates so far: which key decrypts the known pair best, and which makes the challenge smoothest.

    Only where no key decrypts the pair are all of them tried on the challenge.
    """

    def __init__(self, oracle: Oracle, pair: tuple[Image, Encrypted]) -> None:
        self._cipher: LocalCipher = oracle.local_cipher
        self._challenge, self._shape = oracle.challenge, oracle.shape
        self._plain, self._ciphertext = pair
        self._tried: list[bytes] = []
        self._by_pair: bytes | None = None
        self._rejected = 0
        self.gave_up = ""
        self.share, self.samples = 0.0, self._plain.size

    @property
    def tried(self) -> int:
        """How many keys."""
        return len(self._tried)

    def try_all(self, keys: Iterable[bytes], hopeful: Callable[[], bool] = lambda: True) -> None:
        """Try keys until one is certainly right, or the first 256 are rejected and there is no hope."""
        for key in keys:
            if self.try_key(key):
                break
            if self.tried == self._rejected == _PATIENCE and not hopeful():
                self.gave_up = " of the cipher image, but keys of equal cipher images reject one another's messages"
                break

    def try_key(self, key: bytes) -> bool:
        """Try a key on the pair; whether it is certainly right."""
        self._tried.append(key)
        known = self._decrypt(self._ciphertext, key)
        if known is None:
            self._rejected += 1
            return False
        right = int(np.count_nonzero(known == self._plain))
        if right > self.share * self.samples:
            self.share, self._by_pair = right / self.samples, key
        if right < self.samples:
            return False
        decrypted = self._decrypt(self._challenge, key)
        return decrypted is not None and (self._rejected > 0 or smoothness(decrypted) < _LOG_LEAK_LEVEL)

    def answer(self) -> Image | None:
        """The challenge under the best key."""
        if self._by_pair is not None and self.share > BYTE_CHANCE:
            decrypted = self._decrypt(self._challenge, self._by_pair)
            if decrypted is not None and smoothness(decrypted) < _LOG_LEAK_LEVEL:
                return decrypted
        smoothest: tuple[float, Image] | None = None
        for key in self._tried:
            decrypted = self._decrypt(self._challenge, key)
            if decrypted is not None:
                smooth = smoothness(decrypted)
                if smoothest is None or smooth < smoothest[0]:
                    smoothest = smooth, decrypted
        return None if smoothest is None else smoothest[1]

    def _decrypt(self, ciphertext: Encrypted, key: bytes) -> Image | None:
        try:
            image = self._cipher.decrypt(ciphertext, key)
        except CipherError:
            return None
        return image if image.shape == self._shape else None


@dataclass(frozen=True)
class KeyLeak:
    """The user's key as a known pair leaks it: (key bytes,) values, which of them are known, and the p-value of any."""

    pair: tuple[Image, Encrypted]
    values: _Bytes
    known: NDArray[np.bool_]
    p_value: float


def find_key_leak(oracle: Oracle, generator: np.random.Generator) -> KeyLeak | None:
    """Which bytes of a message are key bytes, XORed with or added to a constant, under 12 keys of the attacker's own.

    Compared are the header, both masks of the first 4096 samples (C XOR P and C - P), XORs of these with header bytes,
    as where the key is XORed with a nonce, and XORs of header bytes with those of hashes of the plaintext. None if no
    key byte is visible; else one known pair gives the user's.
    """
    length, shape = oracle.cipher.card.key_bytes, oracle.shape
    keys = np.frombuffer(generator.bytes(_KEYS * length), np.uint8).reshape(_KEYS, length)
    seen = []
    for key in keys:
        plain = generator.integers(0, 256, shape, np.uint8)
        try:
            ciphertext = oracle.local_cipher.encrypt(plain, key.tobytes(), generator.bytes(NONCE_BYTES))
        except CipherError:
            return None
        seen.append(_visible_bytes(plain, ciphertext))
    size = len(seen[0])
    if any(len(one) != size for one in seen) or not (places := _places(np.stack(seen), keys)):
        return None
    pair = oracle.known_pair()
    users = _visible_bytes(*pair)
    if len(users) != size:
        return None
    values, known = np.zeros(length, np.uint8), np.zeros(length, np.bool_)
    for index, (place, added) in places.items():
        known[index] = True
        mine, theirs, key_byte = int(seen[0][place]), int(users[place]), int(keys[0, index])
        values[index] = (key_byte + added * (theirs - mine)) % 256 if added else key_byte ^ theirs ^ mine
    return KeyLeak(pair, values, known, min(1.0, 3.0 * size * length * 256.0 ** (1 - _KEYS)))


def _visible_bytes(plain: Image, ciphertext: Encrypted) -> _Bytes:
    """All bytes of a message in which a key byte is looked for."""
    header = np.frombuffer(ciphertext.header[:_MOST_HEADER], np.uint8)
    hashes = [np.frombuffer(hashlib.new(name, plain.tobytes()).digest(), np.uint8) for name in _HASHES]
    alone = [header, _xors(header, header), *(_xors(header, one) for one in hashes)]
    if ciphertext.image.shape != plain.shape:
        return np.concatenate(alone)
    c, p = ciphertext.image.ravel()[:_MOST_SAMPLES], plain.ravel()[:_MOST_SAMPLES]
    masks = [c ^ p, c - p]
    return np.concatenate([*alone, *masks, *(_xors(header, mask) for mask in masks)])


def _xors(header: _Bytes, other: _Bytes) -> _Bytes:
    xors: _Bytes = np.bitwise_xor.outer(header, other[:_MOST_MIXED]).ravel()
    return xors


def _places(seen: _Bytes, keys: _Bytes) -> dict[int, tuple[int, int]]:
    """Of each visible key byte: its place, and 0 if it is XORed, 1 or -1 if it is added or subtracted."""
    found: dict[int, tuple[int, int]] = {}
    ways = {0: (seen[1:] ^ seen[0], keys[1:] ^ keys[0]), 1: (seen[1:] - seen[0], keys[1:] - keys[0])}
    ways[-1] = ways[1][0], -ways[1][1]
    for added, (here, wanted) in ways.items():
        columns = {column.tobytes(): place for place, column in enumerate(np.ascontiguousarray(here.T))}
        for index, column in enumerate(np.ascontiguousarray(wanted.T)):
            if index not in found and (place := columns.get(column.tobytes())) is not None:
                found[index] = place, added
    return found
