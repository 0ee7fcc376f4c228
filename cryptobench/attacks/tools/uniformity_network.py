"""A small neural network that learns to tell given bytes from uniform ones, and is judged on what it has not seen."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["told_apart"]

_HIDDEN, _ROUNDS, _BATCH, _STEP = 64, 12, 128, 1e-2
_LEARNED = 0.01  # mean loss of a round after which there is nothing left to learn
_HELD_OUT = 0.3


def told_apart(differences: Image, generator: np.random.Generator) -> tuple[float, float]:
    """The share of held-out rows, of (rows, samples) and as many uniform ones, that a network with one hidden layer
    tells apart, and its p-value: by chance half of them. After Gohr, CRYPTO 2019."""
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


def _signs(differences: Image) -> NDArray[np.float32]:
    """(pairs, bits): 1 and -1."""
    signs = np.unpackbits(differences, axis=1).astype(np.float32)
    signs *= 2
    signs -= 1
    return signs


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
