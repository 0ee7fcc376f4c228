"""First-order statistics: how the 256 values are distributed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import pair, samples
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import chi_square_result, normal_result

__all__ = [
    "MINIMUM_EXPECTED_COUNT",
    "deviation_from_uniform",
    "encryption_quality",
    "histogram",
    "histogram_chi_square",
    "histogram_variance",
    "irregular_deviation",
    "maximum_deviation",
]

Counts = NDArray[np.int64]

VALUES = 256
MINIMUM_EXPECTED_COUNT = 5  # Cochran's rule; below it the chi-square approximation is not used and there is no p-value


def histogram(image: Any) -> Counts:
    """How often each value occurs, over all samples: (256,) int64."""
    counts: Counts = _kernels.count_values(samples(image).ravel())
    return counts


def histogram_chi_square(image: Any, alpha: float = 0.05) -> Result:
    """Chi-square of the histogram against the uniform one, 255 degrees of freedom.

    Two-sided: a histogram can also be too flat. No p-value below 5 expected occurrences of a value (1280 samples).

    >>> ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    >>> result = histogram_chi_square(ramp)
    >>> result.value, result.expected, result.p_value < 1e-6
    (0.0, 255.0, True)
    """
    return chi_square_of(histogram(image), alpha)


def histogram_variance(image: Any, alpha: float = 0.05) -> Result:
    """Population variance of the 256 counts: the mean of (h_i - h_j)^2 / 2 over all i, j (Zhang and Wang 2014).

    It is chi-square times N / 256^2, so its test is the same one.
    """
    return variance_of(histogram(image), alpha)


def deviation_from_uniform(image: Any, alpha: float = 0.05) -> Result:
    """Sum over the values of |h_i - N / 256|, divided by N.

    Two-sided; the exact mean and variance for N samples, and a normal distribution.
    """
    return deviation_of(histogram(image), alpha)


def maximum_deviation(plain: Any, cipher: Any) -> Result:
    """Area between the histograms of plaintext and ciphertext (Ziedan et al. 2003): the more, the better.

    (d_0 + d_255) / 2 + the sum of d_1 .. d_254, d_i = |h_plain,i - h_cipher,i|. It depends on the plaintext: compare
    with an ideal cipher on the same image.
    """
    one, two = pair(plain, cipher, ("plain", "cipher"))
    return maximum_deviation_of(histogram(one), histogram(two))


def irregular_deviation(plain: Any, cipher: Any) -> Result:
    """How unevenly |plain - cipher| is distributed (Elkamchouchi and Makar 2005): the less, the better.

    The sum of |H_i - mean H|, H being the histogram of |plain - cipher|. It depends on the plaintext.
    """
    one, two = pair(plain, cipher, ("plain", "cipher"))
    counts = _kernels.count_values(_kernels.absolute_difference(one.ravel(), two.ravel()))
    return Result(float(np.abs(counts - one.size / VALUES).sum()))


def encryption_quality(plain: Any, cipher: Any) -> Result:
    """Mean over the values of |h_cipher,i - h_plain,i|. It depends on the plaintext."""
    one, two = pair(plain, cipher, ("plain", "cipher"))
    return encryption_quality_of(histogram(one), histogram(two))


def chi_square_of(counts: Counts, alpha: float) -> Result:
    """`histogram_chi_square` from counts."""
    total = int(counts.sum())
    value = (VALUES * int((counts * counts).sum()) - total * total) / total
    if total < MINIMUM_EXPECTED_COUNT * VALUES:
        return Result(value, VALUES - 1.0)
    return chi_square_result(value, VALUES - 1, alpha)


def variance_of(counts: Counts, alpha: float) -> Result:
    """`histogram_variance` from counts."""
    chi_square = chi_square_of(counts, alpha)
    scale = int(counts.sum()) / VALUES**2
    low, high = (None if end is None else end * scale for end in (chi_square.low, chi_square.high))
    return Result(chi_square.value * scale, (VALUES - 1) * scale, low, high, chi_square.p_value)


def deviation_of(counts: Counts, alpha: float) -> Result:
    """`deviation_from_uniform` from counts."""
    total = int(counts.sum())
    value = float(np.abs(VALUES * counts - total).sum()) / (VALUES * total)
    mean, variance = deviation_moments(total)
    if total < MINIMUM_EXPECTED_COUNT * VALUES:
        return Result(value, mean)
    return normal_result(value, mean, variance**0.5, alpha)


def maximum_deviation_of(plain: Counts, cipher: Counts) -> Result:
    """`maximum_deviation` from counts."""
    distance = np.abs(plain - cipher)
    return Result(float(distance.sum()) - float(distance[0] + distance[-1]) / 2)


def encryption_quality_of(plain: Counts, cipher: Counts) -> Result:
    """`encryption_quality` from counts."""
    return Result(float(np.abs(cipher - plain).sum()) / VALUES)


@lru_cache(maxsize=256)
def deviation_moments(total: int) -> tuple[float, float]:
    """Exact mean and variance of sum |h_i - c| / N for a multinomial histogram of N samples, c = N / 256.

    One count is binomial (N, 1/256); given h_i = x, another is binomial (N - x, 1/255), and the mean absolute
    deviation of a binomial from any c has a closed form in its distribution function.
    """
    centre = total / VALUES
    spread = 14 * centre**0.5 + 30
    x = np.arange(max(0, int(centre - spread)), min(total, int(centre + spread)) + 1)
    log_choose = special.gammaln(total + 1) - special.gammaln(x + 1) - special.gammaln(total - x + 1)
    weight = np.exp(log_choose + x * np.log(1 / VALUES) + (total - x) * np.log1p(-1 / VALUES))
    weight /= weight.sum()
    distance = np.abs(x - centre)
    mean = float(weight @ distance)
    square = float(weight @ distance**2)
    other = _mean_distance(total - x, 1 / (VALUES - 1), centre)
    joint = float(weight @ (distance * other))
    variance = VALUES * (square - mean**2) + VALUES * (VALUES - 1) * (joint - mean**2)
    return VALUES * mean / total, max(variance, 0.0) / total**2


def _mean_distance(n: NDArray[np.int64], p: float, centre: float) -> NDArray[np.float64]:
    """E|Y - centre| for Y binomial (n, p): np - c + 2 (c F_n(k) - np F_{n-1}(k - 1)), k = floor(c)."""
    k = int(centre)
    below = special.bdtr(float(k), n, p)
    shifted = special.bdtr(float(k - 1), np.maximum(n - 1, 0), p) if k else np.zeros(len(n))
    result: NDArray[np.float64] = n * p - centre + 2 * (centre * below - n * p * shifted)
    return result
