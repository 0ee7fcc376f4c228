"""Wang & Zhang 2022: layers of a perceptron-like network over bytes, with chaotic weights, biases and wiring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_rounds, require_samples
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import sort_keys, word_bytes
from cryptobench.primitives.chaos.maps.lattices import blocks, pwlcm_orbits
from cryptobench.primitives.chaos.permutation.index import gather, scatter
from cryptobench.primitives.chaos.permutation.radix import argsort_words

__all__ = ["SBOX", "Layer", "Orbits", "Wang2022Dnn", "layers"]

L = 16  # orbits side by side
BURN_IN = 500
MAX_SAMPLES = 2**31 - 1  # the wiring is int32
NAME = "wang2022-dnn"


def _aes_sbox() -> Image:
    """The S-box of FIPS 197: the inverse in GF(2^8), 3 generates the field's units, then an affine map of bits."""
    power, logarithm = [1], {}
    for exponent in range(255):
        logarithm[power[-1]] = exponent
        doubled = power[-1] << 1 ^ (0x11B if power[-1] & 0x80 else 0)
        power.append(doubled ^ power[-1])
    inverse = [0] + [power[(255 - logarithm[x]) % 255] for x in range(1, 256)]
    turned = [x << 8 | x for x in inverse]
    return np.array([(x ^ x >> 4 ^ x >> 5 ^ x >> 6 ^ x >> 7) & 255 ^ 0x63 for x in turned], np.uint8)


SBOX = _aes_sbox()  # S, the activation
INVERSES = np.array([pow(w, -1, 256) if w % 2 else 0 for w in range(256)], np.uint8)  # of odd bytes mod 256


@njit(cache=True, nogil=True)
def neurons(z: Image, w: Image, b: Image, start: int, backward: bool) -> Image:
    """y_i = (w_i z_i + b_i + S[y_(i-1)]) mod 256, with ``start`` before the first."""
    n = len(z)
    y = np.empty(n, np.uint8)
    previous = np.uint8(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        previous = np.uint8(w[i] * z[i] + b[i] + SBOX[previous])
        y[i] = previous
    return y


@njit(cache=True, nogil=True)
def unneurons(y: Image, w: Image, b: Image, start: int, backward: bool) -> Image:
    """The inverse of `neurons`: z_i = w_i^(-1) (y_i - b_i - S[y_(i-1)]) mod 256."""
    n = len(y)
    z = np.empty(n, np.uint8)
    previous = np.uint8(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        z[i] = np.uint8(INVERSES[w[i]] * (y[i] - b[i] - SBOX[previous]))
        previous = y[i]
    return z


class Layer(NamedTuple):
    """One layer: output i takes input pi[i], with the odd weight w[i] and the bias b[i]; b0 is before the first."""

    pi: NDArray[np.int32]
    w: Image
    b: Image
    b0: int
    backward: bool

    def apply(self, p: Image) -> Image:
        with stage("permutation"):
            z = gather(p, self.pi)
        with stage("diffusion"):
            return neurons(z, self.w, self.b, self.b0, self.backward)

    def undo(self, y: Image) -> Image:
        with stage("diffusion"):
            z = unneurons(y, self.w, self.b, self.b0, self.backward)
        with stage("permutation"):
            return scatter(z, self.pi)


class Orbits:
    """The PWLCM orbits of a key and a session after burn-in, and the bias b0 of each of T layers."""

    def __init__(self, key: bytes, session: bytes, T: int) -> None:
        uniforms = kdf(key, session, "wz2022", 2 * L + T)
        self.x = np.array(uniforms[:L])
        self.p = np.array([interval(u, 0.1, 0.45) for u in uniforms[L : 2 * L]])
        self.b0 = [int(256 * u) for u in uniforms[2 * L :]]
        self.run(np.empty((BURN_IN, L)))

    def run(self, out: NDArray[np.float64]) -> None:
        """Advance by ``len(out)`` steps and write all states to ``out``, (n, 16)."""
        pwlcm_orbits(self.x, self.p, out)


def layers(key: bytes, session: bytes, T: int, n: int) -> Iterator[Layer]:
    """T layers over n samples, each from its own 2n samples of the orbits: n to sort for pi, n for w and b.

    b and w are bits 0-7 and 8-15 of floor(2^36 x), w with its lowest bit set.
    """
    require_samples(NAME, n, MAX_SAMPLES)
    with stage("key"):
        orbits = Orbits(key, session, T)
    for t, b0 in enumerate(orbits.b0, start=1):
        with stage("keystream"):
            keys = np.empty(n, np.uint32)
            for first, X in blocks(orbits.run, L, n):
                sort_keys(X, keys[first : first + len(X)])
            b, w = rows = np.empty((2, n), np.uint8)
            for first, X in blocks(orbits.run, L, n):
                word_bytes(X, first, rows)
            w |= 1
        with stage("permutation"):
            pi = argsort_words(keys)
        yield Layer(pi, w, b, b0, backward=t % 2 == 0)


class Wang2022Dnn(Cipher):
    """``rounds`` layers, every second one backwards; with ``hash_iv``, keyed by the image's hash too."""

    card = Card(
        name="wang2022-dnn",
        title="A novel image encryption algorithm with deep neural network",
        authors="C. Wang, Y. Zhang",
        year=2022,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed to x0(0..15), p(0..15) of the orbits and a start bias for each layer"),),
        deviations=(
            "Reconstructed from the title alone, in the spirit of it: an untrained layered network over bytes whose "
            "weights come from chaos, as in an earlier cipher of one author. All else is ours.",
            "Layers: 4 by default; each takes the samples in a sorted order and chains neurons over Z/256, "
            "y = w z + b + S[y of the neuron before], odd layers forwards, even ones backwards.",
            "Activation: S is the S-box of AES.",
            "Weights, biases and orders: 16 PWLCM orbits side by side, each with its own state and p in (0.1, 0.45), "
            "read row by row, 500 steps of burn-in; weights are odd, hence invertible. Orders sort floor(2^32 x).",
            "Key: SHA-256 in counter mode gives the orbits' states and parameters; the paper's key space is not known.",
            "The key stream does not depend on the plaintext, unless the option hash_iv adds the SHA-256 of the image "
            "to the hashed key, as a per-message secret of 256 bits. Whether the paper's does is not known.",
            "Colour: the interleaved H x W x C bytes are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. The key stream does not depend on the plaintext; with a "
            "single layer, chosen plaintexts give its order, weights and biases.",
        ),
    )

    def __init__(self, rounds: int = 4, hash_iv: bool = False) -> None:
        self.rounds = require_rounds(NAME, rounds)
        self.hash_iv = hash_iv

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        session = b""
        if self.hash_iv:
            session = session_of(NAME, image, secret)
        else:
            require_no_side_data(NAME, secret=secret)
        c = image.ravel()
        for layer in layers(key, session, self.rounds, image.size):
            c = layer.apply(c)
        return Encrypted(c.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        session = require_session(NAME, encrypted.secret) if self.hash_iv else b""
        require_no_side_data(NAME, encrypted.header, None if self.hash_iv else encrypted.secret)
        p = encrypted.image.ravel()
        for layer in reversed(list(layers(key, session, self.rounds, p.size))):
            p = layer.undo(p)
        return p.reshape(encrypted.image.shape)
