"""Chosen differences: do ciphertexts of plaintexts with a fixed difference differ as two random ones do?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["ChosenDifferences", "bits_p_value", "bytes_p_value"]

_KINDS = ("lowest bit of one sample", "highest bit of one sample", "one sample", "highest bit of all samples")
_HIDDEN, _ROUNDS, _BATCH, _STEP = 64, 12, 128, 2e-3
_MOST_BITS = 1 << 13  # of a ciphertext that the learner sees
_HELD_OUT = 0.3


@dataclass(frozen=True)
class ChosenDifferences(Attack):
    """Encrypts ``plaintexts`` random images and each of them with four fixed differences, and compares the differences
    of the ciphertexts with uniform ones: bit by bit, byte values together, and by a small neural network that learns to
    tell them from uniform bytes and is judged on what it has not seen. Finds designs with too few rounds, in which a
    difference comes out with more than the usual probability; it gives no plaintext.

    5 ``plaintexts`` queries. After Biham and Shamir 1991, and, for the network, Gohr, CRYPTO 2019.
    """

    name: ClassVar[str] = "chosen_differences"
    title: ClassVar[str] = "Chosen differences"
    identifier: ClassVar[str] = "A32"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True

    plaintexts: int = 1024

    def __post_init__(self) -> None:
        if self.plaintexts < 64:
            raise ValueError(f"plaintexts is {self.plaintexts}, wanted at least 64")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        changes = _changes(oracle.shape, generator)
        found: list[list[Image]] = [[] for _ in changes]
        for _ in range(self.plaintexts):
            plain = generator.integers(0, 256, oracle.shape, np.uint8)
            answers = [oracle.encrypt(image).image for image in (plain, *(plain ^ change for change in changes))]
            if len({answer.shape for answer in answers}) > 1:
                return AttackResult.inapplicable(SHAPES_DIFFER)
            first, *others = oracle.varying(*answers)
            for differences, other in zip(found, others, strict=True):
                differences.append(np.ravel(first ^ other))
        tests: dict[str, float] = {}
        accuracies = []
        for kind, differences in zip(_KINDS, map(np.stack, found), strict=True):
            tests[f"{kind}: bits"] = bits_p_value(differences)
            tests[f"{kind}: byte values"] = bytes_p_value(differences)
            accuracy, tests[f"{kind}: learned"] = _learned(differences, generator)
            accuracies.append(accuracy)
        best = min(tests, key=tests.__getitem__)
        return AttackResult(
            statistic=max(accuracies),
            statistic_name="ciphertext differences told from uniform ones by a network, held out",
            expected=0.5,
            p_value=min(1.0, len(tests) * tests[best]),
            notes=best if len(tests) * tests[best] < 1e-6 else "",
        )


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


def _learned(differences: Image, generator: np.random.Generator) -> tuple[float, float]:
    """The share of held-out differences, true and uniform ones, that a network with one hidden layer tells apart, and
    its p-value."""
    places = differences.shape[1]
    if 8 * places > _MOST_BITS:
        differences = differences[:, generator.permutation(places)[: _MOST_BITS // 8]]
    uniform = generator.integers(0, 256, differences.shape, np.uint8)
    bits = np.unpackbits(np.concatenate([differences, uniform]), axis=1).astype(np.float32) * 2 - 1
    labels = np.repeat(np.array([1, -1], np.float32), len(differences))
    order = generator.permutation(len(bits))
    split = int(_HELD_OUT * len(bits))
    tested, trained = order[:split], order[split:]
    network = _Network(bits.shape[1], generator)
    for _ in range(_ROUNDS):
        for batch in np.array_split(generator.permutation(trained), max(1, len(trained) // _BATCH)):
            network.learn(bits[batch], labels[batch])
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

    def learn(self, bits: NDArray[np.float32], labels: NDArray[np.float32]) -> None:
        """One step on a batch; labels are 1 and -1."""
        first, bias, last = self._weights
        hidden = np.maximum(bits @ first + bias, 0)
        slope = -labels / (1 + np.exp(np.clip(labels * (hidden @ last), -30, 30))) / len(labels)
        back = slope[:, None] * last * (hidden > 0)
        self._steps += 1
        for weight, mean, square, gradient in zip(
            self._weights, self._means, self._squares, (bits.T @ back, back.sum(axis=0), hidden.T @ slope), strict=True
        ):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            rate = _STEP * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
            weight -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)
