"""Control: chains through a Latin square."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

from cryptobench.baselines.controls._parts import inverse_permute, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["LatinChain"]

_ROUNDS = 2


class LatinChain(Cipher):
    """Samples are permuted, then twice, from the first to the last, c[i] = L[c[i-1], p[i]], L a Latin square of order
    256 that the key gives; c[-1] is a byte of the key.
    """

    card = Card(
        name="latin-chain",
        title="Two chains through a secret Latin square",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the permutation, the Latin square and the first bytes of the chains"),),
        defect="No rule connects the tables of two samples, but each sample affects later ones only: its 256 values "
        "can be tried until the first ciphertext sample that depends on it is right.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples = permute(image.ravel(), permutation(subkey(key, "permutation"), image.size))
        square, starts = _square(key), subkey(key, "starts")
        with stage("diffusion"):
            for turn in range(_ROUNDS):
                samples = _chained(samples, square, starts[turn])
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.ravel()
        inverse, starts = np.argsort(_square(key), axis=1).astype(np.uint8), subkey(key, "starts")
        with stage("diffusion"):
            for turn in reversed(range(_ROUNDS)):
                before = np.concatenate((np.full(1, starts[turn], np.uint8), samples[:-1]))
                samples = inverse[before, samples]
        order = permutation(subkey(key, "permutation"), samples.size)
        return inverse_permute(samples, order).reshape(encrypted.image.shape)


@lru_cache(maxsize=4)
def _square(key: bytes) -> Image:
    """(256, 256), each value once in every row and column: that of addition, rows, columns and values permuted."""
    rows, columns, values = (permutation(subkey(key, f"square {part}"), 256) for part in ("rows", "columns", "values"))
    square: Image = values[(rows[:, None] + columns[None, :]) % 256].astype(np.uint8)
    return square


@njit(cache=True, nogil=True)
def _chained(samples: Image, square: Image, before: int) -> Image:
    chained = np.empty_like(samples)
    for place in range(samples.size):
        before = square[before, samples[place]]
        chained[place] = before
    return chained
