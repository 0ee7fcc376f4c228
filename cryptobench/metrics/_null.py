"""Results from null distributions: normal, chi-square and gamma, two-sided."""

from __future__ import annotations

from functools import lru_cache

from scipy import special

from cryptobench.metrics._arrays import check_alpha
from cryptobench.metrics.result import Result

__all__ = ["chi_square_result", "gamma_result", "normal_quantile", "normal_result"]


@lru_cache(maxsize=256)
def normal_quantile(probability: float) -> float:
    """The standard normal quantile."""
    return float(special.ndtri(probability))


def normal_result(value: float, mean: float, sd: float, alpha: float) -> Result:
    """A two-sided normal test of ``value``."""
    check_alpha(alpha)
    half_width = normal_quantile(1 - alpha / 2) * sd
    p_value = 2.0 * float(special.ndtr(-abs(value - mean) / sd))
    return Result(value, mean, mean - half_width, mean + half_width, p_value)


def gamma_result(value: float, mean: float, variance: float, alpha: float) -> Result:
    """A two-sided test of ``value`` >= 0 against the gamma distribution with this mean and variance."""
    check_alpha(alpha)
    shape, scale = mean * mean / variance, variance / mean
    low, high = _gamma_quantiles(shape, alpha)
    x = max(value, 0.0) / scale
    p_value = min(1.0, 2.0 * min(float(special.gammainc(shape, x)), float(special.gammaincc(shape, x))))
    return Result(value, mean, low * scale, high * scale, p_value)


def chi_square_result(value: float, degrees: int, alpha: float) -> Result:
    """A two-sided chi-square test of ``value``."""
    return gamma_result(value, float(degrees), 2.0 * degrees, alpha)


@lru_cache(maxsize=1024)
def _gamma_quantiles(shape: float, alpha: float) -> tuple[float, float]:
    return float(special.gammaincinv(shape, alpha / 2)), float(special.gammainccinv(shape, alpha / 2))
