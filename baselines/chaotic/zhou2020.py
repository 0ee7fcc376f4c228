"""Zhou, Wang, Wang & Zhang 2020: logistic-tent system, moves of rows and columns, two chained passes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.chaos.diffusion.word_chain import chained, word_chain, word_unchain
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.maps.classic import logistic_tent_orbits, logistic_tent_step
from cryptobench.primitives.chaos.permutation.rotations import opposite, turn_columns
from cryptobench.primitives.chaos.permutation.sorting import argsort

__all__ = ["KeySchedule", "Zhou2020", "key_schedule"]

Floats = NDArray[np.float64]
Order = NDArray[np.int32]
Words = NDArray[np.uint32]


class KeySchedule(NamedTuple):
    """First states and parameters r of the orbits X, Y and Z, and the bytes a and b that start the two chains."""

    x: Floats
    r: Floats
    a: int
    b: int


def key_schedule(key: bytes, secret: bytes) -> KeySchedule:
    """Eight uniforms from the key and the plaintext's hash; r in (3.9, 4)."""
    x, r_x, y, r_y, z, r_z, a, b = kdf(key, secret, "zwwz2020", 8)
    r = np.array([interval(u, 3.9, 4.0) for u in (r_x, r_y, r_z)])
    return KeySchedule(np.array([x, y, z]), r, int(256 * a), int(256 * b))


class Moves(NamedTuple):
    """Orders of the M rows and the W' columns, and how far each is then turned, to the left and upwards."""

    rows: Order
    columns: Order
    left: Order
    up: Order


def moves(keys: KeySchedule, m: int, width: int) -> Moves:
    """All from the 2 (M + W') states of orbit Z."""
    z = np.empty((2 * (m + width), 1))
    logistic_tent_orbits(keys.x[2:].copy(), keys.r[2:], z)
    rows, columns, left, up = np.split(z.ravel(), np.cumsum([m, width, m]))
    return Moves(argsort(rows), argsort(columns), _turns(left, width), _turns(up, m))


def _turns(z: Floats, modulus: int) -> Order:
    return ((z * 2.0**36).astype(np.int64) % modulus).astype(np.int32)


def move(p: Image, to: Moves) -> Image:
    """Order the rows and columns of an (M, W') matrix, turn each row to the left, then each column upwards."""
    turned, out = np.empty_like(p), np.empty_like(p)
    _take(p, to.rows, np.tile(to.columns, 2), to.left, turned)
    turn_columns(turned, to.up, out)
    return out


def move_back(p: Image, to: Moves) -> Image:
    """The inverse of `move`."""
    turned, out = np.empty_like(p), np.empty_like(p)
    turn_columns(p, opposite(to.up, len(p)), turned)
    _put(turned, to.rows, np.tile(to.columns, 2), to.left, out)
    return out


@njit(cache=True, nogil=True)
def _take(p: Image, rows: Order, columns_twice: Order, left: Order, out: Image) -> None:
    """Row t of ``out`` is row rows[t] of ``p``, in the order of the columns, turned left: read from left[t] on."""
    for t in range(len(p)):
        row, order = p[rows[t]], columns_twice[left[t] :]
        for j in range(p.shape[1]):
            out[t, j] = row[np.uint32(order[j])]


@njit(cache=True, nogil=True)
def _put(p: Image, rows: Order, columns_twice: Order, left: Order, out: Image) -> None:
    """The inverse of `_take`."""
    for t in range(len(p)):
        row, order = out[rows[t]], columns_twice[left[t] :]
        for j in range(p.shape[1]):
            row[np.uint32(order[j])] = p[t, j]


@njit(cache=True, nogil=True, inline="always")
def _word(state: float) -> Any:
    """w = floor(2^36 x), of which the low 19 bits are used: k = w & 255, z = (w >> 8) & 255, r = (w >> 16) & 7."""
    return np.uint32(np.int64(state * 2.0**36))


@njit(cache=True, nogil=True)
def chain_forwards(p: Image, x: Floats, r: Floats, start: int) -> tuple[Image, Words]:
    """The forward chain, with the words of orbit X on the way, and the words of orbit Y for the backward chain.

    In one loop: a step of an orbit takes longer than one of the chain, which so costs no time of its own.
    """
    c, words = np.empty_like(p), np.empty(len(p), np.uint32)
    u, v, r_u, r_v = x[0], x[1], r[0], r[1]
    previous = np.uint8(start)
    for i in range(len(p)):
        u, v = logistic_tent_step(u, r_u), logistic_tent_step(v, r_v)
        previous = chained(p[i], _word(u), previous)
        c[i], words[i] = previous, _word(v)
    return c, words


@njit(cache=True, nogil=True)
def key_words(x: Floats, r: Floats, n: int) -> Words:
    """The words of orbits X and Y, (2, n)."""
    words = np.empty((2, n), np.uint32)
    u, v, r_u, r_v = x[0], x[1], r[0], r[1]
    for i in range(n):
        u, v = logistic_tent_step(u, r_u), logistic_tent_step(v, r_v)
        words[0, i], words[1, i] = _word(u), _word(v)
    return words


class Zhou2020(Cipher):
    """One round of moves, and a chain forwards and backwards; the planes are one M x 3W matrix."""

    card = Card(
        name="zhou2020",
        title="Simple colour image cryptosystem with very high level of security",
        authors="S. Zhou, X. Wang, M. Wang, Y. Zhang",
        year=2020,
        doi="10.1016/j.chaos.2020.110225",
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed together with the plaintext's hash to three x0, three r, a, b"),),
        deviations=(
            "Only title and venue were at hand: everything here is a construction that fits them, not the paper's "
            "cipher. The DOI is recalled, not checked.",
            "Map: the logistic-tent system, r in (3.9, 4); the paper's map is not known.",
            "Key: SHA-256 in counter mode over the key and the plaintext's SHA-256 gives the parameters of three "
            "orbits and the start bytes of the chains.",
            "The SHA-256 is the per-message secret: the receiver cannot compute it before decrypting.",
            "Permutation: the image is an M x W C matrix of interleaved samples; rows and columns are ordered by "
            "sorting, then turned.",
            "Diffusion: a chain of addition, rotation and XOR, forwards and backwards; the paper's is not known.",
            "Rounds: one.",
            "Images with any number of channels are taken.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. Under a fixed hash, the key stream and the permutation "
            "are the same for all images of a size, and one change in 256 does not reach the samples before its place.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            secret = session_of("zhou2020", image, secret)
        matrix = image.reshape(len(image), -1)
        keys, to = keyed(_keys_and_moves, key, secret, *matrix.shape)
        with stage("permutation"):
            p = move(matrix, to).ravel()
        with stage("keystream and forward chain"):
            c, words = chain_forwards(p, keys.x, keys.r, keys.a)
        with stage("backward chain"):
            c = word_chain(c, words, keys.b, True)
        return Encrypted(c.reshape(image.shape), secret=secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhou2020", encrypted.header)
        with stage("key"):
            keys = key_schedule(key, require_session("zhou2020", encrypted.secret))
        matrix = encrypted.image.reshape(len(encrypted.image), -1)
        with stage("keystream"):
            to, words = moves(keys, *matrix.shape), key_words(keys.x, keys.r, matrix.size)
        with stage("diffusion"):
            p = word_unchain(matrix.ravel(), words[1], keys.b, True)
            p = word_unchain(p, words[0], keys.a, False)
        with stage("permutation"):
            p = move_back(p.reshape(matrix.shape), to)
        return p.reshape(encrypted.image.shape)


def _keys_and_moves(key: bytes, secret: bytes, m: int, width: int) -> tuple[KeySchedule, Moves]:
    with stage("key"):
        keys = key_schedule(key, secret)
    with stage("moves"):
        return keys, moves(keys, m, width)
