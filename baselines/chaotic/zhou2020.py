"""Zhou, Wang, Wang & Zhang 2020: logistic-tent system, moves of rows and columns, two chained passes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data
from cryptobench.kits.chaos.diffusion import rotating_chain, rotating_unchain
from cryptobench.kits.chaos.keys import interval, kdf
from cryptobench.kits.chaos.maps_classic import logistic_tent_orbits
from cryptobench.kits.chaos.session import require_session, session_of
from cryptobench.kits.chaos.sorting import argsort

__all__ = ["KeySchedule", "Zhou2020", "key_schedule"]

BLOCK = 4096  # steps whose states are held at a time
Floats = NDArray[np.float64]
Order = NDArray[np.int32]


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


@njit(cache=True, nogil=True)
def move(p: Image, rows: Order, columns: Order, left: Order, up: Order, undo: bool) -> Image:
    """Order the rows and columns of an (M, W') matrix, turn each row to the left, then each column upwards."""
    m, width = np.uint32(p.shape[0]), np.uint32(p.shape[1])
    out = np.empty_like(p)
    for i in range(m):
        for j in range(width):
            turned = np.uint32(i + up[j])
            turned = min(turned, np.uint32(turned - m))  # mod m: below 2m, and an underflow is larger
            k = np.uint32(j + left[turned])
            k = min(k, np.uint32(k - width))
            if undo:
                out[np.uint32(rows[turned]), np.uint32(columns[k])] = p[i, j]
            else:
                out[i, j] = p[np.uint32(rows[turned]), np.uint32(columns[k])]
    return out


class ChainKeys(NamedTuple):
    """Key bytes k and z and rotations r, (2, n): of orbit X for the forward chain, of Y for the backward one."""

    k: Image
    z: Image
    r: Image


def chain_keys(keys: KeySchedule, n: int) -> ChainKeys:
    """k = w & 255, z = (w >> 8) & 255, r = (w >> 16) & 7 with w = floor(2^36 x)."""
    out = ChainKeys(*np.empty((3, 2, n), np.uint8))
    x, states = keys.x[:2].copy(), np.empty((BLOCK, 2))
    for first in range(0, n, BLOCK):
        part = slice(first, min(first + BLOCK, n))
        block = states[: part.stop - first]
        logistic_tent_orbits(x, keys.r[:2], block)
        _bytes(block, out.k[:, part], out.z[:, part], out.r[:, part])
    return out


@njit(cache=True, nogil=True)
def _bytes(states: Floats, k: Image, z: Image, r: Image) -> None:
    for i in range(len(states)):
        for lane in range(2):
            w = np.int64(states[i, lane] * 2.0**36)
            k[lane, i] = w & 255
            z[lane, i] = w >> 8 & 255
            r[lane, i] = w >> 16 & 7


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
            "No published attack on this cipher was found. Under a hash held still, the key stream and the permutation "
            "are the same for all images of a size, and one change in 256 does not reach the samples before its place.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            secret = session_of("zhou2020", image, secret)
            keys = key_schedule(key, secret)
        matrix = image.reshape(len(image), -1)
        with stage("keystream"):
            tables, (k, z, r) = moves(keys, *matrix.shape), chain_keys(keys, image.size)
        with stage("permutation"):
            c = move(matrix, *tables, False).ravel()
        with stage("diffusion"):
            c = rotating_chain(c, k[0], r[0], z[0], keys.a, False)
            c = rotating_chain(c, k[1], r[1], z[1], keys.b, True)
        return Encrypted(c.reshape(image.shape), secret=secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhou2020", encrypted.header)
        with stage("key"):
            keys = key_schedule(key, require_session("zhou2020", encrypted.secret))
        matrix = encrypted.image.reshape(len(encrypted.image), -1)
        with stage("keystream"):
            tables, (k, z, r) = moves(keys, *matrix.shape), chain_keys(keys, matrix.size)
        with stage("diffusion"):
            p = rotating_unchain(matrix.ravel(), k[1], r[1], z[1], keys.b, True)
            p = rotating_unchain(p, k[0], r[0], z[0], keys.a, False)
        with stage("permutation"):
            p = move(p.reshape(matrix.shape), *tables, True)
        return p.reshape(encrypted.image.shape)
