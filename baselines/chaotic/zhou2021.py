"""Zhou, Xie, Zhang & Zhang 2021: swaps of rows and columns, then each sample by DNA steps of its column's generator.

No sample's path meets another sample: all sensitivity to the plaintext is the image's hash in the session numbers.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.dna import BASES, add, subtract
from cryptobench.primitives.chaos.key_schedule.keys import bit_fields, require_session
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from cryptobench.primitives.chaos.maps.side_by_side import DROPPED, cat3d_bytes, lorenz_bytes, standard_map_bytes
from cryptobench.primitives.chaos.maps.two_dimensional import henon_sine_orbit
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side

__all__ = ["Numbers", "Zhou2021", "column_bytes", "key_numbers", "orders", "session_numbers"]

FIELD = 48  # bits of a key number; more would be dead, since CK is rounded to 2^-46
TURN = 2.0 * math.pi
LANES = 64  # columns of one kind that are advanced side by side
MAX_SAMPLES = 2**31 - 1
CODE = ("AGCT", "ACGT", "GATC", "CATG", "CTAG", "GTAC", "TCGA", "TGCA")  # rule -> the bases of digits 0 to 3
SLOT = ("ACGT", "AGCT", "CATG", "GATC", "CTAG", "GTAC", "TCGA", "TGCA")  # the rules of the S-box are others
SBOX = (  # rule -> rows A, C, G, T; a row has a hexadecimal digit, 4 first + second base, for each pair of bases
    "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
    "f24d97386b1ec0a5 3e8bf14dc025967a 0db758e2a4c9631f e4523f8179bc0ad6",
    "f5cb36a04892e17d 825c613f7d0b9ea4 831cda65e4790fb2 4f853cd21ab6e079",
    "1479a3cf8be0d625 4ed035a921b68f7c f3ca6d1458970be2 95a3f84ec20d61b7",
    "49d7e02c1f6ab583 8249deb7f5a0631c d4720be1a39fc658 219e784bca530df6",
    "6b0538c2a79e4df1 05e8d63fcb74a192 345f8269dae0b71c e9863f5014bdca27",
    "78e20fb1c3945a6d 1f8479da2c53e0b6 d7813c42a06bf59e 681bd7a495f02ec3",
    "2d7b904e56c1af38 e0275c8b3a94f16d 84be631df9520ca7 de18b572036fca94",
)
Floats = NDArray[np.float64]
Order = NDArray[np.int64]


def _encoding(rule: str) -> list[int]:
    """Byte -> packed bases under ``rule``."""
    base = [BASES.index(letter) for letter in rule]
    return [sum(base[byte >> place & 3] << place for place in (6, 4, 2, 0)) for byte in range(256)]


def _substitution(rule: int, drawn: int) -> list[int]:
    """Pair of bases -> pair of bases under an S-box rule and a drawn row number 0 to 3."""
    slot = SLOT[rule]
    digit, row = [slot.index(base) for base in BASES], SBOX[rule].split()[BASES.index(slot[drawn])]
    return [int(row[4 * digit[pair >> 2] + digit[pair & 3]], 16) for pair in range(16)]


ENCODE: Image = np.array([_encoding(rule) for rule in CODE], np.uint8)  # (8, 256)
DECODE: Image = np.argsort(ENCODE, axis=1).astype(np.uint8)
SUBSTITUTE: Image = np.array([[_substitution(s, d) for d in range(4)] for s in range(8)], np.uint8)  # (8, 4, 16)
RESTORE: Image = np.argsort(SUBSTITUTE, axis=2).astype(np.uint8)
for _table in (ENCODE, DECODE, SUBSTITUTE, RESTORE):
    _table.flags.writeable = False


class Numbers(NamedTuple):
    """The 14 real numbers of a key, or of a session: standard map, 3D cat map, Lorenz, Henon-sine and logistic map."""

    std_a: float
    std_b: float
    std_k: float
    cat_x: float
    cat_y: float
    cat_z: float
    lor_y: float
    lor_z: float
    lor_q: float
    hsm_a: float
    hsm_b: float
    hsm_x: float
    hsm_y: float
    log_x: float


def key_numbers(key: bytes) -> Numbers:
    """Each field of 48 bits v as u = (v + 1/2) / 2^48: std_a, std_b are 2 pi u, hsm_a, hsm_b 10 + 90 u, others u."""
    u = Numbers(*((v + 0.5) / 2.0**FIELD for v in bit_fields(key, [FIELD] * 14)))
    return u._replace(
        std_a=TURN * u.std_a, std_b=TURN * u.std_b, hsm_a=10.0 + 90.0 * u.hsm_a, hsm_b=10.0 + 90.0 * u.hsm_b
    )


def session_numbers(k: Numbers, digest: bytes, corrected: bool) -> Numbers:
    """Each number plus its bytes of the image's hash plus CK, the fraction of the sum of all key numbers."""
    total = 0.0
    for number in k:  # not sum(), which rounds less from Python 3.12 on
        total += number
    CK = math.fmod(total, 1.0)
    high = 65536 if corrected else 256  # of the first of three bytes
    p = []
    for i, number in enumerate([*k[:9], k.log_x]):
        p.append(number + (256 * digest[2 * i] + digest[2 * i + 1]) / 65536.0 + CK)
    for i, number in enumerate(k[9:13]):
        b0, b1, b2 = digest[20 + 3 * i : 23 + 3 * i]
        p.insert(9 + i, number + (high * b0 + 256 * b1 + b2) / 65536.0 / 256.0 + CK)
    unreduced = {"hsm_a", "hsm_b"} | ({"std_k"} if corrected else set())
    periods = [TURN] * 2 + [1.0] * 12
    return Numbers(
        *(
            number if name in unreduced else math.fmod(number, period)
            for name, number, period in zip(Numbers._fields, p, periods, strict=True)
        )
    )


@njit(cache=True, nogil=True)
def _swap(order: Order, v: Floats) -> None:
    """For each state in turn swap places i and abs(trunc(1e14 v[i])), both modulo the length of ``order``."""
    n = len(order)
    for i in range(len(v)):
        there = abs(np.int64(1e14 * v[i])) % n
        order[i % n], order[there] = order[there], order[i % n]


def orders(p: Numbers, height: int, width: int) -> tuple[Order, Order]:
    """The orders of rows, (height,), and of columns, (width,), that the swaps leave; rows and columns commute."""
    m = height + width
    states = np.empty((2, 2 * m))
    henon_sine_orbit(p.hsm_x, p.hsm_y, p.hsm_a, p.hsm_b, DROPPED, states)
    rows, columns = np.arange(height), np.arange(width)
    for coordinate in states:
        _swap(rows, coordinate[:m])
        _swap(columns, coordinate[m:])
    return rows, columns


def column_bytes(p: Numbers, height: int, width: int, corrected: bool) -> tuple[Image, Order]:
    """The low bytes of each column's 10 ``height`` integers, (10 height, width), and the kind of each column.

    All that is taken of them is modulo 4, 8 and 256. The logistic orbit chooses the kinds 0 to 2, standard map, cat map
    and Lorenz, and moves the starts.
    """
    u = logistic_orbit(p.log_x, 4.0, DROPPED + width)[DROPPED:]
    f5, f10 = (scale * u - np.floor(scale * u) for scale in (1e5, 1e10))
    kinds = (1e14 * u).astype(np.int64) % 3
    second = p.cat_y if corrected else p.cat_x
    starts: tuple[tuple[Any, tuple[Floats, ...]], ...] = (
        (standard_map_bytes, (p.std_a + u, p.std_b + f5, p.std_k + f10)),
        (cat3d_bytes, tuple(np.fmod(start, 1.0) for start in (p.cat_x + u, second + f5, p.cat_z + f10))),
        (lorenz_bytes, (p.lor_y + u, p.lor_z + f5, p.lor_q + f10)),
    )
    W, place, first = np.empty((10 * height, width), np.uint8), np.empty(width, np.int64), 0
    for kind, (run, start) in enumerate(starts):
        columns = np.flatnonzero(kinds == kind)
        for lanes in (columns[t : t + LANES] for t in range(0, len(columns), LANES)):
            run(*(coordinate[lanes] for coordinate in start), W, first)
            place[lanes] = np.arange(first, first + len(lanes))
            first += len(lanes)
    return _gather(W, np.arange(len(W)), place), kinds


@njit(cache=True, nogil=True)
def _gather(P: Image, rows: Order, columns: Order) -> Image:
    """out[i, j] = P[rows[i], columns[j]]."""
    out = np.empty((len(rows), len(columns)), np.uint8)
    for i in range(len(rows)):
        source, row = P[rows[i]], out[i]
        for j in range(len(row)):
            row[j] = source[np.uint64(columns[j])]
    return out


@njit(cache=True, nogil=True)
def _encrypt_samples(P: Image, W: Image, ENCODE: Image, DECODE: Image, SUBSTITUTE: Image) -> None:
    """Code, S-box, XOR, ADD and decode each sample of ``P``, (H, n), in place; ``W`` is (10 H, n)."""
    H, n = P.shape
    drawn, rules = W[H : 3 * H].reshape(H, 2 * n), W[3 * H : 5 * H].reshape(H, 2 * n)
    for r in range(H):
        for j in range(n):
            x = ENCODE[W[r, j] & 7, P[r, j]]
            first = SUBSTITUTE[rules[r, 2 * j] & 7, drawn[r, 2 * j] & 3, x >> 4]
            second = SUBSTITUTE[rules[r, 2 * j + 1] & 7, drawn[r, 2 * j + 1] & 3, x & 15]
            y = (first << 4 | second) ^ ENCODE[W[6 * H + r, j] & 7, W[5 * H + r, j]]
            k = ENCODE[W[8 * H + r, j] & 7, W[7 * H + r, j]]
            P[r, j] = DECODE[W[9 * H + r, j] & 7, np.uint8(add(y ^ 0x55, k ^ 0x55) ^ 0x55)]


@njit(cache=True, nogil=True)
def _decrypt_samples(C: Image, W: Image, ENCODE: Image, DECODE: Image, RESTORE: Image) -> None:
    """The inverse of `_encrypt_samples`, in place, with the inverse S-box."""
    H, n = C.shape
    drawn, rules = W[H : 3 * H].reshape(H, 2 * n), W[3 * H : 5 * H].reshape(H, 2 * n)
    for r in range(H):
        for j in range(n):
            k = ENCODE[W[8 * H + r, j] & 7, W[7 * H + r, j]]
            y = np.uint8(subtract(ENCODE[W[9 * H + r, j] & 7, C[r, j]] ^ 0x55, k ^ 0x55) ^ 0x55)
            y ^= ENCODE[W[6 * H + r, j] & 7, W[5 * H + r, j]]
            first = RESTORE[rules[r, 2 * j] & 7, drawn[r, 2 * j] & 3, y >> 4]
            second = RESTORE[rules[r, 2 * j + 1] & 7, drawn[r, 2 * j + 1] & 3, y & 15]
            C[r, j] = DECODE[W[r, j] & 7, first << 4 | second]


class Zhou2021(Cipher):
    """The authors' program; ``corrected`` mends three of its slips, which is not the cipher as published."""

    card = Card(
        name="zhou2021",
        title="Parallel remote sensing image encryption algorithm based on chaotic map and DNA encoding",
        authors="H. Zhou, H. Xie, H. Zhang, H.-T. Zhang",
        year=2021,
        doi="10.11834/jig.200344",
        family="chaotic",
        fidelity="A",
        key=(
            KeyField("std_a", 48, "standard map a, (0, 2 pi)"),
            KeyField("std_b", 48, "standard map b, (0, 2 pi)"),
            KeyField("std_k", 48, "standard map k, (0, 1)"),
            KeyField("cat_x", 48, "3D cat map x, (0, 1)"),
            KeyField("cat_y", 48, "3D cat map y, (0, 1); in CK alone"),
            KeyField("cat_z", 48, "3D cat map z, (0, 1)"),
            KeyField("lor_y", 48, "Lorenz y, (0, 1)"),
            KeyField("lor_z", 48, "Lorenz z, (0, 1)"),
            KeyField("lor_q", 48, "Lorenz q, (0, 1)"),
            KeyField("hsm_a", 48, "Henon-sine a, (10, 100)"),
            KeyField("hsm_b", 48, "Henon-sine b, (10, 100)"),
            KeyField("hsm_x", 48, "Henon-sine x, (0, 1)"),
            KeyField("hsm_y", 48, "Henon-sine y, (0, 1)"),
            KeyField("log_x", 48, "logistic map x, (0, 1)"),
        ),
        deviations=(
            "Rebuilt from the authors' own program (GitHub huisangplay/GPU_parallel_image_encryption, commit c54b283), "
            "which says that it is the source code of this paper; the article's text was not read, and where it "
            "differs the program is what stands here.",
            "Key bytes: 14 fields of 48 bits are ours, 672 bits in all, about 10^202; the program takes 14 real "
            "numbers, and the paper claims over 10^200 keys.",
            "Sine: a polynomial of + - *, so that every machine gives the same ciphertext. The authors' GPU fuses "
            "multiplication and addition and has its own sine; its ciphertexts cannot be had elsewhere.",
            "The program takes 1 or 3 channels; with other numbers the planes stand side by side in the order given.",
            "Kept from the program: y of the 3D cat map starts from cat_x, so that cat_y acts through CK alone.",
            "Kept: std_k is reduced modulo 1 although it should be large, so that the standard map's parameter is "
            "below 2, and for part of the columns below 0.9716, where the map has invariant curves.",
            "Kept: 256 b0 + 256 b1 + b2 of three hash bytes where 65536 b0 is meant: 227 of the hash's 256 bits act.",
            "Kept: the fraction is cut towards zero, so that the Henon-sine map's x and y may be negative.",
            "Kept: S-box and coding number their rules differently, and the S-box takes its numbers from other columns "
            "than the sample's.",
            "Kept: as many logistic values as there are rows are drawn and not used.",
            "The program stores 0.75 of its clock time as encryption time; whether the paper's throughput contains "
            "that factor is not known.",
            "The option corrected starts y from cat_y, leaves std_k as it is and takes 65536 b0; it is not the "
            "published cipher.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. By its structure, with the image's hash fixed: there is no "
            "chaining, a changed sample changes one cipher sample, and each half of a cipher byte depends on one half "
            "of a plain byte alone. 16 flat images give all tables, and ceil(log256 H) + ceil(log256 C W) more the "
            "orders of rows and columns: 19 chosen images for 256x256x3.",
            "By its structure: a third of the columns run the 3D cat map, whose sum of coordinates obeys a linear "
            "recurrence of order 3 modulo 1.",
            "By its structure: t off every key number but cat_y and 14 t onto cat_y give the same ciphertext; the two "
            "lowest bits of cat_y act on nothing.",
        ),
    )

    def __init__(self, corrected: bool = False) -> None:
        self.corrected = corrected

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        planes = _planes(image)
        with stage("key"):
            digest = hashlib.sha256(_bgr(image).tobytes()).digest() if secret is None else _require_digest(secret)
        rows, columns, W = keyed(_sequences, key, digest, planes.shape, self.corrected)
        with stage("permutation"):
            P = _gather(planes, rows, columns)
        with stage("substitution"):
            _encrypt_samples(P, W, ENCODE, DECODE, SUBSTITUTE)
        return Encrypted(_image(P, image.shape), secret=digest)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("zhou2021", encrypted.header)
        C = _planes(encrypted.image)
        rows, columns, W = keyed(_sequences, key, _require_digest(encrypted.secret), C.shape, self.corrected)
        with stage("substitution"):
            _decrypt_samples(C, W, ENCODE, DECODE, RESTORE)
        with stage("permutation"):
            P = _gather(C, np.argsort(rows), np.argsort(columns))
        return _image(P, encrypted.image.shape)


def _sequences(key: bytes, digest: bytes, shape: tuple[int, ...], corrected: bool) -> tuple[Order, Order, Image]:
    height, width = shape
    with stage("key"):
        p = session_numbers(key_numbers(key), digest, corrected)
    with stage("keystream"):
        W, _ = column_bytes(p, height, width, corrected)
    with stage("permutation"):
        rows, columns = orders(p, height, width)
    return rows, columns, W


def _bgr(image: Image) -> Image:
    """The samples as the program holds them: colour images in the order B, G, R; its own inverse."""
    return image[..., ::-1] if image.shape[2:] == (3,) else image


def _planes(image: Image) -> Image:
    """The planes next to one another, (H, C W), in memory of their own."""
    require_samples("zhou2021", image.size, MAX_SAMPLES)
    return side_by_side(_bgr(image)).copy()


def _image(planes: Image, shape: tuple[int, ...]) -> Image:
    return np.ascontiguousarray(_bgr(interleaved(planes, shape)))


def _require_digest(secret: bytes) -> bytes:
    return require_session("zhou2021", secret)
