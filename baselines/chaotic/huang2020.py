"""Huang, Yang & Ye 2020: rows and columns permuted by sorting a 2D chaotic map's states, and two chains a round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.key_schedule.keys import interval, shake_fractions
from cryptobench.primitives.chaos.maps.two_dimensional import lscm_pair
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side
from cryptobench.primitives.chaos.permutation.sorting import argsort

__all__ = ["Huang2020", "Round", "key_schedule", "rounds_of"]

BURN_IN = 500
R = (0.90, 0.98)  # where the parameter r is drawn
BLOCK = 2048  # states of each orbit that are held at a time
MAX_SAMPLES = 2**31 - 1

Floats = NDArray[np.float64]
Order = NDArray[np.int32]


def key_schedule(key: bytes) -> tuple[Floats, Floats, tuple[int, int]]:
    """Of both rounds: the starts x, y, (2, 2), the parameters r, (2,), and the start bytes of their first chains."""
    f0, *f = shake_fractions(key + b"huang", 7)
    state = np.array([f[0:2], f[3:5]])
    r = np.array([interval(f[2], *R), interval(f[5], *R)])
    iv = int(f0 * 2**24)
    return state, r, (iv & 255, iv >> 8 & 255)


@dataclass
class Round:
    """One round: the orders of rows and columns, the key bytes X and Y of its chains, and the first start byte."""

    rows: Order
    columns: Order
    X: Image
    Y: Image
    iv: int

    def apply(self, p: Image) -> Image:
        with stage("permutation"):
            c = take_grid(p, self.rows, self.columns).ravel()
        with stage("diffusion"):
            c = chain(c, self.X, self.iv)
            c = chain(c[::-1], self.Y, self.iv ^ 255)
        return c.reshape(p.shape)

    def undo(self, c: Image) -> Image:
        with stage("diffusion"):
            p = unchain(c.ravel(), self.Y, self.iv ^ 255)
            p = unchain(np.ascontiguousarray(p[::-1]), self.X, self.iv)
        with stage("permutation"):
            return put_grid(p.reshape(c.shape), self.rows, self.columns)


def rounds_of(key: bytes, shape: tuple[int, int]) -> list[Round]:
    """Both rounds for a matrix of ``shape``; their orbits run side by side."""
    H, W = shape
    require_samples("huang2020", H * W, MAX_SAMPLES)
    with stage("keystream"):
        state, r, iv = key_schedule(key)
        lscm_pair(state, r, np.empty((2, 2, BURN_IN)))
        first, K = key_stream(state, r, max(shape), H * W)
        orders = [(argsort(x[:H]), argsort(y[:W])) for x, y in first]
        return [Round(*orders[k], K[k, 0], K[k, 1], iv[k]) for k in range(2)]


@njit(cache=True, nogil=True)
def key_stream(state: Floats, r: Floats, head: int, n: int) -> tuple[Floats, NDArray[np.uint8]]:
    """The first ``head`` states of both orbits, (2, 2, head), and the bytes of all ``n``, (2, 2, n)."""
    first, K = np.empty((2, 2, head)), np.empty((2, 2, n), np.uint8)
    lscm_pair(state, r, first)
    _low_bytes(first, K, np.int64(0))
    for start in range(head, n, BLOCK):
        states = np.empty((2, 2, min(BLOCK, n - start)))
        lscm_pair(state, r, states)
        _low_bytes(states, K, start)
    return first, K


@njit(cache=True, nogil=True)
def _low_bytes(states: Floats, K: NDArray[np.uint8], start: Any) -> None:
    """floor(2^32 |x|) mod 256, as floor(256 (2^24 |x| mod 1)), which is exact and vectorises."""
    for k in range(2):
        for coordinate in range(2):
            x, out = states[k, coordinate], K[k, coordinate, start:]
            for t in range(len(x)):
                word = abs(x[t]) * 16777216.0
                out[t] = np.uint8(np.int32((word - np.floor(word)) * 256.0))


@njit(cache=True, nogil=True)
def take_grid(p: Image, rows: Order, columns: Order) -> Image:
    """out[i, j] = p[rows[i], columns[j]]."""
    out = np.empty_like(p)
    for i in range(len(rows)):
        source = p[rows[i]]
        for j in range(len(columns)):
            out[i, j] = source[np.uint32(columns[j])]
    return out


@njit(cache=True, nogil=True)
def put_grid(p: Image, rows: Order, columns: Order) -> Image:
    """out[rows[i], columns[j]] = p[i, j], the inverse of `take_grid`."""
    out = np.empty_like(p)
    for i in range(len(rows)):
        target = out[rows[i]]
        for j in range(len(columns)):
            target[np.uint32(columns[j])] = p[i, j]
    return out


@njit(cache=True, nogil=True)
def chain(p: Image, K: Image, start: int) -> Image:
    """C_i = (((P_i xor K_i) + rotl8(C_(i-1), 3)) mod 256) xor K_(n-1-i), with C_(-1) = ``start``."""
    n = len(p)
    c = np.empty(n, np.uint8)
    previous = np.uint8(start)
    for i in range(n):
        previous = np.uint8((p[i] ^ K[i]) + _rotated(previous)) ^ K[n - 1 - i]
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def unchain(c: Image, K: Image, start: int) -> Image:
    """The inverse of `chain`."""
    n = len(c)
    p = np.empty(n, np.uint8)
    p[0] = np.uint8((c[0] ^ K[n - 1]) - _rotated(np.uint8(start))) ^ K[0]
    for i in range(1, n):
        p[i] = np.uint8((c[i] ^ K[n - 1 - i]) - _rotated(c[i - 1])) ^ K[i]
    return p


@njit(cache=True, nogil=True, inline="always")
def _rotated(c: np.uint8) -> np.uint8:
    """rotl8(c, 3)."""
    return np.uint8(c << 3 | c >> 5)


class Huang2020(Cipher):
    """Two rounds of row and column permutation and of chains over the bytes, the second in reverse."""

    card = Card(
        name="huang2020",
        title="Efficient symmetric image encryption by using a novel 2D chaotic system",
        authors="Huang, Yang, Ye",
        year=2020,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed to x0, y0 and r of both rounds, and the start bytes of the chains"),),
        deviations=(
            "Reconstructed from the title alone, which is cited from memory. The paper's 2D chaotic system is not "
            "known: the 2D logistic-sine-coupling map stands in for it, with both coordinates updated at once.",
            "The sine is a polynomial within 4e-16 of the exact value, so that the ciphertext is the same on every "
            "machine; a library's sine, which may differ in the last bit, gives another ciphertext.",
            "Key: seven fractions of SHAKE-256; r in (0.90, 0.98): none of 120000 orbits there ended in a "
            "short cycle, but many do with r near 0.34, 0.717 or 0.894. 500 states are dropped.",
            "Permutation: rows in the order of the first H states x, columns in the order of the first W states y.",
            "Diffusion: two chains of XOR, addition, and a rotation of the last cipher byte by 3 bits; the second one "
            "runs over the bytes in reverse, which stay reversed. Key bytes: floor(2^32 |x|) and floor(2^32 |y|) mod "
            "256.",
            "Two rounds; the paper's number is not known.",
            "Colour: the planes lie side by side. The key stream does not depend on the plaintext; it is not known "
            "whether the paper's does.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. The key stream does not depend on the plaintext, so "
            "chosen plaintexts under one key always meet the same keyed permutation of images.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("huang2020", secret=secret)
        c = side_by_side(image)
        for one in keyed(rounds_of, key, c.shape):
            c = one.apply(c)
        return Encrypted(interleaved(c, image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("huang2020", encrypted.header, encrypted.secret)
        p = side_by_side(encrypted.image)
        for one in reversed(keyed(rounds_of, key, p.shape)):
            p = one.undo(p)
        return interleaved(p, encrypted.image.shape)
