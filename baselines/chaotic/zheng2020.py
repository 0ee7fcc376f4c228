"""Zheng & Liu 2020: DNA encryption whose rules and operations change at every pixel, on a 2D logistic-sine map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.dna import DEC, ENC, add, pack, subtract, unpack
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import bits_after, index_pairs
from cryptobench.primitives.chaos.maps.two_dimensional import lscm_orbits
from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train

__all__ = ["LANES", "MAPS", "Orbits", "Zheng2020"]

LANES = 64  # orbits side by side, part of the format
BURN_IN = 1000
BLOCK = 128  # steps of all orbits whose states are held at a time
MAX_SAMPLES = 2**29 - 1  # 4 N base positions must fit 31 bits
MAPS = {"improved": (10.0, 50.0), "2d-lscm": (1.0, 1.0)}  # range of the gain g
# OPERANDS[op, rule, byte]: what stands for ENC[rule, byte] when ADD and SUB are done by add, XOR and XNOR by xor
OPERANDS = np.stack((ENC, ENC ^ (ENC & 0x55) << 1, ENC, ENC ^ 0xFF))
Floats = NDArray[np.float64]
Pass = tuple[NDArray[np.uint16], Image]  # choices and key bytes
Field = NDArray[np.uint16] | Image


@dataclass
class Orbits:
    """The states (x, y) of the orbits after burn-in, theta, the gain g, and the packed start bases d0, d1."""

    x: Floats
    y: Floats
    theta: float
    g: float
    d0: int
    d1: int

    @classmethod
    def of(cls, key: bytes, session: bytes, gains: tuple[float, float]) -> Orbits:
        theta, g, d0, d1, *states = kdf(key, session, "zl2020", 4 + 2 * LANES)
        x, y = np.array(states).reshape(2, LANES)
        orbits = cls(x, y, interval(theta, 0.6, 0.95), interval(g, *gains), int(256 * d0), int(256 * d1))
        for _ in orbits.row(BURN_IN * LANES):
            pass
        return orbits

    def row(self, n: int) -> Iterator[tuple[slice, Floats, Floats]]:
        """The next ``n`` values of X and of Y from a new step on, in blocks: where in the row they lie, X, and Y."""
        xs, ys = np.empty((2, BLOCK, LANES))
        for start in range(0, n, xs.size):
            size = min(xs.size, n - start)
            steps = -(-size // LANES)
            lscm_orbits(self.x, self.y, self.theta, self.g, xs[:steps], ys[:steps])
            yield slice(start, start + size), xs.ravel()[:size], ys.ravel()[:size]

    def shuffle(self, n: int) -> NDArray[np.int32]:
        """Knuth targets of ``n`` pixels, from X."""
        out = np.empty(n, np.int32)
        for place, X, _ in self.row(n):
            shuffle_targets(X, place.start, out[place])
        return out

    def dynamics(self, n: int) -> tuple[Pass, Pass]:
        """What chooses rules and operation of ``n`` pixels, from X, and their key bytes, from Y, in the two passes."""
        (a, b), (k, m) = np.empty((2, n), np.uint16), np.empty((2, n), np.uint8)
        for place, X, Y in self.row(n):
            _two_fields(X, 2.0**14, 11, a[place], b[place])
            _two_fields(Y, 2.0**20, 8, k[place], m[place])
        return (a, k), (b, m)

    def swaps(self, n: int) -> NDArray[np.int32]:
        """floor(2^40 x) mod n for ``n`` bases, n even: of Y for the even, of X for the odd ones."""
        out = np.empty(n, np.int32)
        for place, X, Y in self.row(n // 2):
            index_pairs(Y, X, n, out[2 * place.start : 2 * place.stop])
        return out


@njit(cache=True, nogil=True)
def _two_fields(x: Floats, skipped: float, width: int, low: Field, high: Field) -> None:
    """The lowest ``width`` bits of floor(2^36 x), and the ``width`` bits above; 2^36 = ``skipped`` 2^(2 width)."""
    size, right, mask = np.float64(1 << 2 * width), np.int32(width), np.int32((1 << width) - 1)
    for i in range(len(x)):
        w = bits_after(x[i], skipped, size)
        low[i], high[i] = w & mask, w >> right


@njit(cache=True, nogil=True, inline="always")
def _combined(a: Any, k: Any, op: Any) -> Any:
    """a + k for ``op`` 0 and 1, a xor k, which is a + k without carries, for 2 and 3: no branch has to be guessed."""
    carries = (op >> 1) - 1  # all ones or none
    return a ^ k ^ ((a & k & 0x55) << 1 & carries)


@njit(cache=True, nogil=True)
def _encode(P: Image, choices: NDArray[np.uint16], keys: Image, start: int, backward: bool) -> Image:
    """D_i = (ENC[rule1][P_i] op ENC[rule2][key]) + D_(i-1), C_i = DEC[rule3][D_i], with D_(-1) = ``start``.

    rule1, rule2, rule3 and op (ADD, SUB, XOR, XNOR) are bits 0-2, 3-5, 6-8 and 9-10 of the pixel's choice.
    """
    N = len(P)
    C = np.empty(N, np.uint8)
    D = np.uint8(start)
    for t in range(N):
        i = np.uint64(N - 1 - t if backward else t)
        w = np.int64(choices[i])
        op = w >> 9
        D = np.uint8(add(_combined(ENC[w & 7, P[i]], OPERANDS[op, w >> 3 & 7, keys[i]], op), D))
        C[i] = DEC[w >> 6 & 7, D]
    return C


@njit(cache=True, nogil=True)
def _decode(C: Image, choices: NDArray[np.uint16], keys: Image, start: int, backward: bool) -> Image:
    """The inverse of `_encode`."""
    N = len(C)
    P = np.empty(N, np.uint8)
    D = np.uint8(start)
    for t in range(N):
        i = np.uint64(N - 1 - t if backward else t)
        w = np.int64(choices[i])
        op, e = w >> 9, ENC[w >> 6 & 7, C[i]]
        undo = op ^ (1 - (op >> 1))  # ADD and SUB undo each other, XOR and XNOR themselves
        a = _combined(subtract(e, D), OPERANDS[undo, w >> 3 & 7, keys[i]], op)
        P[i] = DEC[w & 7, np.uint8(a)]
        D = e
    return P


class KeyStream:
    """Everything that the orbits give for N samples: shuffle, choices and keys of both passes, and swaps of bases."""

    def __init__(self, key: bytes, session: bytes, gains: tuple[float, float], N: int) -> None:
        with stage("key"):
            self.orbits = Orbits.of(key, session, gains)
        with stage("keystream"):
            self.shuffle = self.orbits.shuffle(N)
            self.forward, self.backward = self.orbits.dynamics(N)
            self.swaps = self.orbits.swaps(4 * N)


class Zheng2020(Cipher):
    """Shuffle pixels, a dynamic DNA pass forwards, swap bases, a dynamic DNA pass backwards."""

    card = Card(
        name="zheng2020",
        title=(
            "Novel image encryption by combining dynamic DNA sequence encryption and the improved 2D logistic sine map"
        ),
        authors="J. Zheng, L. Liu",
        year=2020,
        doi="10.1049/iet-ipr.2019.1340",
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed with the image's hash to theta, g, d0, d1 and 64 states (x, y)"),),
        deviations=(
            "Reconstructed from the title: neither abstract nor text was at hand. The DOI is recalled, not checked.",
            "Improved 2D logistic-sine map: the paper's is unknown. The stand-in multiplies the argument of the outer "
            "sine of the 2D-LSCM by a gain of 10 to 50 and takes the magnitude; theta in (0.6, 0.95), where both "
            "Lyapunov exponents are positive. map='2d-lscm' runs the plain 2D-LSCM instead, gain 1, which some 1 % of "
            "keys lead to short cycles.",
            "64 orbits with one pair of parameters run side by side and take turns; 1000 steps of burn-in.",
            "The sine is a polynomial of + - *, so that every machine gives the same ciphertext.",
            "Key: SHA-256 in counter mode over the key and the SHA-256 of the image; the hash of the image is the "
            "per-message secret.",
            "Permutation: a Knuth shuffle over all samples of all channels.",
            "Dynamic DNA pass: coding rule, key rule, operation (ADD, SUB, XOR, XNOR) and decoding rule of every pixel "
            "from the orbits, chained by DNA addition; one pass forwards, one backwards, on other bits "
            "of the same states.",
            "Between the passes, every base changes places with a base that the orbits point to.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. With the image's hash fixed, permutations and chains "
            "are fixed and keyed, as in the hash-linked ciphers that chosen ciphertexts solve.",
        ),
    )

    def __init__(self, map: str = "improved") -> None:
        if map not in MAPS:
            raise CipherError(f"zheng2020: map is {map!r}, wanted {' or '.join(map_ for map_ in MAPS)}")
        self.map = map

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        N = _samples(image)
        with stage("key"):
            session = session_of("zheng2020", image, secret)
        stream = keyed(KeyStream, key, session, MAPS[self.map], N)
        C = image.flatten()
        with stage("permutation"):
            swap_train(C, 0, stream.shuffle, True)
        with stage("diffusion"):
            C = _encode(C, *stream.forward, stream.orbits.d0, False)
        with stage("permutation"):
            bases = unpack(C)
            swap_train(bases, 0, stream.swaps, False)
            C = pack(bases)
        with stage("diffusion"):
            C = _encode(C, *stream.backward, stream.orbits.d1, True)
        return Encrypted(C.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zheng2020", encrypted.header)
        N = _samples(encrypted.image)
        stream = keyed(KeyStream, key, require_session("zheng2020", encrypted.secret), MAPS[self.map], N)
        with stage("diffusion"):
            P = _decode(encrypted.image.ravel(), *stream.backward, stream.orbits.d1, True)
        with stage("permutation"):
            bases = unpack(P)
            swap_train(bases, 0, stream.swaps, True)
            P = pack(bases)
        with stage("diffusion"):
            P = _decode(P, *stream.forward, stream.orbits.d0, False)
        with stage("permutation"):
            swap_train(P, 0, stream.shuffle, False)
        return P.reshape(encrypted.image.shape)


def _samples(image: Image) -> int:
    return require_samples("zheng2020", image.size, MAX_SAMPLES)
