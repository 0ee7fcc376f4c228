"""Contours: whether the plaintext's outlines can be seen in the cipher image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from cryptobench.analyses.base import Analysis, attempt, planes, result_row, shape_difference, unsupported
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics.contours import contour_correlation

__all__ = ["Contours"]


@dataclass(frozen=True)
class Contours(Analysis):
    """Correlation of the cipher image's local contrast with the plaintext's gradients, by channel.

    A cipher image that is a few pixels larger than the plaintext (padded at the bottom and the right) is cut to it.
    """

    name: ClassVar[str] = "contours"
    title: ClassVar[str] = "Visible contours"
    reads_pixels: ClassVar[bool] = True

    slack: int = 16

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        plain = experiment.image
        cipher = self._cut(experiment.constant_places.picture(experiment.ciphertext.image)[0], plain)
        if problem := shape_difference(plain, cipher):
            yield unsupported("contour_correlation", problem, channel="all")
            return
        for (channel, one), (_, other) in zip(planes(plain), planes(cipher), strict=True):
            result = attempt(partial(contour_correlation, one, other, self.alpha))
            yield result_row("contour_correlation", result, self.alpha, channel=channel)

    def _cut(self, cipher: Image, plain: Image) -> Image:
        if cipher.ndim == plain.ndim and all(
            0 <= c - p < self.slack for c, p in zip(cipher.shape, plain.shape, strict=True)
        ):
            return cipher[: plain.shape[0], : plain.shape[1]]
        return cipher
