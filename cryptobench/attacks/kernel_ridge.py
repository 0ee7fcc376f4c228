"""Ridge regression by the inner products of its inputs, with the penalty chosen by leaving one out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["gram", "predict"]

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
