"""What a randomness test returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cryptobench.metrics.randomness.bits import SequenceError

__all__ = ["ALPHA", "SequenceOutcome", "Variant", "check_variant", "sequence_outcome"]


ALPHA = 0.01  # the standard's level of significance

Variant = Literal["standard", "corrected"]


@dataclass(frozen=True, slots=True, eq=False)
class SequenceOutcome:
    """The statistics and p-values of one test: one of each for every part.

    ``parts`` names the sub-statistics ("forward", "000000001", "x=+1"; "" where there is one only), ``variant`` is
    "standard" or "corrected", ``parameters`` what the test was run with.
    """

    test: str
    variant: Variant
    parameters: Mapping[str, int]
    parts: tuple[str, ...]
    statistics: NDArray[np.float64]
    p_values: NDArray[np.float64]

    def __iter__(self) -> Iterator[tuple[str, float, float]]:
        """Name, statistic and p-value of every part; the name is that of the test with the part behind it."""
        for part, statistic, p_value in zip(self.parts, self.statistics, self.p_values, strict=True):
            yield f"{self.test} {part}".rstrip(), float(statistic), float(p_value)

    @property
    def p_value(self) -> float:
        """The smallest p-value of the parts."""
        return float(self.p_values.min())

    def rejected(self, alpha: float = ALPHA) -> int:
        """How many parts have a p-value below ``alpha``."""
        return int((self.p_values < alpha).sum())

    def verdict(self, alpha: float = ALPHA) -> Literal["pass", "fail"]:
        """Fail if any part is rejected at ``alpha`` after Holm's correction for the number of parts."""
        return "fail" if self.p_value * len(self.parts) < alpha else "pass"


def check_variant(variant: str) -> None:
    """`SequenceError` unless ``variant`` is one."""
    if variant not in get_args(Variant):
        raise SequenceError(f"variant must be 'standard' or 'corrected', not {variant!r}")


def sequence_outcome(
    test: str,
    statistics: Sequence[float] | NDArray[np.float64],
    p_values: Sequence[float] | NDArray[np.float64],
    parts: Sequence[str] = ("",),
    variant: Variant = "standard",
    **parameters: int,
) -> SequenceOutcome:
    """A `SequenceOutcome`, its p-values cut to 0..1 against rounding."""
    bounded = np.clip(np.asarray(p_values, np.float64), 0.0, 1.0)
    return SequenceOutcome(test, variant, parameters, tuple(parts), np.asarray(statistics, np.float64), bounded)
