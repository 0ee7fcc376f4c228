"""The shared steps of the chaotic schemes in plain Python and numpy, to check kernels against."""

import hashlib
import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

RULES = ("ACGT", "AGCT", "CATG", "GATC", "CTAG", "GTAC", "TCGA", "TGCA")


def session_hash(shape: tuple[int, ...], samples: Sequence[int]) -> bytes:
    """SHA-256 of the printed shape and the samples."""
    return hashlib.sha256(str(shape).encode() + bytes(samples)).digest()


def uniforms(key: bytes, session: bytes, label: str, n: int) -> list[float]:
    """SHA-256 in counter mode, cut in words of 8 bytes; the 52 leading bits of each, plus a half, over 2^52."""
    blocks = -(-n // 4)
    stream = b"".join(
        hashlib.sha256(key + session + label.encode() + bytes([0, 0, 0, c])).digest() for c in range(blocks)
    )
    words = [int.from_bytes(stream[8 * i : 8 * i + 8], "big") for i in range(n)]
    return [((word >> 12) + 0.5) / 2**52 for word in words]


def fractions(seed: bytes, n: int) -> list[float]:
    """The 52 low bits, plus a half, over 2^52 of each big-endian 8-byte word of SHAKE-256."""
    stream = hashlib.shake_256(seed).digest(8 * n)
    return [(int.from_bytes(stream[8 * i : 8 * i + 8], "big") % 2**52 + 0.5) / 2**52 for i in range(n)]


def planes_of(image: np.ndarray) -> np.ndarray:
    """The channels of (H, W, 3) side by side: (H, 3 W)."""
    return np.concatenate(np.moveaxis(image, -1, 0), axis=1)


def image_of(planes: np.ndarray) -> np.ndarray:
    """The inverse of `planes_of`."""
    return np.stack(np.split(planes, 3, axis=1), axis=-1)


def between(u: float, low: float, high: float) -> float:
    return low + (high - low) * u


def word(x: float) -> int:
    """floor(2^36 x)."""
    return math.floor(x * 2**36)


def encode(byte: int, rule: int) -> list[int]:
    """The four bases of a byte, as 0 to 3 for A, C, G, T."""
    return ["ACGT".index(RULES[rule][byte >> shift & 3]) for shift in (6, 4, 2, 0)]


def decode(bases: Sequence[int], rule: int) -> int:
    """The byte of four bases."""
    byte = 0
    for base in bases:
        byte = 4 * byte + RULES[rule].index("ACGT"[base])
    return byte


def plus(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """Sum of bases mod 4."""
    return [(s + t) % 4 for s, t in zip(a, b, strict=True)]


def quads(bases: Sequence[int]) -> list[list[int]]:
    return [list(bases[i : i + 4]) for i in range(0, len(bases), 4)]


def flat(lists: Sequence[Sequence[int]]) -> list[int]:
    return list(chain.from_iterable(lists))


def shuffled(data: Sequence[int], xs: Sequence[float]) -> list[int]:
    """For t = n-1, ..., 1 swap element t with element floor(2^36 x_t) mod (t+1)."""
    out = list(data)
    for t in range(len(out) - 1, 0, -1):
        target = word(xs[t]) % (t + 1)
        out[t], out[target] = out[target], out[t]
    return out
