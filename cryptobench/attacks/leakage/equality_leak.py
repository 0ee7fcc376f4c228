"""Equality leak: which properties of a ciphertext and its header depend on the image and not on the nonce?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.cipher import Encrypted, Image

__all__ = ["EqualityLeak"]

_LONGEST = 64  # header bytes that are compared in pairs
_FEWEST_BITS = 16  # of a digest that are different for two images: 32 or so in all
_PAIRS = ("XORs of two header bytes", "differences of two header bytes", "sums of two header bytes")
_Values = NDArray[Any]


@dataclass(frozen=True)
class EqualityLeak(Attack):
    """Encrypts two images ``times`` times each, in random order, under fresh nonces. A property that is the same in all
    ciphertexts of one, the same in all of the other, and different between the two, separates equal images from
    unequal ones.

    The properties are every bit of header and cipher image; sums, differences and XORs of two header bytes; and what no
    permutation of samples or bits changes: histogram, sum, XOR and number of ones of the cipher image. Such leaks are
    tags of the plaintext beside its encryption (encrypt-and-MAC: Bellare and Namprempre, ASIACRYPT 2000), masked
    properties of the image in the header, and permutations by nonce of what the key alone masks.

    Where bits of the header alone tell, four images are encrypted that differ from the first in one or two samples and
    have its sum, XOR, histogram, or all but one bit: if about half of these bits change for each, they are a digest of
    the whole image, which tells equal images and nothing else.

    If ciphertexts do not depend on the image, they do not depend on the order: any one property separates the two
    images with probability 2 / C(2 times, times) at most, whatever its distribution.
    """

    name: ClassVar[str] = "equality_leak"
    title: ClassVar[str] = "Equality leak"
    model: ClassVar[Model] = "CPA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)

    times: int = 24

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if self.times < 2:
            return AttackResult.inapplicable(f"times is {self.times}, wanted 2 or more")
        first, again = oracle.encrypt_probe("a"), oracle.encrypt_probe("a")
        if np.array_equal(first.image, again.image):
            return AttackResult.inapplicable("equal images have equal cipher images: see determinism")
        images = oracle.probe("a"), oracle.known_pair()[0]
        if np.array_equal(*images):
            return AttackResult.inapplicable("the known plaintext is the chosen one")
        which = generator.permutation(np.repeat([0, 1], self.times))
        ciphertexts = [oracle.encrypt(images[one]) for one in which]
        headers, cipher_images = _headers(ciphertexts), _cipher_images(ciphertexts)
        tried = bits = headers.shape[1] * 8 + cipher_images.shape[1] * 8
        separating = [_separating_bits(part, which) for part in (headers, cipher_images)]
        found = [_describe(part, what) for part, what in zip(separating, ("header", "cipher image"), strict=True)]
        for what, values in (*_invariants(cipher_images), *_pairs(headers)):
            tried += values.shape[1]
            trivial = what in _PAIRS and found[0]  # where two bytes separate the images, some of their sums do too
            found.append(what if not trivial and np.any(_separates(values, which)) else "")
        only_equality = (
            bool(found[0]) and not any(found[1:]) and _digest(oracle, first.header, separating[0], generator)
        )
        found = [what for what in found if what]
        return AttackResult(
            statistic=sum(int(np.bitwise_count(part).sum()) for part in separating) / bits,
            statistic_name="share of ciphertext bits that depend on the image alone",
            expected=0.0,
            p_value=min(1.0, 2 * tried / comb(2 * self.times, self.times)) if found else 1.0,
            claims=("deterministic",) if only_equality else (),
            notes=f"the same for equal images: {', '.join(found)}" if found else "",
            numbers={"properties_tried": float(tried)},
        )


def _digest(oracle: Oracle, header: bytes, bits: Image, generator: np.random.Generator) -> bool:
    """Whether many of these bits of the ``header`` of the probe "a" change with any small change of the image."""
    count = int(np.bitwise_count(bits).sum())
    if count < _FEWEST_BITS:
        return False
    for image in _near(oracle.probe("a"), generator):
        other = oracle.encrypt(image).header
        if len(other) < bits.size:
            return False
        first, second = (np.frombuffer(one, np.uint8)[: bits.size] for one in (header, other))
        if np.bitwise_count((first ^ second) & bits).sum() < count / 8:
            return False
    return True


def _near(plain: Image, generator: np.random.Generator) -> Iterator[Image]:
    """Images with the histogram, sum and XOR of another; its sum; its XOR; and one bit more or less."""
    flat = plain.ravel()
    one = int(generator.integers(1, flat.size))
    other = int(np.flatnonzero(flat != flat[one])[generator.integers(np.count_nonzero(flat != flat[one]))])
    change = (-1 if flat[one] == 255 or flat[other] == 0 else 1), np.uint8(1 << int(generator.integers(8)))
    for kind in ("swapped", "sum", "XOR", "bit"):
        image = flat.copy()
        if kind == "swapped":
            image[[one, other]] = image[[other, one]]
        elif kind == "sum":
            image[one], image[other] = int(image[one]) + change[0] & 255, int(image[other]) - change[0] & 255
        else:
            image[[one, other] if kind == "XOR" else one] ^= change[1]
        yield image.reshape(plain.shape)


def _headers(ciphertexts: list[Encrypted]) -> Image:
    """(messages, bytes), all cut to the shortest: `length_leak` compares lengths."""
    shortest = min(len(one.header) for one in ciphertexts)
    return np.array([np.frombuffer(one.header, np.uint8)[:shortest] for one in ciphertexts], np.uint8)


def _cipher_images(ciphertexts: list[Encrypted]) -> Image:
    """(messages, samples), all cut to the smallest."""
    smallest = min(one.image.size for one in ciphertexts)
    return np.stack([one.image.ravel()[:smallest] for one in ciphertexts])


def _separating_bits(columns: Image, which: NDArray[np.int64]) -> Image:
    """Bits, packed as in ``columns``, that are the same for each of the two images and differ between them."""
    ones = [np.bitwise_and.reduce(columns[which == image], axis=0) for image in (0, 1)]
    zeros = [~np.bitwise_or.reduce(columns[which == image], axis=0) for image in (0, 1)]
    separating: Image = (ones[0] & zeros[1]) | (ones[1] & zeros[0])
    return separating


def _describe(separating: Image, what: str) -> str:
    """How many bits, and in which bytes; "" for none."""
    at = np.flatnonzero(separating)
    if at.size == 0:
        return ""
    return f"{int(np.bitwise_count(separating).sum())} bits of the {what}, in bytes {at[0]} to {at[-1]}"


def _separates(values: _Values, which: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Columns of ``values``, (messages, columns), with one value for each image and not the same for both."""
    of = [values[which == image] for image in (0, 1)]
    separates: NDArray[np.bool_] = of[0][0] != of[1][0]
    for rows in of:
        separates &= np.all(rows == rows[:1], axis=0)
    return separates


def _invariants(cipher_images: Image) -> Iterator[tuple[str, _Values]]:
    """Properties of whole cipher images that permutations preserve, (messages, columns)."""
    counts = np.stack([np.bincount(image, minlength=256) for image in cipher_images])
    # Histograms are compared whole: each distinct one has a number.
    for what, rows in (("the histogram", counts), ("the counts of levels", np.sort(counts, axis=1))):
        yield what, np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1, 1)
    yield "the sum mod 256", cipher_images.sum(axis=1, dtype=np.uint8)[:, None]
    yield "the XOR of all samples", np.bitwise_xor.reduce(cipher_images, axis=1)[:, None]
    planes = counts @ (np.arange(256)[:, None] >> np.arange(8) & 1)
    yield "the number of ones in a bit plane", planes
    yield "the number of ones", planes.sum(axis=1)[:, None]


def _pairs(headers: Image) -> Iterator[tuple[str, _Values]]:
    """XORs, differences and sums of two header bytes, (messages, pairs)."""
    first, second = np.triu_indices(min(headers.shape[1], _LONGEST), k=1)
    if len(first) == 0:
        return
    left, right = headers[:, first], headers[:, second]
    yield from zip(_PAIRS, (left ^ right, left - right, left + right), strict=True)
