"""The ways in which a mask and a byte make another byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Image

__all__ = ["JOINS", "MASKS", "Join"]


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
