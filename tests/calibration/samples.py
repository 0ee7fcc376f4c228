"""Analyses with a known size, for calibrating: a right one, one too narrow, a silent one, a failing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import ClassVar

from cryptobench.analyses.base import Analysis, Subject
from cryptobench.calibration.tasks import Task
from cryptobench.measurement import Measurement
from cryptobench.metrics.byte_sequence import byte_mean
from cryptobench.metrics.result import Result

SIDE = 48


def task(name: str) -> Task:
    """The analysis of this file with this class name, as a task."""
    return Task("analysis", f"{Path(__file__)}:{name}", SIDE)


@dataclass(frozen=True)
class Right(Analysis):
    """The mean of the ciphertext's bytes, with its exact standard deviation."""

    name: ClassVar[str] = "right"
    title: ClassVar[str] = "Mean"

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        yield Measurement.of("mean", byte_mean(subject.base.image.ravel(), self.alpha), self.alpha)


@dataclass(frozen=True)
class TooNarrow(Analysis):
    """The same mean with its standard deviation halved, so that 1.96 / 2 of them count as an alarm: 33 % of cases."""

    name: ClassVar[str] = "too_narrow"
    title: ClassVar[str] = "Mean, wrongly tested"

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        from scipy.special import ndtr

        samples = subject.base.image
        deviation = sqrt((256**2 - 1) / 12 / samples.size) / 2
        value = float(samples.mean())
        p_value = 2 * float(ndtr(-abs(value - 127.5) / deviation))
        yield Measurement.of("mean", Result(value, 127.5, p_value=p_value), self.alpha)


@dataclass(frozen=True)
class Silent(Analysis):
    """A number without a null distribution."""

    name: ClassVar[str] = "silent"
    title: ClassVar[str] = "Number of samples"

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        yield Measurement("samples", subject.image.size)


@dataclass(frozen=True)
class Failing(Analysis):
    """Raises an error."""

    name: ClassVar[str] = "failing"
    title: ClassVar[str] = "Failing"

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        raise ZeroDivisionError("planted")
        yield
