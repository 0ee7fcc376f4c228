"""Guo, Jing, Zhou, Xu & Wei 2020: cyclic shifts of high and low bit planes in three dimensions, and a short chain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.chains import xor_chain, xor_unchain
from cryptobench.primitives.chaos.key_schedule.keys import require_session, shake_fractions
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side
from cryptobench.primitives.chaos.permutation.rotations import (
    rotate_columns_by_plane,
    rotate_depth,
    rotate_rows_by_plane,
)

__all__ = ["Cascade", "Guo2020", "streams"]

BURN_IN = 300
MAX_SAMPLES = 2**31 - 1

Shifts = NDArray[np.int32]
Integers = NDArray[np.int32] | NDArray[np.uint8]


@njit(cache=True, nogil=True)
def cascade(x: NDArray[np.float64], mu: float, A: float, B: float, right: int, modulus: int, out: Integers) -> None:
    """Advance the logistic-Fibonacci map by ``len(out)`` steps; write (floor(2^32 x) >> right) mod ``modulus``.

    x_(i+1) = (A mu x_i (1-x_i) + B x_(i-1)) mod 1. ``x`` has the last two states, the newer one last.
    """
    before, now = x[0], x[1]
    shift, divisor = np.uint32(right), np.uint32(modulus)
    for i in range(len(out)):
        value = A * (mu * now * (1.0 - now)) + B * before
        before, now = now, value - np.floor(value)
        out[i] = (np.uint32(np.int64(now * 4294967296.0)) >> shift) % divisor
    x[0], x[1] = before, now


@dataclass
class Cascade:
    """The orbit of the logistic-Fibonacci map, after burn-in, from which all shifts and key bytes are drawn."""

    mu: float
    A: float
    B: float
    x: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, key: bytes, digest: bytes) -> Cascade:
        x0, x1, mu, A, B = shake_fractions(key + b"guo" + digest, 5)
        orbit = cls(3.9 + 0.1 * mu, 10 + 90 * A, 10 + 90 * B, np.array([x0, x1]))
        orbit.draw(BURN_IN, 1)
        return orbit

    def draw(self, n: int, modulus: int) -> Shifts:
        """The next ``n`` integers floor(2^32 x) mod ``modulus``."""
        out = np.empty(n, np.int32)
        cascade(self.x, self.mu, self.A, self.B, 0, modulus, out)
        return out

    def draw_bytes(self, n: int, modulus: int, right: int = 0) -> Image:
        """The next ``n`` integers (floor(2^32 x) >> right) mod ``modulus``, at most 256."""
        out = np.empty(n, np.uint8)
        cascade(self.x, self.mu, self.A, self.B, right, modulus, out)
        return out


class Shuffle:
    """The shifts of all bits of an (H, W) matrix: along rows and columns by plane, and in depth within each block."""

    def __init__(self, orbit: Cascade, shape: tuple[int, int], blocks: tuple[tuple[int, int], ...]) -> None:
        """``blocks``: the lowest plane of each block and its number of planes, in the order of drawing."""
        H, W = shape
        self.rows, self.columns = np.empty((H, 8), np.int32), np.empty((W, 8), np.int32)
        self.depths: list[tuple[int, int, Image]] = []
        for low, d in blocks:
            self.rows[:, low : low + d] = orbit.draw(H * d, W).reshape(H, d)
            self.columns[:, low : low + d] = orbit.draw(W * d, H).reshape(W, d)
            self.depths.append((low, d, orbit.draw_bytes(H * W, d).reshape(shape)))

    def apply(self, p: Image) -> Image:
        c = rotate_columns_by_plane(rotate_rows_by_plane(p, self.rows), self.columns)
        for low, d, turns in self.depths:
            c = rotate_depth(c, low, d, turns, False)
        return c

    def undo(self, c: Image) -> Image:
        for low, d, turns in self.depths:
            c = rotate_depth(c, low, d, turns, True)
        return rotate_rows_by_plane(rotate_columns_by_plane(c, -self.columns), -self.rows)


class Guo2020(Cipher):
    """One round: shifts of ``high_planes`` high and of the other bit planes, apart, then a chain one step deep."""

    card = Card(
        name="guo2020",
        title="An image encryption algorithm based on logistic-Fibonacci cascade chaos and 3D bit scrambling",
        authors="Y. Guo, S. Jing, Y. Zhou, X. Xu, L. Wei",
        year=2020,
        family="chaotic",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed, with the image's SHA-256, to x0, x1, mu, A, B"),),
        deviations=(
            "Reconstructed from the abstract and a patent's summary: the structure is theirs, all equations are "
            "choices.",
            "Map: logistic inside a two-term recurrence mod 1, mu in [3.9, 4), A and B in [10, 100); 300 states are "
            "dropped.",
            "Key: five fractions of SHAKE-256 over the key and the SHA-256 of the samples, which is the per-message "
            "secret.",
            "Shifts: along rows, then columns, of each plane, then in depth at each pixel, for the high block and then "
            "the low one; 4 high planes by default.",
            "Diffusion: a chain of addition and XOR one step deep, so that a damaged byte spoils two only.",
            "One round. Colour: the planes lie side by side.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. Under a fixed secret it is a fixed permutation of bits "
            "and a chain one step deep; high and low planes never meet before the chain.",
        ),
    )

    def __init__(self, high_planes: int = 4) -> None:
        if isinstance(high_planes, bool) or not isinstance(high_planes, int) or not 1 <= high_planes <= 7:
            raise CipherError(f"guo2020: high_planes is {high_planes!r}, wanted an integer from 1 to 7")
        self.blocks = ((8 - high_planes, high_planes), (0, 8 - high_planes))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            digest = hashlib.sha256(image.tobytes()).digest() if secret is None else require_session("guo2020", secret)
        p = side_by_side(image)
        shuffle, K1, K2 = keyed(streams, key, digest, p.shape, self.blocks)
        with stage("permutation"):
            c = shuffle.apply(p).ravel()
        with stage("diffusion"):
            c = xor_chain(c, K1, K2, digest[0])
        return Encrypted(interleaved(c.reshape(p.shape), image.shape), secret=digest)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("guo2020", encrypted.header)
        digest = require_session("guo2020", encrypted.secret)
        c = side_by_side(encrypted.image)
        shuffle, K1, K2 = keyed(streams, key, digest, c.shape, self.blocks)
        with stage("diffusion"):
            p = xor_unchain(c.ravel(), K1, K2, digest[0])
        with stage("permutation"):
            p = shuffle.undo(p.reshape(c.shape))
        return interleaved(p, encrypted.image.shape)


def streams(
    key: bytes, digest: bytes, shape: tuple[int, int], blocks: tuple[tuple[int, int], ...]
) -> tuple[Shuffle, Image, Image]:
    """The shifts for an (H, W) matrix, and its key bytes K1 and K2, (H W,) each."""
    n = require_samples("guo2020", shape[0] * shape[1], MAX_SAMPLES)
    with stage("keystream"):
        orbit = Cascade.of(key, digest)
        shuffle = Shuffle(orbit, shape, blocks)
        return shuffle, orbit.draw_bytes(n, 256), orbit.draw_bytes(n, 256, 8)
