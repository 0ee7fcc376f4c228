"""Statistics of a sequence of bytes as rows: ENT's, pairs of bytes, bit planes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.base import attempt, result_row
from cryptobench.measurement import Measurement
from cryptobench.metrics import byte_sequence

__all__ = ["BYTE_METRICS", "byte_rows"]

_METRICS = {
    "ent_entropy": (byte_sequence.byte_entropy, "bit"),
    "ent_chi_square": (byte_sequence.byte_chi_square, ""),
    "ent_mean": (byte_sequence.byte_mean, ""),
    "ent_monte_carlo_pi": (byte_sequence.monte_carlo_pi, ""),
    "ent_serial_correlation": (byte_sequence.serial_correlation, ""),
    "byte_pairs": (byte_sequence.byte_pairs, ""),
}
BYTE_METRICS = (*_METRICS, "bit_plane")
"""The metrics of the rows."""


def byte_rows(sequence: NDArray[np.uint8], alpha: float, **columns: Any) -> Iterator[Measurement]:
    """The rows of (n,) bytes; ``columns`` are those of every row, such as the source of the bytes."""
    for metric, (test_of, unit) in _METRICS.items():
        yield result_row(metric, attempt(partial(test_of, sequence, alpha)), alpha, unit=unit, **columns)
    for bit, share in enumerate(byte_sequence.bit_planes(sequence, alpha)):
        yield Measurement.of("bit_plane", share, alpha, part=str(bit), unit="share", **columns)
