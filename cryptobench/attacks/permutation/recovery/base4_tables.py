"""Tables of base-4 digits: the effect of any DNA coding rules on a byte, read from four flat images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["digits_differ", "read_digits"]

_SHIFTS = (0, 2, 4, 6)  # of the four digits in a byte


def read_digits(flats: Sequence[Image], output: Image) -> Image:
    """The byte behind each output, if each of its base-4 digits comes from the input's digit through its own table.

    ``flats[k]`` is the output where all digits of the input are k; a digit that no table gives is read as 0.
    """
    inner = np.zeros_like(output)
    for shift in _SHIFTS:
        digit = np.uint8(3 << shift)
        for k in (1, 2, 3):
            inner |= np.where((flats[k] ^ output) & digit == 0, np.uint8(k << shift), np.uint8(0))
    return inner


def digits_differ(flats: Sequence[Image]) -> NDArray[np.bool_]:
    """The outputs, in raster order, of which each digit has four values in the four images."""
    invertible = np.ones(flats[0].size, bool)
    for shift in _SHIFTS:
        seen = np.zeros(flats[0].size, np.uint8)
        for flat in flats:
            seen |= np.uint8(1) << (flat.ravel() >> shift & 3)
        invertible &= seen == 15
    return invertible
