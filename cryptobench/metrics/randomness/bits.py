"""A bit sequence as the tests want it: 64-bit words, and what several tests count in one pass."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bits", "BitsLike", "SequenceError", "TooShort", "as_bits", "require"]

_PADDING = 3  # zero words behind the last bit, so that kernels may read past it


class SequenceError(ValueError):
    """A bit sequence or a test's parameters cannot be used; the message says what is wanted."""


class TooShort(SequenceError):
    """A sequence is below a test's limits."""


class Bits:
    """``n`` bits, the first one the most significant bit of ``words[0]``.

    ``words`` is uint64, zero behind the last bit and at least three words longer than need be. Counts that several
    tests need are kept in ``shared``, so that a sequence is passed over once for all of them.
    """

    __slots__ = ("n", "shared", "words")

    def __init__(self, packed: NDArray[np.uint8], n: int) -> None:
        held = (n + 7) // 8
        padded = np.zeros(8 * ((n + 63) // 64 + _PADDING), np.uint8)
        padded[:held] = packed[:held]
        if n % 8:
            padded[held - 1] &= 0xFF << (8 - n % 8) & 0xFF
        self.n = n
        self.words: NDArray[np.uint64] = padded.view(">u8").astype(np.uint64)
        self.shared: dict[Any, Any] = {}

    def wrapped(self) -> NDArray[np.uint64]:
        """The words with the first 64 bits once more behind the last (cyclically, if there are fewer)."""
        words, first, filled = self.words.copy(), int(self.words[0]), min(self.n, 64)
        while filled < 64:
            first |= first >> filled
            filled *= 2
        word, offset = divmod(self.n, 64)
        words[word] |= np.uint64(first >> offset)
        words[word + 1] = np.uint64((first << (64 - offset)) & 0xFFFFFFFFFFFFFFFF)
        return words


BitsLike: TypeAlias = Bits | NDArray[np.uint8] | bytes | bytearray | memoryview


def as_bits(sequence: BitsLike, n: int | None = None) -> Bits:
    """The first ``n`` bits (all of them without ``n``) of bytes or a one-dimensional uint8 array, MSB first.

    `SequenceError` for other arrays and for an ``n`` that is not there.
    """
    if isinstance(sequence, Bits):
        if n not in (None, sequence.n):
            raise SequenceError(f"this sequence has {sequence.n} bits, not {n}; make another from the packed bytes")
        return sequence
    if isinstance(sequence, bytes | bytearray | memoryview):
        packed = np.frombuffer(sequence, np.uint8)
    elif isinstance(sequence, np.ndarray) and sequence.dtype == np.uint8 and sequence.ndim == 1:
        packed = sequence
    else:
        array = isinstance(sequence, np.ndarray)
        given = f"{sequence.dtype} of shape {sequence.shape}" if array else type(sequence).__name__
        raise SequenceError(
            f"bits must be bytes or a one-dimensional uint8 array of packed bits, not {given}; "
            "use image.ravel() for an image and np.packbits for an array of zeros and ones"
        )
    length = 8 * packed.size if n is None else n
    if not 1 <= length <= 8 * packed.size:
        raise SequenceError(f"{packed.size} bytes hold {8 * packed.size} bits, wanted {length}; give 1 to 8 x bytes")
    return Bits(packed, length)


def require(met: bool, test: str, wanted: str, n: int) -> None:
    """`TooShort` unless the limit is met."""
    if not met:
        raise TooShort(f"{test} needs {wanted}, not {n} bits; use a longer sequence")
