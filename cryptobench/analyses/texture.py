"""Texture: properties of the grey-level co-occurrence matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from cryptobench.analyses.base import Analysis, attempt, member, planes, result_row, unjudged
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import glcm_properties

__all__ = ["Texture"]

_PROPERTIES = ("contrast", "energy", "homogeneity")
_LEVELS = (8, 256)


@dataclass(frozen=True)
class Texture(Analysis):
    """Contrast, energy and homogeneity of the co-occurrence matrix at 8 and at 256 grey levels, by channel."""

    name: ClassVar[str] = "texture"
    title: ClassVar[str] = "Grey-level co-occurrence"
    images: ClassVar[str] = "all"
    reads_pixels: ClassVar[bool] = True

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        (cipher,) = experiment.constant_places.picture(experiment.ciphertext.image)
        for levels in _LEVELS:
            for part, image in (("plain", experiment.image), ("cipher", cipher)):
                for channel, plane in planes(image):
                    results = attempt(partial(glcm_properties, plane, levels, self.alpha))
                    for name in _PROPERTIES:
                        row = result_row(
                            f"glcm_{name}", member(results, name), self.alpha,
                            channel=channel, part=part, parameter=str(levels),
                        )  # fmt: skip
                        yield row if part == "cipher" else unjudged(row)
