"""Fractional Fourier transforms with secret orders: H + W - 1 chosen impulses give both transforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.optical import NotRecorded, amplitude_image, recorded_field
from cryptobench.primitives.optics.masks import Field

__all__ = ["DmpfrftBasis", "columns_from"]


@dataclass(frozen=True)
class DmpfrftBasis(Attack):
    """Bright pixels down the first column and along the first row, one at a time.

    Assumes the scheme T_r (f m) T_c^T with unitary T_r and T_c, recorded as `primitives.optics` records a field. The
    answer to an impulse at (i, j) is the outer product of column i of T_r and column j of T_c, times a phase: all
    columns follow up to phases, and those drop out of the amplitudes. No order of the transform needs to be found.
    """

    name: ClassVar[str] = "dmpfrft_basis"
    title: ClassVar[str] = "Chosen impulses against separable transforms"
    identifier: ClassVar[str] = "A23"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 64
    formula: ClassVar[str] = "ceil(2 * sqrt(N / 3)) - 1"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        height, width = oracle.shape[:2]
        try:
            challenge = recorded_field(oracle.challenge, oracle.shape)
            down = np.stack([self._answer(oracle, row, 0) for row in range(height)], axis=1)
            across = np.stack([down[:, 0], *(self._answer(oracle, 0, column) for column in range(1, width))], axis=1)
        except NotRecorded as error:
            return AttackResult.inapplicable(str(error))
        recovered = []
        for c, field in enumerate(challenge):
            rows = columns_from(down[c])
            columns = columns_from(np.swapaxes(across[c], -1, -2))
            recovered.append(rows.conj().T @ field @ columns.conj())
        channels = int(np.prod(oracle.shape[2:]))
        return AttackResult(
            recovered=amplitude_image(np.stack(recovered), oracle.shape),
            formula=f"ceil(2 * sqrt(N / {channels})) - 1",  # H + W - 1 of a square image
        )

    def _answer(self, oracle: Oracle, row: int, column: int) -> Field:
        impulse = np.zeros(oracle.shape, np.uint8)
        impulse[row, column] = 255
        return recorded_field(oracle.encrypt(impulse), oracle.shape)


def columns_from(answers: Field) -> Field:
    """T, (N, N), with a phase of its own in each column, from answers (N, N, M): answer i is T[:, i] times one row.

    The row, common to all but for a phase, is the first right singular vector of all answers stacked.
    """
    gram = np.einsum("inm,ink->mk", answers.conj(), answers)
    row = np.linalg.eigh(gram)[1][:, -1]
    columns: Field = (answers @ row).T
    columns /= np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    return columns
