"""What an analysis is: an experiment (a cipher, an image and a seed) in, measurements out.

Besides: the channels of an image, and the rows of the measurement table that metrics give.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.former_names import answer_for
from cryptobench.measurement import Artifact, Measurement
from cryptobench.metrics.result import Result

__all__ = [
    "Analysis",
    "Artifact",
    "attempt",
    "channel_names",
    "cipher_planes_and_all",
    "member",
    "planes",
    "planes_and_all",
    "result_row",
    "shape_difference",
    "unjudged",
    "unsupported",
]

_T = TypeVar("_T")
__getattr__ = answer_for(__name__, {"Subject": "measure gets a cryptobench.experiment.Experiment"})


@dataclass(frozen=True)
class Analysis(ABC):
    """One analysis. Its dataclass fields are its parameters: JSON values, set by profiles, part of a cell's address.

    ``images`` says which images it is run on: "all", "photographs" (no stress images), "photographs and flat" (of
    the stress images, those of one colour) or "first" (only the first photograph of the run). ``alone`` marks an
    analysis that measures time: it runs last, with the machine to itself. ``reads_pixels`` marks one that takes the
    ciphertext's bytes for pixels: where a card says that they are none, it measures nothing and says why.
    ``shares_trials`` marks one that encrypts the image under the keys of numbered trials (`Experiment.base`): on one
    image such analyses are run one after the other, so that each of these encryptions is made once.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    images: ClassVar[str] = "photographs"
    alone: ClassVar[bool] = False
    reads_pixels: ClassVar[bool] = False
    shares_trials: ClassVar[bool] = False

    alpha: float = 0.05

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.reads_pixels and "measure" in cls.__dict__:
            cls.measure = _of_pixels(cls.__dict__["measure"])  # type: ignore[method-assign, assignment]

    @abstractmethod
    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        """Yield measurements and the pictures that figures need."""


_Measure = Callable[[Any, Experiment], Iterator[Measurement | Artifact]]


def _of_pixels(measure: _Measure) -> _Measure:
    """``measure``, but one row "unsupported" for a cipher whose ciphertext is no image."""

    @functools.wraps(measure)
    def measured(self: Any, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        if what := experiment.cipher.card.not_an_image:
            yield Measurement("", None, channel="", status="unsupported", message=f"no cipher image: {what}")
            return
        yield from measure(self, experiment)

    return measured


def channel_names(image: Image) -> tuple[str, ...]:
    """("grey",), ("R", "G", "B"), or ("c0", "c1", ...) for other channel counts."""
    channels = image.shape[2] if image.ndim == 3 else 1
    return {1: ("grey",), 3: ("R", "G", "B")}.get(channels) or tuple(f"c{i}" for i in range(channels))


def planes(image: Image) -> tuple[tuple[str, Image], ...]:
    """Each channel's name and its contiguous (H, W) plane."""
    stacked = image if image.ndim == 3 else image[..., None]
    return tuple((name, np.ascontiguousarray(stacked[..., index])) for index, name in enumerate(channel_names(image)))


def planes_and_all(image: Image) -> tuple[tuple[str, Image], ...]:
    """Each channel's name and plane, then "all" and the whole image."""
    return (*planes(image), ("all", image))


def cipher_planes_and_all(experiment: Experiment) -> tuple[tuple[str, Image], ...]:
    """`planes_and_all` of the experiment's cipher image, without its constant places.

    Where it has some, each plane is what varies in it, (1, m); a channel that does not vary is left out.
    """
    image, constant = experiment.ciphertext.image, experiment.constant_places
    if not len(constant):
        return planes_and_all(image)
    varies = planes((~constant.mask).astype(np.uint8))
    parts = [
        (name, plane[kept == 1].reshape(1, -1)) for (name, plane), (_, kept) in zip(planes(image), varies, strict=True)
    ]
    return (*(part for part in parts if part[1].size), ("all", constant.varying(image)[0]))


def shape_difference(plain: Image, cipher: Image) -> str:
    """Why plain and cipher image cannot be compared sample by sample; empty when they can."""
    if plain.shape == cipher.shape:
        return ""
    return f"the cipher image has shape {cipher.shape}, the plain image {plain.shape}; equal shapes are needed"


def attempt(compute: Callable[[], _T]) -> _T | str:
    """What ``compute`` returns, or the message of the ValueError with which it refuses its images."""
    try:
        return compute()
    except ValueError as error:
        return str(error)


def result_row(metric: str, result: Result | str | None, alpha: float, **columns: Any) -> Measurement:
    """The row of a metric's result; "unsupported" for a message, for None and for a value that is not finite."""
    if isinstance(result, Result) and math.isfinite(result.value):
        return Measurement.of(metric, result, alpha, **columns)
    message = result if isinstance(result, str) else "undefined for this image, which is flat or too small"
    return unsupported(metric, message, **columns)


def member(results: Mapping[str, Result] | str, name: str) -> Result | str | None:
    """One result of a metric that returns several, as `attempt` hands them on."""
    return results if isinstance(results, str) else results.get(name)


def unjudged(row: Measurement) -> Measurement:
    """The row without p-value and verdict; what an ideal cipher gives stays beside a number that is not a cipher's."""
    return dataclasses.replace(row, p_value=None, verdict="none")


def unsupported(metric: str, message: str, **columns: Any) -> Measurement:
    """A row without a value, and why."""
    return Measurement(metric, None, status="unsupported", message=message, **columns)
