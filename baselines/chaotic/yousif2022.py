"""Yousif, Abboud & Alhumaima 2022: an image and its complement, hyperchaotic diffusion, merged by DNA addition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data, require_samples
from cryptobench.kits.chaos.diffusion import rotating_chain, rotating_unchain
from cryptobench.kits.chaos.dna import DEC, ENC, add, subtract
from cryptobench.kits.chaos.keys import interval, kdf
from cryptobench.kits.chaos.permutation import swap_train
from cryptobench.kits.chaos.rows import blocks
from cryptobench.kits.chaos.session import require_session, session_of
from cryptobench.kits.chaos.shuffle import shuffle_targets
from cryptobench.kits.chaos.words import word_bytes

__all__ = ["HyperchaoticChen", "Yousif2022"]

STEP = 0.002
BURN_IN = 3000
MAX_SAMPLES = 2**31 - 1  # shuffle targets are int32
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _hyperchaotic_chen(s: Floats, r: float, h: float, out: Floats) -> None:
    """A Runge-Kutta step of s = (x, y, z, w), in place, for each row of ``out``, (n, 4), which becomes frac(1024 |s|).

    x' = 35(y-x) + w, y' = 7x - xz + 12y, z' = xy - 3z, w' = yz + r w.
    """
    x, y, z, w = s
    half, sixth = h / 2.0, h / 6.0
    for i in range(len(out)):
        x1, y1, z1, w1 = 35.0 * (y - x) + w, 7.0 * x - x * z + 12.0 * y, x * y - 3.0 * z, y * z + r * w
        a, b, c, d = x + half * x1, y + half * y1, z + half * z1, w + half * w1
        x2, y2, z2, w2 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
        a, b, c, d = x + half * x2, y + half * y2, z + half * z2, w + half * w2
        x3, y3, z3, w3 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
        a, b, c, d = x + h * x3, y + h * y3, z + h * z3, w + h * w3
        x4, y4, z4, w4 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
        x += sixth * (x1 + 2.0 * x2 + 2.0 * x3 + x4)
        y += sixth * (y1 + 2.0 * y2 + 2.0 * y3 + y4)
        z += sixth * (z1 + 2.0 * z2 + 2.0 * z3 + z4)
        w += sixth * (w1 + 2.0 * w2 + 2.0 * w3 + w4)
        for m, v in enumerate((x, y, z, w)):
            scaled = abs(v) * 1024.0
            out[i, m] = scaled - np.floor(scaled)
    s[0], s[1], s[2], s[3] = x, y, z, w


@dataclass
class HyperchaoticChen:
    """The state (x, y, z, w) of the hyperchaotic Chen system after burn-in, r, and the start bytes a0, d0, c0."""

    s: Floats
    r: float
    a0: int
    d0: int
    c0: int

    @classmethod
    def of(cls, key: bytes, session: bytes) -> HyperchaoticChen:
        *states, r, a0, d0, c0 = kdf(key, session, "yaa2022", 8)
        start = np.array([interval(u, -5.0, 5.0) for u in states])
        system = cls(start, interval(r, 0.3, 0.6), int(256 * a0), int(256 * d0), int(256 * c0))
        system.run(np.empty((BURN_IN, 4)))
        return system

    def run(self, out: Floats) -> None:
        """Advance by ``len(out)`` steps and write frac(1024 |s|) of x, y, z, w."""
        _hyperchaotic_chen(self.s, self.r, STEP, out)


@njit(cache=True, nogil=True)
def _merge(B: Image, w: Image, a0: int, d0: int) -> Image:
    """D_i = (ENC[r1][B_i xor k1] + ENC[r2][A_(i+1) xor k2]) + D_(i+1), A = not B, C_i = DEC[r3][D_i], i downwards.

    k1, k2, r1, r2, r3 are bits 0-7, 8-15, 16-18, 19-21 and 22-24 of floor(2^36 X_i), whose bytes are ``w``, (4, N).
    """
    C = np.empty(len(B), np.uint8)
    A, D = a0, d0
    for i in range(len(B) - 1, -1, -1):
        rules = w[2, i] | w[3, i] << 8
        e = add(ENC[rules & 7, B[i] ^ w[0, i]], ENC[rules >> 3 & 7, A ^ w[1, i]])
        D = add(e, D)
        A = B[i] ^ 255
        C[i] = DEC[rules >> 6 & 7, D]
    return C


@njit(cache=True, nogil=True)
def _split(C: Image, w: Image, a0: int, d0: int) -> Image:
    """The inverse of `_merge`: B from C."""
    B = np.empty(len(C), np.uint8)
    A, D = a0, np.int64(d0)
    for i in range(len(C) - 1, -1, -1):
        rules = w[2, i] | w[3, i] << 8
        e = np.int64(ENC[rules >> 6 & 7, C[i]])
        share = np.int64(ENC[rules >> 3 & 7, A ^ w[1, i]])
        b = DEC[rules & 7, subtract(subtract(e, D), share)] ^ w[0, i]
        D, A = e, b ^ 255
        B[i] = b
    return B


class KeyStream:
    """Shuffle targets, and the bytes of the words of the merge and of the two chains, for N samples."""

    def __init__(self, key: bytes, session: bytes, N: int) -> None:
        with stage("key"):
            self.system = HyperchaoticChen.of(key, session)
        with stage("keystream"):
            self.targets = np.empty(N, np.int32)
            for first, X in blocks(self.system.run, 4, N):
                shuffle_targets(X, first, self.targets[first : first + len(X)])
            self.merge = self._bytes(N, 4)
            self.forward, self.backward = self._bytes(N, 3), self._bytes(N, 3)  # k, z, r

    def _bytes(self, N: int, count: int) -> Image:
        """The ``count`` low bytes of floor(2^36 X) for the next N values X, as (count, N)."""
        out = np.empty((count, N), np.uint8)
        for first, X in blocks(self.system.run, 4, N):
            word_bytes(X, first, out)
        return out


class Yousif2022(Cipher):
    """Shuffle, chain forwards and backwards, then add the DNA codes of the image and of its complement."""

    card = Card(
        name="yousif2022",
        title="A new image encryption based on bit replacing, chaos and DNA coding techniques",
        authors="S. F. Yousif, A. J. Abboud, R. S. Alhumaima",
        year=2022,
        doi="10.1007/s11042-022-12762-x",
        family="chaotic",
        fidelity="B-",
        key=(KeyField("key", 256, "hashed with the image's hash to x, y, z, w, r, a0, d0, c0"),),
        deviations=(
            "Reconstructed from the abstract; the systems, the orders of steps and the constants are ours.",
            "Bit replacing (0 becomes 1 and 0, 1 becomes 0 and 1) is read as two images: complement A and B itself.",
            "Merge: taken literally, with one XOR key stream and one permutation, the DNA sum of the two coded images "
            "is not invertible under any of the 8 x 8 rules and 4 x 4 key bases. Here A enters one place late, when "
            "the receiver already knows it, and each sum is chained to the last. It is our reading that fails, "
            "not shown to be the paper's scheme.",
            "System: 4D hyperchaotic Chen by Runge-Kutta of order 4, step 0.002, 3000 steps of burn-in; the paper's "
            "is not known. A value is the fraction of 1024 |s|.",
            "Permutation: a Knuth shuffle of the bytes, the same for A and B, so that A stays the complement of B.",
            "Diffusion: a chain of addition, rotation and XOR, once forwards and once backwards, on B.",
            "Key: SHA-256 in counter mode over key and SHA-256 of the image gives the initial state in (-5, 5), r "
            "in (0.3, 0.6), a0, d0 and c0; the hash of the image is the per-message secret.",
            "Colour: the interleaved H x W x C bytes are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. With the image's hash held still, permutation and chains "
            "are fixed and keyed, as in the hash-linked ciphers that chosen ciphertexts solve.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        N = _samples(image)
        with stage("key"):
            session = session_of("yousif2022", image, secret)
        stream = KeyStream(key, session, N)
        system, (k1, z1, r1), (k2, z2, r2) = stream.system, stream.forward, stream.backward
        with stage("permutation"):
            B = image.ravel().copy()
            swap_train(B, 0, stream.targets, True)
        with stage("diffusion"):
            B = rotating_chain(B, k1, r1, z1, system.c0, False)
            B = rotating_chain(B, k2, r2, z2, system.c0, True)
        with stage("merge"):
            C = _merge(B, stream.merge, system.a0, system.d0)
        return Encrypted(C.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("yousif2022", encrypted.header)
        N = _samples(encrypted.image)
        stream = KeyStream(key, require_session("yousif2022", encrypted.secret), N)
        system, (k1, z1, r1), (k2, z2, r2) = stream.system, stream.forward, stream.backward
        with stage("merge"):
            B = _split(encrypted.image.ravel(), stream.merge, system.a0, system.d0)
        with stage("diffusion"):
            B = rotating_unchain(B, k2, r2, z2, system.c0, True)
            B = rotating_unchain(B, k1, r1, z1, system.c0, False)
        with stage("permutation"):
            swap_train(B, 0, stream.targets, False)
        return B.reshape(encrypted.image.shape)


def _samples(image: Image) -> int:
    return require_samples("yousif2022", image.size, MAX_SAMPLES)
