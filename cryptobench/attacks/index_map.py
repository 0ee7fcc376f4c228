"""Recovering a permutation from images that spell out every sample's index, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.chance import at_least
from cryptobench.cipher import Image

__all__ = ["digit_images", "digits_needed", "distinct_p_value", "gathered", "sources"]

_FEWEST = 64  # inputs and outputs below which there is no p-value
_MANY = 500  # expected inputs named, above which their number is normal enough


def digits_needed(samples: int) -> int:
    """How many base-256 digits an index below ``samples`` has: ceil(log256 samples), at least one."""
    count = 1
    while 256**count < samples:
        count += 1
    return count


def digit_images(shape: tuple[int, ...]) -> list[Image]:
    """Images whose samples are the base-256 digits of their own index, the lowest digit first.

    Indices count from one where that needs no further digit, so that a sample that never changes names none.
    """
    samples = int(np.prod(shape))
    labels = np.arange(samples) + _first(samples)
    return [(labels >> 8 * place & 255).astype(np.uint8).reshape(shape) for place in range(digits_needed(samples))]


def sources(digits: Sequence[Image], samples: int) -> NDArray[np.int64]:
    """The index that each output's digits spell, in raster order; -1 where that is no index."""
    labels = np.zeros(digits[0].size, np.int64)
    for place, digit in enumerate(digits):
        labels |= digit.ravel().astype(np.int64) << 8 * place
    labels -= _first(samples)
    labels[labels >= samples] = -1
    return labels


def distinct_p_value(source: NDArray[np.int64], samples: int, tries: int = 1) -> tuple[float, float, float]:
    """Share of inputs that some output names; its mean and the p-value if the outputs were uniform bytes.

    Cells hit by balls thrown at random: the normal approximation with exact mean and variance where 500 or more are
    expected, else the binomial distribution, which the true one is narrower than; 1 for fewer than 64 inputs or
    outputs. ``tries`` is Bonferroni's factor.
    """
    from scipy.special import ndtr

    labels, outputs = 256.0 ** digits_needed(samples), source.size
    hit = np.zeros(samples + 1, bool)  # the last one by outputs that name none, -1
    hit[source] = True
    named = int(np.count_nonzero(hit[:-1]))
    one, two = (1 - 1 / labels) ** outputs, (1 - 2 / labels) ** outputs
    mean = samples * (1 - one)
    if min(samples, outputs) < _FEWEST:
        p_value = 1.0
    elif mean < _MANY:
        p_value = at_least(named, samples, 1 - one)
    else:
        variance = max(samples * one + samples * (samples - 1.0) * two - (samples * one) ** 2, 1e-9)
        p_value = float(ndtr((mean - named + 0.5) / np.sqrt(variance)))
    return named / samples, mean / samples, min(1.0, tries * p_value)


def gathered(values: Image, source: NDArray[np.int64], shape: tuple[int, ...]) -> Image:
    """The image in which input ``source[j]`` has ``values[j]``; of several with one input the first counts."""
    image = np.zeros(int(np.prod(shape)), np.uint8)
    known = np.flatnonzero(source >= 0)[::-1]
    image[source[known]] = values.ravel()[known]
    return image.reshape(shape)


def _first(samples: int) -> int:
    return int(samples < 256 ** digits_needed(samples))
