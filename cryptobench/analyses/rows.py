"""From a metric to a row: an image that the metric cannot take becomes a row that says why."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cryptobench.analyses.base import planes
from cryptobench.cipher import Image
from cryptobench.measurement import Measurement
from cryptobench.metrics.result import Result

__all__ = ["attempt", "member", "planes_and_all", "result_row", "shape_difference", "unjudged", "unsupported"]

_T = TypeVar("_T")


def attempt(compute: Callable[[], _T]) -> _T | str:
    """What ``compute`` returns, or the message of the ValueError with which it declines its images."""
    try:
        return compute()
    except ValueError as error:
        return str(error)


def result_row(metric: str, outcome: Result | str | None, alpha: float, **columns: Any) -> Measurement:
    """The row of a metric's result; "unsupported" for a message, for None and for a value that is not finite."""
    if isinstance(outcome, Result) and math.isfinite(outcome.value):
        return Measurement.of(metric, outcome, alpha, **columns)
    message = outcome if isinstance(outcome, str) else "undefined for this image, which is flat or too small"
    return unsupported(metric, message, **columns)


def member(outcome: Mapping[str, Result] | str, name: str) -> Result | str | None:
    """One result of a metric that returns several, as `attempt` hands them on."""
    return outcome if isinstance(outcome, str) else outcome.get(name)


def unjudged(row: Measurement) -> Measurement:
    """The row without p-value and verdict; what an ideal cipher gives stays beside a number that is not a cipher's."""
    return dataclasses.replace(row, p_value=None, verdict="none")


def unsupported(metric: str, message: str, **columns: Any) -> Measurement:
    """A row without a value, and why."""
    return Measurement(metric, None, status="unsupported", message=message, **columns)


def planes_and_all(image: Image) -> tuple[tuple[str, Image], ...]:
    """Each channel's name and plane, then "all" and the whole image."""
    return (*planes(image), ("all", image))


def shape_difference(plain: Image, cipher: Image) -> str:
    """Why plain and cipher image cannot be compared sample by sample; empty when they can."""
    if plain.shape == cipher.shape:
        return ""
    return f"the cipher image has shape {cipher.shape}, the plain image {plain.shape}; equal shapes are needed"
