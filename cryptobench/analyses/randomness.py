"""Randomness of ciphertexts: SP 800-22 over many sequences, ENT's statistics, byte pairs, bit planes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.base import Analysis, Subject
from cryptobench.analyses.distinct import FEWEST_SAMPLES, encrypted, flat_colours, flat_images, modified_images
from cryptobench.analyses.randomness_rows import aes_rows, sequence_rows
from cryptobench.analyses.rows import unjudged, unsupported
from cryptobench.cipher import CipherError, Image
from cryptobench.measurement import Measurement

__all__ = ["Randomness"]

FEWEST_BITS = 128
MOST_BITS = 100_000_000  # in one sequence: the spectral test needs eight bytes for each
MOST_CIPHERTEXTS = 64  # joined into one sequence


@dataclass(frozen=True)
class Randomness(Analysis):
    """The randomness of ``sequences`` sequences of ``bits`` bits from three sources, by nonce mode.

    Distinct images: many images, made from the subject's, under one key. Distinct keys: the subject's image under many
    keys. Flat images: images of one colour each, under one key. A sequence is a window of one ciphertext, its place
    moving through the ciphertext from sequence to sequence, or several ciphertexts joined where one is too small.
    Rows of AES-256-CTR output of the same size stand beside them.
    """

    name: ClassVar[str] = "randomness"
    title: ClassVar[str] = "Randomness"
    images: ClassVar[str] = "first"
    reads_pixels: ClassVar[bool] = True

    sequences: int = 60
    bits: int = 1_000_000

    def __post_init__(self) -> None:
        if self.sequences < 1:
            raise ValueError(f"sequences is {self.sequences}, wanted at least 1")
        if self.bits % 8 or not FEWEST_BITS <= self.bits <= MOST_BITS:
            raise ValueError(f"bits is {self.bits}, wanted a multiple of 8 from {FEWEST_BITS} to {MOST_BITS}")

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        size = self.bits // 8
        joined = -(-size // subject.base.image.size)
        if obstacle := self._obstacle(subject, joined):
            yield unsupported("sp800_22_adjusted", obstacle)
            return
        for mode in subject.nonce_modes:
            for source, messages in _SOURCES.items():
                try:
                    ciphertexts = encrypted(subject, messages(subject, joined * self.sequences), source, mode)
                    sequences = list(self._cut(ciphertexts))
                except CipherError as error:
                    yield Measurement(
                        "sp800_22_adjusted", None, variant=source, nonce=mode, status="failed", message=str(error)
                    )
                except _TooFew as reason:
                    yield unsupported("sp800_22_adjusted", str(reason), variant=source, nonce=mode)
                else:
                    yield from sequence_rows(sequences, self.alpha, variant=source, nonce=mode)
        yield from map(unjudged, aes_rows(subject.seed, self.sequences, size, self.alpha))

    def _obstacle(self, subject: Subject, joined: int) -> str:
        if joined > MOST_CIPHERTEXTS:
            return (
                f"a sequence of {self.bits} bits takes {joined} ciphertexts of {subject.base.image.size} bytes, wanted "
                f"at most {MOST_CIPHERTEXTS}; use a larger image or fewer bits"
            )
        if subject.image.size < FEWEST_SAMPLES:
            return f"an image of {subject.image.size} samples has too few distinct forms, wanted {FEWEST_SAMPLES}"
        return ""

    def _cut(self, ciphertexts: Iterator[Image]) -> Iterator[NDArray[np.uint8]]:
        """The sequences, as bytes."""
        size = self.bits // 8
        for number in range(self.sequences):
            pieces: list[NDArray[np.uint8]] = []
            while (held := sum(piece.size for piece in pieces)) < size:
                ciphertext = next(ciphertexts, None)
                if ciphertext is None:
                    raise _TooFew("there are too few distinct images for so many bits; use fewer or shorter sequences")
                pieces.append(ciphertext.ravel())
            start = (held - size) * number // max(1, self.sequences - 1)
            yield np.concatenate(pieces)[start : start + size].copy()


class _TooFew(ValueError):
    """A source has fewer messages than the sequences take."""


def _distinct_images(subject: Subject, count: int) -> Iterator[tuple[Image, bytes]]:
    for image in modified_images(subject.image, subject.generator("randomness images")):
        yield image, subject.key


def _distinct_keys(subject: Subject, count: int) -> Iterator[tuple[Image, bytes]]:
    for number in itertools.count():
        yield subject.image, subject.random_key(f"randomness {number}")


def _flat_images(subject: Subject, count: int) -> Iterator[tuple[Image, bytes]]:
    """Twice as many as are expected to be needed, where there are so many: the size of ciphertexts may vary."""
    colours = flat_colours(subject.image)
    if count > colours:
        raise _TooFew(f"{count} distinct flat images are needed, there are {colours}; use fewer or shorter sequences")
    for image in flat_images(subject.image, min(colours, 2 * count), subject.generator("randomness colours")):
        yield image, subject.key


_SOURCES: dict[str, Callable[[Subject, int], Iterator[tuple[Image, bytes]]]] = {
    "distinct images": _distinct_images,
    "distinct keys": _distinct_keys,
    "flat images": _flat_images,
}
