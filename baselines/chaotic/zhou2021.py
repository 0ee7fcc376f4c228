"""Zhou, Xie, Zhang & Zhang 2021: Henon-sine permutation, then DNA coding with a DNA S-box in parallel lanes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.dna import DEC, ENC, add, subtract
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import low_words, sort_keys
from cryptobench.primitives.chaos.maps.two_dimensional import henon_sine_orbit
from cryptobench.primitives.chaos.permutation.index import gather, scatter
from cryptobench.primitives.chaos.permutation.radix import argsort_words
from cryptobench.primitives.chaos.permutation.rotations import transposed
from cryptobench.primitives.chaos.permutation.sorting import argsort

__all__ = ["LANES", "LORENZ_FAMILY", "KeyStream", "Zhou2021", "lane_words"]

LANES = 64  # T, part of the format: the ciphertext does not depend on how many threads there are
STEP = 0.002
BURN_IN = 1000
MAX_SAMPLES = 2**31 - 1  # the permutation is int32
LORENZ_FAMILY = np.array(
    [  # A, g, d, B of x' = A(y-x), y' = g x + d y - x z, z' = x y - B z
        [10.0, 28.0, -1.0, 8.0 / 3.0],  # Lorenz
        [35.0, -7.0, 28.0, 3.0],  # Chen
        [36.0, 0.0, 20.0, 3.0],  # Lu
    ]
)
Floats = NDArray[np.float64]
Words = NDArray[np.uint32]


@njit(cache=True, nogil=True)
def lane_words(s: Floats, family: Floats, h: float, burn_in: int, K: Words) -> None:
    """Advance all lanes side by side; write floor(2^40 |x|), |y|, |z| mod 2^32 after each step to ``K`` (n, 3, T).

    ``s`` is (3, T), left at the last state. Runge-Kutta of order 4 with step ``h``; lane t runs system t mod 3 of
    ``family``, a (3, 4) table of A, g, d, B.
    """
    T = s.shape[1]
    half, sixth, scale = h / 2.0, h / 6.0, 2.0**40
    A, G, D, B, magnitude, shifted = np.empty((6, T))
    for t in range(T):
        A[t], G[t], D[t], B[t] = family[t % 3]
    for n in range(-burn_in, len(K)):
        for t in range(T):
            x, y, z, a, g, d, b = s[0, t], s[1, t], s[2, t], A[t], G[t], D[t], B[t]
            x1, y1, z1 = a * (y - x), g * x + d * y - x * z, x * y - b * z
            u, v, w = x + half * x1, y + half * y1, z + half * z1
            x2, y2, z2 = a * (v - u), g * u + d * v - u * w, u * v - b * w
            u, v, w = x + half * x2, y + half * y2, z + half * z2
            x3, y3, z3 = a * (v - u), g * u + d * v - u * w, u * v - b * w
            u, v, w = x + h * x3, y + h * y3, z + h * z3
            x4, y4, z4 = a * (v - u), g * u + d * v - u * w, u * v - b * w
            s[0, t] = x + sixth * (x1 + 2.0 * x2 + 2.0 * x3 + x4)
            s[1, t] = y + sixth * (y1 + 2.0 * y2 + 2.0 * y3 + y4)
            s[2, t] = z + sixth * (z1 + 2.0 * z2 + 2.0 * z3 + z4)
        for m in range(3 if n >= 0 else 0):
            for t in range(T):
                magnitude[t] = abs(s[m, t])
            low_words(magnitude, scale, shifted, K[n, m])


@njit(cache=True, nogil=True, inline="always")
def _fields(K0: Any, K1: Any, K2: Any, sh: int) -> tuple[Any, Any, Any]:
    """r1, r3 and the coded key byte kk from three words; ``sh`` is 0 in the first pass and 16 in the second."""
    kk = ENC[K1 >> (8 + sh) & 7, (K0 ^ K1 ^ (K2 >> 3)) >> sh & 255]
    return K0 >> (8 + sh) & 7, K2 >> (8 + sh) & 7, np.int64(kk)


@njit(cache=True, nogil=True)
def _encrypt_lanes(P: Image, N: int, K: Words, SB: Image, start: Image, sh: int, backward: bool) -> None:
    """z = SB[(ENC[r1][P] + kk) + c], c <- z, P <- DEC[r3][z], in place, in every lane at once.

    ``P`` is (n, T), a column a lane; sample m of lane t is there if t n + m < N.
    """
    n, c = len(K), start.astype(np.int64)
    for step in range(n):
        m = n - 1 - step if backward else step
        row, K0, K1, K2 = P[m], K[m, 0], K[m, 1], K[m, 2]
        for t in range((N - m + n - 1) // n):
            r1, r3, kk = _fields(K0[t], K1[t], K2[t], sh)
            c[t] = SB[add(add(np.int64(ENC[r1, row[t]]), kk), c[t])]
            row[t] = DEC[r3, c[t]]


@njit(cache=True, nogil=True)
def _decrypt_lanes(C: Image, N: int, K: Words, inverse: Image, start: Image, sh: int, backward: bool) -> None:
    """The inverse of `_encrypt_lanes`, in place, with the inverse S-box: P = DEC[r1][(SB^-1[z] - c) - kk]."""
    n, c = len(K), start.astype(np.int64)
    for step in range(n):
        m = n - 1 - step if backward else step
        row, K0, K1, K2 = C[m], K[m, 0], K[m, 1], K[m, 2]
        for t in range((N - m + n - 1) // n):
            r1, r3, kk = _fields(K0[t], K1[t], K2[t], sh)
            z = np.int64(ENC[r3, row[t]])
            row[t] = DEC[r1, subtract(subtract(np.int64(inverse[z]), c[t]), kk)]
            c[t] = z


def _columns(samples: Image, n: int) -> Image:
    """The stretches of n samples as the columns of an (n, T) matrix; what is missing of the last ones is 0."""
    filled = np.zeros(LANES * n, np.uint8)
    filled[: len(samples)] = samples
    return transposed(filled.reshape(LANES, n))


class KeyStream:
    """The order pi of the pixels, the S-box SB, the lanes' words K (n, 3, T) and the bytes c each pass starts with."""

    def __init__(self, key: bytes, session: bytes, N: int) -> None:
        with stage("key"):
            x, y, a, b, *seeds = kdf(key, session, "zxz2021", 4 + 3 * LANES)
            self.s = np.array(seeds).reshape(LANES, 3).T * np.array([[10.0], [10.0], [10.0]])
            self.s += np.array([[-5.0], [-5.0], [15.0]])
            first, second = ((np.abs(self.s[m]) * 2.0**40).astype(np.int64) & 255 for m in (0, 1))
            self.starts = first.astype(np.uint8), second.astype(np.uint8)
        with stage("keystream"):
            X = np.empty(max(N, 256))
            henon_sine_orbit(x, y, interval(a, 10.0, 100.0), interval(b, 10.0, 100.0), BURN_IN, X)
            self.K = np.empty((-(-N // LANES), 3, LANES), np.uint32)
            lane_words(self.s, LORENZ_FAMILY, STEP, BURN_IN, self.K)
        with stage("sorting"):
            self.SB = argsort(X[-256:]).astype(np.uint8)
            keys = np.empty(N, np.uint32)
            sort_keys(X[:N], keys)
            self.pi = argsort_words(keys)


class Zhou2021(Cipher):
    """Permute the whole image, then encrypt 64 stretches of it on their own, forwards and backwards."""

    card = Card(
        name="zhou2021",
        title="Parallel remote sensing image encryption algorithm based on chaotic map and DNA encoding",
        authors="H. Zhou, H. Xie, H. Zhang, H.-T. Zhang",
        year=2021,
        doi="10.11834/jig.200344",
        family="chaotic",
        fidelity="B",
        key=(
            KeyField("key", 256, "hashed with the image's hash to the Henon-sine x, y, a, b and 64 Lorenz-type states"),
        ),
        deviations=(
            "Reconstructed from the structured abstract; the equations, table sizes and layout of lanes are ours.",
            "2D Henon-sine map: equations recalled from Wu, Liao & Yang 2018; a, b in (10, 100), 1000 dropped steps; "
            "its sine is a polynomial of + - *, so that every machine gives the same ciphertext.",
            "Permutation: stable argsort of floor(2^32 x) of the map over all samples of all channels.",
            "Key sequences: Lorenz, Chen and Lu systems in turn, one in each lane, Runge-Kutta of order 4, step 0.002, "
            "1000 steps of burn-in; the paper only says several high-dimensional systems.",
            "64 lanes, fixed by the format; the paper's threads are not known.",
            "DNA S-box: on groups of four bases, the argsort of the last 256 Henon-sine states.",
            "DNA encryption: two chained passes of coding, addition, S-box and decoding, with rules for every sample.",
            "Key: SHA-256 in counter mode over the key and the SHA-256 of the image; the hash of the image is the "
            "per-message secret. The paper's key space, over 10^200, is larger.",
            "Runs on one CPU thread here; the paper's speed is a GPU's.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. With the image's hash fixed, a changed sample changes "
            "its own lane alone, 1/64 of the image, by design.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        N = _samples(image)
        with stage("key"):
            session = session_of("zhou2021", image, secret)
        stream = KeyStream(key, session, N)
        with stage("permutation"):
            P = _columns(gather(image.ravel(), stream.pi), len(stream.K))
        with stage("diffusion"):
            _encrypt_lanes(P, N, stream.K, stream.SB, stream.starts[0], 0, False)
            _encrypt_lanes(P, N, stream.K, stream.SB, stream.starts[1], 16, True)
            C = transposed(P).ravel()[:N]
        return Encrypted(C.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhou2021", encrypted.header)
        N = _samples(encrypted.image)
        stream = KeyStream(key, require_session("zhou2021", encrypted.secret), N)
        with stage("diffusion"):
            C, inverse = _columns(encrypted.image.ravel(), len(stream.K)), np.argsort(stream.SB).astype(np.uint8)
            _decrypt_lanes(C, N, stream.K, inverse, stream.starts[1], 16, True)
            _decrypt_lanes(C, N, stream.K, inverse, stream.starts[0], 0, False)
        with stage("permutation"):
            P = scatter(transposed(C).ravel()[:N], stream.pi)
        return P.reshape(encrypted.image.shape)


def _samples(image: Image) -> int:
    return require_samples("zhou2021", image.size, MAX_SAMPLES)
