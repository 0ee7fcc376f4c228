"""Extended visual cryptography, (2, 2): a black-and-white secret in two pictures of something else."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.optics.masks import Field

__all__ = ["overlaid", "sample", "settled", "shares", "sums_of_powers"]

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
    place = _placed(secret, covers, chance)
    return _expanded(_BLOCKS[0].take(place)), _expanded(_BLOCKS[1].take(place))


def sample(secret: Bits, covers: tuple[Bits, Bits], chance: NDArray[np.uint16]) -> Field:
    """s1 exp(i pi s2 / 2), (..., 2 H, 2 W) complex64, of the two `shares` s1 and s2: 0, 1 and i."""
    place = _placed(secret, covers, chance)
    *further, height, width = secret.shape
    o: Field = np.empty((*further, height, 2, 2 * width), np.complex64)
    for y, pairs in enumerate(_PAIRS):
        o[..., y, :] = pairs.take(place).view(np.complex64)
    return o.reshape(*further, 2 * height, 2 * width)


def _placed(secret: Bits, covers: tuple[Bits, Bits], chance: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Which column of `_BLOCKS` each pixel's blocks are."""
    picked = ((chance.astype(np.uint32) * _CHOICES) >> 16).astype(np.uint8)
    row = (4 * secret.view(np.uint8) + 2 * covers[0].view(np.uint8)) + covers[1].view(np.uint8)
    return row * np.uint8(_CHOICES) + picked  # below 192


def _pairs_of_samples() -> NDArray[np.complex128]:
    """(2, 8 * _CHOICES): two complex64 side by side, the upper and the lower row of each pair of blocks as a sample."""
    bits = _BLOCKS[:, :, None] >> np.arange(4, dtype=np.uint8) & 1
    samples = (bits[0] * np.where(bits[1], 1j, 1)).astype(np.complex64).reshape(-1, 2, 2)
    pairs: NDArray[np.complex128] = samples.transpose(1, 0, 2).copy().view(np.complex128)[..., 0]
    return pairs


_PAIRS = _pairs_of_samples()


def overlaid(clear: NDArray[np.floating]) -> Bits:
    """The secret, (..., H, W), from how clear the overlay's sub-pixels are, (..., 2 H, 2 W) near 0 or 1."""
    rows = np.maximum(clear[..., ::2, :], clear[..., 1::2, :])
    secret: Bits = np.maximum(rows[..., ::2], rows[..., 1::2]) > 0.5
    return secret


@njit(cache=True, nogil=True)
def sums_of_powers(o: Field) -> NDArray[np.complex128]:
    """(2, C): the sums of o and of o^4 over each channel of objects (C, H, W)."""
    sums = np.zeros((2, len(o)), np.complex128)
    for c in range(len(o)):
        total = fourth_powers = 0j  # in registers, which an array's elements are not
        for y in range(o.shape[1]):
            for x in range(o.shape[2]):
                value = o[c, y, x]
                square = value * value
                total += value
                fourth_powers += square * square
        sums[0, c], sums[1, c] = total, fourth_powers
    return sums


@njit(cache=True, nogil=True)
def settled(o: Field, phase: Field, within: Any) -> int:
    """Sets what is nearer than ``within`` to 0, to phase or to i phase, of a channel's ``phase``, (C,), to just that.

    Objects (C, H, W) complex64, in place; how many samples are near none of these.
    """
    doubtful, none = 0, np.float32(0)
    most, width = within * within, o.shape[2]
    re, im = np.empty(width, np.float32), np.empty(width, np.float32)
    for c in range(len(o)):
        a, b = phase[c].real, phase[c].imag
        for y in range(o.shape[1]):
            row = o[c, y]
            for x in range(width):
                re[x], im[x] = row[x].real, row[x].imag
            far = np.int32(0)
            for x in range(width):  # choices, not branches, so that several samples are done at a time
                p, q = re[x], im[x]
                dark = p * p + q * q
                one = (p - a) * (p - a) + (q - b) * (q - b)
                other = (p + b) * (p + b) + (q - a) * (q - a)
                lit, is_one = (one if one <= other else other), one <= other
                black = dark <= lit
                is_far = (dark if black else lit) >= most
                far += np.int32(1) if is_far else np.int32(0)
                new_p, new_q = (a if is_one else -b), (b if is_one else a)
                new_p, new_q = (none if black else new_p), (none if black else new_q)
                re[x], im[x] = (p if is_far else new_p), (q if is_far else new_q)
            doubtful += int(far)
            for x in range(width):
                row[x] = complex(re[x], im[x])
    return doubtful


def _expanded(blocks: NDArray[np.uint8]) -> Bits:
    """Four bits a block to 2 x 2 sub-pixels."""
    height, width = blocks.shape[-2:]
    spread = np.empty((*blocks.shape[:-2], height, 2, width, 2), np.uint8)
    for y, x in np.ndindex(2, 2):
        spread[..., y, :, x] = (blocks >> np.uint8(2 * y + x)) & np.uint8(1)
    return spread.reshape(*blocks.shape[:-2], 2 * height, 2 * width).view(np.bool_)
