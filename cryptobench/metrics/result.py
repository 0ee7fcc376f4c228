"""What every metric returns."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """A metric's value beside what an ideal cipher gives at this image size.

    ``expected`` is the mean under an ideal cipher, ``low`` and ``high`` bound the acceptance interval at the
    level asked for, ``p_value`` is the probability of a value at least as extreme. They are None where no
    null distribution exists; one-sided tests leave the open end None.
    """

    value: float
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None

    def __float__(self) -> float:
        return self.value
