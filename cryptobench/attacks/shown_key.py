"""Key bytes that a message shows: in its header, or in the mask between plaintext and ciphertext."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["ShownKey", "shown_key"]

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
            seen.append(_parts(plain, oracle.offline.encrypt(plain, key.tobytes(), generator.bytes(NONCE_BYTES))))
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
