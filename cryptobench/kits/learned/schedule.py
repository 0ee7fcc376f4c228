"""Schedules over the share of training that is done, 0 to 1."""

from __future__ import annotations

__all__ = ["learning_rate_factor", "ramp"]

WARM_UP_STEPS = 50
FINAL = 0.02


def learning_rate_factor(step: int, steps: int, constant: float = 0.5) -> float:
    """1 for the first ``constant`` share of the run, then linear down to 2 %; the first 50 steps warm up."""
    progress = step / steps
    decay = 1.0 if progress < constant else 1 - (1 - FINAL) * (progress - constant) / (1 - constant)
    return min(1.0, (step + 1) / WARM_UP_STEPS) * decay


def ramp(progress: float, start: float, end: float, low: float = 0.01) -> float:
    """``low`` until ``start``, linear up to 1 at ``end``, then 1; a step where the two are the same."""
    if progress <= start:
        return low
    if progress >= end:
        return 1.0
    return low + (1 - low) * (progress - start) / (end - start)
