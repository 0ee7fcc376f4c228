"""A book of ciphertext blocks and the plaintext blocks behind them, for ciphers that encrypt equal blocks equally."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import Image

__all__ = ["block_book"]

_SHORT = 3  # bytes: blocks that can all be asked for, if the budget allows
_KNOWN_PAIRS = 8


def block_book(oracle: Oracle, size: int) -> tuple[Image | None, float]:
    """The challenge with every block of ``size`` bytes that the book has; the share of samples read so.

    The rest is mid-grey; None if the book has nothing. Ciphertexts must have the plaintext's shape.
    """
    wanted, place = np.unique(_blocks(oracle.challenge.image, size), return_inverse=True)
    plain = np.full((wanted.size, size), 128, np.uint8)
    known = np.zeros(wanted.size, bool)
    for chosen, sealed in _pages(oracle, size):
        blocks = _blocks(sealed, size)
        at = np.minimum(np.searchsorted(wanted, blocks), wanted.size - 1)
        new = np.flatnonzero((wanted[at] == blocks) & ~known[at])
        plain[at[new]] = chosen.ravel()[: blocks.size * size].reshape(-1, size)[new]
        known[at[new]] = True
        if known.all():
            break
    image = np.full(oracle.shape, 128, np.uint8)
    whole = place.size * size
    image.ravel()[:whole] = plain[place.ravel()].ravel()
    read = float(known[place.ravel()].sum() * size / image.size)
    return (image, read) if read else (None, 0.0)


def _pages(oracle: Oracle, size: int) -> Iterator[tuple[Image, Image]]:
    """Chosen and known plaintexts and their ciphertexts."""
    room = int(np.prod(oracle.shape)) // size
    left = oracle.remaining
    if size <= _SHORT and room and (left is None or 256**size // room + 1 <= left):
        yield from _all_blocks(oracle, size, room)
        return
    for value in range(256):
        if oracle.remaining == 0:
            return
        flat = np.full(oracle.shape, value, np.uint8)
        yield flat, oracle.encrypt(flat).image
    for _ in range(_KNOWN_PAIRS):
        if oracle.remaining == 0:
            return
        image, sealed = oracle.known_pair()
        yield image, sealed.image


def _all_blocks(oracle: Oracle, size: int, room: int) -> Iterator[tuple[Image, Image]]:
    """Every block of ``size`` bytes there is, ``room`` of them in an image."""
    for first in range(0, 256**size, room):
        numbers = np.arange(first, first + room, dtype="<u4")
        image = np.zeros(oracle.samples, np.uint8)
        image[: room * size] = numbers.view(np.uint8).reshape(-1, 4)[:, :size].ravel()
        image = image.reshape(oracle.shape)
        yield image, oracle.encrypt(image).image


def _blocks(image: Image, size: int) -> NDArray[np.bytes_]:
    """(blocks,) in raster order; incomplete ones at the end are left out. A 1 is put after each block, since numpy
    takes no account of zero bytes at the end of a byte string."""
    whole = image.ravel()[: image.size // size * size].reshape(-1, size)
    marked = np.pad(whole, ((0, 0), (0, 1)), constant_values=1)
    return np.ascontiguousarray(marked).view(f"S{size + 1}").ravel()
