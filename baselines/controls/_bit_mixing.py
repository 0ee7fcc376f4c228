"""Linear mixing of all bits of an image: sparse to write down, dense in both directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._parts import inverse_permute, permute
from cryptobench.cipher import Image, stage

__all__ = ["mix_bits", "unmix_bits"]

_TURNS = 4


def mix_bits(samples: Image, order: NDArray[np.uint32]) -> Image:
    """Four times the 8 N bits of (N,) samples are permuted by ``order``; then each becomes the XOR of all up to it, and
    the next time the XOR of itself and the one before. They are permuted once more."""
    bits = np.unpackbits(samples)
    for turn in range(_TURNS):
        bits = permute(bits, order)
        with stage("diffusion"):
            bits = _derived(bits) if turn % 2 else np.bitwise_xor.accumulate(bits)
    return np.packbits(permute(bits, order))


def unmix_bits(samples: Image, order: NDArray[np.uint32]) -> Image:
    """Undo `mix_bits`."""
    bits = inverse_permute(np.unpackbits(samples), order)
    for turn in reversed(range(_TURNS)):
        with stage("diffusion"):
            bits = np.bitwise_xor.accumulate(bits) if turn % 2 else _derived(bits)
        bits = inverse_permute(bits, order)
    return np.packbits(bits)


def _derived(bits: Image) -> Image:
    derived = bits.copy()
    derived[1:] ^= bits[:-1]
    return derived
