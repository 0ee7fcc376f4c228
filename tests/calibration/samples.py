"""Analyses with a known false alarm rate: a right one, a too narrow one, one without a verdict, one that fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import ClassVar

from cryptobench.analyses.base import Analysis
from cryptobench.calibration.sources import IDEAL, Source
from cryptobench.calibration.tasks import CalibrationTask
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics.byte_sequence import byte_mean
from cryptobench.metrics.result import Result

SIDE = 48
IDEAL_SOURCE, IDENTITY = Source(IDEAL, True), Source("identity", False)


def task(name: str) -> CalibrationTask:
    """The analysis of this file with this class name, as a task."""
    return CalibrationTask("analysis", f"{Path(__file__)}:{name}", SIDE)


@dataclass(frozen=True)
class Right(Analysis):
    """The mean of the ciphertext's bytes, with its exact standard deviation."""

    name: ClassVar[str] = "right"
    title: ClassVar[str] = "Mean"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        yield Measurement.of("mean", byte_mean(experiment.ciphertext.image.ravel(), self.alpha), self.alpha)


@dataclass(frozen=True)
class TooNarrow(Analysis):
    """The same mean with its standard deviation halved, so that 1.96 / 2 of them count as an alarm: 33 % of cases."""

    name: ClassVar[str] = "too_narrow"
    title: ClassVar[str] = "Mean, wrongly tested"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        from scipy.special import ndtr

        samples = experiment.ciphertext.image
        deviation = sqrt((256**2 - 1) / 12 / samples.size) / 2
        value = float(samples.mean())
        p_value = 2 * float(ndtr(-abs(value - 127.5) / deviation))
        yield Measurement.of("mean", Result(value, 127.5, p_value=p_value), self.alpha)


@dataclass(frozen=True)
class NoVerdict(Analysis):
    """A number without a null distribution."""

    name: ClassVar[str] = "no_verdict"
    title: ClassVar[str] = "Number of samples"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        yield Measurement("samples", experiment.image.size)


@dataclass(frozen=True)
class Failing(Analysis):
    """Raises an error."""

    name: ClassVar[str] = "failing"
    title: ClassVar[str] = "Failing"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        raise ZeroDivisionError("planted")
        yield


@dataclass(frozen=True)
class Deadly(Analysis):
    """Kills the process that it runs in."""

    name: ClassVar[str] = "deadly"
    title: ClassVar[str] = "Deadly"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield
