"""Wang & Yang 2021: the private regions of an image, shuffled and chained by a piecewise coupled map lattice (PCML)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_samples
from cryptobench.primitives.chaos.diffusion.word_chain import word_chain, word_unchain
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import low_words
from cryptobench.primitives.chaos.maps.lattices import blocks, piecewise_lattice, shifted_neighbours
from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train

__all__ = ["Box", "Lattice", "Wang2021Pcml"]

L = 16  # sites
BURN_IN = 500
MAX_SAMPLES = 2**31 - 1  # shuffle targets are int32
BOX = struct.Struct(">4I")
NAME = "wang2021-pcml"

Box = tuple[int, int, int, int]  # top, left, bottom, right in pixels, the last two exclusive
Mask = NDArray[np.bool_]
Words = NDArray[np.uint32]


class Lattice:
    """The PCML of a key and a session after burn-in, and the start bytes a and b of the two chains."""

    def __init__(self, key: bytes, session: bytes) -> None:
        *sites, p, e1, e2, p1, q1, a, b = kdf(key, session, "wy2021", L + 7)
        self.x = np.array([interval(u, 0.05, 0.95) for u in sites])
        self.e = np.array([interval(u, 0.05, 0.95) for u in (e1, e2)])
        self.p = interval(p, 0.1, 0.45)
        self.neighbours = shifted_neighbours(L, 1 + int(1000 * p1), 1 + int(1000 * q1))
        self.a, self.b = int(256 * a), int(256 * b)
        self.run(np.empty((BURN_IN, L)))

    def run(self, out: NDArray[np.float64]) -> None:
        """Advance by ``len(out)`` steps and write all states to ``out``, (n, 16)."""
        piecewise_lattice(self.x, self.e, self.p, *self.neighbours, out)

    def targets(self, n: int) -> NDArray[np.int32]:
        """The next n samples as targets of a shuffle."""
        out = np.empty(n, np.int32)
        for first, X in blocks(self.run, L, n):
            shuffle_targets(X, first, out[first : first + len(X)])
        return out

    def words(self, n: int) -> Words:
        """The next n samples as key words of one pass, the low bits of floor(2^36 X)."""
        out, room = np.empty(n, np.uint32), np.empty(8192)
        for first, X in blocks(self.run, L, n):
            low_words(X, 2.0**36, room[: len(X)], out[first : first + len(X)])
        return out


class KeyStream:
    """All that encryption and decryption of n private samples take from the lattice."""

    def __init__(self, key: bytes, session: bytes, n: int) -> None:
        require_samples(NAME, n, MAX_SAMPLES)
        with stage("key"):
            lattice = Lattice(key, session)
        with stage("keystream"):
            self.targets = lattice.targets(n)
            self.passes = ((lattice.words(n), lattice.a, False), (lattice.words(n), lattice.b, True))


class Wang2021Pcml(Cipher):
    """Encrypts the union of ``boxes``, the private regions as (top, left, bottom, right); without any, the whole image.

    The boxes are public and travel in the header; what lies outside them stays as it is.
    """

    card = Card(
        name="wang2021-pcml",
        title=(
            "A privacy image encryption algorithm based on piecewise coupled map lattice with multi dynamic coupling "
            "coefficient"
        ),
        authors="X. Wang, J. Yang",
        year=2021,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the session to x0(0..15), p, e1, e2, p', q', a, b"),),
        deviations=(
            "Reconstructed from the title page of the patent on the same work, CN112887508A: private regions are found "
            "and encrypted, by a piecewise coupled map lattice with several dynamic coupling coefficients, which gives "
            "sequences, and by diffusion. The paper's text was not at hand; all equations are ours.",
            "Finding private regions is left out: boxes are given, and by default the whole image is private.",
            "Local map: the PWLCM, p in (0.1, 0.45), the same for all 16 sites.",
            "Lattice: sites below 1/2 are coupled to their neighbours with w = e1/5, the others to two distant sites "
            "with w = e2/5; e1 and e2 are logistic orbits at 3.99. 500 steps of burn-in.",
            "Key: SHA-256 in counter mode over key and session gives 16 states and e1, e2 in (0.05, 0.95), p, p' and "
            "q' up to 1000, and two start bytes; the paper's key space is not known.",
            "Session: SHA-256 of the private samples alone, so that the key stream depends on them; whether the "
            "paper's does is not known.",
            "Permutation: a Knuth-Durstenfeld shuffle of all private samples, element t swapped by sample t.",
            "Diffusion: a chain of addition, rotation and XOR, once forwards and once backwards.",
            "Each of the three uses of the lattice starts on a new row of 16 samples.",
            "Colour: the private samples of all channels are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. If the session is public, cipher images sent under one "
            "session all meet the same shuffle and chains, which chosen ciphertexts then recover.",
        ),
    )

    def __init__(self, boxes: Sequence[Box] = ()) -> None:
        self.header = b"".join(BOX.pack(*_checked(box)) for box in boxes)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        region = Region(self.header, image)
        c = region.samples()
        session = session_of(NAME, c, secret)
        stream = keyed(KeyStream, key, session, len(c))
        with stage("permutation"):
            swap_train(c, 0, stream.targets, True)
        with stage("diffusion"):
            for words, start, backward in stream.passes:
                c = word_chain(c, words, start, backward)
        return Encrypted(region.filled(c), self.header, session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        region = Region(encrypted.header, encrypted.image)
        p = region.samples()
        stream = keyed(KeyStream, key, require_session(NAME, encrypted.secret), len(p))
        with stage("diffusion"):
            for words, start, backward in reversed(stream.passes):
                p = word_unchain(p, words, start, backward)
        with stage("permutation"):
            swap_train(p, 0, stream.targets, False)
        return region.filled(p)


class Region:
    """The private samples of an image, by the boxes of a header; an empty header means the whole image."""

    def __init__(self, header: bytes, image: Image) -> None:
        self.image = image
        self.mask: Mask | None = _mask(header, image.shape[0], image.shape[1]) if header else None

    def samples(self) -> Image:
        """A copy of the private samples, pixel by pixel, all channels: (n,)."""
        return self.image.flatten() if self.mask is None else self.image[self.mask].flatten()

    def filled(self, samples: Image) -> Image:
        """The image with its private samples replaced."""
        if self.mask is None:
            return samples.reshape(self.image.shape)
        out = self.image.copy()
        out[self.mask] = samples.reshape(-1, *self.image.shape[2:])
        return out


def _checked(box: Box) -> Box:
    numbers = tuple(box)
    if len(numbers) != 4 or not all(isinstance(n, int) and 0 <= n < 2**32 for n in numbers):
        raise CipherError(f"{NAME}: box is {box!r}, wanted four integers top, left, bottom, right from 0 on")
    return numbers


def _mask(header: bytes, height: int, width: int) -> Mask:
    """Where the boxes of ``header`` are; `CipherError` if it is no list of boxes that lie inside the image."""
    if len(header) % BOX.size:
        raise CipherError(f"{NAME}: header has {len(header)} bytes, wanted {BOX.size} for each box")
    mask = np.zeros((height, width), np.bool_)
    for top, left, bottom, right in BOX.iter_unpack(header):
        if not (top < bottom <= height and left < right <= width):
            raise CipherError(
                f"{NAME}: box ({top}, {left}, {bottom}, {right}) in an image of {height}x{width}, "
                "wanted top < bottom <= height and left < right <= width"
            )
        mask[top:bottom, left:right] = True
    return mask
