"""Qian, Yang, Li, Liu, Wu & Wang 2021: 3D logistic map, cyclic shifts of a cuboid of samples, two chained passes."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.chains import running_xor
from cryptobench.primitives.chaos.key_schedule.keys import shake_fractions
from cryptobench.primitives.chaos.maps.three_dimensional import logistic3d_orbit, logistic3d_step
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side
from cryptobench.primitives.chaos.permutation.rotations import opposite, turn_columns

__all__ = ["Qian2021", "cuboid_sides", "first_state"]

L, B, A = 3.77, 0.0157, 0.0125  # of the 3D logistic map, the same for all keys
BURN_IN = 1000
MASK = 2**30 - 1
MAX_SAMPLES = 2**31 - 1
Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


def first_state(key: bytes, digest: bytes) -> Floats:
    """(x, y, z) in (0.1, 0.9) from the key and the plaintext's hash."""
    return 0.1 + 0.8 * np.array(shake_fractions(key + b"qian" + digest, 3))


def cuboid_sides(n: int) -> tuple[int, int, int]:
    """The three factors of ``n`` with the smallest sum, the largest first; (n, 1, 1) for a prime."""
    divisors = [d for d in range(1, int(n**0.5) + 2) if n % d == 0]
    best = (n, 1, 1)
    for c in divisors:
        if c**3 > n:
            break
        b = max(d for d in divisors if n // c % d == 0 and d * d <= n // c)
        best = min(best, (n // c // b, b, c), key=sum)
    return best


class Sequences(NamedTuple):
    """What one orbit gives n samples in a cuboid.

    ``shifts`` are those of the x-lines, (B, C), y-lines, (A, C), and z-lines, (A, B); ``K`` is (3, n) key bytes.
    """

    shifts: tuple[Integers, Integers, Integers]
    K: Image


def sequences(state: Floats, sides: tuple[int, int, int]) -> Sequences:
    """The shifts of each line and the key bytes of each sample, from one state for each sample after burn-in."""
    a, b, c = sides
    logistic3d_orbit(state, L, B, A, np.empty((BURN_IN, 3)))
    v, K = _integers(state, a * b * c, max(b * c, a * c, a * b))
    x, y, z = (v[0, : b * c] % a).reshape(b, c), (v[1, : a * c] % b).reshape(a, c), (v[2, : a * b] % c).reshape(a, b)
    return Sequences((x, y, z), K)


@njit(cache=True, nogil=True)
def _integers(state: Floats, n: int, lines: int) -> tuple[Integers, Image]:
    """v = floor(10^14 s) mod 2^30 of the first states s, (3, lines), and the bytes (v >> 4) & 255 of all, (3, n)."""
    v, K = np.empty((3, lines), np.int32), np.empty((3, n), np.uint8)
    x, y, z = state[0], state[1], state[2]
    for i in range(n):
        x, y, z = logistic3d_step(x, y, z, L, B, A)
        s, t, u = np.int64(1e14 * x), np.int64(1e14 * y), np.int64(1e14 * z)
        K[0, i], K[1, i], K[2, i] = s >> 4, t >> 4, u >> 4
        if i < lines:
            v[0, i], v[1, i], v[2, i] = s & MASK, t & MASK, u & MASK
    return v, K


def rotate_lines(p: Image, sides: tuple[int, int, int], x: Integers, y: Integers, z: Integers, undo: bool) -> Image:
    """Rotate each x-line of a flat A x B x C cuboid, then each y-line, then each z-line, upwards by its shift.

    x-lines are the columns of one A x BC matrix, and y-lines those of A matrices of B x C. A column of i that goes up
    by s takes its values from s places below; `turn_columns` counts the other way.
    """
    a, b, c = sides
    if undo:
        p = _roll_rows(p.reshape(a * b, c), opposite(z.ravel(), c))
        p = _turn_slabs(p.reshape(a, b, c), y)
        turned = np.empty((a, b * c), np.uint8)
        turn_columns(p.reshape(a, b * c), x.ravel(), turned)
        return turned.ravel()
    turned = np.empty((a, b * c), np.uint8)
    turn_columns(p.reshape(a, b * c), opposite(x.ravel(), a), turned)
    p = _turn_slabs(turned.reshape(a, b, c), opposite(y, b))
    return _roll_rows(p.reshape(a * b, c), z.ravel()).ravel()


@njit(cache=True, nogil=True)
def _turn_slabs(p: Image, up: Integers) -> Image:
    out = np.empty_like(p)
    for i in range(len(p)):
        turn_columns(p[i], up[i], out[i])
    return out


@njit(cache=True, nogil=True)
def _roll_rows(p: Image, by: Integers) -> Image:
    """out[i, (k + by[i]) mod width] = p[i, k]."""
    out, width = np.empty_like(p), p.shape[1]
    for i in range(len(p)):
        s = by[i]
        out[i, s:] = p[i, : width - s]
        out[i, :s] = p[i, width - s :]
    return out


@njit(cache=True, nogil=True)
def mixed_chain(p: Image, K: Image, M: Image, start: int) -> Image:
    """C_i = ((P_i + K_i) mod 256) xor C_(i-1) xor M_i, flat."""
    c = np.empty(len(p), np.uint8)
    for i in range(len(p)):
        c[i] = np.uint8(p[i] + K[i]) ^ M[i]
    running_xor(c, start, False)
    return c


@njit(cache=True, nogil=True)
def mixed_unchain(c: Image, K: Image, M: Image, start: int) -> Image:
    """The inverse of `mixed_chain`."""
    p = np.empty(len(c), np.uint8)
    for i in range(1, len(c)):
        p[i] = np.uint8((c[i] ^ c[i - 1] ^ M[i]) - K[i])
    if len(c):
        p[0] = np.uint8((c[0] ^ np.uint8(start) ^ M[0]) - K[0])
    return p


class Qian2021(Cipher):
    """One round: lines of the cuboid rotate along three axes, then the samples are chained from both ends."""

    card = Card(
        name="qian2021",
        title="A novel color image encryption algorithm based on three-dimensional chaotic maps and reconstruction "
        "techniques",
        authors="Qian, Yang, Li, Liu, Wu, Wang",
        year=2021,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed together with the plaintext's hash to x0, y0, z0"),),
        deviations=(
            "Only the title was at hand: everything here is a construction that fits it, not the paper's cipher.",
            "Map: the 3D logistic map of public image ciphers. Its parameters are fixed at (3.77, 0.0157, 0.0125): "
            "the published ranges are full of periodic windows: one random triple in nine gives a short cycle.",
            "Key: SHAKE-256 of the key and the plaintext's SHA-256 gives x0, y0, z0 in (0.1, 0.9); 1000 iterates are "
            "dropped.",
            "The SHA-256 is the per-message secret: the receiver cannot compute it before decrypting.",
            "Reconstruction: the planes side by side, row after row, fill the cuboid A x B x C of the smallest "
            "A + B + C; a prime number of samples stays in a line.",
            "Integers: floor(10^14 v) mod 2^30; its remainders are the shifts, its bits 4 to 11 the key bytes.",
            "Diffusion: a chain forwards, the array reversed, a chain again; the array stays reversed.",
            "Images with any number of channels are taken, a grey image as one plane.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. Both chains are linear over XOR in the cipher byte before, "
            "so that under a fixed hash, UACI after a small change stays off its ideal value.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            digest = hashlib.sha256(image.tobytes()).digest() if secret is None else _require_digest(secret)
        sides, (shifts, K) = _sequences(key, digest, image)
        with stage("permutation"):
            p = rotate_lines(side_by_side(image).ravel(), sides, *shifts, False)
        with stage("diffusion"):
            c = mixed_chain(p, K[0], K[1], digest[1])[::-1]
            c = mixed_chain(c, K[2], K[0], digest[1] ^ 165)
        return Encrypted(c.reshape(image.shape), secret=digest)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("qian2021", encrypted.header)
        digest, shape = _require_digest(encrypted.secret), encrypted.image.shape
        sides, (shifts, K) = _sequences(key, digest, encrypted.image)
        with stage("diffusion"):
            p = mixed_unchain(encrypted.image.ravel(), K[2], K[0], digest[1] ^ 165)[::-1]
            p = mixed_unchain(p, K[0], K[1], digest[1])
        with stage("permutation"):
            p = rotate_lines(p, sides, *shifts, True)
        return interleaved(p.reshape(shape[0], -1), shape)


def _sequences(key: bytes, digest: bytes, image: Image) -> tuple[tuple[int, int, int], Sequences]:
    require_samples("qian2021", image.size, MAX_SAMPLES)
    sides = cuboid_sides(image.size)
    with stage("keystream"):
        return sides, sequences(first_state(key, digest), sides)


def _require_digest(secret: bytes) -> bytes:
    if len(secret) != 32:
        raise CipherError(f"qian2021: secret has {len(secret)} bytes, wanted the 32 that encrypt returned")
    return secret
