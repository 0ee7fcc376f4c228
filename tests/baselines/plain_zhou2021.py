"""The authors' program of zhou2021 step by step in plain Python, to check the scheme's kernels against.

With the C library's sine and the published example key it gives the bytes of the authors' own functions.
"""

import hashlib
import math
from collections.abc import Callable, Sequence

import numpy as np

from tests.baselines.plain_chaos import planes_of

TURN = 2 * math.pi
CODE = ("AGCT", "ACGT", "GATC", "CATG", "CTAG", "GTAC", "TCGA", "TGCA")
SLOT = ("ACGT", "AGCT", "CATG", "GATC", "CTAG", "GTAC", "TCGA", "TGCA")
SBOX = (  # rows A, C, G, T of each rule
    "e4d12fb83a6c5907", "0f74e2d1a6cb9538", "41e8d62bfc973a50", "fc8249175b3ea06d",
    "f24d97386b1ec0a5", "3e8bf14dc025967a", "0db758e2a4c9631f", "e4523f8179bc0ad6",
    "f5cb36a04892e17d", "825c613f7d0b9ea4", "831cda65e4790fb2", "4f853cd21ab6e079",
    "1479a3cf8be0d625", "4ed035a921b68f7c", "f3ca6d1458970be2", "95a3f84ec20d61b7",
    "49d7e02c1f6ab583", "8249deb7f5a0631c", "d4720be1a39fc658", "219e784bca530df6",
    "6b0538c2a79e4df1", "05e8d63fcb74a192", "345f8269dae0b71c", "e9863f5014bdca27",
    "78e20fb1c3945a6d", "1f8479da2c53e0b6", "d7813c42a06bf59e", "681bd7a495f02ec3",
    "2d7b904e56c1af38", "e0275c8b3a94f16d", "84be631df9520ca7", "de18b572036fca94",
)  # fmt: skip
XOR = {frozenset("CG"): "T", frozenset("CT"): "G", frozenset("GT"): "C"}
Sine = Callable[[float], float]


def big(v: float) -> int:
    return math.trunc(1e14 * v)


def fraction(v: float) -> float:
    """With the sign of v."""
    return v - math.trunc(v)


def sine_of(c: float, sin: Sine) -> float:
    """Of any argument, by the C library or by a ``sin`` for 0 to pi/2."""
    if sin is math.sin:
        return sin(c)
    n = round(c / math.pi)
    r = c - n * math.pi
    return math.copysign(sin(abs(r)), r) * (-1) ** n


def session(k: Sequence[float], h: bytes) -> list[float]:
    total = 0.0
    for number in k:
        total += number
    ck, p = math.fmod(total, 1), list(k)
    for i, n in enumerate([0, 1, 2, 3, 4, 5, 6, 7, 8, 13]):
        p[n] = k[n] + (256 * h[2 * i] + h[2 * i + 1]) / 65536 + ck
    for i, n in enumerate([9, 10, 11, 12]):
        b0, b1, b2 = h[20 + 3 * i : 23 + 3 * i]
        p[n] = k[n] + (256 * b0 + 256 * b1 + b2) / 65536 / 256 + ck
    for n in range(14):
        if n not in (9, 10):
            p[n] = math.fmod(p[n], TURN if n < 2 else 1)
    return p


def swapped(p: Sequence[float], height: int, width: int, sin: Sine) -> tuple[list[int], list[int]]:
    """The orders of rows and columns."""
    a, b, x, y = p[9:13]
    m, states = height + width, []
    for _ in range(1000 + 2 * m):
        s = sine_of(x, sin)
        x, y = fraction(1 - a * s * s + y), fraction(b * x)
        states.append((x, y))
    states = states[1000:]
    rows, columns = list(range(height)), list(range(width))
    for coordinate in (0, 1):
        for order, part in ((rows, states[:m]), (columns, states[m:])):
            for i, state in enumerate(part):
                here, there = i % len(order), int(abs(math.fmod(big(state[coordinate]), len(order))))
                order[here], order[there] = order[there], order[here]
    return rows, columns


def standard_map(a: float, b: float, k: float, n: int, sin: Sine) -> list[float]:
    out = []
    for _ in range(n):
        c = a + b
        v = b + k * sine_of(c, sin)
        while v < 0:
            v += TURN
        a, b = math.fmod(c, TURN), math.fmod(v, TURN)
        out.append((a + b) / 2)
    return out


def cat_map(x: float, y: float, z: float, n: int) -> list[float]:
    out = []
    for _ in range(n):
        x, y, z = fraction(2 * x + y + 3 * z), fraction(3 * x + 2 * y + 5 * z), fraction(2 * x + y + 4 * z)
        out.append((x + y + z) / 3)
    return out


def lorenz(s: Sequence[float], n: int) -> list[float]:
    def slope(s: Sequence[float]) -> list[float]:
        y, z, q = s
        return [-10 * y + 10 * z, 28 * y - z - y * q, -(8 / 3) * q + y * z]

    def moved(s: Sequence[float], k: Sequence[float], h: float) -> list[float]:
        return [u + h * v for u, v in zip(s, k, strict=True)]

    out, h = [], 0.005
    for _ in range(n):
        k1 = slope(s)
        k2 = slope(moved(s, k1, h / 2))
        k3 = slope(moved(s, k2, h / 2))
        k4 = slope(moved(s, k3, h))
        s = [u + h / 6 * (a + 2 * b + 2 * c + d) for u, a, b, c, d in zip(s, k1, k2, k3, k4, strict=True)]
        out.append(abs(s[2] + s[0] + s[1]) / 3)
    return out


def column_integers(p: Sequence[float], height: int, width: int, sin: Sine) -> list[list[int]]:
    """10 ``height`` integers of each column."""
    u, columns, n = p[13], [], 1000 + 10 * height
    for j in range(-1000, width):
        u = 4 * u * (1 - u)
        if j < 0:
            continue
        f5, f10 = fraction(1e5 * u), fraction(1e10 * u)
        orbit = (
            lambda u=u, f5=f5, f10=f10: standard_map(p[0] + u, p[1] + f5, p[2] + f10, n, sin),
            lambda u=u, f5=f5, f10=f10: cat_map(*(math.fmod(v, 1) for v in (p[3] + u, p[3] + f5, p[5] + f10)), n),
            lambda u=u, f5=f5, f10=f10: lorenz([p[6] + u, p[7] + f5, p[8] + f10], n),
        )[big(u) % 3]()
        columns.append([big(v) for v in orbit[1000:]])
    return columns


def coded(byte: int, rule: int) -> list[str]:
    return [CODE[rule][byte >> shift & 3] for shift in (6, 4, 2, 0)]


def xored(a: str, b: str) -> str:
    return "A" if a == b else b if a == "A" else a if b == "A" else XOR[frozenset((a, b))]


def added(a: str, b: str) -> str:
    return "CATG"[("CATG".index(a) + "CATG".index(b)) % 4]


def encrypt(image: np.ndarray, k: Sequence[float], secret: bytes | None, sin: Sine) -> np.ndarray:
    """The cipher image under the key numbers ``k``."""
    own = image[..., ::-1] if image.shape[2:] == (3,) else image  # B, G, R
    planes = planes_of(own) if own.ndim == 3 else own
    height, width = planes.shape
    p = session(k, secret or hashlib.sha256(own.tobytes()).digest())
    rows, columns = swapped(p, height, width, sin)
    integers = column_integers(p, height, width, sin)
    out = np.empty_like(planes)
    for r in range(height):
        for j in range(width):
            w = integers[j][r::height]  # sample r of each of the ten stretches of ``height``
            bases, boxed = coded(int(planes[rows[r], columns[j]]), w[0] % 8), []
            for half in (0, 1):
                q = 2 * j + half
                place, column = 2 * r + q // width, integers[q % width]
                drawn, rule = column[height + place] % 4, column[3 * height + place] % 8
                slot = SLOT[rule]
                row = SBOX[4 * rule + "ACGT".index(slot[drawn])]
                pair = int(row[4 * slot.index(bases[2 * half]) + slot.index(bases[2 * half + 1])], 16)
                boxed += ["ACGT"[pair >> 2], "ACGT"[pair & 3]]
            boxed = [xored(a, b) for a, b in zip(boxed, coded(w[5] % 256, w[6] % 8), strict=True)]
            boxed = [added(a, b) for a, b in zip(boxed, coded(w[7] % 256, w[8] % 8), strict=True)]
            byte = 0
            for base in boxed:
                byte = 4 * byte + CODE[w[9] % 8].index(base)
            out[r, j] = byte
    if image.ndim == 2:
        return out
    stacked = np.stack(np.split(out, image.shape[2], axis=1), axis=-1)
    return stacked[..., ::-1] if image.shape[2] == 3 else stacked
