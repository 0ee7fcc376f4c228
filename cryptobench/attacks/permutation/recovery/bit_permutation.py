"""Permutations of bits behind a mask, recovered from images in which every bit is a binary digit of its own index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.combiners import Combiner
from cryptobench.cipher import Image

__all__ = ["BitPermutation", "preserves_weights", "recover_bit_permutation"]


@dataclass(frozen=True, eq=False)
class BitPermutation:
    """Bit j of the ciphertext without its ``mask`` is bit ``source[j]`` of the plaintext; every bit has one source."""

    combiner: Combiner
    mask: Image
    source: NDArray[np.int64]

    def decrypt(self, cipher_image: Image, shape: tuple[int, ...]) -> Image:
        """The plaintext, of ``shape``."""
        bits = np.zeros(self.source.size, np.uint8)
        bits[self.source] = np.unpackbits(self.combiner.invert(cipher_image, self.mask))
        return np.packbits(bits).reshape(shape)


def preserves_weights(combiner: Combiner, zero: Image, plains: list[Image], cipher_images: list[Image]) -> bool:
    """Whether each cipher image without the mask ``zero`` has its plaintext's Hamming weight, as permuted bits have."""
    return all(
        _weight(combiner.invert(cipher_image, zero)) == _weight(plain)
        for plain, cipher_image in zip(plains, cipher_images, strict=True)
    )


def recover_bit_permutation(
    combiner: Combiner, zero: Image, encrypt: Callable[[Image], Image]
) -> BitPermutation | None:
    """The permutation, from ceil(log2 of the number of bits) chosen plaintexts.

    None if the bits of the ciphertext do not have each bit of the plaintext as their source once.
    """
    index = np.arange(8 * zero.size)
    source = np.zeros(8 * zero.size, np.int64)
    for digit in range(int(index[-1]).bit_length()):
        plain = np.packbits((index >> digit & 1).astype(np.uint8)).reshape(zero.shape)
        cipher_image = encrypt(plain)
        if cipher_image.shape != zero.shape or not preserves_weights(combiner, zero, [plain], [cipher_image]):
            return None
        source |= np.unpackbits(combiner.invert(cipher_image, zero)).astype(np.int64) << digit
    if not np.array_equal(np.sort(source), index):
        return None
    return BitPermutation(combiner, zero, source)


def _weight(image: Image) -> int:
    return int(np.bitwise_count(image).sum())
