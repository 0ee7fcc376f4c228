"""How a cipher combines a plaintext byte with a mask, and, in one-step chains, with an earlier byte too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.cipher import Image

__all__ = [
    "ADDITION", "BASE4_ADDITION", "BASE4_SUBTRACTION", "BYTE_COMBINERS", "CHAINS", "COMBINERS", "SUBTRACTION", "XOR",
    "XOR_AND_ADDITION", "Chain", "Combiner", "delayed", "neighbour_lags",
]  # fmt: skip


@dataclass(frozen=True)
class Combiner:
    """y of a byte x and a mask k, its inverse, and the mask of both; y = k for x = 0 in every combiner.

    ``combine`` gives y from x and k, ``invert`` x from y and k, ``mask`` k from y and x.
    """

    name: str
    combine: Callable[[Image, Image], Image]
    invert: Callable[[Image, Image], Image]
    mask: Callable[[Image, Image], Image]

    @property
    def equation(self) -> str:
        """The name with plaintext p for x and ciphertext c for y."""
        return self.name.replace("y =", "c =").replace("x", "p")


_HIGH, _LOW = np.uint8(0xAA), np.uint8(0x55)  # the upper and the lower bit of each base-4 digit


def _add_digits(x: Image, k: Image) -> Image:
    """Each of the four base-4 digits of a byte added by itself, mod 4, as DNA coding adds bases.

    Lower bits carry into upper ones; upper bits are added without a carry.
    """
    total: Image = ((x & _LOW) + (k & _LOW)) ^ ((x ^ k) & _HIGH)
    return total


def _subtract_digits(y: Image, k: Image) -> Image:
    difference: Image = ((y | _HIGH) - (k & _LOW)) ^ (~(y ^ k) & _HIGH)
    return difference


def _subtract_from(x: Image, k: Image) -> Image:
    return k - x


def _subtract_digits_from(x: Image, k: Image) -> Image:
    return _subtract_digits(k, x)


XOR = Combiner("y = x XOR k", np.bitwise_xor, np.bitwise_xor, np.bitwise_xor)
ADDITION = Combiner("y = x + k", np.add, np.subtract, np.subtract)
SUBTRACTION = Combiner("y = k - x", _subtract_from, _subtract_from, np.add)
BASE4_ADDITION = Combiner("y = x + k by base-4 digits", _add_digits, _subtract_digits, _subtract_digits)
BASE4_SUBTRACTION = Combiner(
    "y = k - x by base-4 digits", _subtract_digits_from, _subtract_digits_from, _add_digits
)  # fmt: skip

COMBINERS = (XOR, ADDITION, SUBTRACTION, BASE4_ADDITION, BASE4_SUBTRACTION)
BYTE_COMBINERS = (XOR, ADDITION, SUBTRACTION)
XOR_AND_ADDITION = (XOR, ADDITION)

_Ternary = Callable[[Image, Image, Image], Image]


@dataclass(frozen=True)
class Chain:
    """c of a byte p, a mask k and an earlier byte f: one step of diffusion by chaining, mod 256.

    ``mask`` gives k from p, c and f; ``invert`` gives p from c, f and k.
    """

    name: str
    mask: _Ternary
    invert: _Ternary


CHAINS = (
    Chain("p XOR f XOR k", lambda p, c, f: c ^ p ^ f, lambda c, f, k: c ^ f ^ k),
    Chain("p + f + k", lambda p, c, f: c - p - f, lambda c, f, k: c - f - k),
    Chain("p - f + k", lambda p, c, f: c - p + f, lambda c, f, k: c + f - k),
    Chain("k - p + f", lambda p, c, f: c + p - f, lambda c, f, k: k + f - c),
    Chain("k - p - f", lambda p, c, f: c + p + f, lambda c, f, k: k - f - c),
    Chain("(p + f) XOR k", lambda p, c, f: c ^ (p + f), lambda c, f, k: (c ^ k) - f),
    Chain("(p - f) XOR k", lambda p, c, f: c ^ (p - f), lambda c, f, k: (c ^ k) + f),
    Chain("(f - p) XOR k", lambda p, c, f: c ^ (f - p), lambda c, f, k: f - (c ^ k)),
    Chain("(p XOR f) + k", lambda p, c, f: c - (p ^ f), lambda c, f, k: (c - k) ^ f),
    Chain("k - (p XOR f)", lambda p, c, f: c + (p ^ f), lambda c, f, k: (k - c) ^ f),
    Chain("(p XOR k) + f", lambda p, c, f: (c - f) ^ p, lambda c, f, k: (c - f) ^ k),
    Chain("(p XOR k) - f", lambda p, c, f: (c + f) ^ p, lambda c, f, k: (c + f) ^ k),
    Chain("f - (p XOR k)", lambda p, c, f: (f - c) ^ p, lambda c, f, k: (f - c) ^ k),
    Chain("(p + k) XOR f", lambda p, c, f: (c ^ f) - p, lambda c, f, k: (c ^ f) - k),
    Chain("(k - p) XOR f", lambda p, c, f: (c ^ f) + p, lambda c, f, k: k - (c ^ f)),
    Chain("p + (f XOR k)", lambda p, c, f: (c - p) ^ f, lambda c, f, k: c - (f ^ k)),
    Chain("p - (f XOR k)", lambda p, c, f: (p - c) ^ f, lambda c, f, k: c + (f ^ k)),
    Chain("(f XOR k) - p", lambda p, c, f: (c + p) ^ f, lambda c, f, k: (f ^ k) - c),
    Chain("p XOR (f + k)", lambda p, c, f: (c ^ p) - f, lambda c, f, k: c ^ (f + k)),
    Chain("p XOR (k - f)", lambda p, c, f: (c ^ p) + f, lambda c, f, k: c ^ (k - f)),
)


def neighbour_lags(shape: tuple[int, ...]) -> Iterator[int]:
    """Distances, in raster order, to the earlier byte of a chain: a sample, pixel or row; negative for a later byte."""
    bands = prod(shape[2:])
    for lag in dict.fromkeys((1, bands, bands * shape[1])):
        if lag < prod(shape):
            yield from (lag, -lag)


def delayed(flat: Image, lag: int) -> Image:
    """A flat image shifted by ``lag`` samples: each place has the sample ``lag`` earlier, zero where there is none."""
    earlier = np.zeros_like(flat)
    if lag > 0:
        earlier[lag:] = flat[:-lag]
    else:
        earlier[:lag] = flat[-lag:]
    return earlier
