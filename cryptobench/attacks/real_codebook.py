"""Codebook of a cipher that is affine over the reals, up to rounding: Hadamard patterns, and least squares."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.superposition import explained
from cryptobench.cipher import Image

__all__ = ["patterns_needed", "real_fit", "solve_reals"]

_MIDDLE, _SWING = 128, 100  # grey levels: patterns stay off both ends, where rounding clips
_SINGULAR = 1e-3  # of the largest singular value; what is smaller is lost in rounding


def real_fit(oracle: Oracle, generator: np.random.Generator) -> tuple[float, float] | None:
    """How much of E(g + a + b) is E(g + a) + E(g + b) - E(g), g mid-grey, bytes taken as real numbers: the share of its
    variance and the p-value of that. Four queries; None if ciphertexts differ in shape or are flat."""
    a, b = (generator.integers(-_MIDDLE // 2, _MIDDLE // 2, oracle.shape) for _ in range(2))
    sealed = [oracle.encrypt((_MIDDLE + change).astype(np.uint8)).image for change in (0 * a, a, b, a + b)]
    if len({image.shape for image in (*sealed, oracle.challenge.image)}) > 1:
        return None
    middle, of_a, of_b, total = (image.astype(np.float64).ravel() for image in sealed)
    fit = explained(total, [of_a + of_b - middle])
    return None if fit is None else (fit[0], fit[2])


def patterns_needed(samples: int) -> int:
    """How many images `solve_reals` asks for: the least power of two that is no less than ``samples``, and one."""
    return (1 << (samples - 1).bit_length()) + 1


def solve_reals(oracle: Oracle, generator: np.random.Generator) -> Image:
    """The plaintext of the challenge, uint8, of a cipher that is affine over the reals.

    Each pattern sets every sample to one of two grey levels, as a row of a Hadamard matrix and a random sign for each
    sample say; so all answers have full contrast, and rounding errors average out as they do not for unit images.
    """
    from scipy.linalg import hadamard

    samples = prod(oracle.shape)
    flips = generator.choice(np.array([-1, 1], np.int8), samples)
    signs = hadamard(patterns_needed(samples) - 1, np.int8)[:, :samples] * flips
    middle = oracle.encrypt(np.full(oracle.shape, _MIDDLE, np.uint8)).image.ravel().astype(np.float32)
    sealed = np.stack([oracle.encrypt(_pattern(row, oracle.shape)).image.ravel() for row in signs])
    linear = (sealed - middle).T @ signs.astype(np.float32) / np.float32(_SWING * len(signs))
    rest = oracle.challenge.image.ravel() - middle
    plain, *_ = np.linalg.lstsq(linear, rest, rcond=_SINGULAR)
    image: Image = np.clip(np.rint(plain + _MIDDLE), 0, 255).astype(np.uint8).reshape(oracle.shape)
    return image


def _pattern(row: NDArray[np.int8], shape: tuple[int, ...]) -> Image:
    return (_MIDDLE + _SWING * row.astype(np.int16)).astype(np.uint8).reshape(shape)
