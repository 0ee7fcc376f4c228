"""Qian, Yang, Li, Liu, Wu & Wang 2021: 3D logistic map, cyclic shifts of a cuboid of samples, two chained passes."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data, require_samples
from cryptobench.kits.chaos.maps_3d import logistic3d_orbit
from cryptobench.kits.chaos.planes import interleaved, side_by_side
from cryptobench.kits.chaos.shake import shake_fractions

__all__ = ["Qian2021", "cuboid_sides", "first_state"]

L, B, A = 3.77, 0.0157, 0.0125  # of the 3D logistic map, the same for all keys
BURN_IN = 1000
BLOCK = 4096  # steps whose states are held at a time
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


@njit(cache=True, nogil=True)
def _integers(states: Floats, out: Integers, K: Image) -> None:
    """v = floor(10^14 s) mod 2^30 of states s, (n, 3), as (3, n), and the key bytes (v >> 4) & 255."""
    for i in range(len(states)):
        for axis in range(3):
            v = np.int64(1e14 * states[i, axis]) & (2**30 - 1)
            out[axis, i] = v
            K[axis, i] = v >> 4 & 255


class Sequences(NamedTuple):
    """What one orbit gives n samples in a cuboid.

    ``shifts`` are those of the x-lines, (B, C), y-lines, (A, C), and z-lines, (A, B); ``K`` is (3, n) key bytes.
    """

    shifts: tuple[Integers, Integers, Integers]
    K: Image


def sequences(state: Floats, sides: tuple[int, int, int]) -> Sequences:
    """Run the map over one state for each sample after burn-in, in blocks."""
    a, b, c = sides
    n = a * b * c
    shifts = np.empty((b, c), np.int32), np.empty((a, c), np.int32), np.empty((a, b), np.int32)
    K = np.empty((3, n), np.uint8)
    states, integers = np.empty((BLOCK, 3)), np.empty((3, BLOCK), np.int32)
    logistic3d_orbit(state, L, B, A, states[:BURN_IN])
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        logistic3d_orbit(state, L, B, A, states[:m])
        _integers(states[:m], integers, K[:, first : first + m])
        for lines, values, side in zip(shifts, integers, sides, strict=True):
            part = lines.ravel()[first : first + m]
            part[:] = values[: len(part)] % side
    return Sequences(shifts, K)


@njit(cache=True, nogil=True)
def rotate_lines(p: Image, sides: tuple[int, int, int], x: Integers, y: Integers, z: Integers, undo: bool) -> Image:
    """Rotate each x-line of a flat A x B x C cuboid, then each y-line, then each z-line, upwards by its shift.

    In unsigned arithmetic min(s, s - side) is s mod side for s below 2 side, and needs no branch.
    """
    a, b, c = np.uint32(sides[0]), np.uint32(sides[1]), np.uint32(sides[2])
    x, y, z = x.ravel(), y.ravel(), z.ravel()
    out = np.empty_like(p)
    target = np.empty(c, np.uint32)
    cell = np.uint32(0)
    for i in range(a):
        for j in range(b):
            shifts = x[j * c : (j + 1) * c]
            for k in range(c):
                u = np.uint32(i + shifts[k])
                u = min(u, np.uint32(u - a))
                v = np.uint32(j + y[np.uint32(u * c + k)])
                v = min(v, np.uint32(v - b))
                line = np.uint32(u * b + v)
                w = np.uint32(k + z[line])
                w = min(w, np.uint32(w - c))
                target[k] = line * c + w
            if undo:
                for k in range(c):
                    out[np.uint32(cell + k)] = p[target[k]]
            else:
                for k in range(c):
                    out[target[k]] = p[np.uint32(cell + k)]
            cell += c
    return out


@njit(cache=True, nogil=True)
def mixed_chain(p: Image, K: Image, M: Image, start: int) -> Image:
    """C_i = ((P_i + K_i) mod 256) xor C_(i-1) xor M_i, flat."""
    out = np.empty_like(p)
    previous = np.uint8(start)
    for i in range(len(p)):
        previous ^= np.uint8(p[i] + K[i]) ^ M[i]
        out[i] = previous
    return out


@njit(cache=True, nogil=True)
def mixed_unchain(c: Image, K: Image, M: Image, start: int) -> Image:
    """The inverse of `mixed_chain`."""
    out = np.empty_like(c)
    previous = np.uint8(start)
    for i in range(len(c)):
        out[i] = np.uint8((c[i] ^ previous ^ M[i]) - K[i])
        previous = c[i]
    return out


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
            "so that under a hash held still, UACI after a small change stays off its ideal value.",
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
