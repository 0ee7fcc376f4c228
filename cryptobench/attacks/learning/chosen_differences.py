"""Chosen differences: do ciphertexts of plaintexts with a fixed difference differ as two random ones do?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.shapes import RANDOMISED, SHAPES_DIFFER, shapes_differ
from cryptobench.cipher import CipherError, Image
from cryptobench.metrics.randomness.bits import popcount
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["ChosenDifferences", "bits_p_value", "bytes_p_value", "pairs_p_value"]

_KINDS = ("lowest bit of one sample", "highest bit of one sample", "one sample", "highest bit of all samples")
_SCREENED = "the most uneven of 32 changes of one sample"
_CANDIDATES, _PART = 32, 20  # changes, each tried with one plaintext of so many
_LOOKS = 2  # the tests are made of a quarter of the plaintexts, and of all
_TRIES = len(_KINDS) * (2 * _LOOKS + 2) + 4  # bits, byte values; pairs of bits and the network once; a screened change
_FEWEST = 8  # samples of an image: of fewer there are not enough different ones
_HIDDEN, _ROUNDS, _BATCH, _STEP = 64, 12, 128, 1e-2
_LEARNED = 0.01  # mean loss of a round after which there is nothing left to learn
_MOST_BITS = 1 << 11  # of a ciphertext that are paired, and that the network sees
_HELD_OUT = 0.3


@dataclass(frozen=True)
class ChosenDifferences(Attack):
    """Encrypts ``plaintexts`` random images and each of them with four fixed differences, and compares the differences
    of the ciphertexts with uniform ones: bit by bit, byte values together, pairs of bits. A fifth difference is the one
    of 32 that looks least uniform over a few images, tested on others. Where these show nothing, a small neural network
    learns to tell differences from uniform bytes and is judged on what it has not seen. Finds designs with too few
    rounds, in which a difference comes out with more or less than the usual probability; it gives no plaintext.

    8.7 ``plaintexts`` + 2 queries; 1.25 or 5 ``plaintexts`` + 2 where those show it. After Biham and Shamir, J.
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
        changes = dict(zip(_KINDS, _changes(oracle.shape, generator), strict=True))
        found = {kind: np.zeros((0, first.size), np.uint8) for kind in changes}
        tests: dict[tuple[str, str], float] = {}
        for count in (self.plaintexts // 4, self.plaintexts - self.plaintexts // 4):
            more = _differences(oracle, changes, count, generator)
            found = {kind: np.concatenate([one, more[kind]]) for kind, one in found.items()}
            tests = _tests(found)
            if len(found[_KINDS[0]]) == self.plaintexts:
                found = {kind: _some_places(one, generator) for kind, one in found.items()}
                tests |= _tests_of_pairs(found)
            if (leak := _leak(tests, found)) is not None:
                return leak
        screened = _differences(
            oracle, {_SCREENED: _screened(oracle, self.plaintexts // _PART, generator)}, self.plaintexts, generator
        )
        screened = {kind: _some_places(one, generator) for kind, one in screened.items()}
        found |= screened
        tests |= _tests(screened) | _tests_of_pairs(screened)
        if (leak := _leak(tests, found)) is not None:
            return leak
        learned = {kind: _learned(one, generator) for kind, one in found.items()}
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


def _screened(oracle: Oracle, count: int, generator: np.random.Generator) -> Image:
    """The change of one sample, of 32, whose differences over ``count`` random images are least uniform, by bits or by
    pairs of bits. It is then tested with images of its own, so that it may be chosen by its looks."""
    changes = {}
    for number in range(_CANDIDATES):
        change = np.zeros(oracle.shape, np.uint8)
        change.flat[generator.integers(oracle.samples)] = 1 << 7 * (number % 2)
        changes[str(number)] = change
    found = {
        name: _some_places(one, generator) for name, one in _differences(oracle, changes, count, generator).items()
    }
    return changes[min(found, key=lambda name: min(bits_p_value(found[name]), pairs_p_value(found[name])))]


def _differences(
    oracle: Oracle, changes: dict[str, Image], count: int, generator: np.random.Generator
) -> dict[str, Image]:
    """For each change, by its name, (count, samples), the XOR of the ciphertexts of random images with and without it.

    CipherError, after which a runner takes the attack for not applicable, if cipher images differ in shape.
    """
    found: dict[str, list[Image]] = {name: [] for name in changes}
    for _ in range(count):
        plain = generator.integers(0, 256, oracle.shape, np.uint8)
        answers = [oracle.encrypt(image).image for image in (plain, *(plain ^ change for change in changes.values()))]
        if len({answer.shape for answer in answers}) > 1:
            raise CipherError(SHAPES_DIFFER)
        first, *others = oracle.varying(*answers)
        for differences, other in zip(found.values(), others, strict=True):
            differences.append(np.ravel(first ^ other))
    if len({one.size for differences in found.values() for one in differences}) > 1:
        raise CipherError(SHAPES_DIFFER)
    return {name: np.stack(differences) for name, differences in found.items()}


def _changes(shape: tuple[int, ...], generator: np.random.Generator) -> list[Image]:
    one = int(generator.integers(np.prod(shape)))
    changes = [np.zeros(shape, np.uint8) for _ in _KINDS]
    for change, value in zip(changes, (1, 128, int(generator.integers(1, 256))), strict=False):
        change.flat[one] = value
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


def _signs(differences: Image) -> NDArray[np.float32]:
    """(pairs, bits): 1 and -1."""
    signs = np.unpackbits(differences, axis=1).astype(np.float32)
    signs *= 2
    signs -= 1
    return signs


def _some_places(differences: Image, generator: np.random.Generator) -> Image:
    """All samples, or as many random ones as have the most bits that are looked at together."""
    places = differences.shape[1]
    return differences if 8 * places <= _MOST_BITS else differences[:, generator.permutation(places)[: _MOST_BITS // 8]]


def _learned(differences: Image, generator: np.random.Generator) -> tuple[float, float]:
    """The share of held-out differences, true and uniform ones, that a network with one hidden layer tells apart, and
    its p-value."""
    uniform = generator.integers(0, 256, differences.shape, np.uint8)
    bits = _signs(np.concatenate([differences, uniform]))
    labels = np.repeat(np.array([1, -1], np.float32), len(differences))
    order = generator.permutation(len(bits))
    split = int(_HELD_OUT * len(bits))
    tested, trained = order[:split], order[split:]
    network = _Network(bits.shape[1], generator)
    for _ in range(_ROUNDS):
        batches = np.array_split(generator.permutation(trained), max(1, len(trained) // _BATCH))
        if np.mean([network.learn(bits[batch], labels[batch]) for batch in batches]) < _LEARNED:
            break
    hits = int(np.sum((network.of(bits[tested]) > 0) == (labels[tested] > 0)))
    return hits / split, binomial_sf(hits, split, 0.5)


class _Network:
    """Bits to a number whose sign is the answer: one hidden layer, logistic loss, Adam."""

    def __init__(self, inputs: int, generator: np.random.Generator) -> None:
        self._weights: list[NDArray[np.float32]] = [
            (generator.standard_normal((inputs, _HIDDEN)) / np.sqrt(inputs)).astype(np.float32),
            np.zeros(_HIDDEN, np.float32),
            (generator.standard_normal(_HIDDEN) / np.sqrt(_HIDDEN)).astype(np.float32),
        ]
        self._means = [np.zeros_like(weight) for weight in self._weights]
        self._squares = [np.zeros_like(weight) for weight in self._weights]
        self._steps = 0

    def of(self, bits: NDArray[np.float32]) -> NDArray[np.float32]:
        first, bias, last = self._weights
        answers: NDArray[np.float32] = np.maximum(bits @ first + bias, 0) @ last
        return answers

    def learn(self, bits: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
        """One step on a batch, whose mean loss before it is returned; labels are 1 and -1."""
        first, bias, last = self._weights
        hidden = np.maximum(bits @ first + bias, 0)
        wrong = np.exp(-np.clip(labels * (hidden @ last), -30, 30))
        slope = -labels * (wrong / (1 + wrong)) / np.float32(len(labels))
        back = slope[:, None] * last * (hidden > 0)
        self._steps += 1
        for weight, mean, square, gradient in zip(
            self._weights, self._means, self._squares, (bits.T @ back, back.sum(axis=0), hidden.T @ slope), strict=True
        ):
            rate = _STEP * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
            _step(weight.reshape(-1), mean.reshape(-1), square.reshape(-1), gradient.reshape(-1), np.float32(rate))
        return float(np.mean(np.log1p(wrong)))


@njit(cache=True, nogil=True, error_model="numpy")  # a check for zero at each division would keep it from vectors
def _step(
    weight: NDArray[np.float32],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    gradient: NDArray[np.float32],
    rate: np.float32,
) -> None:
    """One step of Adam, in place."""
    for i in range(len(weight)):
        slope = gradient[i]
        mean[i] += np.float32(0.1) * (slope - mean[i])
        square[i] += np.float32(0.001) * (slope * slope - square[i])
        weight[i] -= rate * mean[i] / (np.sqrt(square[i]) + np.float32(1e-8))
