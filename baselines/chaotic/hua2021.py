"""Hua, Zhu, Yi, Zhang & Huang 2021 (LTMM-CIEA): 2D-LTMM, cross-plane permutation, non-sequential diffusion."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, UnsupportedImage, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_rounds
from cryptobench.primitives.chaos.diffusion.chains import add_chain, add_unchain
from cryptobench.primitives.chaos.key_schedule.keys import bit_fields
from cryptobench.primitives.chaos.key_schedule.keystream import scaled_bytes
from cryptobench.primitives.chaos.maps.basic import ltmm_orbit
from cryptobench.primitives.chaos.permutation.index import put_columns, put_rows, take_columns, take_rows
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side
from cryptobench.primitives.chaos.permutation.sorting import argsort_columns, argsort_sorted_rows

__all__ = ["Hua2021", "Seed", "seed_of_round"]

BURN_IN = 200
Floats = NDArray[np.float64]


class Seed(NamedTuple):
    """Initial state and parameters of the 2D-LTMM in one round."""

    x: float
    y: float
    a: float
    b: float


def seed_of_round(key: bytes, r: int) -> Seed:
    """x0, y0, p, q (52-bit fractions) and g1, g2 (24-bit integers) of the key, mixed by G = g + 1 + r."""
    *words, g1, g2 = bit_fields(key, [52, 52, 52, 52, 24, 24])
    x0, y0, p, q = (word / 2**52 for word in words)
    G = (g1, g2)[r % 2] + 1 + r
    return Seed(
        x=(x0 * G + y0) % 1,
        y=(y0 * G + x0 + 0.1 * (r + 1)) % 1,
        a=10 + 90 * ((p * G + x0) % 1),
        b=10 + 90 * ((q * G + y0) % 1),
    )


def fill_sequences(key: bytes, r: int, S1: Floats, S2: Floats) -> None:
    """Fill the M x L matrices of round ``r``, row by row, with the x and y of its orbit."""
    with stage("keystream"):
        ltmm_orbit(*seed_of_round(key, r), BURN_IN, S1.ravel(), S2.ravel())


class CrossPlane:
    """The permutation of one round: rows and columns at once, over all planes side by side.

    ``col`` sorts every column of S1. Row i of the sorted columns is then sorted along the row, which gives ``row``.
    Cell (col[i, k], k) receives the pixel of cell (col[i, j], j), j = row[i, k].
    """

    def __init__(self, S1: Floats) -> None:
        self.col = argsort_columns(S1)
        self.row = argsort_sorted_rows(S1, self.col)

    def apply(self, p: Image) -> Image:
        return put_columns(take_rows(take_columns(p, self.col), self.row), self.col)

    def undo(self, p: Image) -> Image:
        return put_columns(put_rows(take_columns(p, self.col), self.row), self.col)


class SecretOrder:
    """The diffusion of one round: an additive chain that visits the pixels in the order of S2's sorted columns.

    K holds the key bytes floor(2^32 S2) mod 256 in the order of the visit.
    """

    def __init__(self, S2: Floats) -> None:
        self.order = argsort_columns(S2)
        self.K = take_columns(scaled_bytes(S2, 32), self.order).ravel()

    def apply(self, p: Image) -> Image:
        visited = take_columns(p, self.order)
        return put_columns(add_chain(visited.ravel(), self.K).reshape(p.shape), self.order)

    def undo(self, c: Image) -> Image:
        visited = take_columns(c, self.order)
        return put_columns(add_unchain(visited.ravel(), self.K).reshape(c.shape), self.order)


class Hua2021(Cipher):
    """``rounds`` of cross-plane permutation and non-sequential diffusion."""

    card = Card(
        name="hua2021",
        title="Cross-plane colour image encryption using a two-dimensional logistic tent modular map",
        authors="Z. Hua, Z. Zhu, S. Yi, Z. Zhang, H. Huang",
        year=2021,
        doi="10.1016/j.ins.2020.09.032",
        family="chaotic",
        fidelity="C+",
        key=(
            KeyField("x0", 52, "initial x, and part of a, y"),
            KeyField("y0", 52, "initial y, and part of b, x"),
            KeyField("p", 52, "parameter a"),
            KeyField("q", 52, "parameter b"),
            KeyField("g1", 24, "factor of even rounds, counted from 0"),
            KeyField("g2", 24, "factor of odd rounds"),
        ),
        deviations=(
            "Reconstructed from the abstract, with the building blocks of the same group's public ciphers.",
            "2D-LTMM: the equation is ours, logistic and tent maps coupled crosswise, mod 1, a and b in [10, 100).",
            "Key: 52-bit x0, y0, p, q and 24-bit g1, g2 is the group's usual layout; the mixing of rounds is ours.",
            "Rounds: 2 by default; the paper's number is not known. 200 iterates are dropped in each round.",
            "Permutation: the group's row-and-column sorting, over the three planes side by side.",
            "Diffusion: the group's addition in a sorted order, with key bytes floor(2^32 S2) mod 256.",
            "The key stream does not depend on the plaintext; the abstract does not say whether the paper's does.",
            "Images with any number of planes are taken, a grey image as one plane; a single sample is refused, since "
            "the closed chain is not invertible there.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "J. Chen, L. Chen, Y. Zhou, Universal chosen-ciphertext attack for a family of image encryption "
            "schemes, arXiv 1903.11987: breaks the class that this reconstruction belongs to, at any number of rounds",
        ),
    )

    def __init__(self, rounds: int = 2) -> None:
        self.rounds = require_rounds("hua2021", rounds)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("hua2021", secret=secret)
        _require_two_samples(image)
        c = side_by_side(image)
        S1, S2 = np.empty((2, *c.shape))
        for r in range(self.rounds):
            fill_sequences(key, r, S1, S2)
            with stage("permutation"):
                c = CrossPlane(S1).apply(c)
            with stage("diffusion"):
                c = SecretOrder(S2).apply(c)
        return Encrypted(interleaved(c, image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("hua2021", encrypted.header, encrypted.secret)
        _require_two_samples(encrypted.image)
        p = side_by_side(encrypted.image)
        S1, S2 = np.empty((2, *p.shape))
        for r in reversed(range(self.rounds)):
            fill_sequences(key, r, S1, S2)
            with stage("diffusion"):
                p = SecretOrder(S2).undo(p)
            with stage("permutation"):
                p = CrossPlane(S1).undo(p)
        return interleaved(p, encrypted.image.shape)


def _require_two_samples(image: Image) -> None:
    if image.size < 2:
        raise UnsupportedImage("hua2021: image has 1 sample, wanted at least 2: the closed chain needs two")
