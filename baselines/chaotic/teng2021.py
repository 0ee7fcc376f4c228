"""Teng, Wang, Yang & Xian 2021: cross 2D hyperchaotic map, combined cycle shifts of bits, selecting diffusion."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.chaos.key_schedule.keys import shake_fractions
from cryptobench.primitives.chaos.key_schedule.keystream import bits_after
from cryptobench.primitives.chaos.maps.two_dimensional import cross_orbit

__all__ = ["Start", "Teng2021", "start_of"]

BURN_IN = 500
BLOCK = 4096  # steps whose states are held at a time
STRIP = 32  # columns of bytes handled together
Floats = NDArray[np.float64]
Shifts = NDArray[np.int64]


class Start(NamedTuple):
    """Initial state and parameters of the cross map, and the byte c that starts the diffusion."""

    x: float
    y: float
    alpha: float
    beta: float
    c: int


def start_of(key: bytes, digest: bytes) -> Start:
    """The key's four fractions f, plus d_i = ((w_i xor w_(i+4)) >> 12) / 2^52 of the plaintext's SHA-512.

    w_0 to w_7 are the 64-bit words of the hash, the least significant one first.
    """
    number = int.from_bytes(digest, "big")
    w = [number >> 64 * i & (2**64 - 1) for i in range(8)]
    f = shake_fractions(key + b"teng", 4)
    u = [(f[i] + ((w[i] ^ w[i + 4]) >> 12) / 2**52) % 1 for i in range(4)]
    return Start(u[0], u[1] + 0.001, 10 + 90 * u[2], 10 + 90 * u[3], digest[0])


@njit(cache=True, nogil=True)
def _key_bytes(xs: Floats, ys: Floats, beta: float, K: Image, sel: Image) -> None:
    """K = floor(|x| 2^37) mod 256, sel = floor(|y| / beta 2^35) mod 4."""
    for i in range(len(xs)):
        K[i] = bits_after(abs(xs[i]), 2.0**29, 2.0**8)
        sel[i] = bits_after(abs(ys[i]) / beta, 2.0**33, 2.0**2)


def _shifts(states: Floats, modulus: int) -> Shifts:
    """floor(2^40 |state|) mod ``modulus``."""
    return (np.abs(states) * 2.0**40).astype(np.int64) % modulus


class Sequences(NamedTuple):
    """What one orbit gives an image of ``rows`` rows of ``width`` bytes.

    The shifts of rows and of bit columns come from its first states; key bytes K and selectors sel from its last.
    """

    rows: Shifts
    columns: Shifts
    K: Image
    sel: Image


def sequences(start: Start, rows: int, width: int) -> Sequences:
    """Run the cross map over rows + 8 width + rows width states after burn-in, in blocks."""
    state, n = np.array(start[:2]), rows * width
    xs, ys = np.empty((2, BURN_IN + rows + 8 * width))
    cross_orbit(state, start.alpha, start.beta, xs, ys)
    xs, ys = xs[BURN_IN:], ys[BURN_IN:]
    row_shifts, column_shifts = _shifts(xs[:rows], 8 * width), _shifts(ys[: 8 * width] / start.beta, rows)
    K, sel = np.empty((2, n), np.uint8)
    xs, ys = np.empty((2, BLOCK))
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        cross_orbit(state, start.alpha, start.beta, xs[:m], ys[:m])
        _key_bytes(xs[:m], ys[:m], start.beta, K[first : first + m], sel[first : first + m])
    return Sequences(row_shifts, column_shifts, K, sel)


@njit(cache=True, nogil=True)
def rotate_rows(a: Image, shifts: Shifts) -> Image:
    """Rotate the bits of each row, most significant bit first, to the right by ``shifts``, below 8 times the width."""
    rows, width = a.shape
    out = np.empty_like(a)
    doubled = np.empty(2 * width + 1, np.uint8)
    for i in range(rows):
        whole, bits = shifts[i] // 8, np.uint32(shifts[i] % 8)
        doubled[0] = a[i, width - 1]
        doubled[1 : width + 1] = a[i]
        doubled[width + 1 :] = a[i]
        here, before, row = doubled[width + 1 - whole :], doubled[width - whole :], out[i]
        for j in range(width):
            row[j] = np.uint32(here[j]) >> bits | np.uint32(before[j]) << (np.uint32(8) - bits)
    return out


@njit(cache=True, nogil=True)
def rotate_columns(a: Image, shifts: Shifts) -> Image:
    """Rotate each column of bits down by ``shifts``, below the number of rows; bit columns 8j to 8j+7 are byte j's."""
    rows, width = a.shape
    out = np.empty_like(a)
    doubled = np.empty((STRIP, 2 * rows), np.uint8)
    turned = np.empty((STRIP, rows), np.uint8)
    for left in range(0, width, STRIP):
        strip = min(STRIP, width - left)
        for i in range(rows):
            for j in range(strip):
                doubled[j, i] = doubled[j, rows + i] = a[i, left + j]
        for j in range(strip):
            column = turned[j]
            column[:] = 0
            for bit in range(8):
                source = doubled[j, rows - shifts[8 * (left + j) + bit] :]
                mask = np.uint8(128 >> bit)
                for i in range(rows):
                    column[i] |= source[i] & mask
        for i in range(rows):
            for j in range(strip):
                out[i, left + j] = turned[j, i]
    return out


@njit(cache=True, nogil=True)
def selecting_chain(p: Image, K: Image, sel: Image, c: int) -> Image:
    """By sel 0 to 3: p^K^c, p+K+c, (p^K)+c or (p+K)^c, mod 256, with c the byte before; flat arrays.

    a+b is (a^b) + 2(a&b), so that masks choose between addition and XOR, and no branch has to be guessed.
    """
    out = np.empty_like(p)
    previous = np.uint32(c)
    for i in range(len(p)):
        a, b, s = np.uint32(p[i]), np.uint32(K[i]), np.uint32(sel[i])
        t = (a ^ b) + (((a & b) * (s & np.uint32(1))) << np.uint32(1))
        carries = t * ((s + np.uint32(1)) >> np.uint32(1) & np.uint32(1))
        previous = (t ^ previous) + ((carries & previous) << np.uint32(1))
        out[i] = previous
    return out


@njit(cache=True, nogil=True)
def selecting_unchain(c: Image, K: Image, sel: Image, start: int) -> Image:
    """The inverse of `selecting_chain`."""
    out = np.empty_like(c)
    previous = np.uint8(start)
    for i in range(len(c)):
        t = np.uint8(c[i] - previous) if (sel[i] + 1) & 2 else c[i] ^ previous
        out[i] = np.uint8(t - K[i]) if sel[i] & 1 else t ^ K[i]
        previous = c[i]
    return out


class Teng2021(Cipher):
    """One round: rows and columns of the bit matrix rotate, then the bytes are chained."""

    card = Card(
        name="teng2021",
        title="Color image encryption based on cross 2D hyperchaotic map using combined cycle shift scrambling and "
        "selecting diffusion",
        authors="L. Teng, X. Wang, F. Yang, Y. Xian",
        year=2021,
        doi="10.1007/s11071-021-06663-1",
        family="chaotic",
        fidelity="C+",
        key=(KeyField("key", 256, "expanded by SHAKE-256 to what is added to the hash for x0, y0, alpha, beta"),),
        deviations=(
            "Reconstructed from the abstract and public code that names the map; the paper's text was not at hand.",
            "Cross map: alpha and beta in [10, 100). In [1, 10] some 3 % of keys end in a short cycle. Where "
            "abs(sin y) is below 1e-12 it is raised to that.",
            "Weak keys: with some 3 in 10000 pairs of key and hash the orbit settles within a few thousand states in a "
            "cycle of 1 to 6, with an abs(y) close to beta, where the slope of the sine vanishes. Key bytes and "
            "selectors then repeat; a flat image's ciphertext is periodic. Nothing in the scheme refuses such keys.",
            "Sines are computed from + - * alone, within 6e-16, so that the orbit has the same bits on every machine.",
            "Key: SHAKE-256 of the key and the SHA-512 of the plaintext, added mod 1, give x0, y0, alpha and beta; "
            "the abstract names SHA-512 and information from the plaintext. 500 iterates are dropped.",
            "The SHA-512 is the per-message secret: the receiver cannot compute it before decrypting. Its 64-bit words "
            "are XORed in pairs and the lower 12 bits dropped, so that most, not all, of its bits count.",
            "Bit matrix: H rows of 8 bits for each of the W C bytes in a row, most significant bit first.",
            "Cycle shifts: rows to the right by floor(2^40 abs(x)) mod 8 W C, then columns down by "
            "floor(2^40 abs(y) / beta) mod H, once.",
            "Selecting diffusion: of the four ways to join byte, key byte and cipher byte before, two bits of "
            "y select one; the paper's selecting sequence is not known.",
            "Rounds: one.",
            "Images with any number of channels are taken; a grey image has 8 W bit columns.",
        ),
        uses_nonce=False,
        secret_bits=512,
        known_attacks=(
            "No published attack on this cipher was found. Under a fixed hash, the bytes before a change stay as "
            "they are, so a change reaches half of the cipher image on average.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            digest = hashlib.sha512(image.tobytes()).digest() if secret is None else _require_digest(secret)
        bits = image.reshape(len(image), -1)
        start, (shifts, columns, K, sel) = keyed(_streams, key, digest, bits.shape)
        with stage("permutation"):
            bits = rotate_columns(rotate_rows(bits, shifts), columns)
        with stage("diffusion"):
            c = selecting_chain(bits.ravel(), K, sel, start.c)
        return Encrypted(c.reshape(image.shape), secret=digest)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("teng2021", encrypted.header)
        c = encrypted.image.reshape(len(encrypted.image), -1)
        rows, width = c.shape
        start, (shifts, columns, K, sel) = keyed(_streams, key, _require_digest(encrypted.secret), c.shape)
        with stage("diffusion"):
            bits = selecting_unchain(c.ravel(), K, sel, start.c).reshape(c.shape)
        with stage("permutation"):
            bits = rotate_rows(rotate_columns(bits, -columns % rows), -shifts % (8 * width))
        return bits.reshape(encrypted.image.shape)


def _streams(key: bytes, digest: bytes, shape: tuple[int, int]) -> tuple[Start, Sequences]:
    with stage("key"):
        start = start_of(key, digest)
    with stage("keystream"):
        return start, sequences(start, *shape)


def _require_digest(secret: bytes) -> bytes:
    if len(secret) != 64:
        raise CipherError(f"teng2021: secret has {len(secret)} bytes, wanted the 64 that encrypt returned")
    return secret
