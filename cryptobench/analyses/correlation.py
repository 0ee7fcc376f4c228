"""Correlation of neighbouring samples and of channels, over all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import ClassVar

from cryptobench.analyses.base import Analysis, attempt, member, planes, result_row, unjudged
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import adjacent_correlations, channel_correlation

__all__ = ["Correlation"]

_DIRECTIONS = {"horizontal": "H", "vertical": "V", "diagonal": "D", "antidiagonal": "A"}


@dataclass(frozen=True)
class Correlation(Analysis):
    """Pearson correlation of adjacent samples in four directions by channel, and between channels."""

    name: ClassVar[str] = "correlation"
    title: ClassVar[str] = "Correlation of adjacent pixels"
    images: ClassVar[str] = "all"
    reads_pixels: ClassVar[bool] = True

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        (cipher,) = experiment.constant_places.picture(experiment.ciphertext.image)
        for part, image in (("plain", experiment.image), ("cipher", cipher)):
            for row in (*self._adjacent(image, part), *self._between(image, part)):
                yield row if part == "cipher" else unjudged(row)

    def _adjacent(self, image: Image, part: str) -> Iterator[Measurement]:
        for channel, plane in planes(image):
            results = attempt(partial(adjacent_correlations, plane, self.alpha))
            for name, direction in _DIRECTIONS.items():
                yield result_row(
                    "correlation", member(results, name), self.alpha,
                    channel=channel, direction=direction, part=part,
                )  # fmt: skip

    def _between(self, image: Image, part: str) -> Iterator[Measurement]:
        for (one, first), (two, second) in combinations(planes(image), 2):
            result = attempt(partial(channel_correlation, first, second, self.alpha))
            yield result_row(
                "channel_correlation", result, self.alpha, channel=one, other_channel=two, part=part,
            )  # fmt: skip
