"""Shannon entropy of the whole image and of random blocks, with exact moments under a uniform cipher."""

from __future__ import annotations

from functools import lru_cache
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, check_alpha, planes_of, samples
from cryptobench.metrics.histogram import MINIMUM_EXPECTED_COUNT, VALUES, Counts, histogram
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import gamma_result, normal_quantile, normal_result

__all__ = [
    "LOCAL_BLOCKS",
    "LOCAL_BLOCK_SIZE",
    "entropy_moments",
    "global_entropy",
    "local_entropy",
    "local_entropy_literature_interval",
]

LOCAL_BLOCKS = 30
LOCAL_BLOCK_SIZE = 1936  # 44 x 44


def global_entropy(image: Any, alpha: float = 0.05) -> Result:
    """Shannon entropy of the histogram over all samples, in bits (at most 8).

    8 - H of a uniform cipher follows a gamma distribution with the exact mean and variance for this many samples,
    to good approximation. Two-sided; no p-value below 5 expected occurrences of a value (1280 samples).

    >>> ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))  # every value equally often: too uniform to be random
    >>> result = global_entropy(ramp)
    >>> result.value, round(result.expected, 4), result.p_value < 1e-6
    (8.0, 7.9972, True)
    """
    return entropy_of(histogram(image), alpha)


def local_entropy(
    image: Any, seed: int = 0, blocks: int = LOCAL_BLOCKS, block_size: int = LOCAL_BLOCK_SIZE, alpha: float = 0.05
) -> Result:
    """Mean Shannon entropy of random disjoint blocks, in bits (Wu, Zhou, Saveriades et al. 2013).

    A block is a run of ``block_size`` samples in raster order, one plane after the other. An image that holds fewer
    than ``blocks`` of them is measured with all it holds, and the interval is for that number. The
    interval is exact in mean and variance; the one in the literature is narrower by sqrt(30), see
    `local_entropy_literature_interval`. ValueError when the image holds no block.
    """
    checked = samples(image)
    if blocks < 1 or block_size < 1:
        raise ValueError(f"blocks and block_size must be at least 1, not {blocks} and {block_size}")
    if checked.size < block_size:
        raise ValueError(
            f"image of shape {checked.shape} has {checked.size} samples, fewer than one block of {block_size}; "
            "use a larger image or a smaller block_size"
        )
    return local_entropy_of(planes_of(checked), seed, blocks, block_size, alpha)


def local_entropy_literature_interval(alpha: float = 0.05) -> tuple[float, float]:
    """The acceptance interval that papers print for 30 blocks of 1936 samples, too narrow by sqrt(30).

    The standard deviation of the mean of 30 blocks is divided by sqrt(30) once more: an ideal image passes it 28 % of
    the time at alpha 0.05. It is here for comparison only.
    """
    check_alpha(alpha)
    mean, variance = entropy_moments(LOCAL_BLOCK_SIZE)
    half_width = normal_quantile(1 - alpha / 2) * variance**0.5 / LOCAL_BLOCKS
    return mean - half_width, mean + half_width


def shannon(counts: Counts) -> float:
    """Shannon entropy of counts, in bits."""
    total = int(counts.sum())
    occurring = counts[counts > 0]
    return float(np.log2(total) - (occurring * np.log2(occurring)).sum() / total) + 0.0


def entropy_of(counts: Counts, alpha: float) -> Result:
    """`global_entropy` from counts."""
    total = int(counts.sum())
    mean, variance = entropy_moments(total)
    value = shannon(counts)
    if total < MINIMUM_EXPECTED_COUNT * VALUES:
        return Result(value, mean)
    missing = gamma_result(8.0 - value, 8.0 - mean, variance, alpha)
    assert missing.low is not None
    assert missing.high is not None
    return Result(value, mean, 8.0 - missing.high, 8.0 - missing.low, missing.p_value)


def local_entropy_of(planes: Bytes, seed: int, blocks: int, block_size: int, alpha: float) -> Result:
    """`local_entropy` from checked planes (C, H, W) that hold at least one block."""
    held = planes.size // block_size
    used = min(blocks, held)
    generator = np.random.default_rng(seed)
    offset = int(generator.integers(planes.size - held * block_size + 1))
    starts = offset + block_size * generator.choice(held, used, replace=False)
    value = float(_kernels.block_entropies(planes.ravel(), starts, block_size).mean())
    mean, variance = entropy_moments(block_size)
    if block_size < MINIMUM_EXPECTED_COUNT * VALUES:
        return Result(value, mean)
    return normal_result(value, mean, sqrt(variance / used), alpha)


@lru_cache(maxsize=256)
def entropy_moments(total: int) -> tuple[float, float]:
    """Exact mean and variance of the entropy (bits) of a uniform multinomial histogram of ``total`` samples.

    With c = N / 256, 8 - H = sum g(h_i) / (N ln 2), g(h) = h ln(h / c) - h + c: the added linear terms sum to zero and
    leave numbers of order one. Means over one and over two counts follow from the binomial and
    trinomial distribution. Where a count's standard deviation exceeds 16 the sums run over every
    s-th count with s <= sd / 8; for distributions this smooth that trapezoid rule is exact to double precision.
    """
    centre = total / VALUES
    sd = (centre * (1 - 1 / VALUES)) ** 0.5
    stride = max(1, int(sd / 8))
    spread = 13 * sd + 40
    h = np.arange(max(0, int(centre - spread)), min(total, int(centre + spread)) + 1, stride, dtype=np.float64)
    g = special.xlogy(h, h / centre) - h + centre

    p = 1 / VALUES
    single = _log_choose(total, h) + h * np.log(p) + (total - h) * np.log1p(-p)
    weight = np.exp(single - single.max())
    weight /= weight.sum()
    mean = float(weight @ g)

    both = h[:, None] + h[None, :]
    rest = np.maximum(total - both, 0.0)
    log_joint = rest * np.log1p(-2 * p) + both * np.log(p)
    log_joint -= special.gammaln(h + 1)[:, None] + special.gammaln(h + 1)[None, :] + special.gammaln(rest + 1)
    log_joint[both > total] = -np.inf
    joint = np.exp(log_joint - log_joint.max())
    joint /= joint.sum()
    centred = g - mean
    covariance = float(centred @ joint @ centred)
    variance = VALUES * float(weight @ centred**2) + VALUES * (VALUES - 1) * covariance
    unit = total * log(2)
    return 8.0 - VALUES * mean / unit, max(variance, 0.0) / unit**2


def _log_choose(n: float, k: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return result
