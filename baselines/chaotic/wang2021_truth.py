"""Wang & Zhang 2021: a shuffle, then chains whose diffusion values are read from keyed Boolean truth tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.word_chain import word_chain, word_unchain
from cryptobench.primitives.chaos.elementary import abs_sin_pi
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import low_words
from cryptobench.primitives.chaos.maps.lattices import blocks
from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train
from cryptobench.primitives.simd.float64 import choose, load, store

__all__ = ["Orbits", "Wang2021Truth", "diffuse_words", "logistic_sine_orbits"]

L = 16  # orbits side by side
BURN_IN = 1000
MAX_SAMPLES = 2**31 - 1  # shuffle targets are int32
RESTART = 0.123456789  # where an orbit goes on after it has fallen on 0
NAME = "wang2021-truth"

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]


@njit(cache=True, nogil=True)
def logistic_sine_orbits(x: Floats, be: float, out: Floats) -> None:
    """Advance L orbits of x' = (be (4x(1-x) + sin(pi x))) mod 1 in place; write their states to ``out``, (n, L).

    An orbit that falls on the fixed point 0 goes on from 0.123456789.
    """
    if len(x) == L:
        _sixteen_orbits(x, be, out.ravel())
        return
    for n in range(len(out)):
        for i in range(len(x)):
            u = _logistic_sine(x[i], be)
            out[n, i] = x[i] = u if u > 0.0 else RESTART


@njit(cache=True, nogil=True, inline="always")
def _logistic_sine(x: Any, be: float) -> Any:
    u = be * (4.0 * x * (1.0 - x) + abs_sin_pi(x))
    return u - np.floor(u)


@njit(cache=True, nogil=True)
def _sixteen_orbits(x: Floats, be: float, out: Floats) -> None:
    """`logistic_sine_orbits` with the states in vector registers; ``out`` is flat."""
    state = load(x, 0, L)
    for first in range(0, len(out), L):
        u = _logistic_sine(state, be)
        state = choose(0.0, u, u, RESTART)
        store(out, first, state)
    store(x, 0, state)


@njit(cache=True, nogil=True)
def diffuse_words(words: Words) -> None:
    """From key words with the bytes k, q, z and 16 r + t to words of `word_chain`, with d, z and r, in place.

    d = g_t(k, q), bit by bit: bit b of d is bit 2 k_b + q_b of the truth table t.
    """
    for i in range(len(words)):
        w = words[i]
        k, q, z, t = w, w >> np.uint32(8), w >> np.uint32(16) & np.uint32(255), w >> np.uint32(24)
        neither = ~(k | q) & _mask(t)
        only_q = ~k & q & _mask(t >> np.uint32(1))
        only_k = k & ~q & _mask(t >> np.uint32(2))
        both = k & q & _mask(t >> np.uint32(3))
        d = (neither | only_q | only_k | both) & np.uint32(255)
        words[i] = d | z << np.uint32(8) | t >> np.uint32(4) << np.uint32(16)


@njit(cache=True, nogil=True, inline="always")
def _mask(bit: Any) -> Any:
    """All ones if the lowest bit is set, else 0."""
    return np.uint32(0) - (bit & np.uint32(1))


class Orbits:
    """The orbits of a key and a session after burn-in, and the start bytes a and b of the two chains."""

    def __init__(self, key: bytes, session: bytes) -> None:
        *x, be, a, b = kdf(key, session, "wz2021", L + 3)
        self.x = np.array(x)
        whole, part = divmod(interval(be, 20.0, 100.0), 1.0)
        self.be = whole + interval(part, 0.3, 0.7)
        self.a, self.b = int(256 * a), int(256 * b)
        self.run(np.empty((BURN_IN, L)))

    def run(self, out: Floats) -> None:
        """Advance by ``len(out)`` steps and write all states to ``out``, (n, 16)."""
        logistic_sine_orbits(self.x, self.be, out)

    def targets(self, n: int) -> NDArray[np.int32]:
        """The next n samples as targets of a shuffle."""
        out = np.empty(n, np.int32)
        for first, X in blocks(self.run, L, n):
            shuffle_targets(X, first, out[first : first + len(X)])
        return out

    def words(self, n: int) -> Words:
        """The next n samples as key words of one pass, from the low bits of floor(2^36 X)."""
        out, room = np.empty(n, np.uint32), np.empty(8192)
        for first, X in blocks(self.run, L, n):
            part = out[first : first + len(X)]
            low_words(X, 2.0**36, room[: len(X)], part)
            diffuse_words(part)
        return out


class KeyStream:
    """All that encryption and decryption of n samples take from the orbits."""

    def __init__(self, key: bytes, session: bytes, n: int) -> None:
        require_samples(NAME, n, MAX_SAMPLES)
        with stage("key"):
            orbits = Orbits(key, session)
        with stage("keystream"):
            self.targets = orbits.targets(n)
            self.passes = ((orbits.words(n), orbits.a, False), (orbits.words(n), orbits.b, True))


class Wang2021Truth(Cipher):
    """A shuffle of all samples, then a chain forwards and one backwards."""

    card = Card(
        name="wang2021-truth",
        title="An image encryption algorithm based on new chaos and diffusion values of a truth table",
        authors="X. Wang, M. Zhang",
        year=2021,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the session to x0(0..15), be, a, b"),),
        deviations=(
            "Reconstructed from the title alone: a new chaotic map feeds permutation and key streams, and the value "
            "that diffuses a pixel is read from a Boolean truth table. All else is ours.",
            "Map: x' = (be (4x(1-x) + sin(pi x))) mod 1, be in (20, 100), in 16 orbits side by side under one be, "
            "read row by row; each of their three uses starts on a new row. 1000 steps of burn-in.",
            "The fraction of be is kept in (0.3, 0.7): where that of 2 be is near 1/2, the maximum at x = 1/2 is a "
            "stable fixed point. With any be, 0.4 % of orbits settle in a cycle of at most 64 states in 20000 steps.",
            "The sine is a polynomial within 4e-16 of it, so that the ciphertext is the same on every machine.",
            "Key: SHA-256 in counter mode over key and session gives 16 states in (0, 1), be and two start bytes.",
            "Session: SHA-256 of the image; whether the paper ties the key stream to the plaintext is not known.",
            "Permutation: a Knuth-Durstenfeld shuffle of all samples, element t swapped by sample t.",
            "Truth table: 4 bits of each sample choose one of the 16 two-input Boolean functions, applied bit by bit "
            "to two key bytes. The previous cipher byte stays outside: in a table that masks an input, a difference "
            "dies.",
            "Diffusion: a chain of addition, rotation and XOR with a whitening byte, once forwards and once backwards.",
            "Colour: the interleaved H x W x C bytes are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. If the session is public, cipher images sent under one "
            "session all meet the same shuffle and chains, which chosen ciphertexts then recover.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        session = session_of(NAME, image, secret)
        stream = keyed(KeyStream, key, session, image.size)
        c = image.flatten()
        with stage("permutation"):
            swap_train(c, 0, stream.targets, True)
        with stage("diffusion"):
            for words, start, backward in stream.passes:
                c = word_chain(c, words, start, backward)
        return Encrypted(c.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data(NAME, encrypted.header)
        stream = keyed(KeyStream, key, require_session(NAME, encrypted.secret), encrypted.image.size)
        p = encrypted.image.flatten()
        with stage("diffusion"):
            for words, start, backward in reversed(stream.passes):
                p = word_unchain(p, words, start, backward)
        with stage("permutation"):
            swap_train(p, 0, stream.targets, False)
        return p.reshape(encrypted.image.shape)
