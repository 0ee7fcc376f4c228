"""Yousif, Abboud & Alhumaima 2022: an image and its complement, hyperchaotic diffusion, merged by DNA addition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.dna import DEC, ENC, add, subtract
from cryptobench.primitives.chaos.diffusion.word_chain import chained, word_chain, word_unchain
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.permutation.index import shuffle_target, swap_train

__all__ = ["HyperchaoticChen", "Yousif2022"]

STEP = 0.002
BURN_IN = 3000
MAX_SAMPLES = 2**31 - 1  # shuffle targets are int32
Floats = NDArray[np.float64]
Order = NDArray[np.int32]
Words = NDArray[np.uint32]
State = tuple[float, float, float, float]


@njit(cache=True, nogil=True, inline="always")
def _step(s: State, r: float) -> State:
    """A Runge-Kutta step of x' = 35(y-x) + w, y' = 7x - xz + 12y, z' = xy - 3z, w' = yz + r w."""
    x, y, z, w = s
    half, sixth = STEP / 2.0, STEP / 6.0
    x1, y1, z1, w1 = 35.0 * (y - x) + w, 7.0 * x - x * z + 12.0 * y, x * y - 3.0 * z, y * z + r * w
    a, b, c, d = x + half * x1, y + half * y1, z + half * z1, w + half * w1
    x2, y2, z2, w2 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
    a, b, c, d = x + half * x2, y + half * y2, z + half * z2, w + half * w2
    x3, y3, z3, w3 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
    a, b, c, d = x + STEP * x3, y + STEP * y3, z + STEP * z3, w + STEP * w3
    x4, y4, z4, w4 = 35.0 * (b - a) + d, 7.0 * a - a * c + 12.0 * b, a * b - 3.0 * c, b * c + r * d
    return (
        x + sixth * (x1 + 2.0 * x2 + 2.0 * x3 + x4),
        y + sixth * (y1 + 2.0 * y2 + 2.0 * y3 + y4),
        z + sixth * (z1 + 2.0 * z2 + 2.0 * z3 + z4),
        w + sixth * (w1 + 2.0 * w2 + 2.0 * w3 + w4),
    )


@njit(cache=True, nogil=True, inline="always")
def _value(u: float) -> Any:
    """frac(1024 |u|) of a coordinate."""
    scaled = abs(u) * 1024.0
    return scaled - np.floor(scaled)


@njit(cache=True, nogil=True, inline="always")
def _word(u: float) -> Any:
    """The low bits of floor(2^36 X) of the value X of a coordinate."""
    return np.uint32(np.int64(_value(u) * 2.0**36))


# Each step waits some sixty cycles for its own intermediate results. What the kernels below do with its four values
# fits into that time.


@njit(cache=True, nogil=True)
def _values(s: State, r: float, out: Floats) -> State:
    """The values of (x, y, z, w) after each step, (n, 4), and the last state."""
    for i in range(len(out)):
        s = _step(s, r)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = _value(s[0]), _value(s[1]), _value(s[2]), _value(s[3])
    return s


@njit(cache=True, nogil=True, inline="always")
def _target(u: float, place: int) -> Any:
    return shuffle_target(_value(u), place)


@njit(cache=True, nogil=True)
def _targets(s: State, r: float, N: int) -> tuple[State, Order]:
    """The next N values as targets of a shuffle."""
    out = np.empty(N + 3, np.int32)
    for i in range(0, N, 4):
        s = _step(s, r)
        out[i], out[i + 1] = _target(s[0], i), _target(s[1], i + 1)
        out[i + 2], out[i + 3] = _target(s[2], i + 2), _target(s[3], i + 3)
    return s, out[:N]


@njit(cache=True, nogil=True)
def _words(s: State, r: float, N: int) -> tuple[State, Words]:
    """The next N values as key words."""
    out = np.empty(N + 3, np.uint32)
    for i in range(0, N, 4):
        s = _step(s, r)
        out[i], out[i + 1], out[i + 2], out[i + 3] = _word(s[0]), _word(s[1]), _word(s[2]), _word(s[3])
    return s, out[:N]


@njit(cache=True, nogil=True)
def _chain_forwards(s: State, r: float, p: Image, start: int) -> tuple[State, Image]:
    """`word_chain` by the next N values, from the first sample on."""
    c, words = np.empty_like(p), np.empty(4, np.uint32)
    previous = np.uint8(start)
    for first in range(0, len(p), 4):
        s = _step(s, r)
        words[0], words[1], words[2], words[3] = _word(s[0]), _word(s[1]), _word(s[2]), _word(s[3])
        for i in range(first, min(first + 4, len(p))):
            previous = chained(p[i], words[i - first], previous)
            c[i] = previous
    return s, c


@dataclass
class HyperchaoticChen:
    """The state (x, y, z, w) of the hyperchaotic Chen system after burn-in, r, and the start bytes a0, d0, c0.

    Each use goes on where the last one stopped; what is left of a step's four values is dropped.
    """

    s: State
    r: float
    a0: int
    d0: int
    c0: int

    @classmethod
    def of(cls, key: bytes, session: bytes) -> HyperchaoticChen:
        *states, r, a0, d0, c0 = kdf(key, session, "yaa2022", 8)
        x, y, z, w = (interval(u, -5.0, 5.0) for u in states)
        system = cls((x, y, z, w), interval(r, 0.3, 0.6), int(256 * a0), int(256 * d0), int(256 * c0))
        system.run(np.empty((BURN_IN, 4)))
        return system

    def run(self, out: Floats) -> None:
        """Advance by ``len(out)`` steps and write frac(1024 |s|) of x, y, z, w."""
        self.s = _values(self.s, self.r, out)

    def targets(self, N: int) -> Order:
        """The next N values as targets of a shuffle."""
        self.s, out = _targets(self.s, self.r, N)
        return out

    def words(self, N: int) -> Words:
        """The next N values as key words, the low 32 bits of floor(2^36 X)."""
        self.s, out = _words(self.s, self.r, N)
        return out

    def chain_forwards(self, p: Image) -> Image:
        """`word_chain` by the words of the next N values; a step of the chain costs no time of its own here."""
        self.s, out = _chain_forwards(self.s, self.r, p, self.c0)
        return out


@njit(cache=True, nogil=True)
def _merge(B: Image, words: Words, a0: int, d0: int) -> Image:
    """D_i = (ENC[r1][B_i xor k1] + ENC[r2][A_(i+1) xor k2]) + D_(i+1), A = not B, C_i = DEC[r3][D_i], i downwards.

    k1, k2, r1, r2, r3 are bits 0-7, 8-15, 16-18, 19-21 and 22-24 of a word.
    """
    C = np.empty(len(B), np.uint8)
    A, D = a0, d0
    for i in range(len(B) - 1, -1, -1):
        k1, k2, r1, r2, r3 = _fields(words[i])
        e = add(ENC[r1, B[i] ^ k1], ENC[r2, A ^ k2])
        D = add(e, D)
        A = B[i] ^ 255
        C[i] = DEC[r3, D]
    return C


@njit(cache=True, nogil=True)
def _split(C: Image, words: Words, a0: int, d0: int) -> Image:
    """The inverse of `_merge`: B from C."""
    B = np.empty(len(C), np.uint8)
    A, D = a0, np.int64(d0)
    for i in range(len(C) - 1, -1, -1):
        k1, k2, r1, r2, r3 = _fields(words[i])
        e = np.int64(ENC[r3, C[i]])
        share = np.int64(ENC[r2, A ^ k2])
        b = DEC[r1, subtract(subtract(e, D), share)] ^ k1
        D, A = e, b ^ 255
        B[i] = b
    return B


@njit(cache=True, nogil=True, inline="always")
def _fields(word: Any) -> Any:
    """k1, k2, r1, r2, r3 as signed integers."""
    w = np.int64(word)
    return w & 255, w >> 8 & 255, w >> 16 & 7, w >> 19 & 7, w >> 22 & 7


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
            "the receiver already knows it, and each sum is chained to the last. It is our reading that "
            "fails; whether the paper's own scheme does is not known.",
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
            "No published attack on this cipher was found. With the image's hash fixed, permutation and chains "
            "are fixed and keyed, as in the hash-linked ciphers that chosen ciphertexts solve.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        N = _samples(image)
        with stage("key"):
            session = session_of("yousif2022", image, secret)
            system = replace(keyed(HyperchaoticChen.of, key, session))  # its own, which goes on
        with stage("keystream"):
            targets, merge = system.targets(N), system.words(N)
        with stage("permutation"):
            B = image.ravel().copy()
            swap_train(B, 0, targets, True)
        with stage("keystream and forward chain"):
            B = system.chain_forwards(B)
        with stage("keystream"):
            words = system.words(N)
        with stage("backward chain"):
            B = word_chain(B, words, system.c0, True)
        with stage("merge"):
            C = _merge(B, merge, system.a0, system.d0)
        return Encrypted(C.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("yousif2022", encrypted.header)
        N = _samples(encrypted.image)
        with stage("key"):
            system = replace(keyed(HyperchaoticChen.of, key, require_session("yousif2022", encrypted.secret)))
        with stage("keystream"):
            targets, merge, forward, backward = system.targets(N), system.words(N), system.words(N), system.words(N)
        with stage("merge"):
            B = _split(encrypted.image.ravel(), merge, system.a0, system.d0)
        with stage("diffusion"):
            B = word_unchain(B, backward, system.c0, True)
            B = word_unchain(B, forward, system.c0, False)
        with stage("permutation"):
            swap_train(B, 0, targets, False)
        return B.reshape(encrypted.image.shape)


def _samples(image: Image) -> int:
    return require_samples("yousif2022", image.size, MAX_SAMPLES)
