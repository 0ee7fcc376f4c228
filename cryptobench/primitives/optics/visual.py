"""Extended visual cryptography, (2, 2): a black-and-white secret in two pictures of something else."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.optics.masks import Field

__all__ = ["overlaid", "settled", "shares", "sums_of_powers"]

Bits = NDArray[np.bool_]
_CHOICES = 24  # a multiple of every number of valid placements


def _placements() -> NDArray[np.uint8]:
    """For secret, cover 1, cover 2 (0 black, 1 white): the valid pairs of 2 x 2 blocks, each repeated to `_CHOICES`.

    A block is four bits, 1 for a clear sub-pixel: 2 clear in a white cover's block and 1 in a black one's. Laid over
    one another, 1 stays clear where the secret is white and none where it is black.
    """
    table = np.empty((2, 2, 2, _CHOICES, 2), np.uint8)
    for secret, one, two in np.ndindex(2, 2, 2):
        valid = [
            (first, second)
            for first, second in product(range(16), repeat=2)
            if first.bit_count() == 1 + one and second.bit_count() == 1 + two
            and (first & second).bit_count() == secret
        ]  # fmt: skip
        table[secret, one, two] = valid * (_CHOICES // len(valid))
    return table


_BLOCKS = _placements().reshape(-1, 2).T.copy()  # (2, 8 * _CHOICES)


def shares(secret: Bits, covers: tuple[Bits, Bits], chance: NDArray[np.uint16]) -> tuple[Bits, Bits]:
    """Two shares, (..., 2 H, 2 W), True where clear, of a secret and covers (..., H, W), True where white.

    ``chance``, integers 0 ... 65535 of the secret's shape, chooses among the valid placements of sub-pixels.
    """
    picked = ((chance.astype(np.uint32) * _CHOICES) >> 16).astype(np.uint8)
    row = (4 * secret.view(np.uint8) + 2 * covers[0].view(np.uint8)) + covers[1].view(np.uint8)
    place = row * np.uint8(_CHOICES) + picked  # below 192
    return _expanded(_BLOCKS[0].take(place)), _expanded(_BLOCKS[1].take(place))


def overlaid(clear: NDArray[np.floating]) -> Bits:
    """The secret, (..., H, W), from how clear the overlay's sub-pixels are, (..., 2 H, 2 W) near 0 or 1."""
    height, width = clear.shape[-2] // 2, clear.shape[-1] // 2
    blocks = clear.reshape(*clear.shape[:-2], height, 2, width, 2)
    secret: Bits = blocks.max(axis=(-3, -1)) > 0.5
    return secret


@njit(cache=True, nogil=True)
def sums_of_powers(o: Field) -> NDArray[np.complex128]:
    """(2, C): the sums of o and of o^4 over each channel of objects (C, H, W)."""
    sums = np.zeros((2, len(o)), np.complex128)
    for c in range(len(o)):
        for y in range(o.shape[1]):
            for x in range(o.shape[2]):
                value = o[c, y, x]
                square = value * value
                sums[0, c] += value
                sums[1, c] += square * square
    return sums


@njit(cache=True, nogil=True)
def settled(o: Field, phase: Field, within: Any) -> int:
    """Sets what is nearer than ``within`` to 0, to phase or to i phase, of a channel's ``phase``, (C,), to just that.

    Objects (C, H, W) complex64, in place; how many samples are near none of these.
    """
    doubtful = 0
    for c in range(len(o)):
        a, b = phase[c].real, phase[c].imag
        for y in range(o.shape[1]):
            for x in range(o.shape[2]):
                re, im = o[c, y, x].real, o[c, y, x].imag
                dark = re * re + im * im
                one = (re - a) * (re - a) + (im - b) * (im - b)
                other = (re + b) * (re + b) + (im - a) * (im - a)
                if min(dark, one, other) >= within * within:
                    doubtful += 1
                elif dark <= min(one, other):
                    o[c, y, x] = 0
                else:
                    o[c, y, x] = phase[c] if one <= other else complex(-b, a)
    return doubtful


def _expanded(blocks: NDArray[np.uint8]) -> Bits:
    """Four bits a block to 2 x 2 sub-pixels."""
    height, width = blocks.shape[-2:]
    spread = np.empty((*blocks.shape[:-2], height, 2, width, 2), np.uint8)
    for y, x in np.ndindex(2, 2):
        spread[..., y, :, x] = (blocks >> np.uint8(2 * y + x)) & np.uint8(1)
    return spread.reshape(*blocks.shape[:-2], 2 * height, 2 * width).view(np.bool_)
