"""Kang & Guo 2020: colour planes as one DNA matrix, shuffled, chained, and cut and pasted, on an MLNCML lattice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.dna import DEC, ENC, base_chain, base_unchain, pack, unpack
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import bits_after
from cryptobench.primitives.chaos.maps.lattices import blocks, mixed_neighbours, mlncml_orbit
from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train

__all__ = ["Kang2020", "Lattice", "cut_and_paste", "uncut"]

L = 12  # sites
BURN_IN = 500
BLOCK = 24576  # states that are held at a time
MAX_SAMPLES = 2**29 - 1  # 4 N base positions must fit 31 bits
Floats = NDArray[np.float64]
Order = NDArray[np.int32]
Words = NDArray[Any]  # uint8 or uint16


@dataclass
class Lattice:
    """The state x of the MLNCML after burn-in, its parameters, and the start bases d0, d1."""

    x: Floats
    mu: float
    eps: float
    eta: float
    p: int
    q: int
    d0: int
    d1: int

    def __post_init__(self) -> None:
        self.neighbours = mixed_neighbours(L, self.p, self.q)

    @classmethod
    def of(cls, key: bytes, session: bytes) -> Lattice:
        *sites, mu, eps, eta, p, q, d0, d1 = kdf(key, session, "kg2020", L + 7)
        lattice = cls(
            np.array([interval(u, 0.05, 0.95) for u in sites]),
            interval(mu, 3.9, 4.0),
            interval(eps, 0.01, 0.1),
            interval(eta, 0.1, 0.9),
            1 + int(1000 * p),
            1 + int(1000 * q),
            int(4 * d0),
            int(4 * d1),
        )
        lattice.run(np.empty((BURN_IN, L)))
        return lattice

    def run(self, out: Floats) -> None:
        """Advance by ``len(out)`` steps and write the states of all sites."""
        mlncml_orbit(self.x, self.mu, self.eps, self.eta, *self.neighbours, out)


@njit(cache=True, nogil=True)
def _rules(X: Floats, out: Words) -> None:
    """floor(2^36 X) mod 2^12."""
    for i in range(len(X)):
        out[i] = bits_after(X[i], 2.0**24, 2.0**12)


@njit(cache=True, nogil=True)
def _key_bases(X: Floats, out: Words) -> None:
    """floor(2^16 X) mod 16: a base for the chain forwards in bits 0 and 1, one for the way back in bits 2 and 3."""
    for i in range(len(X)):
        out[i] = bits_after(X[i], 2.0**12, 2.0**4)


@njit(cache=True, nogil=True)
def _encode(P: Image, rules: Words, which: int) -> Image:
    """The bases of each byte under rule ``which``, 0 to 3, of its pixel: (N,) -> (4 N,)."""
    packed = np.empty(len(P), np.uint8)
    for t in range(len(P)):
        packed[t] = ENC[rules[t] >> 3 * which & 7, P[t]]
    return unpack(packed)


@njit(cache=True, nogil=True)
def _decode(bases: Image, rules: Words, which: int) -> Image:
    """The inverse of `_encode`."""
    P = pack(bases)
    for t in range(len(P)):
        P[t] = DEC[rules[t] >> 3 * which & 7, P[t]]
    return P


@njit(cache=True, nogil=True)
def cut_and_paste(rows: Image, p: Order, length: Order, s: Order) -> Image:
    """DNA deletion and insertion in each row of (R, n): delete ``length`` bases at p, insert them at s of the rest."""
    out = np.empty_like(rows)
    for r in range(len(rows)):
        end = p[r] + length[r]
        _place(rows[r, : p[r]], rows[r, end:], rows[r, p[r] : end], s[r], out[r])
    return out


@njit(cache=True, nogil=True)
def uncut(rows: Image, p: Order, length: Order, s: Order) -> Image:
    """The inverse of `cut_and_paste`: the piece at s goes back to position p of the rest."""
    return cut_and_paste(rows, s, length, p)


@njit(cache=True, nogil=True)
def _place(head: Image, tail: Image, piece: Image, s: int, out: Image) -> None:
    """Write head + tail to ``out``, with ``piece`` inserted at position s."""
    h, end = len(head), s + len(piece)
    out[s:end] = piece
    if s < h:
        out[:s] = head[:s]
        out[end : h + len(piece)] = head[s:]
        out[h + len(piece) :] = tail
    else:
        out[:h] = head
        out[h:s] = tail[: s - h]
        out[end:] = tail[s - h :]


class KeyStream:
    """Everything that the lattice gives for R rows of n bases: rules, shuffles, key bases, and cuts."""

    def __init__(self, key: bytes, session: bytes, R: int, n: int) -> None:
        B = R * n
        with stage("key"):
            self.lattice = Lattice.of(key, session)
        with stage("keystream"):
            self.first, self.second = np.empty((2, B), np.int32)  # at once, which allocators keep for the next image
            self.rules = self._fill(_rules, np.empty(B // 4, np.uint16))
            self._shuffle(self.first)
            self.kappa = self._fill(_key_bases, np.empty(B, np.uint8))
            self._shuffle(self.second)
            words = np.empty(3 * R, np.int64)
            for start, X in blocks(self.lattice.run, L, 3 * R):
                words[start : start + len(X)] = X * 2.0**36
            p, length, s = words.reshape(R, 3).T
            p = p % n
            length = np.minimum(1 + length % n, n - p)
            self.cuts = [cut.astype(np.int32) for cut in (p, length, s % (n - length + 1))]

    def _fill(self, write: Callable[[Floats, Words], None], out: Words) -> Words:
        for start, X in blocks(self.lattice.run, L, len(out), BLOCK):
            write(X, out[start : start + len(X)])
        return out

    def _shuffle(self, out: Order) -> None:
        for start, X in blocks(self.lattice.run, L, len(out), BLOCK):
            shuffle_targets(X, start, out[start : start + len(X)])


class Kang2020(Cipher):
    """Random coding, shuffle, chain, deletion and insertion, then coding, shuffle and chain once more."""

    card = Card(
        name="kang2020",
        title="A new color image encryption scheme based on DNA encoding and spatiotemporal chaotic system",
        authors="X. Kang, Z. Guo",
        year=2020,
        doi="10.1016/j.image.2019.115670",
        family="chaotic",
        fidelity="B",
        key=(KeyField("key", 256, "hashed with the image's hash to 12 states, mu, eps, eta, p, q, d0, d1"),),
        deviations=(
            "Reconstructed from the highlights and a summary of sections: the steps are the paper's, the index "
            "formulas and constants are ours.",
            "Lattice: MLNCML of 12 sites, 500 steps of burn-in.",
            "Key: SHA-256 in counter mode over key and SHA-256 of the image gives the states in (0.05, 0.95), mu "
            "in (3.9, 4), eps in (0.01, 0.1), eta in (0.1, 0.9), p and q up to 1000, d0, d1; the paper has a 256-bit "
            "value from the image and the lattice's parameters. The hash of the image is the per-message secret.",
            "eps is kept low on purpose: in (0.01, 0.2) some 4 % of keys settle the lattice in a short cycle, down to "
            "period 4; in this range none of 4000 did.",
            "Rules: four for every pixel, from 12 bits of one lattice value; both chains' key bases share one value.",
            "Permutation: a Knuth shuffle of the single bases, across the planes.",
            "Diffusion: a chain of base additions; then deletion and insertion, once in each row of each plane.",
            "Second half: decoding and coding with new rules, a second shuffle and a backward chain are additions of "
            "ours. With one chain only, a changed pixel reaches 84 % of the image.",
            "Grey images, and any number of planes, are taken; the paper is about colour.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. With the image's hash fixed, permutations and chains "
            "are fixed and keyed, as in the hash-linked ciphers that chosen ciphertexts solve.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        R, n = _rows(image)
        with stage("key"):
            session = session_of("kang2020", image, secret)
        stream = keyed(KeyStream, key, session, R, n)
        lattice, rules, kappa = stream.lattice, stream.rules, stream.kappa
        with stage("coding"):
            D = _encode(_side_by_side(image), rules, 0)
        with stage("permutation"):
            swap_train(D, 0, stream.first, True)
        with stage("diffusion"):
            base_chain(D, kappa, 0, lattice.d0, False)
            D = cut_and_paste(D.reshape(R, n), *stream.cuts).ravel()
        with stage("coding"):
            D = _encode(_decode(D, rules, 1), rules, 2)
        with stage("permutation"):
            swap_train(D, 0, stream.second, True)
        with stage("diffusion"):
            base_chain(D, kappa, 2, lattice.d1, True)
        with stage("coding"):
            C = _decode(D, rules, 3)
        return Encrypted(_interleaved(C, image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("kang2020", encrypted.header)
        R, n = _rows(encrypted.image)
        stream = keyed(KeyStream, key, require_session("kang2020", encrypted.secret), R, n)
        lattice, rules, kappa = stream.lattice, stream.rules, stream.kappa
        with stage("coding"):
            D = _encode(_side_by_side(encrypted.image), rules, 3)
        with stage("diffusion"):
            base_unchain(D, kappa, 2, lattice.d1, True)
        with stage("permutation"):
            swap_train(D, 0, stream.second, False)
        with stage("coding"):
            D = _encode(_decode(D, rules, 2), rules, 1)
        with stage("diffusion"):
            D = uncut(D.reshape(R, n), *stream.cuts).ravel()
            base_unchain(D, kappa, 0, lattice.d0, False)
        with stage("permutation"):
            swap_train(D, 0, stream.first, False)
        with stage("coding"):
            P = _decode(D, rules, 0)
        return _interleaved(P, encrypted.image.shape)


def _rows(image: Image) -> tuple[int, int]:
    """How many rows of one plane there are, R, and the bases in each, n."""
    require_samples("kang2020", image.size, MAX_SAMPLES)
    n = 4 * image.shape[1]
    return 4 * image.size // n, n


def _side_by_side(image: Image) -> Image:
    """The planes of an (H, W, C) image next to one another, row by row, flat."""
    return image.ravel() if image.ndim == 2 else image.transpose(0, 2, 1).ravel()


def _interleaved(flat: Image, shape: tuple[int, ...]) -> Image:
    """The inverse of `_side_by_side`, for an image of ``shape``."""
    if len(shape) == 2:
        return flat.reshape(shape)
    height, width, channels = shape
    return np.ascontiguousarray(flat.reshape(height, channels, width).transpose(0, 2, 1))
