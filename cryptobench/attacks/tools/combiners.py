"""The ways in which a mask and a byte make another byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.cipher import Image

__all__ = ["CHAINS", "JOINS", "MASKS", "Chain", "Join", "before", "lags"]

_Three = Callable[[Image, Image, Image], Image]


@dataclass(frozen=True)
class Chain:
    """``mask`` gives k from p, c and the earlier byte f; ``take`` gives p from c, f and k."""

    name: str
    mask: _Three
    take: _Three


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


def lags(shape: tuple[int, ...]) -> Iterator[int]:
    """How far, in raster order, the earlier byte is: the next sample, pixel or row, before it or (negative) after."""
    bands = prod(shape[2:])
    for lag in dict.fromkeys((1, bands, bands * shape[1])):
        if lag < prod(shape):
            yield from (lag, -lag)


def before(flat: Image, lag: int) -> Image:
    """Of each sample of a flat image the one ``lag`` earlier, zero where there is none."""
    earlier = np.zeros_like(flat)
    if lag > 0:
        earlier[lag:] = flat[:-lag]
    else:
        earlier[:lag] = flat[-lag:]
    return earlier


@dataclass(frozen=True)
class Join:
    """``put`` gives y from x and mask k, ``take`` x from y and k, ``mask`` k from y and x; y = k for x = 0 in all."""

    name: str
    put: Callable[[Image, Image], Image]
    take: Callable[[Image, Image], Image]
    mask: Callable[[Image, Image], Image]


_TOP, _LOW = np.uint8(0xAA), np.uint8(0x55)  # the upper and the lower bit of each base-4 digit


def _add_digits(x: Image, k: Image) -> Image:
    """The four base-4 digits of each byte added by themselves, mod 4, as bases of DNA are.

    Lower bits carry into upper ones, and those, added without carry, into nothing.
    """
    total: Image = ((x & _LOW) + (k & _LOW)) ^ ((x ^ k) & _TOP)
    return total


def _subtract_digits(y: Image, k: Image) -> Image:
    rest: Image = ((y | _TOP) - (k & _LOW)) ^ (~(y ^ k) & _TOP)
    return rest


def _from(x: Image, k: Image) -> Image:
    return k - x


def _from_digits(x: Image, k: Image) -> Image:
    return _subtract_digits(k, x)


JOINS = (
    Join("y = x XOR k", np.bitwise_xor, np.bitwise_xor, np.bitwise_xor),
    Join("y = x + k", np.add, np.subtract, np.subtract),
    Join("y = k - x", _from, _from, np.add),
    Join("y = x + k by base-4 digits", _add_digits, _subtract_digits, _subtract_digits),
    Join("y = k - x by base-4 digits", _from_digits, _from_digits, _add_digits),
)
MASKS = JOINS[:2]
