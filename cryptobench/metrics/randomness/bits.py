"""A bit sequence as 64-bit words, and the counts of a pass over them that several tests need."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from cryptobench.metrics._given import advice, described, is_array

__all__ = [
    "Bits",
    "BitsLike",
    "SequenceError",
    "TooShort",
    "as_bits",
    "bits_of_characters",
    "bits_of_samples",
    "block_ones",
    "count_changes",
    "count_ones",
    "leading_zeros",
    "longest_runs",
    "popcount",
    "require",
    "top_mask",
    "trailing_zeros",
    "word_at",
]

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
    elif is_array(sequence) and sequence.dtype == np.uint8 and sequence.ndim == 1:
        packed = np.asarray(sequence)
    else:
        more = "" if is_array(sequence) else f"{advice(sequence)}; "
        raise SequenceError(
            f"bits must be bytes or a one-dimensional uint8 array of packed bits, not {described(sequence)}; "
            f"{more}use image.ravel() for an image and np.packbits for an array of zeros and ones"
        )
    length = 8 * packed.size if n is None else n
    if not 1 <= length <= 8 * packed.size:
        raise SequenceError(f"{packed.size} bytes hold {8 * packed.size} bits, wanted {length}; give 1 to 8 x bytes")
    return Bits(packed, length)


def bits_of_samples(sequence: Any, n: int | None = None) -> Bits:
    """The first ``n`` bits of values that are 0 or 1 each, one bit a value: bytes, or an array in one dimension.

    `SequenceError` for other values and shapes.
    """
    if isinstance(sequence, np.ma.MaskedArray):
        raise SequenceError(f"bits=True takes whole numbers, not {described(sequence)}; {advice(sequence)}")
    raw = isinstance(sequence, bytes | bytearray | memoryview)
    samples = np.frombuffer(sequence, np.uint8) if raw else np.asarray(sequence)
    if samples.ndim != 1 or not (samples.dtype == bool or np.issubdtype(samples.dtype, np.integer)):
        raise SequenceError(
            f"bits=True takes whole numbers in one dimension, not {samples.dtype} of shape {samples.shape}; "
            "use array.ravel(), and astype for another type"
        )
    others = samples[(samples != 0) & (samples != 1)]
    if others.size:
        raise SequenceError(f"bits=True takes values 0 and 1, not {others[0]}; leave it out for packed bytes")
    length = samples.size if n is None else n
    if not 1 <= length <= samples.size:
        raise SequenceError(
            f"{samples.size} samples hold as many bits, wanted {max(1, length)}; give more or ask for less"
        )
    return Bits(np.packbits(samples.astype(np.uint8)), length)


# What each character of the standard's own files is: a bit, white space (2), or what lists of numbers have besides (3).
_CHARACTERS = np.full(256, 4, np.uint8)
_CHARACTERS[list(b" \t\r\n\v\f")] = 2
_CHARACTERS[list(b",;:|()[]{}'\"")] = 3
_CHARACTERS[list(b"01")] = 0, 1
_CHUNK = 1 << 22
_MARK = b"\xef\xbb\xbf"  # that a text is UTF-8


def bits_of_characters(content: NDArray[np.uint8], listed: bool = False) -> tuple[NDArray[np.uint8], int] | None:
    """Packed bits and their number, of a file of the characters 0 and 1 and white space; None for any other.

    That is the format of the standard's own programs and data files; a byte order mark of UTF-8 may stand before it.
    With ``listed`` the file may have commas, quotes and brackets too.
    """
    kinds, most = [], 3 if listed else 2
    for start in range(len(_MARK) if content[: len(_MARK)].tobytes() == _MARK else 0, content.size, _CHUNK):
        kind = _CHARACTERS[content[start : start + _CHUNK]]
        if kind.max() > most:
            return None
        kinds.append(kind[kind < 2])
    found = np.concatenate(kinds) if kinds else np.empty(0, np.uint8)
    return (np.packbits(found), found.size) if found.size else None


def require(met: bool, test: str, wanted: str, n: int) -> None:
    """`TooShort` unless the limit is met."""
    if not met:
        raise TooShort(f"{test} needs {wanted}, not {n} bits; use a longer sequence")


def _popcount(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _leading_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


def _trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


# Of a 64-bit word: the number of ones; of zeros before the first and behind the last one, 64 for the zero word.
popcount: Any = intrinsic(_popcount)
leading_zeros: Any = intrinsic(_leading_zeros)
trailing_zeros: Any = intrinsic(_trailing_zeros)
ONE, SIX, SIXTY_THREE = np.uint64(1), np.uint64(6), np.uint64(63)


@njit(cache=True, nogil=True)
def word_at(words: np.ndarray, position: int) -> Any:
    """The 64 bits from bit ``position`` on."""
    p = np.uint64(position)
    i, shift = p >> SIX, p & SIXTY_THREE
    return (words[i] << shift) | ((words[i + ONE] >> ONE) >> (SIXTY_THREE - shift))


@njit(cache=True, nogil=True)
def top_mask(bits: int) -> np.uint64:
    """A word whose first ``bits`` bits (1 to 64, more count as 64) are set."""
    return ~np.uint64(0) << np.uint64(64 - min(bits, 64))


@njit(cache=True, nogil=True)
def count_ones(words: np.ndarray) -> int:
    """How many bits are set."""
    total = np.uint64(0)
    for word in words:
        total += popcount(word)
    return int(total)


@njit(cache=True, nogil=True)
def block_ones(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """How many bits are set in each of the first ``blocks`` runs of ``size`` bits: int64."""
    out = np.empty(blocks, np.int64)
    for block in range(blocks):
        total = np.uint64(0)
        for offset in range(0, size, 64):
            total += popcount(word_at(words, block * size + offset) & top_mask(size - offset))
        out[block] = np.int64(total)
    return out


@njit(cache=True, nogil=True)
def count_changes(words: np.ndarray, n: int) -> int:
    """How many of the ``n`` bits differ from the one before."""
    total = np.uint64(0)
    for i in range((n + 62) // 64):  # words that hold one of the first n - 1 bits
        following = (words[i] << ONE) | (words[i + 1] >> SIXTY_THREE)
        total += popcount((words[i] ^ following) & top_mask(n - 1 - 64 * i))
    return int(total)


@njit(cache=True, nogil=True)
def longest_runs(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """The longest run of ones in each of the first ``blocks`` runs of ``size`` bits: int64."""
    out = np.empty(blocks, np.int64)
    for block in range(blocks):
        longest = running = np.int64(0)  # running: ones up to here without a break
        for offset in range(0, size, 64):
            held = min(size - offset, 64)
            word = word_at(words, block * size + offset) & top_mask(held)
            head = np.int64(leading_zeros(~word))
            if head >= held:
                running += held
                continue
            longest = max(longest, running + head)
            running = np.int64(trailing_zeros(~(word >> np.uint64(64 - held))))
            reach = np.int64(1)  # bit i of word: ones from i to i + reach - 1
            while reach <= longest and word:
                shift = min(reach, longest + 1 - reach)
                word &= word << np.uint64(shift)
                reach += shift
            while word:  # a run that is longer than any before
                word &= word << ONE
                longest += 1
        out[block] = max(longest, running)
    return out
