"""Many known pairs at once, and tests of what was learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["KnownSet", "bits_of", "collect", "couples_p_value", "gram", "predict", "share_explained"]

_PENALTIES = (100.0, 1.0, 0.1, 1e-2, 1e-3)  # of the mean squared length of a row


def gram(train: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inner products of the rows of ``train`` with one another, (n, n), and with those of ``other``, (m, n).

    Columns are centred on their mean in ``train``; products are divided by the mean of the diagonal.
    """
    mean = train.mean(axis=0)
    centred = train - mean
    within = (centred @ centred.T).astype(np.float64)
    across = ((other - mean) @ centred.T).astype(np.float64)
    scale = float(np.mean(np.diag(within))) or 1.0
    return within / scale, across / scale


def predict(within: NDArray[np.float64], across: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Targets, (m, outputs), of the rows behind ``across`` from those, (n, outputs), of the rows behind ``within``.

    The penalty falls as long as each training row is better predicted from all others (the closed form of
    leave-one-out: residual i is (A y)_i / A_ii with A the inverse of the penalised Gram matrix).
    """
    mean = targets.mean(axis=0)
    centred = np.asarray(targets - mean, np.float64)
    best, weights = np.inf, np.zeros_like(centred)
    for penalty in _PENALTIES:
        inverse = np.linalg.inv(within + penalty * np.eye(len(within)))
        dual = inverse @ centred
        error = float(np.sum((dual / np.diag(inverse)[:, None]) ** 2))
        if error >= best:
            break
        best, weights = error, dual
    predicted: NDArray[np.float64] = across @ weights + mean
    return predicted


_MOST_BITS = 1 << 15  # columns; a longer ciphertext goes in by its bytes


@dataclass(frozen=True, eq=False)
class KnownSet:
    """``plain`` and ``sealed``, uint8 of shape (pairs, samples), and the headers, one for each pair."""

    plain: NDArray[np.uint8]
    sealed: NDArray[np.uint8]
    headers: list[bytes]

    def __len__(self) -> int:
        return len(self.plain)


def collect(oracle: Oracle, most: int, fewest: int) -> KnownSet | None:
    """``most`` known pairs, or as many as the budget allows; None if cipher images differ in shape among messages.

    BudgetExceeded if it does not allow ``fewest``.
    """
    count = most if oracle.remaining is None else max(fewest, min(most, oracle.remaining))
    pairs = [oracle.known_pair() for _ in range(count)]
    if any(sealed.image.shape != oracle.challenge.image.shape for _, sealed in pairs):
        return None
    return KnownSet(
        np.stack([image.ravel() for image, _ in pairs]),
        np.stack([sealed.image.ravel() for _, sealed in pairs]),
        [sealed.header for _, sealed in pairs],
    )


def bits_of(sealed: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, samples) uint8 as (n, columns): its bits as -1 and 1, or, beyond 32768 of them, its bytes scaled alike."""
    if 8 * sealed.shape[1] <= _MOST_BITS:
        return np.unpackbits(sealed, axis=1).astype(np.float32) * 2 - 1
    return (sealed.astype(np.float32) - 127.5) / np.float32(73.9)


def share_explained(guesses: NDArray[np.float64], truths: NDArray[np.float64], mean: NDArray[np.float64]) -> float:
    """1 minus the guesses' squared error over that of the ``mean`` image."""
    total = float(np.sum((truths - mean) ** 2))
    return 1 - float(np.sum((truths - guesses) ** 2)) / total if total else 0.0


def couples_p_value(guesses: NDArray[np.float64], truths: NDArray[np.float64], tries: int = 1) -> float:
    """The probability of guesses, (n, samples), that fit their truths as well as this, if they have none to do with.

    Rows are taken two by two. In each couple the guesses either correlate more with their own truths or with each
    other's, equally likely under an ideal cipher whatever guesses and truths look like; the count is binomial.
    """
    count = len(guesses) // 2
    guess = np.asarray(guesses[: 2 * count], np.float64).reshape(count, 2, -1)
    truth = np.asarray(truths[: 2 * count], np.float64).reshape(count, 2, -1)
    gain = np.einsum("ks,ks->k", guess[:, 0] - guess[:, 1], truth[:, 0] - truth[:, 1])
    decided = gain != 0
    return binomial_sf(int(np.sum(gain > 0)), int(np.sum(decided)), 0.5, tries) if decided.any() else 1.0
