"""Zhang & Wang 2015: bit permutation driven by a non-adjacent coupled map lattice (NCML), and a rotating chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data, require_rounds, require_samples
from cryptobench.kits.chaos.diffusion import rotating_chain, rotating_unchain
from cryptobench.kits.chaos.keys import interval, kdf
from cryptobench.kits.chaos.maps import ncml_neighbours, ncml_orbit
from cryptobench.kits.chaos.permutation import swap_bits
from cryptobench.kits.chaos.quantise import indices

__all__ = ["Lattice", "Zhang2015"]

L = 9  # sites; site 0 is an uncoupled logistic orbit and is not used
BURN_IN = 500
BLOCK = 8192  # pixels whose key stream is held at a time
STRIP = 256  # of these, those whose states are held
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


@njit(cache=True, nogil=True)
def _key_bytes(S: NDArray[np.float64], K1: Image, K2: Image) -> None:
    """K1 = (w_1 xor (w_5 >> 8)) & 255 and K2 = (w_2 xor (w_6 >> 8)) & 255, w_b = floor(2^36 S[n, b])."""
    for n in range(len(S)):
        K1[n] = (np.int64(S[n, 1] * 2.0**36) ^ (np.int64(S[n, 5] * 2.0**36) >> 8)) & 255
        K2[n] = (np.int64(S[n, 2] * 2.0**36) ^ (np.int64(S[n, 6] * 2.0**36) >> 8)) & 255


@njit(cache=True, nogil=True)
def _fill(
    x: NDArray[np.float64],
    mu: float,
    eps: float,
    j: NDArray[np.uint64],
    k: NDArray[np.uint64],
    modulus: int,
    targets: NDArray[np.int32],
    K1: Image,
    K2: Image,
) -> None:
    """Advance the lattice by len(K1) steps, in strips whose states stay in the first-level cache.

    Writes K1, K2 and, where ``targets`` is not empty, floor(2^40 S) mod modulus.
    """
    S = np.empty((STRIP, L - 1))
    for start in range(0, len(K1), STRIP):
        stop = min(start + STRIP, len(K1))
        states = S[: stop - start]
        ncml_orbit(x, mu, eps, j, k, states)
        _key_bytes(states, K1[start:stop], K2[start:stop])
        if len(targets):
            indices(states, modulus, targets[start:stop])


class KeyStream:
    """What the lattice gives for N samples, block by block: swap targets, and the key bytes K1, K2 of a round."""

    def __init__(self, key: bytes, N: int) -> None:
        with stage("key"):
            self.lattice = Lattice.of(key)
            self._neighbours = ncml_neighbours(L, self.lattice.p, self.lattice.q)
        self.N = N
        self.starts = range(0, N, BLOCK)
        self.K1, self.K2 = np.empty(N, np.uint8), np.empty(N, np.uint8)
        self._targets = np.empty((min(N, BLOCK), L - 1), np.int32)

    def advance(self, start: int) -> NDArray[np.int32]:
        """Over the block of pixels from ``start``: its key bytes, and where each bit goes, b running fastest."""
        targets = self._targets[: min(BLOCK, self.N - start)]
        self._fill(start, targets)
        return targets.ravel()

    def advance_key_bytes(self, start: int) -> None:
        """The same without the targets."""
        self._fill(start, self._targets[:0])

    def _fill(self, start: int, targets: NDArray[np.int32]) -> None:
        x, mu, eps = self.lattice.x, self.lattice.mu, self.lattice.eps
        block = slice(start, min(start + BLOCK, self.N))
        with stage("keystream"):
            _fill(x, mu, eps, *self._neighbours, 8 * self.N, targets, self.K1[block], self.K2[block])


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
        stream = KeyStream(key, _samples(image))
        c = image.ravel().copy()
        for r in range(self.rounds):
            for start in stream.starts:
                targets = stream.advance(start)
                with stage("permutation"):
                    swap_bits(c, start, targets, False)
            with stage("diffusion"):
                c = rotating_chain(c, stream.K1, stream.K2, stream.K2, stream.lattice.c0, r % 2 == 1)
        return Encrypted(c.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhang2015", encrypted.header, encrypted.secret)
        stream = KeyStream(key, _samples(encrypted.image))
        # The orbit only runs forwards: a first pass keeps each round's key bytes and the state before each block.
        states, key_bytes = [], []
        for _ in range(self.rounds):
            for start in stream.starts:
                states.append(stream.lattice.x.copy())
                stream.advance_key_bytes(start)
            key_bytes.append((stream.K1.copy(), stream.K2.copy()))
        p = encrypted.image.ravel()
        for r in reversed(range(self.rounds)):
            K1, K2 = key_bytes[r]
            with stage("diffusion"):
                p = rotating_unchain(p, K1, K2, K2, stream.lattice.c0, r % 2 == 1)
            for start in reversed(stream.starts):
                stream.lattice.x[:] = states.pop()
                targets = stream.advance(start)
                with stage("permutation"):
                    swap_bits(p, start, targets, True)
        return p.reshape(encrypted.image.shape)


def _samples(image: Image) -> int:
    return require_samples("zhang2015", image.size, MAX_SAMPLES)
