"""Chosen differences: do ciphertexts of plaintexts with a fixed difference differ as two random ones do?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.shapes import RANDOMISED, SHAPES_DIFFER, shapes_differ
from cryptobench.attacks.tools.uniformity_network import told_apart
from cryptobench.cipher import CipherError, Image
from cryptobench.metrics.randomness.bits import popcount
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["ChosenDifferences", "bits_p_value", "bytes_p_value", "pairs_p_value"]

_KINDS = ("lowest bit of one sample", "highest bit of one sample", "one sample", "highest bit of all samples")
_CANDIDATES, _PART = 32, 20  # changes, each tried with one pair of so many
_TOGETHER = 4  # changes, whose sums make one structure
_LOOKS = 2  # the tests are made of a quarter of the plaintexts, and of all
_TRIES = len(_KINDS) * (2 * _LOOKS + 2) + 4  # bits, byte values; pairs of bits and the network once; a screened change
_FEWEST = 8  # samples of an image: of fewer there are not enough different ones
_MOST_BITS = 1 << 11  # of a ciphertext that are paired, and that the network sees


@dataclass(frozen=True)
class ChosenDifferences(Attack):
    """Encrypts pairs of images, ``plaintexts`` for each of four fixed differences, and compares the differences of the
    ciphertexts with uniform ones: bit by bit, byte values together, pairs of bits. A fifth difference is the one of 32
    that looks least uniform over a few pairs, tested on others. Where these show nothing, a small neural network
    learns to tell differences from uniform bytes and is judged on what it has not seen. Finds designs with too few
    rounds, in which a difference comes out with more or less than the usual probability; it gives no plaintext.

    Images come in structures: a random one with all 16 sums of four differences has eight pairs for each of them. So
    3.9 ``plaintexts`` + 2 queries; 0.5 or 2 ``plaintexts`` + 2 where those show it. After Biham and Shamir, J.
    Cryptology 1991, and, for the network, Gohr, CRYPTO 2019.
    """

    name: ClassVar[str] = "chosen_differences"
    title: ClassVar[str] = "Chosen differences"
    identifier: ClassVar[str] = "A32"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True

    plaintexts: int = 1024

    def __post_init__(self) -> None:
        if self.plaintexts < 256:
            raise ValueError(f"plaintexts is {self.plaintexts}, wanted at least 256")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.samples < _FEWEST:
            return AttackResult.inapplicable(f"the image has {oracle.samples} samples, wanted at least {_FEWEST}")
        first, second = (oracle.encrypt_probe("a").image for _ in range(2))
        if unusable := shapes_differ(first, second):
            return unusable
        first, second = oracle.varying(first, second)
        if binomial_sf(int(np.count_nonzero(first == second)), first.size, BYTE_CHANCE) >= LEAK_LEVEL:
            return AttackResult.inapplicable(RANDOMISED)
        places = generator.permutation(oracle.samples)
        changes = dict(zip(_KINDS, _changes(oracle.shape, places[:3], generator), strict=True))
        structures: list[_Structure] = []
        found: dict[str, Image] = {}
        tests: dict[tuple[str, str], float] = {}
        for count in (self.plaintexts // 4, self.plaintexts):
            while len(structures) * _pairs_of(len(changes)) < count:
                structures.append(_structure(oracle, list(changes.values()), generator))
            found = _differences(structures, list(changes))
            tests = _tests(found)
            if count == self.plaintexts:
                found = {kind: _some_places(one, generator) for kind, one in found.items()}
                tests |= _tests_of_pairs(found)
            if (leak := _leak(tests, found)) is not None:
                return leak
        candidates = _candidates(oracle.shape, places[3:], generator)
        uneven = _most_uneven(oracle, candidates, self.plaintexts // _PART, generator)
        screened = {
            f"the most uneven of {len(candidates)} changes of one sample": _some_places(
                _changed(oracle, structures, uneven), generator
            )
        }
        found |= screened
        tests |= _tests(screened) | _tests_of_pairs(screened)
        if (leak := _leak(tests, found)) is not None:
            return leak
        learned = {kind: told_apart(one, generator) for kind, one in found.items()}
        kind = min(learned, key=lambda one: learned[one][1])
        p_value = min(1.0, _TRIES * min(learned[kind][1], *tests.values()))
        return AttackResult(
            statistic=max(accuracy for accuracy, _ in learned.values()),
            statistic_name="ciphertext differences told from uniform ones by a network, held out",
            expected=0.5,
            p_value=p_value,
            notes=f"a network tells differences of ciphertexts from uniform ones: {kind}"
            if p_value < LEAK_LEVEL
            else "",
        )


def _tests(found: dict[str, Image]) -> dict[tuple[str, str], float]:
    tests = {(kind, "bits"): bits_p_value(one) for kind, one in found.items()}
    return tests | {(kind, "byte values"): bytes_p_value(one) for kind, one in found.items()}


def _tests_of_pairs(found: dict[str, Image]) -> dict[tuple[str, str], float]:
    return {(kind, "pairs of bits"): pairs_p_value(one) for kind, one in found.items()}


def _leak(tests: dict[tuple[str, str], float], found: dict[str, Image]) -> AttackResult | None:
    """The result by the clearest test, if that is clear enough."""
    best = min(tests, key=tests.__getitem__)
    if _TRIES * tests[best] >= LEAK_LEVEL:
        return None
    return AttackResult(
        statistic=float(np.mean(found[best[0]] == 0)),
        statistic_name="ciphertext samples that a difference leaves unchanged",
        expected=BYTE_CHANCE,
        p_value=_TRIES * tests[best],
        notes=f"differences of ciphertexts are not uniform: {best[0]}, {best[1]}",
    )


class _Structure(NamedTuple):
    """A random image with each sum of some changes, and what is encrypted of it; sum i has those whose bits i has."""

    images: Image  # (sums, *shape)
    answers: Image  # (sums, samples of a ciphertext)


def _pairs_of(changes: int) -> int:
    """Pairs that a structure has for each of its changes."""
    return 1 << changes - 1


def _structure(oracle: Oracle, changes: Sequence[Image], generator: np.random.Generator) -> _Structure:
    """A structure of changes none of which is a sum of others; CipherError, after which a runner takes the attack for
    not applicable, if cipher images differ in shape."""
    images = generator.integers(0, 256, oracle.shape, np.uint8)[None]
    for change in changes:
        images = np.concatenate([images, images ^ change])
    return _Structure(images, _answers(oracle, images))


def _answers(oracle: Oracle, images: Image) -> Image:
    answers = [oracle.encrypt(image).image for image in images]
    if len({answer.shape for answer in answers}) > 1:
        raise CipherError(SHAPES_DIFFER)
    return np.stack(oracle.varying(*answers)).reshape(len(answers), -1)


def _differences(structures: Sequence[_Structure], names: Sequence[str]) -> dict[str, Image]:
    """For each change of the structures, by its name, (pairs, samples): the XOR of ciphertexts with and without it.

    The pairs of one change have no image in common.
    """
    if len({structure.answers.shape for structure in structures}) > 1:
        raise CipherError(SHAPES_DIFFER)
    answers = np.stack([structure.answers for structure in structures])
    sums = np.arange(1 << len(names))
    found = {}
    for place, name in enumerate(names):
        without = sums[sums >> place & 1 == 0]
        found[name] = (answers[:, without] ^ answers[:, without | 1 << place]).reshape(-1, answers.shape[2])
    return found


def _changed(oracle: Oracle, structures: Sequence[_Structure], change: Image) -> Image:
    """The same for a further change, of half of the images, those without the last change of their structures."""
    found = []
    for images, answers in structures:
        half = len(images) // 2
        changed = _answers(oracle, images[:half] ^ change)
        if changed.shape[1:] != answers.shape[1:]:
            raise CipherError(SHAPES_DIFFER)
        found.append(answers[:half] ^ changed)
    return np.concatenate(found)


def _candidates(shape: tuple[int, ...], places: NDArray[np.int64], generator: np.random.Generator) -> list[Image]:
    """Changes of the lowest or highest bit of one sample at one of ``places``, which `_changes` leaves alone."""
    changes = []
    for number in generator.permutation(2 * len(places))[:_CANDIDATES]:
        change = np.zeros(shape, np.uint8)
        change.flat[places[number // 2]] = 1 << 7 * int(number % 2)
        changes.append(change)
    return changes


def _most_uneven(oracle: Oracle, candidates: Sequence[Image], pairs: int, generator: np.random.Generator) -> Image:
    """The change whose differences over some ``pairs`` are least uniform, by any of the tests. It is then tested with
    other images, so that it may be chosen by its looks."""
    looks = []
    for start in range(0, len(candidates), _TOGETHER):
        changes = candidates[start : start + _TOGETHER]
        count = -(-pairs // _pairs_of(len(changes)))
        structures = [_structure(oracle, changes, generator) for _ in range(count)]
        for one in _differences(structures, [str(start + number) for number in range(len(changes))]).values():
            some = _some_places(one, generator)
            looks.append(min(bits_p_value(some), bytes_p_value(some), pairs_p_value(some)))
    return candidates[int(np.argmin(looks))]


def _changes(shape: tuple[int, ...], places: NDArray[np.int64], generator: np.random.Generator) -> list[Image]:
    """The four that `_KINDS` names, three of them each of the sample at another of three ``places``."""
    changes = [np.zeros(shape, np.uint8) for _ in _KINDS]
    for change, place, value in zip(changes, places, (1, 128, int(generator.integers(1, 256))), strict=False):
        change.flat[place] = value
    changes[-1][:] = 128
    return changes


def bits_p_value(differences: Image) -> float:
    """Whether each bit of (pairs, samples) bytes is 1 as often as not: the sum of squared deviations, chi-square."""
    from scipy.special import chdtrc

    pairs = len(differences)
    ones = np.unpackbits(differences, axis=1).sum(axis=0, dtype=np.int64)
    total = float(np.sum((2 * ones - pairs) ** 2)) / pairs
    return float(chdtrc(ones.size, total))


def bytes_p_value(differences: Image) -> float:
    """Whether all byte values are equally frequent in all places together: Pearson's chi-square."""
    from scipy.special import chdtrc

    counts = np.bincount(differences.ravel(), minlength=256)
    expected = differences.size / 256
    return float(chdtrc(255, float(np.sum((counts - expected) ** 2)) / expected))


def pairs_p_value(differences: Image) -> float:
    """Whether two bits of (pairs, samples) bytes, whichever, are equal, or different, more often than half the time."""
    pairs, bits = len(differences), 8 * differences.shape[1]
    packed = np.packbits(np.unpackbits(differences, axis=1), axis=0).T
    columns = np.zeros((bits, -(-packed.shape[1] // 8)), np.uint64)
    columns.view(np.uint8)[:, : packed.shape[1]] = packed
    least, most = _distances(columns)
    furthest = max(pairs - 2 * least, 2 * most - pairs)  # from equally often equal and different
    return binomial_sf((pairs + furthest) // 2, pairs, 0.5, tries=bits * (bits - 1))  # both ways


@njit(cache=True, nogil=True)
def _distances(columns: NDArray[np.uint64]) -> tuple[int, int]:
    """The least and the most ones in the XOR of two rows, of all pairs of rows."""
    least, most = 64 * columns.shape[1], 0
    for i in range(len(columns)):
        for j in range(i + 1, len(columns)):
            ones = 0
            for k in range(columns.shape[1]):
                ones += int(popcount(columns[i, k] ^ columns[j, k]))
            least, most = min(least, ones), max(most, ones)
    return least, most


def _some_places(differences: Image, generator: np.random.Generator) -> Image:
    """All samples, or as many random ones as have the most bits that are looked at together."""
    places = differences.shape[1]
    return differences if 8 * places <= _MOST_BITS else differences[:, generator.permutation(places)[: _MOST_BITS // 8]]
