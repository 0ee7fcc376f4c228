"""Whether a printed NPCR, UACI or entropy is one that independent uniform bytes give at its size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

from cryptobench.metrics.differential import NPCR_MEAN, UACI_MEAN, npcr_sd, uaci_sd
from cryptobench.metrics.entropy import entropy_moments

__all__ = [
    "LIMIT", "NAMES", "NOT_IDEAL", "NOT_JUDGED", "PLAUSIBLE", "REASONS", "TOO_GOOD", "UNSTATED", "Answer",
    "Plausibility", "PlausibilityError", "Printed", "Statistic", "half_digit", "plausible", "whole_size",
]  # fmt: skip

Statistic = Literal["npcr", "uaci", "entropy"]
Answer = Literal["plausible", "implausible (too good)", "not ideal", "not judged"]
PLAUSIBLE, TOO_GOOD, NOT_IDEAL, NOT_JUDGED = get_args(Answer)
Printed = float | str
"""A number as it was printed; a text keeps the zeros at its end, which say how far it was rounded."""

LIMIT = 5.0  # standard deviations
UNSTATED = "256x256x1"
"""The size that a number of unknown size is judged at."""
REASONS: dict[Answer, str] = {
    "implausible (too good)": "no ideal cipher gives this at this size; a bijective chain can (NPCR up to 100, with "
    "every sample changed), or samples were compared as reals, or after rescaling: a question to ask, not a verdict",
    "not ideal": "no ideal cipher gives this at this size; a cipher that is not ideal can, so it is no false claim",
    "not judged": "no size is given, and a small picture has a low entropy: without one only those above 7.9999 are "
    "judged",
}
"""What can be behind an answer."""
_SUSPECT_ENTROPY = 7.9999  # above it even where no size is stated: below it the picture may have been a small one
_LEAST = {"npcr": 256, "uaci": 256, "entropy": 4096}  # samples from which on the normal law is near enough
_MOST = 10**10
_HIGHEST = {"npcr": 100.0, "uaci": 100.0, "entropy": 8.0}
_UNITS = {"npcr": "percent", "uaci": "percent", "entropy": "bits"}
NAMES: dict[Statistic, str] = {"npcr": "NPCR", "uaci": "UACI", "entropy": "entropy"}
_SIZE = re.compile(r"(\d{1,6})[x×](\d{1,6})(?:[x×](\d{1,4}))?")


class PlausibilityError(ValueError):
    """A number or a size that cannot be judged; the message says what was given and what is wanted."""


@dataclass(frozen=True)
class Plausibility:
    """A printed number beside that of an ideal cipher, whose samples are independent uniform bytes.

    ``metric`` is "npcr" or "uaci" (percent) or "entropy" (bits of a byte); ``printed`` the number as printed. ``size``
    (HxWxC) is that of one cipher image of ``samples`` samples, empty where none was stated. The number is the mean of
    ``mean_of`` images. ``expected`` and ``deviation`` are mean and standard deviation of an ideal cipher's number, and
    ``z`` is how many deviations this one is from the mean, or would be if it was rounded away from it.
    """

    metric: Statistic
    value: float
    printed: str
    size: str
    samples: int
    mean_of: int
    expected: float
    deviation: float
    z: float
    answer: Answer

    @property
    def outside(self) -> bool:
        """Whether no ideal cipher gives such a number."""
        return self.answer in (TOO_GOOD, NOT_IDEAL)

    def __str__(self) -> str:
        """The answer and z, such as "implausible (too good), z +11.7"."""
        return self.answer if self.answer == NOT_JUDGED else f"{self.answer}, z {round(self.z, 1) + 0.0:+.1f}"


def plausible(
    npcr: Printed | Sequence[Printed] = (),
    uaci: Printed | Sequence[Printed] = (),
    entropy: Printed | Sequence[Printed] = (),
    *,
    size: str = "",
    mean_of: int = 1,
) -> list[Plausibility]:
    """Whether an ideal cipher gives these numbers: one answer for each, in the order of the arguments.

    ``npcr`` and ``uaci`` in percent, ``entropy`` in bits; one number or several, as text where zeros at the end are to
    count as printed digits ("99.9800"). ``size`` is that of one cipher image, HEIGHTxWIDTHxCHANNELS, or HEIGHTxWIDTH of
    a grey one; NPCR and UACI are judged at 256x256x1 without it, and of entropies only those above 7.9999. ``mean_of``
    is the number of images or trials that the number is a mean of.

    The rule: half a unit of the last digit is allowed for; beyond 5 standard deviations an NPCR or entropy is
    "implausible (too good)" above the ideal mean and "not ideal" below it, a UACI "not ideal" on either side.
    `PlausibilityError`, in one line, for what is no such number or size.

    >>> print(*plausible(npcr=99.98, uaci=[33.46, 32.5], size="200x200x1"), sep="; ")
    implausible (too good), z +11.7; plausible, z +0.0; not ideal, z -7.7
    """
    if not isinstance(mean_of, int) or isinstance(mean_of, bool) or mean_of < 1:
        raise PlausibilityError(f"mean_of is {mean_of!r}, wanted the number of images, a whole number from 1")
    stated = whole_size(size) if size else ""
    given: dict[Statistic, Printed | Sequence[Printed]] = {"npcr": npcr, "uaci": uaci, "entropy": entropy}
    found = [
        _judged(metric, value, stated, mean_of)
        for metric, values in given.items()
        for value in ([values] if isinstance(values, int | float | str) else values)
    ]
    if not found:
        raise PlausibilityError("there is nothing to judge; wanted an NPCR, a UACI or an entropy")
    return found


def whole_size(text: str) -> str:
    """A size as HxWxC; HxW is that of a grey image. `PlausibilityError` for anything else."""
    match = _SIZE.fullmatch(text.strip())
    sides = [int(side or 1) for side in match.groups()] if match else [0]
    if not all(sides):
        raise PlausibilityError(f"{text!r} is no size, wanted HEIGHTxWIDTHxCHANNELS of the cipher image: 200x200x1")
    return "x".join(map(str, sides))


def half_digit(printed: Printed) -> float:
    """Half a unit of the last digit of a printed number."""
    exponent = Decimal(str(printed)).as_tuple().exponent
    return 0.5 * 10.0 ** min(exponent, 300) if isinstance(exponent, int) else 0.0


def _judged(metric: Statistic, printed: Printed, size: str, mean_of: int) -> Plausibility:
    text = str(printed).strip()
    value = _number(metric, text)
    height, width, channels = map(int, (size or UNSTATED).split("x"))
    samples = height * width * channels
    if not _LEAST[metric] <= samples <= _MOST:
        raise PlausibilityError(
            f"{size} has {samples} samples; to judge {NAMES[metric]} {_LEAST[metric]} to {_MOST} are wanted"
        )
    mean, deviation = _ideal(metric, samples)
    deviation /= mean_of**0.5
    half = half_digit(text)
    nearest = max(value - half, mean) if value > mean else min(value + half, mean)
    z = (nearest - mean) / deviation
    answer = PLAUSIBLE if abs(z) <= LIMIT else TOO_GOOD if z > 0 and metric != "uaci" else NOT_IDEAL
    if metric == "entropy" and not size and value <= _SUSPECT_ENTROPY:
        answer = NOT_JUDGED
    return Plausibility(metric, value, text, size, samples, mean_of, mean, deviation, z, answer)


def _number(metric: Statistic, text: str) -> float:
    try:
        value = float(Decimal(text))
    except (InvalidOperation, ValueError):
        value = -1.0
    if not 0.0 <= value <= _HIGHEST[metric]:
        wanted = f"{_UNITS[metric]} from 0 to {_HIGHEST[metric]:g}"
        raise PlausibilityError(f"{NAMES[metric]} {text!r} is none that can be printed, wanted {wanted}")
    return value


def _ideal(metric: Statistic, samples: int) -> tuple[float, float]:
    if metric == "npcr":
        return NPCR_MEAN, npcr_sd(samples)
    if metric == "uaci":
        return UACI_MEAN, uaci_sd(samples)
    mean, variance = entropy_moments(samples)
    return mean, variance**0.5
