"""Wang & Zhang 2021: a shuffle, then chains whose diffusion values are read from keyed Boolean truth tables."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data, require_samples
from cryptobench.kits.chaos.diffusion import rotating_chain, rotating_unchain
from cryptobench.kits.chaos.keys import interval, kdf
from cryptobench.kits.chaos.permutation import swap_train
from cryptobench.kits.chaos.rows import blocks
from cryptobench.kits.chaos.session import require_session, session_of
from cryptobench.kits.chaos.shuffle import shuffle_targets
from cryptobench.kits.chaos.sine import abs_sin_pi
from cryptobench.kits.chaos.words import word_bytes

__all__ = ["Orbits", "Wang2021Truth", "diffusion_values", "logistic_sine_orbits"]

L = 16  # orbits side by side
BURN_IN = 1000
MAX_SAMPLES = 2**31 - 1  # shuffle targets are int32
NAME = "wang2021-truth"

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def logistic_sine_orbits(x: Floats, be: float, out: Floats) -> None:
    """Advance L orbits of x' = (be (4x(1-x) + sin(pi x))) mod 1 in place; write their states to ``out``, (n, L).

    An orbit that falls on the fixed point 0 goes on from 0.123456789.
    """
    state = x.copy()
    for n in range(len(out)):
        for i in range(len(state)):
            u = be * (4.0 * state[i] * (1.0 - state[i]) + abs_sin_pi(state[i]))
            u -= np.floor(u)
            state[i] = u if u > 0.0 else 0.123456789
            out[n, i] = state[i]
    x[:] = state


@njit(cache=True, nogil=True)
def diffusion_values(k: Image, q: Image, t: Image) -> Image:
    """d = g_t(k, q), bit by bit: output bit b is bit 2 k_b + q_b of the truth table t, of which 4 bits are used."""
    d = np.empty_like(k)
    for i in range(len(k)):
        a, b = np.uint32(k[i]), np.uint32(q[i])
        table = np.uint32(t[i])
        neither = ~(a | b) * (table & np.uint32(1))
        only_q = (~a & b) * (table >> np.uint32(1) & np.uint32(1))
        only_k = (a & ~b) * (table >> np.uint32(2) & np.uint32(1))
        both = (a & b) * (table >> np.uint32(3) & np.uint32(1))
        d[i] = np.uint8(neither | only_q | only_k | both)
    return d


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

    def pass_bytes(self, n: int) -> tuple[Image, Image, Image]:
        """The next n samples as d, r and z of one pass, from the bytes k, q, z and 16 r + t of w = floor(2^36 X)."""
        out = np.empty((4, n), np.uint8)
        for first, X in blocks(self.run, L, n):
            word_bytes(X, first, out)
        k, q, z, rt = out
        return diffusion_values(k, q, rt), rt >> np.uint8(4), z


class KeyStream:
    """All that encryption and decryption of n samples take from the orbits."""

    def __init__(self, key: bytes, session: bytes, n: int) -> None:
        require_samples(NAME, n, MAX_SAMPLES)
        with stage("key"):
            orbits = Orbits(key, session)
        with stage("keystream"):
            self.targets = orbits.targets(n)
            self.passes = ((orbits.pass_bytes(n), orbits.a, False), (orbits.pass_bytes(n), orbits.b, True))


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
        stream = KeyStream(key, session, image.size)
        c = image.flatten()
        with stage("permutation"):
            swap_train(c, 0, stream.targets, True)
        with stage("diffusion"):
            for (d, r, z), start, backward in stream.passes:
                c = rotating_chain(c, d, r, z, start, backward)
        return Encrypted(c.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data(NAME, encrypted.header)
        stream = KeyStream(key, require_session(NAME, encrypted.secret), encrypted.image.size)
        p = encrypted.image.flatten()
        with stage("diffusion"):
            for (d, r, z), start, backward in reversed(stream.passes):
                p = rotating_unchain(p, d, r, z, start, backward)
        with stage("permutation"):
            swap_train(p, 0, stream.targets, False)
        return p.reshape(encrypted.image.shape)
