"""Known pairs as tables: collecting them, ridge regression on them, and tests of what was learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.metrics.statistics import binomial_sf

__all__ = [
    "KnownPairs", "bit_features", "collect_known_pairs", "explained_variance", "gram_matrices", "pairing_p_value",
    "ridge_predict",
]  # fmt: skip

Reals = NDArray[np.float64]

_MOST_BITS = 1 << 15  # columns; a longer ciphertext is described by its bytes
_PENALTIES = (100.0, 1.0, 0.1, 1e-2, 1e-3)  # of the mean squared length of a row


@dataclass(frozen=True, eq=False)
class KnownPairs:
    """``plain`` and ``cipher``, uint8 of shape (pairs, samples), and the headers, one for each pair."""

    plain: NDArray[np.uint8]
    cipher: NDArray[np.uint8]
    headers: list[bytes]

    def __len__(self) -> int:
        return len(self.plain)


def collect_known_pairs(oracle: Oracle, most: int, fewest: int) -> KnownPairs | None:
    """``most`` known pairs, or as many as the budget allows; None if cipher images differ in shape.

    BudgetExceeded if it does not allow ``fewest``.
    """
    count = most if oracle.remaining is None else max(fewest, min(most, oracle.remaining))
    pairs = [oracle.known_pair() for _ in range(count)]
    if any(ciphertext.image.shape != oracle.challenge.image.shape for _, ciphertext in pairs):
        return None
    return KnownPairs(
        np.stack([image.ravel() for image, _ in pairs]),
        np.stack([ciphertext.image.ravel() for _, ciphertext in pairs]),
        [ciphertext.header for _, ciphertext in pairs],
    )


def bit_features(cipher: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, samples) uint8 as (n, columns): its bits as -1 and 1, or, beyond 32768 bits, its bytes at the same scale."""
    if 8 * cipher.shape[1] <= _MOST_BITS:
        return np.unpackbits(cipher, axis=1).astype(np.float32) * 2 - 1
    return (cipher.astype(np.float32) - 127.5) / np.float32(73.9)


def gram_matrices(train: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[Reals, Reals]:
    """Inner products of the rows of ``train`` with one another, (n, n), and with those of ``other``, (m, n).

    Columns are centred on their mean in ``train``; products are divided by the mean of the diagonal.
    """
    mean = train.mean(axis=0)
    centred = train - mean
    within = (centred @ centred.T).astype(np.float64)
    across = ((other - mean) @ centred.T).astype(np.float64)
    scale = float(np.mean(np.diag(within))) or 1.0
    return within / scale, across / scale


def ridge_predict(within: Reals, across: Reals, targets: NDArray[Any]) -> Reals:
    """Targets, (m, outputs), of the rows behind ``across`` from those, (n, outputs), of the rows behind ``within``.

    The penalty decreases as long as each training row is better predicted from all others (leave-one-out in closed
    form: residual i is (A y)_i / A_ii with A the inverse of the penalised Gram matrix).
    """
    from scipy.linalg import lapack

    mean = targets.mean(axis=0)
    centred = np.asarray(targets - mean, np.float64)
    best, weights = np.inf, np.zeros_like(centred)
    for penalty in _PENALTIES:
        factor, singular = lapack.dpotrf(within + penalty * np.eye(len(within)), lower=True, clean=False)
        if singular:
            break
        dual = lapack.dpotrs(factor, centred, lower=True)[0]
        inverse = lapack.dpotri(factor, lower=True, overwrite_c=True)[0]
        error = float(np.sum((dual / np.diag(inverse)[:, None]) ** 2))
        if error >= best:
            break
        best, weights = error, dual
    predicted: Reals = across @ weights + mean
    return predicted


def explained_variance(guesses: Reals, truths: Reals, mean: Reals) -> float:
    """1 minus the guesses' squared error over that of the ``mean`` image."""
    total = float(np.sum((truths - mean) ** 2))
    return 1 - float(np.sum((truths - guesses) ** 2)) / total if total else 0.0


def pairing_p_value(guesses: Reals, truths: Reals, tries: int = 1) -> float:
    """The probability that guesses, (n, samples), fit their truths as well as this if they are independent of them.

    Rows are taken in pairs. In each pair the guesses correlate more either with their own truths or with each other's,
    equally likely under an ideal cipher whatever guesses and truths look like; the count is binomial.
    """
    count = len(guesses) // 2
    guess = np.asarray(guesses[: 2 * count], np.float64).reshape(count, 2, -1)
    truth = np.asarray(truths[: 2 * count], np.float64).reshape(count, 2, -1)
    gain = np.einsum("ks,ks->k", guess[:, 0] - guess[:, 1], truth[:, 0] - truth[:, 1])
    decided = gain != 0
    return binomial_sf(int(np.sum(gain > 0)), int(np.sum(decided)), 0.5, tries) if decided.any() else 1.0
