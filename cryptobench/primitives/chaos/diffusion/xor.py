"""Diffusion by XOR alone, one pass or two, over a flat sequence of bytes, and the exact inverses.

All of it is linear: the ciphertext is a fixed linear map of the plaintext, XORed with a mask that depends on the
key. A wrong
cipher byte damages two plaintext bytes and no more, which leaves a visible trail in a picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.primitives.chaos.diffusion.chains import running_xor

__all__ = ["xor_one_pass", "xor_one_pass_inverse", "xor_two_pass", "xor_two_pass_inverse"]

Bytes = NDArray[np.uint8]


def xor_one_pass(p: Bytes, k: Bytes, start: int) -> Bytes:
    """C_i = P_i xor k_i xor C_(i-1), with C_(-1) = ``start``."""
    c = p ^ k
    running_xor(c, start, False)
    return c


def xor_one_pass_inverse(c: Bytes, k: Bytes, start: int) -> Bytes:
    """The inverse of `xor_one_pass`: P_i = C_i xor k_i xor C_(i-1)."""
    p = c ^ k
    p[1:] ^= c[:-1]
    p[:1] ^= np.uint8(start)
    return p


def xor_two_pass(p: Bytes, k1: Bytes, k2: Bytes, start: int, end: int) -> Bytes:
    """A_i = P_i xor k1_i xor A_(i-1), A_(-1) = ``start``; then C_i = A_i xor k2_i xor C_(i+1), C_n = ``end``."""
    c = xor_one_pass(p, k1, start)
    c ^= k2
    running_xor(c, end, True)
    return c


def xor_two_pass_inverse(c: Bytes, k1: Bytes, k2: Bytes, start: int, end: int) -> Bytes:
    """The inverse of `xor_two_pass`: A_i = C_i xor k2_i xor C_(i+1), then P_i = A_i xor k1_i xor A_(i-1)."""
    a = c ^ k2
    a[:-1] ^= c[1:]
    a[-1:] ^= np.uint8(end)
    return xor_one_pass_inverse(a, k1, start)
