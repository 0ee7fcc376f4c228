"""The ways in which a mask and a byte make another byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Image

__all__ = ["JOINS", "Join"]


@dataclass(frozen=True)
class Join:
    """``put`` gives y from x and mask k, ``take`` x from y and k, ``mask`` k from y and x; y = k for x = 0 in all."""

    name: str
    put: Callable[[Image, Image], Image]
    take: Callable[[Image, Image], Image]
    mask: Callable[[Image, Image], Image]


def _add_digits(x: Image, k: Image) -> Image:
    """The four base-4 digits of each byte added by themselves, mod 4, as bases of DNA are."""
    low, high = np.uint8(0x33), np.uint8(0xCC)
    total: Image = ((x & low) + (k & low)) & low | ((x & high) + (k & high)) & high
    return total


def _negate_digits(x: Image) -> Image:
    return _add_digits(~x, np.full_like(x, 0x55))


def _subtract_digits(y: Image, k: Image) -> Image:
    return _add_digits(y, _negate_digits(k))


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
