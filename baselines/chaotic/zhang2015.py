"""Zhang & Wang 2015: bit permutation driven by a non-adjacent coupled map lattice (NCML), and a rotating chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_rounds, require_samples
from cryptobench.primitives.chaos.diffusion.chains import rotating_chain, rotating_unchain
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf
from cryptobench.primitives.chaos.maps.basic import ncml_neighbours, ncml_orbit
from cryptobench.primitives.chaos.maps.ring_lattice import (
    SITES,
    remainders,
    ring_pair,
    ring_step,
    store_bit_places,
    store_key_bytes,
)
from cryptobench.primitives.chaos.permutation.index import swap_sample_bits
from cryptobench.primitives.simd.float64 import load, store

__all__ = ["Lattice", "Zhang2015", "key_bytes"]

Floats = NDArray[np.float64]
Targets = tuple[NDArray[np.int32], NDArray[np.int32]]  # floor(t / 8), t mod 8 for the bits t to swap with, b fastest
Ring = tuple[float, float, int, np.int32]  # mu, eps, the pair of neighbours, and 8 N

L = 9  # sites; site 0 is an uncoupled logistic orbit and is not used
BURN_IN = 500
STRIP = 128  # samples whose swap targets are held at a time
MAX_SAMPLES = 2**28 - 1  # 8 N bit positions must fit 31 bits


@dataclass
class Lattice:
    """The state x of the NCML after burn-in, its parameters, and the start byte c0, all from the key."""

    x: NDArray[np.float64]
    mu: float
    eps: float
    p: int
    q: int
    c0: int

    @classmethod
    def of(cls, key: bytes) -> Lattice:
        *sites, mu, eps, p, q, c0 = kdf(key, b"", "zw2015", L + 5)
        x = np.array([interval(u, 0.05, 0.95) for u in sites])
        lattice = cls(
            x,
            interval(mu, 3.992, 4.0),
            interval(eps, 0.01, 0.05),
            3 * int(333 * p) + 1,
            3 * int(333 * q) + 2,
            int(256 * c0),
        )
        lattice.run(np.empty((BURN_IN, L - 1)))
        return lattice

    def run(self, out: NDArray[np.float64]) -> None:
        """Advance by ``len(out)`` steps and write S[n, b], the states of sites 1 to 8."""
        ncml_orbit(self.x, self.mu, self.eps, *ncml_neighbours(L, self.p, self.q), out)

    def ring(self, N: int) -> tuple[Ring, Floats]:
        """What `_run` needs for ``N`` samples: the parameters, and the states in the order of its lanes."""
        return (self.mu, self.eps, ring_pair(self.p, self.q), np.int32(8 * N)), self.x[list(SITES)]


@njit(cache=True, nogil=True)
def _run(
    ring: Ring,
    states: Floats,
    ahead: Targets,
    K1: Image,
    K2: Image,
    data: Image,
    first: Any,
    targets: Targets,
    undo: bool,
) -> None:
    """Advance the lattice by len(K1) steps, and swap the bits of the samples from ``first`` on that have ``targets``.

    Writes K1, K2 and, where there is room, floor(2^40 S[n, b]) mod 8 N to ``ahead``. The two tasks have nothing to do
    with each other: step by step in turn, each fills the time that the other waits for its last state or for memory.
    """
    mu, eps, pair, modulus = ring
    x, y = load(states, 0, 4), load(states, 4, 4)
    places, bits = targets
    samples = len(places) // 8
    for n in range(max(len(K1), samples)):
        if n < len(K1):
            x, y = ring_step(x, y, mu, eps, pair)
            if len(ahead[0]):
                u, v = remainders(x, modulus), remainders(y, modulus)
                store_bit_places(u, v, modulus, ahead[0], ahead[1], 8 * n)
            store_key_bytes(x, y, K1, K2, n)
        if n < samples:
            m = samples - 1 - n if undo else n
            if undo:
                swap_sample_bits(data, first + m, places, bits, 8 * m, True)
            else:
                swap_sample_bits(data, first + m, places, bits, 8 * m, False)
    store(states, 0, x)
    store(states, 4, y)


@njit(cache=True, nogil=True, inline="always")
def _targets() -> Targets:
    """Room for the targets of a strip."""
    return np.empty(8 * STRIP, np.int32), np.empty(8 * STRIP, np.int32)


@njit(cache=True, nogil=True, inline="always")
def _first(targets: Targets, samples: int) -> Targets:
    """The targets of the first ``samples`` samples."""
    return targets[0][: 8 * samples], targets[1][: 8 * samples]


@njit(cache=True, nogil=True)
def _permute(ring: Ring, states: Floats, data: Image, K1: Image, K2: Image) -> None:
    """One round's swaps over all of ``data``, in place, and its key bytes."""
    N = len(data)
    now, ahead = _targets(), _targets()
    nothing = _first(now, 0)
    _run(ring, states, now, K1[:STRIP], K2[:STRIP], data, np.int64(0), nothing, False)
    for start in range(0, N, STRIP):
        targets = _first(now, min(STRIP, N - start))
        keys = slice(start + STRIP, start + 2 * STRIP)
        _run(ring, states, ahead, K1[keys], K2[keys], data, start, targets, False)
        now, ahead = ahead, now


@njit(cache=True, nogil=True)
def key_bytes(ring: Ring, states: Floats, K1: Image, K2: Image, saved: Floats) -> None:
    """One round's key bytes alone; ``saved``, (strips, 8), takes the states before each strip."""
    nothing = np.empty(0, np.int32)
    for strip in range(len(saved)):
        saved[strip] = states
        keys = slice(strip * STRIP, (strip + 1) * STRIP)
        _run(ring, states, (nothing, nothing), K1[keys], K2[keys], K1, np.int64(0), (nothing, nothing), False)


@njit(cache=True, nogil=True)
def _unpermute(ring: Ring, saved: Floats, data: Image, K1: Image, K2: Image) -> None:
    """Undo one round's swaps, strip by strip from the last; K1 and K2 are filled again with what they hold."""
    N = len(data)
    now, ahead = _targets(), _targets()
    nothing = _first(now, 0)
    last = (len(saved) - 1) * STRIP
    _run(ring, saved[-1], now, K1[last:], K2[last:], data, np.int64(0), nothing, False)
    for strip in range(len(saved) - 1, -1, -1):
        start = strip * STRIP
        targets = _first(now, min(STRIP, N - start))
        keys = slice(max(start - STRIP, 0), start)
        _run(ring, saved[strip - 1], ahead, K1[keys], K2[keys], data, start, targets, True)
        now, ahead = ahead, now


class Zhang2015(Cipher):
    """``rounds`` of bit swaps over the whole image and a rotating chain, every second one backwards."""

    card = Card(
        name="zhang2015",
        title="A new image encryption algorithm based on the spatiotemporal non-adjacent coupled map lattices",
        authors="Y.-Q. Zhang, X.-Y. Wang",
        year=2015,
        family="chaotic",
        fidelity="B-",
        key=(KeyField("key", 256, "hashed to x0(0..8), mu, eps, p, q, c0"),),
        deviations=(
            "Reconstructed from the map and the structure that later papers state; the paper's text was not at hand.",
            "Key: SHA-256 in counter mode gives the 9 initial states in (0.05, 0.95), mu in (3.992, 4), "
            "eps in (0.01, 0.05), p = 1 mod 3 and q = 2 mod 3 below 1000, and c0; the paper's key space is not known.",
            "Those ranges are narrow on purpose: with mu in (3.9, 4), eps in (0.01, 0.2) and any p and q, about 3 % of "
            "keys settle the lattice in a short cycle, down to period 2; in these, no site of 8000 keys did.",
            "Lattice: 9 sites, site 0 dropped because it is coupled to itself alone, 500 steps of burn-in.",
            "Bit permutation: bit b of each pixel in turn changes places with the bit that site b+1 points to.",
            "Key bytes: bits of floor(2^36 x) of two sites each.",
            "Diffusion: a chain of addition, rotation and XOR, forwards and backwards in turn; the paper's is unknown.",
            "Rounds: 3 by default; the paper's number is not known.",
            "Colour: the paper is about grey images; the interleaved H x W x C bytes are one sequence here.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. The key stream does not depend on the plaintext, so "
            "chosen plaintexts under one key always meet the same keyed permutation of images.",
        ),
    )

    def __init__(self, rounds: int = 3) -> None:
        self.rounds = require_rounds("zhang2015", rounds)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("zhang2015", secret=secret)
        c, lattice = image.ravel().copy(), _lattice(image, key)
        ring, states = lattice.ring(c.size)
        K1, K2 = np.empty((2, c.size), np.uint8)
        for r in range(self.rounds):
            with stage("keystream and permutation"):
                _permute(ring, states, c, K1, K2)
            with stage("diffusion"):
                c = rotating_chain(c, K1, K2, K2, lattice.c0, r % 2 == 1)
        return Encrypted(c.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhang2015", encrypted.header, encrypted.secret)
        p, lattice = encrypted.image.ravel(), _lattice(encrypted.image, key)
        ring, states = lattice.ring(p.size)
        # The orbit only runs forwards: a first pass keeps each round's key bytes and the states before each strip.
        K1, K2 = np.empty((2, self.rounds, p.size), np.uint8)
        saved = np.empty((self.rounds, -(-p.size // STRIP), L - 1))
        with stage("keystream"):
            for r in range(self.rounds):
                key_bytes(ring, states, K1[r], K2[r], saved[r])
        for r in reversed(range(self.rounds)):
            with stage("diffusion"):
                p = rotating_unchain(p, K1[r], K2[r], K2[r], lattice.c0, r % 2 == 1)
            with stage("keystream and permutation"):
                _unpermute(ring, saved[r], p, K1[r], K2[r])
        return p.reshape(encrypted.image.shape)


def _lattice(image: Image, key: bytes) -> Lattice:
    require_samples("zhang2015", image.size, MAX_SAMPLES)
    with stage("key"):
        return Lattice.of(key)
