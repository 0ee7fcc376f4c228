"""Equality leak: what in a ciphertext, header included, is decided by the image and not by the nonce?"""

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
_PAIRS = ("XORs of two header bytes", "differences of two header bytes", "sums of two header bytes")
_Values = NDArray[Any]


@dataclass(frozen=True)
class EqualityLeak(Attack):
    """Encrypts two images ``times`` times each, in random order, under fresh nonces. Whatever is the same in all
    ciphertexts of one, the same in all of the other, and not the same in both, tells equal images from unequal ones.

    It looks at every bit of header and body, at sums, differences and XORs of two header bytes, and at what no
    permutation of samples or bits changes: the body's histogram, sum, XOR, and ones. Tags of the plaintext beside its
    encryption (encrypt-and-MAC: Bellare and Namprempre, ASIACRYPT 2000) are of this kind, masked properties of the
    image in the header, and permutations by nonce of what the key alone masks.

    If ciphertexts do not depend on the image, the order tells nothing about them: any one of the properties looked at
    parts the two images with probability 2 / C(2 times, times) at most, whatever its distribution.
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
            return AttackResult.inapplicable("equal images have equal cipher images altogether: see determinism")
        images = oracle.probe("a"), oracle.known_pair()[0]
        if np.array_equal(*images):
            return AttackResult.inapplicable("the known plaintext is the chosen one")
        which = generator.permutation(np.repeat([0, 1], self.times))
        sealed = [oracle.encrypt(images[one]) for one in which]
        headers, bodies = _headers(sealed), _bodies(sealed)
        tried = bits = headers.shape[1] * 8 + bodies.shape[1] * 8
        alone = [_parted_bits(part, which) for part in (headers, bodies)]
        found = [_count(parted, what) for parted, what in zip(alone, ("header", "cipher image"), strict=True)]
        for what, values in (*_kept(bodies), *_pairs(headers)):
            tried += values.shape[1]
            trivial = what in _PAIRS and found[0]  # of two bytes that part the images, some sums do too
            found.append(what if not trivial and np.any(_parted(values, which)) else "")
        found = [what for what in found if what]
        return AttackResult(
            statistic=sum(int(np.bitwise_count(parted).sum()) for parted in alone) / bits,
            statistic_name="share of ciphertext bits that the image alone decides",
            expected=0.0,
            p_value=min(1.0, 2 * tried / comb(2 * self.times, self.times)) if found else 1.0,
            notes=f"the same for equal images: {', '.join(found)}" if found else "",
            numbers={"properties_tried": float(tried)},
        )


def _headers(sealed: list[Encrypted]) -> Image:
    """(messages, bytes), all cut to the shortest: `length_leak` looks at lengths."""
    shortest = min(len(one.header) for one in sealed)
    return np.array([np.frombuffer(one.header, np.uint8)[:shortest] for one in sealed], np.uint8)


def _bodies(sealed: list[Encrypted]) -> Image:
    """(messages, samples), all cut to the smallest."""
    smallest = min(one.image.size for one in sealed)
    return np.stack([one.image.ravel()[:smallest] for one in sealed])


def _parted_bits(columns: Image, which: NDArray[np.int64]) -> Image:
    """Bits, packed as in ``columns``, that are the same within each of the two and differ between them."""
    ones = [np.bitwise_and.reduce(columns[which == image], axis=0) for image in (0, 1)]
    zeros = [~np.bitwise_or.reduce(columns[which == image], axis=0) for image in (0, 1)]
    parted: Image = (ones[0] & zeros[1]) | (ones[1] & zeros[0])
    return parted


def _count(parted: Image, what: str) -> str:
    """How many bits, and in which bytes; "" for none."""
    at = np.flatnonzero(parted)
    if at.size == 0:
        return ""
    return f"{int(np.bitwise_count(parted).sum())} bits of the {what}, in bytes {at[0]} to {at[-1]}"


def _parted(values: _Values, which: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Columns of ``values``, (messages, columns), with one value for each image and not the same for both."""
    of = [values[which == image] for image in (0, 1)]
    parted: NDArray[np.bool_] = of[0][0] != of[1][0]
    for rows in of:
        parted &= np.all(rows == rows[:1], axis=0)
    return parted


def _kept(bodies: Image) -> Iterator[tuple[str, _Values]]:
    """Properties of whole bodies, (messages, columns)."""
    counts = np.stack([np.bincount(body, minlength=256) for body in bodies])
    # Histograms are compared whole, by a number for each that differs: its first message.
    for what, rows in (("the histogram", counts), ("the counts of levels", np.sort(counts, axis=1))):
        yield what, np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1, 1)
    yield "the sum mod 256", bodies.sum(axis=1, dtype=np.uint8)[:, None]
    yield "the XOR of all samples", np.bitwise_xor.reduce(bodies, axis=1)[:, None]
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
