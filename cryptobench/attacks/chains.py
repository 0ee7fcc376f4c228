"""One-step chains: how a mask and an earlier byte join a plaintext byte, and undoing that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.cipher import Image

__all__ = ["CHAINS", "Chain", "before", "lags"]

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
