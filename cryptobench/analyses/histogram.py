"""How far histograms are from uniform, before and after encryption, and from one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from cryptobench.analyses.base import (
    Analysis,
    attempt,
    cipher_planes_and_all,
    planes_and_all,
    result_row,
    shape_difference,
    unjudged,
    unsupported,
)
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import (
    deviation_from_uniform,
    encryption_quality,
    histogram_chi_square,
    histogram_variance,
    irregular_deviation,
    maximum_deviation,
)
from cryptobench.metrics.result import Result

__all__ = ["Histogram"]

_OF_ONE: dict[str, Callable[[Image, float], Result]] = {
    "chi_square": histogram_chi_square,
    "histogram_variance": histogram_variance,
    "deviation_from_uniform": deviation_from_uniform,
}
_OF_TWO: dict[str, Callable[[Image, Image], Result]] = {
    "maximum_deviation": maximum_deviation,
    "irregular_deviation": irregular_deviation,
    "encryption_quality": encryption_quality,
}


@dataclass(frozen=True)
class Histogram(Analysis):
    """Chi-square, variance and deviations of the histogram, by channel and over all samples."""

    name: ClassVar[str] = "histogram"
    title: ClassVar[str] = "Histogram uniformity"
    images: ClassVar[str] = "all"
    reads_pixels: ClassVar[bool] = True

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        plain, cipher = experiment.image, experiment.ciphertext.image
        for metric, function in _OF_ONE.items():
            for part, image in (("plain", plain), ("cipher", cipher)):
                shown = cipher_planes_and_all(experiment) if part == "cipher" else planes_and_all(image)
                for channel, samples in shown:
                    result = attempt(partial(function, samples, self.alpha))
                    row = result_row(metric, result, self.alpha, channel=channel, part=part)
                    yield row if part == "cipher" else unjudged(row)
        cipher = experiment.constant_places.picture(cipher)[0]
        difference = shape_difference(plain, cipher)
        for metric, compare in _OF_TWO.items():
            if difference:
                yield from (unsupported(metric, difference, channel=name) for name, _ in planes_and_all(plain))
                continue
            for (channel, before), (_, after) in zip(planes_and_all(plain), planes_and_all(cipher), strict=True):
                yield result_row(metric, attempt(partial(compare, before, after)), self.alpha, channel=channel)
